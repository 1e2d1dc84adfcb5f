"""Matrices over any kind of number, with the total inverse and Cholesky factor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.proof.models import scalars as S
from tests.proof.models.scalars import ONE, ZERO, inverse, is_zero, sgn


class Matrix:
    def __init__(self, rows: Any) -> None:
        self.rows = tuple(map(tuple, rows))

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.rows), len(self.rows[0])

    def entries(self) -> list[Any]:
        return [x for r in self.rows for x in r]

    def map(self, f: Callable[[Any], Any]) -> Matrix:
        return Matrix([[f(x) for x in r] for r in self.rows])

    def __add__(self, other: Matrix) -> Matrix:
        return Matrix(
            [[x + y for x, y in zip(a, b, strict=True)] for a, b in zip(self.rows, other.rows, strict=True)]
        )

    def __matmul__(self, other: Matrix) -> Matrix:
        columns = list(zip(*other.rows, strict=True))
        return Matrix([[_dot(r, c) for c in columns] for r in self.rows])

    @property
    def T(self) -> Matrix:
        return Matrix(zip(*self.rows, strict=True))

    def scaled(self, c: Any) -> Matrix:
        return self.map(lambda x: c * x)


def _dot(a: Any, b: Any) -> Any:
    total: Any = ZERO
    for x, y in zip(a, b, strict=True):
        if not is_zero(x) and not is_zero(y):
            total = total + x * y
    return total


def identity(n: int) -> Matrix:
    return diagonal([ONE] * n)


def diagonal(d: list[Any]) -> Matrix:
    return Matrix([[x if i == j else ZERO for j in range(len(d))] for i, x in enumerate(d)])


def zeros(rows: int, columns: int) -> Matrix:
    return Matrix([[ZERO] * columns for _ in range(rows)])


def determinant(m: Matrix) -> Any:
    return _eliminated(m, zeros(*m.shape))[0]


def inverse_of(m: Matrix) -> Matrix:
    """The inverse, or the zero matrix."""
    _, right = _eliminated(m, identity(m.shape[0]))
    return right if right is not None else zeros(*m.shape)


def is_invertible(m: Matrix) -> bool:
    return _eliminated(m, identity(m.shape[0]))[1] is not None


def _eliminated(m: Matrix, right: Matrix) -> tuple[Any, Matrix | None]:
    n, det = m.shape[0], ONE
    a = [[*r, *s] for r, s in zip(m.rows, right.rows, strict=True)]
    for k in range(n):
        pivot = next((i for i in range(k, n) if not is_zero(a[i][k]) and sgn(a[i][k]) != 0), None)
        if pivot is None:
            return ZERO, None
        if pivot != k:
            a[k], a[pivot], det = a[pivot], a[k], -det
        det = det * a[k][k]
        r = inverse(a[k][k])
        a[k] = [x * r for x in a[k]]
        for i in range(n):
            if i != k and not is_zero(a[i][k]):
                c = -a[i][k]
                a[i] = [x + c * y for x, y in zip(a[i], a[k], strict=True)]
    return det, Matrix([r[n:] for r in a])


def _symmetric(m: Matrix) -> bool:
    n = m.shape[0]
    gaps = (m.rows[i][j] - m.rows[j][i] for i in range(n) for j in range(i))
    return all(_no_gap(g) for g in gaps)


def _no_gap(g: Any) -> bool:
    return S.close_to_zero(g) if S.is_number(g) else sgn(g) == 0


def is_definite(m: Matrix) -> bool:
    """Symmetric and positive definite? By the pivots of the elimination."""
    if not _symmetric(m):
        return False
    a = [list(r) for r in m.rows]
    for k in range(len(a)):
        if sgn(a[k][k]) <= 0:
            return False
        for i in range(k + 1, len(a)):
            c = a[i][k] * inverse(a[k][k])
            a[i] = [x - c * y for x, y in zip(a[i], a[k], strict=True)]
    return True


def cholesky(m: Matrix) -> Matrix | None:
    """The lower triangular factor with positive diagonal; None where there is none."""
    if not is_definite(m):
        return None
    n = m.shape[0]
    low: list[list[Any]] = [[ZERO] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            s = m.rows[i][j]
            for k in range(j):
                s = s - low[i][k] * low[j][k]
            if i == j:
                low[i][i] = S.power(s, 1, 2)
            else:
                low[i][j] = s * inverse(low[j][j])
    return Matrix(low)


def entries_of(x: Any) -> Iterator[Any]:
    if isinstance(x, Matrix):
        yield from x.entries()
    else:
        yield x
