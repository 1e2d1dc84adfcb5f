"""Evaluation of integrals, expectations, derivatives and densities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import arb, arb_mat

from vaemath.audit.code import Code, Env, body, code, codes, head
from vaemath.audit.densities import Counted, Given, MvNormal, Normal, Product
from vaemath.audit.quadrature import derivative, interval_integral, line_integral
from vaemath.audit.scalars import logarithm
from vaemath.audit.values import BeyondError, UndefinedError, Value, integer
from vaemath.core.terms import BIT, POINT, POSITIVE, REAL, Term


@head("normal")
def _normal(t: Term) -> Code:
    loc, scale = codes(t)
    return lambda m, env: Normal(loc(m, env), scale(m, env))


@head("mvn")
def _mvn(t: Term) -> Code:
    mean, covariance = codes(t)
    return lambda m, env: MvNormal(mean(m, env), covariance(m, env))


@head("indep")
def _indep(t: Term) -> Code:
    size, factor = counted(t)
    return lambda m, env: Product([factor(m, (j, *env)) for j in size(m)])


@head("density")
def _density(t: Term) -> Code:
    f, space = body(t.args[0]), t.args[0].data[1]
    return lambda m, env: Given(lambda x: f(m, (x, *env)), space[0], masses(m, space))


@head("bernoulli")
def _bernoulli(t: Term) -> Code:
    probability = code(t.args[0])

    def run(m: Any, env: Env) -> Value:
        p = probability(m, env)
        if not (p > 0 and p < 1):
            raise UndefinedError(f"a probability of {p.str(8)}")
        return Counted(lambda x: p if x > 0 else 1 - p, 0, 1)

    return run


@head("categorical")
def _categorical(t: Term) -> Code:
    size, p = counted(t)
    return lambda m, env: Counted(lambda j: p(m, (j, *env)), 1, len(size(m)))


def counted(t: Term) -> tuple[Callable[[Any], list[arb]], Code]:
    """The indices 1..n of a family, in a model, and the code of its entries."""
    (lam,) = t.args
    n = code(lam.data[1][1])
    return lambda m: [arb(j) for j in range(1, integer(n(m, ())) + 1)], body(lam)


@head("prod")
def _prod(t: Term) -> Code:
    size, factor = counted(t)

    def run(m: Any, env: Env) -> Value:
        total = arb(1)
        for j in size(m):
            total = total * factor(m, (j, *env))
        return total

    return run


def masses(m: Any, space: Any) -> list[tuple[Any, arb]] | None:
    """The points of a finite space with their masses; None for a space that is not finite."""
    if space == POINT:
        return list(m.points())
    if space == BIT:
        return [(arb(0), arb(1)), (arb(1), arb(1))]
    return None


@head("pdf")
def _pdf(t: Term) -> Code:
    q, x = codes(t)
    return lambda m, env: q(m, env).height(x(m, env))


@head("E")
def _expectation(t: Term) -> Code:
    q, f = code(t.args[0]), body(t.args[1])
    return lambda m, env: q(m, env).expect(lambda x: f(m, (x, *env)))


@head("KL")
def _kl(t: Term) -> Code:
    first, second = codes(t)

    def run(m: Any, env: Env) -> Value:
        p, q = first(m, env), second(m, env)
        return p.expect(lambda x: logarithm(p.height(x)) - logarithm(q.height(x)))

    return run


@head("CE", "H")
def _entropy(t: Term) -> Code:
    first, second = code(t.args[0]), code(t.args[-1])

    def run(m: Any, env: Env) -> Value:
        q = second(m, env)
        return first(m, env).expect(lambda x: -logarithm(q.height(x)))

    return run


@head("int")
def _integral(t: Term) -> Code:
    lam = t.args[0]
    space = lam.data[1]
    f = body(lam)
    if space[0] == "fin":
        size, _ = counted(t)

        def added(m: Any, env: Env) -> Value:
            first, *rest = size(m)
            total = f(m, (first, *env))
            for j in rest:
                total = total + f(m, (j, *env))
            return total

        return added
    if space in (REAL, POSITIVE):
        if space == POSITIVE:
            raise BeyondError("an integral over the positive numbers")
        return lambda m, env: line_integral(lambda x: f(m, (x, *env)))
    if space in (POINT, BIT):

        def finite(m: Any, env: Env) -> Value:
            return sum((f(m, (x, *env)) * w for x, w in masses(m, space) or ()), arb(0))

        return finite
    return under_a_density(lam.args[0])


def under_a_density(integrand: Term) -> Code:
    """An integral over many coordinates whose integrand has a density as a factor: an expectation."""
    factors = list(integrand.args) if integrand.head in ("mul", "scale") else [integrand]
    for k, factor in enumerate(factors):
        q = _density_factor(factor)
        if q is not None:
            rest = [code(g) for i, g in enumerate(factors) if i != k]

            def run(m: Any, env: Env) -> Value:
                def g(x: Any) -> Any:
                    total = arb(1)
                    for r in rest:
                        total = total * r(m, (x, *env))
                    return total

                return q(m, (None, *env)).expect(g)

            return run
    raise BeyondError("an integral over a space of many dimensions without a density in it")


def _density_factor(factor: Term) -> Code | None:
    """The density whose height at the variable (index 0) the factor is."""
    if factor.head == "pdf" and _is_bound(factor.args[1], 0) and not uses(factor.args[0], 0):
        return code(factor.args[0])
    if factor.head != "prod":
        return None
    inner = factor.args[0].args[0]
    coordinate = inner.args[1] if inner.head == "pdf" else inner
    at_j = coordinate.head == "app" and [(a.head, *a.data[:1]) for a in coordinate.args] == [
        ("bv", 1),
        ("bv", 0),
    ]
    if at_j and not uses(inner.args[0], 1):
        (size, _), q = counted(factor), code(inner.args[0])
        return lambda m, env: Product([q(m, (j, *env)) for j in size(m)])
    return None


def _is_bound(t: Term, k: int) -> bool:
    return t.head == "bv" and t.data[0] == k


def uses(t: Term, k: int) -> bool:
    """Does the term mention the bound variable of index k?"""
    if t.level <= k:
        return False
    if t.head == "bv":
        return bool(t.data[0] == k)
    return any(uses(a, k + (t.head == "lam")) for a in t.args)


@head("intab")
def _interval(t: Term) -> Code:
    low, high, f = code(t.args[0]), code(t.args[1]), body(t.args[2])
    return lambda m, env: interval_integral(lambda x: f(m, (x, *env)), low(m, env), high(m, env))


@head("diff")
def _diff(t: Term) -> Code:
    f, at = body(t.args[0]), code(t.args[1])

    def run(m: Any, env: Env) -> Value:
        here = at(m, env)
        g: Callable[[Any], Any] = lambda x: f(m, (x, *env))
        if not isinstance(here, arb_mat):
            return derivative(g, here)
        rows, columns = here.nrows(), here.ncols()
        values = [_partial(g, here, i, j) for i in range(rows) for j in range(columns)]
        return arb_mat(rows, columns, values)

    return run


def _partial(g: Callable[[Any], Any], at: arb_mat, i: int, j: int) -> arb:
    def along(x: arb) -> Any:
        moved = arb_mat(at)
        moved[i, j] = x
        return g(moved)

    slope: arb = derivative(along, at[i, j])
    return slope
