"""The whole battery for one kernel, as a list of named checks: what the pytest plugin runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from vaemath.testing.check_identities import assert_kl_identities
from vaemath.testing.check_montecarlo import assert_matches_monte_carlo
from vaemath.testing.identities import IDENTITIES
from vaemath.testing.reference import assert_gradients, assert_matches_oracle
from vaemath.testing.subject import Library, subject

__all__ = ["battery"]

Check = tuple[str, Callable[[], None]]


def battery(
    kl: Callable[..., Any], against: str, *, takes: str | None = None, library: Library = "numpy"
) -> list[Check]:
    """Every identity that applies, the high-precision reference, Monte Carlo, and (torch) the
    gradients.

    Raises `VaemathError` for options that make no sense; the checks themselves raise `Falsified`.
    """
    s = subject(kl, against, takes=takes, library=library)
    common: dict[str, Any] = {"against": against, "takes": takes}
    checks: list[Check] = [
        (name, partial(assert_kl_identities, kl, only=(name,), library=library, **common))
        for name, identity in IDENTITIES.items()
        if identity.applies(s)
    ]
    checks.append(("oracle", partial(assert_matches_oracle, kl, library=library, **common)))
    checks.append(("monte-carlo", partial(assert_matches_monte_carlo, kl, library=library, **common)))
    if library == "torch" and not {"covariance", "precision_matrix"} & set(s.takes):
        checks.append(("gradients", partial(assert_gradients, kl, **common)))
    return checks
