"""Every float32 in turn: the special functions of the torch kernels, as float32 results are made.

The reference is the same function in float64, whose own error is far below a float32 unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from vaemath.codegen.parts import torch_primitives as primitives

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Tried:
    """What a sweep over all float32 found.

    Attributes:
        function: which.
        inputs: how many numbers were tried.
        ulp: the worst error in float32 units in the last place.
        at: where.
        wrong: how many results are NaN or inf where they should not be, or negative.
    """

    function: str
    inputs: int
    ulp: float
    at: float
    wrong: int


def _gap(s: torch.Tensor, fine: bool) -> torch.Tensor:
    return primitives._half_expm1_parts(s, fine)[0]


def _tail(logits: torch.Tensor, fine: bool) -> torch.Tensor:
    return primitives._logistic_steps(logits)[1]


def _wrong(logits: torch.Tensor, fine: bool) -> torch.Tensor:
    small = primitives._logistic_steps(logits)[0]
    return small / (1.0 + small)


def _rise(s: torch.Tensor, fine: bool) -> torch.Tensor:
    return primitives._half_expm1_parts(s, fine)[1]


def _log_gap(t: torch.Tensor, fine: bool) -> torch.Tensor:
    wide = t.double()  # kernels with this function compute in float64
    return primitives._log_gap(wide, 1.0 + wide, torch.ones_like(wide), fine)


FUNCTIONS: dict[str, tuple[Callable[[torch.Tensor, bool], torch.Tensor], Callable[[Any], Any]]] = {
    "(e^s - 1 - s)/2": (_gap, lambda s: s == s),
    "(e^s - 1)/2": (_rise, lambda s: s == s),
    "t - log(1 + t)": (_log_gap, lambda t: t > -1.0),
    "log(1 + e^-|l|)": (_tail, lambda s: s == s),
    "1/(1 + e^|l|)": (_wrong, lambda s: s == s),
}


def bits(start: int, stop: int) -> torch.Tensor:
    """The float32 numbers whose bit patterns are start, ..., stop - 1."""
    patterns = torch.arange(start, stop, dtype=torch.int64)
    signed = torch.where(patterns >= 1 << 31, patterns - (1 << 32), patterns).to(torch.int32)
    return signed.view(torch.float32)


def sweep(name: str, *, stride: int = 1) -> Iterator[Tried]:
    """Try every `stride`-th chunk of bit patterns; yields the findings so far, the last is the result."""
    function, valid = FUNCTIONS[name]
    worst, at, count, wrong = 0.0, 0.0, 0, 0
    for start in range(0, 1 << 32, _CHUNK * stride):
        x = bits(start, min(start + _CHUNK, 1 << 32))
        x = x[torch.isfinite(x) & valid(x)]
        if not x.numel():
            continue
        found, exact = function(x, False).float(), function(x.double(), True)
        count += x.numel()
        fits = exact.abs() <= torch.finfo(torch.float32).max
        bad = fits & ~torch.isfinite(found)
        if name != "(e^s - 1)/2":
            bad |= found < 0
        wrong += int(bad.sum())
        unit = torch.ldexp(
            torch.ones_like(exact), torch.frexp(exact.abs().clamp(min=2.0**-126)).exponent - 24
        )
        error = torch.where(fits & ~bad, (found.double() - exact).abs() / unit, 0.0)
        largest, k = error.max(0)
        if float(largest) > worst:
            worst, at = float(largest), float(x[k])
        yield Tried(name, count, worst, at, wrong)
