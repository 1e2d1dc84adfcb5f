"""Errors of a backend, in units in the last place of the exact value or of its largest term."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import arb, ctx

from vaemath.accuracy.backends import Backend
from vaemath.accuracy.exact import PRECISION, Output, evaluate
from vaemath.accuracy.samples import DRAWS
from vaemath.accuracy.screen import WIDE, worst
from vaemath.codegen.programs import PROGRAMS

_JUDGED = 1500
ELEMENTWISE = {program.name for program in PROGRAMS if program.elementwise}


@dataclass(frozen=True)
class Worst:
    """The largest error of one output over the samples.

    Attributes:
        output: 0 for the value, then the gradients in the order of the arguments.
        ulp: in units in the last place; inf where a representable result came out as inf or NaN.
        at: the arguments of the worst sample.
        negative: how many values came out below zero where the quantity cannot be.
    """

    output: int
    ulp: float
    at: tuple[float, ...]
    negative: int


def measure(kernel: str, backend: Backend, kind: npt.DTypeLike, *, samples: int, seed: int) -> list[Worst]:
    """The worst errors of a backend on samples of a kernel's arguments.

    With more than _JUDGED samples, those that look worst in long double are judged in ball arithmetic.
    """
    if not WIDE:
        samples = min(samples, _JUDGED)
    arguments = DRAWS[kernel](np.random.default_rng(seed), samples, kind)
    given = list(arguments) if kernel in ELEMENTWISE else [a[:, None] for a in arguments]
    with np.errstate(all="ignore"):
        outputs = [np.asarray(o).reshape(-1) for o in backend(given)]
    negative = 0 if kernel == "loss_gaussian" else int((outputs[0] < 0).sum())
    if samples > _JUDGED:
        places = worst(kernel, arguments, outputs, kind, count=_JUDGED // 50)
        arguments = tuple(a[places] for a in arguments)
        outputs = [o[places] for o in outputs]
    rows = list(zip(*(map(float, a) for a in arguments), strict=True))
    exact = evaluate(kernel, rows)
    made = []
    for k, found in enumerate(outputs):
        errors = np.array([ulps(float(f), e[k], kind) for f, e in zip(found, exact, strict=True)])
        at = int(errors.argmax())
        made.append(Worst(k, float(errors[at]), rows[at], negative if k == 0 else 0))
    return made


def ulps(found: float, exact: Output, kind: Any) -> float:
    """The error of one number; zero where the exact result is beyond the largest float."""
    info = np.finfo(kind)
    before = ctx.prec
    ctx.prec = PRECISION
    try:
        value, size = exact
        if float(abs(value).mid()) > float(info.max):
            return 0.0
        if not np.isfinite(found):
            return float("inf")
        magnitude = float(size.mid())
        tiny = float(info.tiny)
        exponent = np.frexp(max(magnitude, tiny))[1] - 1
        error = abs(arb(found) - value) * arb(2) ** int(info.nmant - exponent)
        return float(error.mid())
    finally:
        ctx.prec = before
