"""High-precision references: the textbook closed forms in mpmath, with their gradients, over
batches.

    >>> from vaemath.testing import oracles
    >>> float(oracles.value("kl_normal_standard", 0.0, 1.0))
    0.3591409142295226

This is the one home of the closed forms that tests and `vaemath check` compare with.
"""

from vaemath.testing.oracles.batch import exact, exact_grad, gradient, value
from vaemath.testing.oracles.table import ORACLES, Oracle, by_theorem
from vaemath.testing.oracles.ulps import ulp_errors

__all__ = [
    "ORACLES",
    "Oracle",
    "by_theorem",
    "exact",
    "exact_grad",
    "gradient",
    "ulp_errors",
    "value",
]
