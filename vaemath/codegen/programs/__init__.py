"""The kernels' programs, one file each."""

from __future__ import annotations

from vaemath.codegen.program import Program
from vaemath.codegen.programs.kl_mvn import KL_MVN
from vaemath.codegen.programs.kl_mvn_covariance import KL_MVN_COVARIANCE
from vaemath.codegen.programs.kl_normal import KL_NORMAL
from vaemath.codegen.programs.kl_normal_diag import KL_NORMAL_DIAG
from vaemath.codegen.programs.kl_normal_diag_standard import KL_NORMAL_DIAG_STANDARD
from vaemath.codegen.programs.kl_normal_standard import KL_NORMAL_STANDARD
from vaemath.codegen.programs.loss_bernoulli import LOSS_BERNOULLI
from vaemath.codegen.programs.loss_gaussian import LOSS_GAUSSIAN

PROGRAMS: tuple[Program, ...] = (
    KL_NORMAL_STANDARD,
    KL_NORMAL,
    KL_NORMAL_DIAG,
    KL_NORMAL_DIAG_STANDARD,
    KL_MVN,
    KL_MVN_COVARIANCE,
    LOSS_GAUSSIAN,
    LOSS_BERNOULLI,
)
