"""The words of NumPy and torch that kernels use, over exact values.

The same function means the same mathematics in both libraries, so there is one shim. What a library
function computes is trusted here as its documentation states it, rounding apart.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.value import Both, Condition, Value, compare, lifted, running
from vaemath.core.normal import residual
from vaemath.core.terms import REAL, Term
from vaemath.terms import build


def array(entries: Any) -> Any:
    """Nested lists of terms or numbers as an array of values."""
    flat = np.asarray(entries, dtype=object)
    out = np.empty(flat.shape, dtype=object)
    for where in np.ndindex(flat.shape):
        out[where] = lifted(flat[where])
    return out


def each(function: Callable[..., Any], *arguments: Any) -> Any:
    """Entry by entry, with broadcasting; a single value stays one."""
    if not any(isinstance(a, np.ndarray) for a in arguments):
        return function(*arguments)
    wide = np.broadcast_arrays(*(_object(a) for a in arguments))
    out = np.empty(wide[0].shape, dtype=object)
    for where in np.ndindex(out.shape):
        out[where] = function(*(a[where] for a in wide))
    return out


def _object(a: Any) -> Any:
    if isinstance(a, np.ndarray):
        return a
    out = np.empty((), dtype=object)
    out[()] = a
    return out


def _apply(head: Callable[[Term], Term]) -> Callable[[Any], Any]:
    def word(x: Any) -> Any:
        return each(lambda v: Value(head(lifted(v)._plain())), x)

    return word


def _where(condition: Any, yes: Any, no: Any) -> Any:
    def select(c: Condition | Both, a: Any, b: Any) -> Value:
        return lifted(a if running().decide(c) else b)

    return each(select, condition, yes, no)


def _absolute(x: Any) -> Any:
    def one(v: Any) -> Value:
        inner = lifted(v)._plain()
        if build.sub(inner, 0) == build.zero or inner == build.zero:
            return Value(build.zero)
        from vaemath.core.heads import sign
        from vaemath.core.normal import canon

        if sign(canon(inner)):
            return Value(inner)
        return Value(-inner) if sign(canon(-inner)) else Value(inner, absolute=True)

    return each(one, x)


def _maximum(x: Any, y: Any) -> Any:
    return each(lambda a, b: lifted(a if running().decide(compare(a, b, greater=True)) else b), x, y)


def _sign(x: Any) -> Any:
    def one(v: Any) -> Value:
        if running().decide(compare(v, 0.0, greater=True)):
            return lifted(1)
        return lifted(-1 if running().decide(compare(v, 0.0, greater=False)) else 0)

    return each(one, x)


def _minimum(x: Any, y: Any) -> Any:
    return each(lambda a, b: lifted(a if running().decide(compare(a, b, greater=False)) else b), x, y)


def _clamp(x: Any, *, min: float | None = None, max: float | None = None) -> Any:
    above = x if min is None else _maximum(x, min)
    return above if max is None else _minimum(above, max)


def _isfinite(x: Any) -> Any:
    """Every exact value is."""
    return each(lambda _: compare(1.0, 0.0, greater=True), x)


def _vector_norm(x: Any, *, dim: int, **_kind: object) -> Any:
    return Value(build.sqrt(lifted((x * x).sum(dim))._plain()))


def _sub(a: Any, b: Any, *, alpha: float = 1.0) -> Any:
    return a - b * alpha


def _rsub(a: Any, b: Any, *, alpha: float = 1.0) -> Any:
    return b - a * alpha


def _addcmul(a: Any, b: Any, c: Any, *, value: float = 1.0) -> Any:
    return a + b * c * value


def _less(a: Any, b: Any) -> Any:
    return each(lambda x, y: compare(x, y, greater=False), _object(a), b)


def _eye(n: int, **_kind: object) -> Any:
    return array([[1 if i == j else 0 for j in range(n)] for i in range(n)])


def _tril(matrix: Any, k: int = 0) -> Any:
    rows, columns = matrix.shape
    return array([[matrix[i, j] if j <= i + k else 0 for j in range(columns)] for i in range(rows)])


def _diag_embed(vector: Any) -> Any:
    n = len(vector)
    return array([[vector[i] if i == j else 0 for j in range(n)] for i in range(n)])


def solve_triangular(factor: Any, right: Any, *, upper: bool) -> Any:
    """Substitution, forward or back."""
    n = len(factor)
    out = array(np.zeros(right.shape, dtype=int).tolist())
    for i in reversed(range(n)) if upper else range(n):
        for j in range(right.shape[1]):
            known = sum((factor[i, k] * out[k, j] for k in range(n) if k != i), lifted(0))
            out[i, j] = (right[i, j] - known) / factor[i, i]
    return out


def cholesky_among(factors: list[Any]) -> Callable[[Any], Any]:
    """A Cholesky factorisation that knows its possible answers and checks them.

    The lower triangular factor with a positive diagonal is unique, so the candidate whose square is
    the matrix is the answer.
    """

    def cholesky(matrix: Any) -> Any:
        for factor in factors:
            if factor.shape == matrix.shape and _same(factor @ factor.T, matrix):
                return factor
        raise LiftError("a matrix is factored that is none of the covariances, nor I + B")

    return cholesky


def part(x: Any, axis: int) -> Any:
    """Some part of x: what is proved must hold whatever part is taken."""
    return x * Value(build.symbol(f"part_{abs(axis)}", REAL))


def _same(a: Any, b: Any) -> bool:
    pairs = zip(a.ravel(), b.ravel(), strict=True)
    return all(residual(lifted(x).term, lifted(y).term) == build.zero for x, y in pairs)


def words(cholesky: Callable[[Any], Any]) -> SimpleNamespace:
    """What `np` and `torch` stand for while a file is run on terms."""
    return SimpleNamespace(
        where=_where,
        exp=_apply(build.exp),
        log=_apply(build.log),
        log1p=_apply(lambda t: build.special("log1p", t)),
        abs=_absolute,
        maximum=_maximum,
        minimum=_minimum,
        isfinite=_isfinite,
        clamp=_clamp,
        sub=_sub,
        rsub=_rsub,
        sign=_sign,
        sum=lambda x, axis, **_kind: x.sum(axis),
        float64=None,
        addcmul=_addcmul,
        less=_less,
        lt=_less,
        eye=_eye,
        tril=_tril,
        diag_embed=_diag_embed,
        diagonal=lambda m, **_axes: np.diagonal(m),
        swapaxes=lambda m, a, b: np.swapaxes(m, a, b),
        zeros_like=lambda m: array(np.zeros(m.shape, dtype=int).tolist()),
        full_like=lambda x, v: lifted(v),
        linalg=SimpleNamespace(
            vector_norm=_vector_norm,
            solve_triangular=solve_triangular,
            cholesky=cholesky,
            cholesky_ex=lambda m: SimpleNamespace(L=cholesky(m)),
        ),
    )
