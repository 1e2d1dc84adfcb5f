"""Evaluation of matrices."""

from __future__ import annotations

from typing import Any

from flint import arb, arb_mat

from vaemath.audit.code import Code, Env, body, code, codes, head
from vaemath.audit.scalars import logarithm
from vaemath.audit.values import UndefinedError, Value, integer
from vaemath.core.terms import Term


@head("matmul")
def _matmul(t: Term) -> Code:
    first, *rest = codes(t)

    def run(m: Any, env: Env) -> Value:
        total = first(m, env)
        for c in rest:
            total = total * c(m, env)
        return total

    return run


@head("T")
def _transpose(t: Term) -> Code:
    a = code(t.args[0])
    return lambda m, env: a(m, env).transpose()


@head("inv")
def _inv(t: Term) -> Code:
    a = code(t.args[0])
    return lambda m, env: inverse(a(m, env))


@head("chol")
def _chol(t: Term) -> Code:
    a = code(t.args[0])
    return lambda m, env: cholesky(a(m, env))


def inverse(a: arb_mat) -> arb_mat:
    if a.det().contains(0):
        raise UndefinedError("the inverse of a singular matrix")
    return a.inv()


@head("eye")
def _eye(t: Term) -> Code:
    n = code(t.args[0])
    return lambda m, env: diagonal([arb(1)] * integer(n(m, env)))


def diagonal(values: list[arb]) -> arb_mat:
    n = len(values)
    return arb_mat(n, n, [values[i] if i == j else arb(0) for i in range(n) for j in range(n)])


@head("scale")
def _scale(t: Term) -> Code:
    c, a = codes(t)
    return lambda m, env: a(m, env) * c(m, env)


@head("diagm", "vec")
def _family(t: Term) -> Code:
    n, entry, column = code(t.args[0].data[1][1]), body(t.args[0]), t.head == "vec"

    def run(m: Any, env: Env) -> Value:
        values = [entry(m, (arb(j), *env)) for j in range(1, integer(n(m, ())) + 1)]
        return arb_mat(len(values), 1, values) if column else diagonal(values)

    return run


@head("tr", "scalar")
def _trace(t: Term) -> Code:
    a = code(t.args[0])
    return lambda m, env: a(m, env).trace()


@head("logdet")
def _logdet(t: Term) -> Code:
    a = code(t.args[0])
    return lambda m, env: logarithm(a(m, env).det())


def is_symmetric(a: arb_mat) -> bool:
    return bool(a.overlaps(a.transpose()))


def is_spd(a: arb_mat) -> bool:
    """Symmetric with positive leading minors."""
    n = a.nrows()
    minors = (arb_mat(k, k, [a[i, j] for i in range(k) for j in range(k)]).det() for k in range(1, n + 1))
    return is_symmetric(a) and all(d > 0 for d in minors)


def cholesky(a: arb_mat) -> arb_mat:
    """The lower triangular L with L L' = a.

    Raises:
        UndefinedError: `a` is not positive definite.
    """
    n = a.nrows()
    rows: list[list[arb]] = [[arb(0)] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            rest = a[i, j] - sum((rows[i][k] * rows[j][k] for k in range(j)), arb(0))
            if i == j:
                if not rest > 0:
                    raise UndefinedError("a covariance that is not positive definite")
                rows[i][i] = rest.sqrt()
            else:
                rows[i][j] = rest / rows[j][j]
    return arb_mat(n, n, [x for r in rows for x in r])
