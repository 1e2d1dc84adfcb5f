"""For torch users: losses as modules, and our kernels behind `torch.distributions.kl_divergence`."""

from vaemath.torch.losses import BernoulliNegativeELBO, GaussianNegativeELBO
from vaemath.torch.registration import Registration, register_kl

__all__ = ["BernoulliNegativeELBO", "GaussianNegativeELBO", "Registration", "register_kl"]
