"""Property tests for anybody's KL functions: strategies, high-precision oracles, identities, Monte
Carlo, gradients.

    from vaemath.testing import assert_kl_identities

    def test_my_kl():
        assert_kl_identities(my_kl, takes="mu,logvar", against="kl-normal-standard")

numpy is the base; torch and jax are imported only for functions that take their arrays. Needs hypothesis and
mpmath.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vaemath.testing.check_identities import assert_kl_identities
    from vaemath.testing.check_montecarlo import assert_matches_monte_carlo
    from vaemath.testing.falsified import Falsified
    from vaemath.testing.finite import assert_finite_kl_identities
    from vaemath.testing.montecarlo import Comparison, MeanTest, compare_mean
    from vaemath.testing.reference import assert_gradients, assert_matches_oracle

# imported when first asked for: pytest loads this package at every start, for the plugin
_HOMES = {
    "Comparison": "montecarlo",
    "Falsified": "falsified",
    "MeanTest": "montecarlo",
    "assert_finite_kl_identities": "finite",
    "assert_gradients": "reference",
    "assert_kl_identities": "check_identities",
    "assert_matches_monte_carlo": "check_montecarlo",
    "assert_matches_oracle": "reference",
    "compare_mean": "montecarlo",
}

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


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
