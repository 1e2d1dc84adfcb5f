"""Generated JAX kernels: functions whose derivative is the symbolic gradient."""

from vaemath.kernels.jax.kl_mvn import kl_mvn
from vaemath.kernels.jax.kl_mvn_covariance import kl_mvn_covariance
from vaemath.kernels.jax.kl_normal import kl_normal
from vaemath.kernels.jax.kl_normal_diag import kl_normal_diag
from vaemath.kernels.jax.kl_normal_diag_standard import kl_normal_diag_standard
from vaemath.kernels.jax.kl_normal_standard import kl_normal_standard
from vaemath.kernels.jax.loss_bernoulli import loss_bernoulli
from vaemath.kernels.jax.loss_gaussian import loss_gaussian

__all__ = [
    "kl_mvn",
    "kl_mvn_covariance",
    "kl_normal",
    "kl_normal_diag",
    "kl_normal_diag_standard",
    "kl_normal_standard",
    "loss_bernoulli",
    "loss_gaussian",
]
