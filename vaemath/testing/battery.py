"""The whole battery for one kernel, as a list of named checks: what the pytest plugin runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from vaemath.errors import VaemathError
from vaemath.testing import strategies
from vaemath.testing.check_identities import assert_kl_identities
from vaemath.testing.check_montecarlo import assert_matches_monte_carlo
from vaemath.testing.identities import IDENTITIES
from vaemath.testing.reference import assert_gradients, assert_matches_oracle
from vaemath.testing.strategies import Regime
from vaemath.testing.subject import Dtype, Library, Reduction, subject

__all__ = ["battery"]

Check = tuple[str, Callable[[], None]]


def battery(
    kl: Callable[..., Any],
    against: str,
    *,
    takes: str | None = None,
    library: Library = "numpy",
    dtype: Dtype | None = None,
    reduction: Reduction = "none",
    regime: Regime = "ordinary",
    examples: int = 30,
    strict: bool = False,
) -> list[Check]:
    """Every identity that applies, the high-precision reference, Monte Carlo, and (torch, jax) the
    gradients; options as for `assert_kl_identities`.

    Raises `VaemathError` for options that make no sense; the checks themselves raise `Falsified`.
    """
    common: dict[str, Any] = {
        "against": against,
        "takes": takes,
        "library": library,
        "dtype": dtype,
        "reduction": reduction,
    }
    s = subject(kl, **common)
    if examples < 1:
        raise VaemathError(f"examples: got {examples}; expected at least 1")
    strategies.locations((1,), regime=regime)  # raises for an unknown regime
    drawn: dict[str, Any] = {"regime": regime, "examples": examples}
    checks: list[Check] = [
        (name, partial(assert_kl_identities, kl, only=(name,), strict=strict, **drawn, **common))
        for name, identity in IDENTITIES.items()
        if identity.applies(s)
    ]
    checks.append(("oracle", partial(assert_matches_oracle, kl, strict=strict, **drawn, **common)))
    checks.append(("monte-carlo", partial(assert_matches_monte_carlo, kl, **common)))
    if library != "numpy" and not {"covariance", "precision_matrix"} & set(s.takes):
        checks.append(("gradients", partial(assert_gradients, kl, **drawn, **common)))
    return checks
