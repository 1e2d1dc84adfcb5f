"""Generated NumPy kernels: NAME is the value, NAME_and_grad the value and its gradients."""

from vaemath.kernels.numpy.kl_mvn import kl_mvn, kl_mvn_and_grad
from vaemath.kernels.numpy.kl_mvn_covariance import kl_mvn_covariance, kl_mvn_covariance_and_grad
from vaemath.kernels.numpy.kl_normal import kl_normal, kl_normal_and_grad
from vaemath.kernels.numpy.kl_normal_diag import kl_normal_diag, kl_normal_diag_and_grad
from vaemath.kernels.numpy.kl_normal_diag_standard import (
    kl_normal_diag_standard,
    kl_normal_diag_standard_and_grad,
)
from vaemath.kernels.numpy.kl_normal_standard import kl_normal_standard, kl_normal_standard_and_grad
from vaemath.kernels.numpy.loss_bernoulli import loss_bernoulli, loss_bernoulli_and_grad
from vaemath.kernels.numpy.loss_gaussian import loss_gaussian, loss_gaussian_and_grad

__all__ = [
    "kl_mvn",
    "kl_mvn_and_grad",
    "kl_mvn_covariance",
    "kl_mvn_covariance_and_grad",
    "kl_normal",
    "kl_normal_and_grad",
    "kl_normal_diag",
    "kl_normal_diag_and_grad",
    "kl_normal_diag_standard",
    "kl_normal_diag_standard_and_grad",
    "kl_normal_standard",
    "kl_normal_standard_and_grad",
    "loss_bernoulli",
    "loss_bernoulli_and_grad",
    "loss_gaussian",
    "loss_gaussian_and_grad",
]
