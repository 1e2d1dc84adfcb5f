"""The ways in which people pass the spread of a Gaussian, and the scale that each one means.

One table serves everything that takes ``takes="mu,logvar"``: the property tests, the pytest plugin
and ``vaemath check``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vaemath.errors import VaemathError

__all__ = ["MATRIX", "SPREADS", "Spread", "parse_takes"]


@dataclass(frozen=True)
class Spread:
    """One convention for the spread of a normal distribution.

    ``to_scale`` and ``from_scale`` take the value and a namespace with ``exp``, ``log``, ``sqrt``,
    ``log1p`` and ``expm1``: numpy for arrays, mpmath for exact numbers. ``positive`` says whether
    the raw parameter must be positive. ``slope`` is d scale / d parameter, as a function of the
    scale.
    """

    name: str
    words: str
    symbol: str
    positive: bool
    to_scale: Callable[[Any, Any], Any]
    from_scale: Callable[[Any, Any], Any]
    slope: Callable[[Any, Any], Any]


SPREADS: dict[str, Spread] = {
    s.name: s
    for s in (
        Spread(
            "std", "the standard deviation", "s", True, lambda s, m: s, lambda s, m: s, lambda s, m: 1 + 0 * s
        ),
        Spread(
            "var",
            "the variance",
            "t",
            True,
            lambda t, m: m.sqrt(t),
            lambda s, m: s * s,
            lambda s, m: 1 / (2 * s),
        ),
        Spread(
            "logvar",
            "the logarithm of the variance",
            "v",
            False,
            lambda v, m: m.exp(v / 2),
            lambda s, m: 2 * m.log(s),
            lambda s, m: s / 2,
        ),
        Spread(
            "logstd",
            "the logarithm of the standard deviation",
            "l",
            False,
            lambda v, m: m.exp(v),
            lambda s, m: m.log(s),
            lambda s, m: s,
        ),
        Spread(
            "precision",
            "the precision (one over the variance)",
            "w",
            True,
            lambda w, m: 1 / m.sqrt(w),
            lambda s, m: 1 / (s * s),
            lambda s, m: -(s**3) / 2,
        ),
        Spread(
            "softplus",
            "the argument of softplus, which gives the standard deviation",
            "r",
            False,
            lambda r, m: m.logaddexp(0 * r, r) if hasattr(m, "logaddexp") else m.log1p(m.exp(r)),
            lambda s, m: s + m.log(-m.expm1(-s)),
            lambda s, m: -m.expm1(-s),
        ),
    )
}

#: How the spread of a multivariate normal is passed.
MATRIX: dict[str, str] = {
    "scale_tril": "the lower Cholesky factor of the covariance",
    "covariance": "the covariance matrix",
    "precision_matrix": "the precision matrix (inverse covariance)",
}

_SPELLINGS: dict[str, str] = {
    "mu": "loc", "mean": "loc", "loc": "loc", "m": "loc",
    "scale": "std", "std": "std", "sigma": "std", "stddev": "std",
    "variance": "var", "var": "var",
    "logvar": "logvar", "log_var": "logvar",
    "logstd": "logstd", "log_std": "logstd", "logscale": "logstd", "log_scale": "logstd",
    "precision": "precision", "softplus": "softplus",
    "cholesky": "scale_tril", "tril": "scale_tril", "scale_tril": "scale_tril",
    "covariance": "covariance", "cov": "covariance", "covariance_matrix": "covariance",
    "precision_matrix": "precision_matrix",
    "x": "x", "data": "x", "recon": "recon", "logits": "logits", "probs": "probs",
    "z": "z", "sample": "z", "eps": "eps", "noise": "eps",
}  # fmt: skip


def parse_takes(takes: str) -> tuple[str, ...]:
    """The conventions in a text like ``"mu,logvar"``: one word per parameter, in the order of the
    function.

    Words: mu, std, variance, logvar, logstd, precision, softplus, cholesky, covariance,
    precision_matrix, x, recon, logits, probs, z, eps, and their usual spellings. Raises
    `VaemathError` on any other word.
    """
    out = []
    for word in takes.split(","):
        key = word.strip().lower()
        if key not in _SPELLINGS:
            known = "mu, std, variance, logvar, logstd, cholesky, covariance, x, recon, logits, z, eps"
            raise VaemathError(f"takes: got {word.strip()!r}; expected words out of: {known}")
        out.append(_SPELLINGS[key])
    return tuple(out)
