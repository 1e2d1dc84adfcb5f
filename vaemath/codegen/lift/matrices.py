"""A textbook statement written out in scalars: sums for d = 1, 2, 3, matrices by their entries."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from typing import Any

import numpy as np

from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.library import array, solve_triangular
from vaemath.codegen.lift.value import Value, lifted
from vaemath.core.normal import residual
from vaemath.core.terms import Term, is_matrix, make, number
from vaemath.terms.build import add, at_index, is_sum, log, mul, zero


class WrittenOut:
    """Evaluates a term by entries, given what each free symbol stands for.

    `meaning` gives a scalar term, an array of values or, for a function of an index, a list of terms.
    `factors` are the lower triangular factors of the positive definite matrices that occur.
    """

    def __init__(self, meaning: Mapping[Term, Any], factors: list[Any]) -> None:
        self.meaning = meaning
        self.factors = factors

    def scalar(self, t: Term) -> Term:
        """The scalar term `t` without sums, indices or matrices."""
        if t in self.meaning:
            found = self.meaning[t]
            if not isinstance(found, Term):
                raise LiftError(f"`{t}` stands for an array where a number is expected")
            return found
        if not t.free and t.head in ("num", "pi"):
            return t
        if is_sum(t):
            return add(*(self.scalar(p) for p in self._entries(t)))
        if t.head == "app" and t.args[0] in self.meaning:
            return self.meaning[t.args[0]][self.scalar(t.args[1]).data[0] - 1]  # type: ignore[no-any-return]
        if t.head == "tr":
            m = self.matrix(t.args[0])
            return add(*(lifted(m[i, i]).term for i in range(len(m))))
        if t.head == "scalar":
            return lifted(self.matrix(t.args[0])[0, 0]).term
        if t.head == "logdet":
            return self._log_determinant(self.matrix(t.args[0]))
        if any(is_matrix(a) for a in t.args) or not t.args:
            raise LiftError(f"`{t}` cannot be written out")
        return make(t.head, tuple(self.scalar(a) for a in t.args), t.data)

    def matrix(self, t: Term) -> Any:
        """The entries of the matrix term `t`."""
        if t in self.meaning:
            found = self.meaning[t]
            return found if found.ndim == 2 else found[:, None]
        if t.head == "add":
            return sum((self.matrix(a) for a in t.args[1:]), self.matrix(t.args[0]))
        if t.head == "matmul":
            product = self.matrix(t.args[0])
            for a in t.args[1:]:
                product = product @ self.matrix(a)
            return product
        if t.head == "scale":
            return self.matrix(t.args[1]) * Value(self.scalar(t.args[0]))
        if t.head == "T":
            return self.matrix(t.args[0]).T
        if t.head == "inv":
            return self._inverse(self.matrix(t.args[0]))
        if t.head == "eye":
            n = self.scalar(t.args[0]).data[0]
            return array([[1 if i == j else 0 for j in range(n)] for i in range(n)])
        if t.head in ("vec", "diagm"):
            v = array([self.scalar(p) for p in self._entries(t)])
            n = len(v)
            return (
                v[:, None]
                if t.head == "vec"
                else array([[v[i] if i == j else 0 for j in range(n)] for i in range(n)])
            )
        raise LiftError(f"`{t}` cannot be written out")

    def _entries(self, t: Term) -> list[Term]:
        """The entries of a family over 1..n, for the n at hand."""
        (family,) = t.args
        n: int = self.scalar(family.data[1][1]).data[0]
        return [at_index(family, k) for k in range(1, n + 1)]

    def _factor(self, matrix: Any) -> Any:
        for factor in self.factors:
            if factor.shape == matrix.shape and _equal(factor @ factor.T, matrix):
                return factor
        raise LiftError("a matrix is inverted that is none of the covariances")

    def _inverse(self, matrix: Any) -> Any:
        factor = self._factor(matrix)
        n = len(factor)
        unit = array([[1 if i == j else 0 for j in range(n)] for i in range(n)])
        inverse = solve_triangular(factor.T, solve_triangular(factor, unit, upper=False), upper=True)
        if not _equal(matrix @ inverse, unit):
            raise LiftError("the inverse of a covariance does not invert it")
        return inverse

    def _log_determinant(self, matrix: Any) -> Term:
        diagonal = np.diagonal(self._factor(matrix))
        square = mul(1, 1)
        for entry in diagonal:
            square = mul(square, mul(entry.term, entry.term))
        if residual(_determinant(matrix), square) != zero:
            raise LiftError("the determinant of a covariance is not that of its factor squared")
        return add(*(mul(2, log(entry.term)) for entry in diagonal))


def _determinant(matrix: Any) -> Term:
    n = len(matrix)
    parts = []
    for order in permutations(range(n)):
        swaps = sum(order[i] > order[j] for i in range(n) for j in range(i + 1, n))
        product: Term = number((-1) ** swaps)
        for i, j in enumerate(order):
            product = mul(product, lifted(matrix[i, j]).term)
        parts.append(product)
    return add(*parts)


def _equal(a: Any, b: Any) -> bool:
    pairs = zip(a.ravel(), b.ravel(), strict=True)
    return all(residual(lifted(x).term, lifted(y).term) == zero for x, y in pairs)
