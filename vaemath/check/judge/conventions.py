"""What a spread parameter may be: each convention as a change of variables to the standard deviation s > 0.

Under the right one, whatever it is, a formula becomes the same polynomial in s and log s.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from vaemath.check.core import POSITIVE, Term, exp, log, mul, number, one, power, special, sub, symbol

__all__ = ["FROM_SCALE", "TO_SCALE", "WORDS", "explicit", "misused", "scale"]

#: the parameter, as a function of the standard deviation
FROM_SCALE: dict[str, Callable[[Term], Term]] = {
    "std": lambda s: s,
    "var": lambda s: power(s, 2),
    "logvar": lambda s: mul(number(2), log(s)),
    "logstd": log,
    "precision": lambda s: power(s, -2),
    "softplus": lambda s: log(sub(exp(s), one)),
    "softplus-var": lambda s: log(sub(exp(power(s, 2)), one)),
    "logprecision": lambda s: mul(number(-2), log(s)),
}
#: the standard deviation, as a function of the parameter
TO_SCALE: dict[str, Callable[[Term], Term]] = {
    "std": lambda p: p,
    "var": lambda p: power(p, Fraction(1, 2)),
    "logvar": lambda p: exp(mul(number(Fraction(1, 2)), p)),
    "logstd": exp,
    "precision": lambda p: power(p, Fraction(-1, 2)),
    "softplus": lambda p: special("softplus", p),
    "softplus-var": lambda p: power(special("softplus", p), Fraction(1, 2)),
    "logprecision": lambda p: exp(mul(number(Fraction(-1, 2)), p)),
}
WORDS = {
    "std": "the standard deviation",
    "var": "the variance",
    "logvar": "the logarithm of the variance",
    "logstd": "the logarithm of the standard deviation",
    "precision": "the precision (one over the variance)",
    "softplus": "the argument of softplus, which gives the standard deviation",
    "softplus-var": "the argument of softplus, which gives the variance",
    "logprecision": "the logarithm of the precision",
    "covariance": "the covariance matrix",
    "scale_tril": "the lower Cholesky factor of the covariance",
    "precision_matrix": "the precision matrix",
}
_CODES = {
    "var": "variance",
    "covariance": "covariance",
    "scale_tril": "cholesky",
    "precision_matrix": "precision",
}


def scale(name: str) -> Term:
    """The symbol for a standard deviation."""
    return symbol(name, POSITIVE)


def explicit(name: str, said: str, used: str) -> bool:
    """Whether a name that says one convention contradicts the use as another.

    A network's output that holds a logarithm is often called by what it is the logarithm of: `sigma` or
    `var` for a log-variance is careless, no contradiction. `logvar` for a log-standard-deviation is one.
    """
    logs = ("logvar", "logstd", "softplus", "softplus-var", "logprecision")
    if said == used:
        return False
    return not (said not in logs and used in logs)


def misused(said: str, used: str) -> list[str]:
    """The codes of one convention used as another."""
    out = [f"{_CODES.get(said, said)}-as-{_CODES.get(used, used).removesuffix('-var')}"]
    out += {("logvar", "logstd"): ["variance-as-std"], ("logstd", "logvar"): ["std-as-variance"]}.get(
        (said, used), []
    )
    return out
