"""The NumPy kernels in C: the functions of `vaemath.kernels.numpy`, and as many threads as CPUs.

What C does not take as it is (other types, invalid values, shapes that do not fit) goes to
`vaemath.kernels.numpy`, which computes it or says what is wrong with it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
import numpy.typing as npt

import vaemath.kernels.numpy as kernels
from vaemath.codegen.program import LARGEST_OPTION, LEAST_OPTION, Program
from vaemath.cores import cores
from vaemath.native.calls import NATIVE, calls, lengths

Array = npt.NDArray[Any]


def _threads() -> int:
    given = os.environ.get("OMP_NUM_THREADS", "")
    if given.isdigit() and int(given) > 0:
        return int(given)
    return cores()


def _plain(program: Program, inputs: tuple[Any, ...], options: dict[str, Any]) -> list[Array] | None:
    """The arguments as C takes them, or None: one type, one batch shape, valid values."""
    if any(not isinstance(a, np.ndarray) or a.dtype != inputs[0].dtype for a in inputs):
        return None
    events = [len(a.event) for a in program.arguments]
    if any(a.ndim < e for a, e in zip(inputs, events, strict=True)):
        return None
    batches = [a.shape[: a.ndim - e] for a, e in zip(inputs, events, strict=True)]
    axes: dict[str, int] = {}
    for argument, a in zip(program.arguments, inputs, strict=True):
        if argument.event and axes.setdefault(argument.event, a.shape[-1]) != a.shape[-1]:
            return None
        if argument.needs == "positive" and a.size and not (a.min() > 0.0 and a.max() < np.inf):
            return None
        if argument.needs == "unit" and a.size and not (a.min() >= 0.0 and a.max() <= 1.0):
            return None
    if any(
        not isinstance(o, float | int) or not LEAST_OPTION <= o <= LARGEST_OPTION for o in options.values()
    ):
        return None
    if any(b != batches[0] for b in batches):
        return None
    return [np.ascontiguousarray(a) for a in inputs]


def _kernel(name: str) -> tuple[Callable[..., Array], Callable[..., tuple[Array, ...]]]:
    program = NATIVE[name]
    slow, slow_and_grad = getattr(kernels, name), getattr(kernels, f"{name}_and_grad")
    defaults = dict(program.options)

    @wraps(slow)
    def value(*inputs: Any, **options: Any) -> Array:
        filled = {**defaults, **options}
        found = _plain(program, inputs, filled) if len(inputs) == len(program.arguments) else None
        functions = calls(name, inputs[0].dtype.name) if found is not None else None
        if found is None or functions is None or filled.keys() != defaults.keys():
            result: Array = slow(*inputs, **options)
            return result
        out = np.empty(_value_shape(program, found[0]), found[0].dtype)
        sizes = lengths(program, [a.shape for a in found])
        functions.value(
            _threads(), *sizes, *(a.ctypes.data for a in found), *filled.values(), out.ctypes.data
        )
        return out

    @wraps(slow_and_grad)
    def value_and_grad(*inputs: Any, **options: Any) -> tuple[Array, ...]:
        filled = {**defaults, **options}
        found = _plain(program, inputs, filled) if len(inputs) == len(program.arguments) else None
        functions = calls(name, inputs[0].dtype.name) if found is not None else None
        if found is None or functions is None or filled.keys() != defaults.keys():
            results: tuple[Array, ...] = slow_and_grad(*inputs, **options)
            return results
        out = [np.empty(_value_shape(program, found[0]), found[0].dtype), *(np.empty_like(a) for a in found)]
        sizes = lengths(program, [a.shape for a in found])
        addresses = [a.ctypes.data for a in found]
        functions.both(_threads(), *sizes, *addresses, *filled.values(), *(o.ctypes.data for o in out))
        return tuple(out)

    return value, value_and_grad


def _value_shape(program: Program, first: Array) -> tuple[int, ...]:
    return first.shape if program.elementwise else first.shape[:-1]


kl_normal, kl_normal_and_grad = _kernel("kl_normal")
kl_normal_diag, kl_normal_diag_and_grad = _kernel("kl_normal_diag")
kl_normal_diag_standard, kl_normal_diag_standard_and_grad = _kernel("kl_normal_diag_standard")
kl_normal_standard, kl_normal_standard_and_grad = _kernel("kl_normal_standard")
loss_bernoulli, loss_bernoulli_and_grad = _kernel("loss_bernoulli")
loss_gaussian, loss_gaussian_and_grad = _kernel("loss_gaussian")
