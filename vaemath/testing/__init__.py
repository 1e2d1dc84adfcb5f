"""Property tests for anybody's KL functions: strategies, high-precision oracles, identities, Monte
Carlo, gradients.

    from vaemath.testing import assert_kl_identities

    def test_my_kl():
        assert_kl_identities(my_kl, takes="mu,logvar", against="kl-normal-standard")

numpy is the base; torch is imported only for functions that take tensors. Needs hypothesis and
mpmath.
"""

from vaemath.testing.check_identities import assert_kl_identities
from vaemath.testing.check_montecarlo import assert_matches_monte_carlo
from vaemath.testing.falsified import Falsified
from vaemath.testing.finite import assert_finite_kl_identities
from vaemath.testing.montecarlo import Comparison, MeanTest, compare_mean
from vaemath.testing.reference import assert_gradients, assert_matches_oracle

__all__ = [
    "Comparison",
    "Falsified",
    "MeanTest",
    "assert_finite_kl_identities",
    "assert_gradients",
    "assert_kl_identities",
    "assert_matches_monte_carlo",
    "assert_matches_oracle",
    "compare_mean",
]
