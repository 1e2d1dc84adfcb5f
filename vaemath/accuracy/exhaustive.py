"""Every float32 in turn: the special functions of the torch and C kernels, as float32 results are made.

The reference is the same function in float64, whose own error is far below a float32 unit.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from torch import Tensor

from vaemath.codegen.targets.numpy import special as exact
from vaemath.codegen.targets.torch import special as primitives
from vaemath.native import numpy as native

_CHUNK = 1 << 20
Outputs = dict[str, Tensor]


@dataclass(frozen=True)
class Tried:
    """What a sweep over all float32 found.

    Attributes:
        function: which, and in which kernels.
        inputs: how many numbers were tried.
        ulp: the worst error in float32 units in the last place.
        at: where.
        wrong: how many results are NaN or inf where they should not be, or negative.
    """

    function: str
    inputs: int = 0
    ulp: float = 0.0
    at: float = 0.0
    wrong: int = 0


@dataclass(frozen=True)
class Family:
    """Functions of one number that share a reference.

    Attributes:
        found: name -> float32 results, from float32 inputs.
        expected: the same names -> float64 results, from float64 inputs.
        signed: the functions that may be negative.
        above: inputs start above this.
    """

    found: Callable[[Tensor], Outputs]
    expected: Callable[[Tensor], Outputs]
    signed: frozenset[str] = frozenset()
    above: float = -float("inf")


def _parts(s: Tensor) -> Outputs:
    gap, rise = primitives._half_expm1_parts(s, False)
    numbers = s.numpy()
    c_gap, _, c_rise = native.kl_normal_standard_and_grad(np.zeros_like(numbers), numbers)
    return {
        "(e^s - 1 - s)/2, torch": gap,
        "(e^s - 1)/2, torch": rise,
        "(e^s - 1 - s)/2, C": torch.from_numpy(c_gap),
        "(e^s - 1)/2, C": torch.from_numpy(c_rise),
    }


def _exact_parts(s: Tensor) -> Outputs:
    gap, rise = primitives._half_expm1_parts(s, True)
    return {f"(e^s - 1 - s)/2, {k}": gap for k in ("torch", "C")} | {
        f"(e^s - 1)/2, {k}": rise for k in ("torch", "C")
    }


def _logistic(logits: Tensor) -> Outputs:
    small, tail, _ = primitives._logistic_steps(logits)
    numbers = logits.numpy()[:, None]
    zero = np.zeros_like(numbers)  # a pixel that is zero, a latent code at the prior
    softplus, _, sigmoid, _, _ = native.loss_bernoulli_and_grad(zero, numbers, zero, zero)
    return {
        "log(1 + e^-|l|), torch": tail,
        "1/(1 + e^|l|), torch": small / (1.0 + small),
        "log(1 + e^l), C": torch.from_numpy(softplus),
        "1/(1 + e^-l), C": torch.from_numpy(sigmoid[:, 0]),
    }


def _exact_logistic(logits: Tensor) -> Outputs:
    tail, high, low = map(torch.from_numpy, exact._logistic_parts(logits.numpy()))
    return {
        "log(1 + e^-|l|), torch": tail,
        "1/(1 + e^|l|), torch": torch.minimum(high, low),
        "log(1 + e^l), C": torch.clamp(logits, min=0.0) + tail,
        "1/(1 + e^-l), C": high,
    }


def _log_gap(t: Tensor) -> Outputs:
    wide = t.double()  # kernels with this function compute in float64
    gap = primitives._log_gap(wide, 0.0, 1.0 + wide, torch.ones_like(wide), False)
    return {"t - log(1 + t), torch": gap.float()}


def _exact_log_gap(t: Tensor) -> Outputs:
    return {"t - log(1 + t), torch": primitives._log_gap(t, 0.0, 1.0 + t, torch.ones_like(t), True)}


FAMILIES = {
    "e^s": Family(_parts, _exact_parts, frozenset({"(e^s - 1)/2, torch", "(e^s - 1)/2, C"})),
    "logistic": Family(_logistic, _exact_logistic),
    "log(1 + t)": Family(_log_gap, _exact_log_gap, above=-1.0),
}


def bits(start: int, stop: int) -> Tensor:
    """The float32 numbers whose bit patterns are start, ..., stop - 1."""
    patterns = torch.arange(start, stop, dtype=torch.int64)
    signed = torch.where(patterns >= 1 << 31, patterns - (1 << 32), patterns).to(torch.int32)
    return signed.view(torch.float32)


def unit(exact: Tensor) -> Tensor:
    """The float32 unit in the last place of each float64 number."""
    power = (exact.view(torch.int64) & (0x7FF << 52)).view(torch.float64)
    return (power * 2.0**-23).clamp(min=2.0**-149)


def sweep(name: str, *, stride: int = 1, workers: int = 1) -> Iterator[list[Tried]]:
    """Try every `stride`-th chunk of bit patterns; yields the findings so far, the last is the result.

    More than one worker are processes of one thread each.
    """
    starts = range(0, 1 << 32, _CHUNK * stride)
    found: list[Tried] = []
    if workers == 1:
        for start in starts:
            found = _joined(found, chunk(name, start))
            yield found
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_one_thread) as pool:
        for part in pool.map(partial(chunk, name), starts, chunksize=4):
            found = _joined(found, part)
            yield found


def _one_thread() -> None:
    os.environ["OMP_NUM_THREADS"] = "1"
    torch.set_num_threads(1)


def chunk(name: str, start: int) -> list[Tried]:
    """What the bit patterns from `start` on, 2^20 of them, show; empty where none is an argument."""
    family = FAMILIES[name]
    x = bits(start, min(start + _CHUNK, 1 << 32))
    x = x[torch.isfinite(x) & (x > family.above)]
    if not x.numel():
        return []
    expected = family.expected(x.double())
    return [
        _judge(function, x, result, expected[function], signed=function in family.signed)
        for function, result in family.found(x).items()
    ]


def _joined(found: list[Tried], part: list[Tried]) -> list[Tried]:
    if not found or not part:
        return found or part
    return [
        replace(max(a, b, key=lambda t: t.ulp), inputs=a.inputs + b.inputs, wrong=a.wrong + b.wrong)
        for a, b in zip(found, part, strict=True)
    ]


def _judge(function: str, x: Tensor, result: Tensor, expected: Tensor, *, signed: bool) -> Tried:
    fits = expected.abs() <= torch.finfo(torch.float32).max
    bad = fits & ~torch.isfinite(result)
    if not signed:
        bad |= result < 0
    error = torch.where(fits & ~bad, (result.double() - expected).abs() / unit(expected), 0.0)
    largest, k = error.max(0)
    return Tried(function, x.numel(), float(largest), float(x[k]), int(bad.sum()))
