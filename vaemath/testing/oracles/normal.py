"""Textbook KL divergences between normal distributions, at whatever precision mpmath works in.

These are the formulas as books print them; nothing here is rearranged for accuracy. All results are
in nats.
"""

from __future__ import annotations

from typing import Any

from mpmath import exp, log, mpf

__all__ = [
    "kl_normal",
    "kl_normal_grad",
    "kl_normal_standard",
    "kl_normal_standard_grad",
]

Number = Any  # an mpf, or anything that mpmath takes for one


def kl_normal(loc_p: Number, scale_p: Number, loc_q: Number, scale_q: Number) -> Number:
    """KL(N(loc_p, scale_p^2) || N(loc_q, scale_q^2)) = log(s_q/s_p) + (s_p^2 + (m_p - m_q)^2) / (2
    s_q^2) - 1/2.
    """
    difference = loc_p - loc_q
    return log(scale_q / scale_p) + (scale_p**2 + difference**2) / (2 * scale_q**2) - mpf(1) / 2


def kl_normal_grad(loc_p: Number, scale_p: Number, loc_q: Number, scale_q: Number) -> tuple[Number, ...]:
    """The four partial derivatives of `kl_normal`, in the order of its arguments."""
    difference = loc_p - loc_q
    by_loc = difference / scale_q**2
    by_scale_p = scale_p / scale_q**2 - 1 / scale_p
    by_scale_q = 1 / scale_q - (scale_p**2 + difference**2) / scale_q**3
    return by_loc, by_scale_p, -by_loc, by_scale_q


def kl_normal_standard(loc: Number, logvar: Number) -> Number:
    """KL(N(loc, exp(logvar)) || N(0, 1)) = (loc^2 + exp(logvar) - logvar - 1) / 2."""
    return (loc**2 + exp(logvar) - logvar - 1) / 2


def kl_normal_standard_grad(loc: Number, logvar: Number) -> tuple[Number, ...]:
    """The derivatives of `kl_normal_standard` by loc and logvar: loc, (exp(logvar) - 1) / 2."""
    return loc, (exp(logvar) - 1) / 2
