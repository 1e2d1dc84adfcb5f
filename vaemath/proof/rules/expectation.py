"""Expectations: linear, monotone, factorising over independent coordinates."""

from __future__ import annotations

from vaemath.proof.normal import canon, residual
from vaemath.proof.rules.logic import generalise
from vaemath.proof.sign import density_sign, obligations
from vaemath.proof.theorem import ProofError, Step, Theorem, rule
from vaemath.terms.build import Normalised, add, eq, le, one, opened, pdf, power, zero
from vaemath.terms.signature import is_matrix
from vaemath.terms.term import NAT, Term, close, fresh, make, open_with, rebuild

_BINDERS = ("E", "int", "intab", "sum")


@rule
def linearity(*, term: Term) -> Step:
    """B[sum_k c_k f_k] = sum_k c_k B[f_k], B an expectation, integral or sum, c_k free of its variable.

    An expectation likewise passes traces, transposes and products with constant matrices.
    Adds: each f_k is integrable, constants too, when there is more than one, or it is a matrix.
    """
    if term.head not in _BINDERS:
        raise ProofError(f"linearity: expected an expectation, an integral or a sum, got {term}")
    x, body = opened(term.args[-1], term)
    adds: list[Term] = []
    if is_matrix(body) or body.head in ("tr", "scalar"):
        result = _pass(term, body, x, adds)
    else:
        parts = []
        summands = body.args if body.head == "add" else (body,)
        for s in summands:
            factors = s.args if s.head == "mul" else (s,)
            f = _product([a for a in factors if x in a.free])
            part = rebuild(term, (*term.args[:-1], close(x, f, term.args[-1].data[0])))
            parts.append(_product([*(a for a in factors if x not in a.free and a != one), part]))
            if len(summands) > 1 and term.head != "sum":
                adds.append(_integrable(part))
        result = add(*parts)
    if result == term:
        raise ProofError(f"linearity: {term} has no sum and no constant factor")
    return Step(eq(term, result), tuple(adds))


def _pass(e: Term, t: Term, x: Term, adds: list[Term]) -> Term:
    """The expectation of t, taken further inside for as long as the map around x == linear."""
    using = [k for k, a in enumerate(t.args) if x in a.free]
    if not using and t != x:  # E[A] = E[1] A
        total = rebuild(e, (e.args[0], close(x, one, e.args[1].data[0])))
        adds.append(make("integrable", total.args))
        return make("scale", (total, t))
    if t.head == "add":
        return make("add", tuple(_pass(e, a, x, adds) for a in t.args))
    if t.head in ("tr", "scalar", "T", "matmul", "scale") and len(using) == 1 and is_matrix(t.args[using[0]]):
        k = using[0]
        return make(t.head, (*t.args[:k], _pass(e, t.args[k], x, adds), *t.args[k + 1 :]))
    if t.head == "matmul" and (using[0] > 0 or using[-1] < len(t.args) - 1):
        inner = make("matmul", t.args[using[0] : using[-1] + 1])
        return make("matmul", (*t.args[: using[0]], _pass(e, inner, x, adds), *t.args[using[-1] + 1 :]))
    part = rebuild(e, (e.args[0], close(x, t, e.args[1].data[0])))
    adds.append(make("integrable", part.args))
    return part


def _product(factors: list[Term]) -> Term:
    if not factors:
        return one
    return factors[0] if len(factors) == 1 else make("mul", tuple(factors))


def _integrable(e: Term) -> Term:
    """The statement that an expectation, or an integral, converges absolutely."""
    if e.head == "E":
        return make("integrable", e.args)
    lam = e.args[-1]
    return make("integrable", (make("density", (lam,)), make("lam", (one,), lam.data)))


@rule
def independence(*means: Theorem, term: Term) -> Step:
    """Under independent coordinates an expectation may be taken coordinate by coordinate.

    E[sum_j f_j(z_j)] = sum_j E_j[f_j], likewise for the vector of the f_j(z_j); E[1] = 1; and, given a
    proof that each z_j has mean zero, E[z z'] is diagonal with entries E_j[z_j^2].
    Adds: each coordinate's density integrates to one, and what is left is integrable under it.
    """
    if term.head != "E" or term.args[0].head != "indep":
        raise ProofError(f"independence: expected an expectation over independent coordinates, got {term}")
    d, density = term.args[0].args
    z, body = opened(term.args[1], term)
    j = fresh("j", NAT, term.free | {z})
    q = open_with(density, j)
    y = fresh("y", q.sort[1], term.free | {j, z})
    normal = generalise(Normalised(q), [j])

    def coordinate(family: Term) -> tuple[Term, Term]:
        inner = _swap(open_with(family, j), make("app", (z, j)), y)
        if z in inner.free:
            raise ProofError(f"independence: {body} uses several coordinates at once")
        e = make("E", (q, close(y, inner, term.args[1].data[0])))
        return close(j, e, family.data[0]), generalise(make("integrable", e.args), [j])

    if body == one:
        return Step(eq(term, one), (normal,))
    if body.head == "sum" and body.args[0] == one and body.args[1] == d:
        parts, finite = coordinate(body.args[2])
        return Step(eq(term, make("sum", (one, d, parts))), (normal, finite))
    if body.head == "vec" and body.args[0] == d:
        parts, finite = coordinate(body.args[1])
        return Step(eq(term, make("vec", (d, parts))), (normal, finite))
    vector = make("vec", (d, close(j, make("app", (z, j)))))
    if body == make("matmul", (vector, vector.T)) and len(means) == 1 and j not in q.free:
        mean, square = (make("E", (q, close(y, f))) for f in (y, power(y, 2)))
        if means[0].statement != eq(mean, 0):
            raise ProofError(f"independence: expected a proof of {mean} = 0, got {means[0].statement}")
        finite = make("integrable", square.args)
        return Step(
            eq(term, make("diagm", (d, close(j, square)))), (normal, make("integrable", mean.args), finite)
        )
    raise ProofError(f"independence: {body} is no sum or vector over the coordinates 1..{d}")


def _swap(t: Term, old: Term, new: Term) -> Term:
    if t == old:
        return new
    if not t.args or not (old.free <= t.free):
        return t
    return rebuild(t, tuple(_swap(a, old, new) for a in t.args))


@rule
def monotone(t: Theorem, *, density: Term, variable: Term) -> Step:
    """From f(x) <= g(x) for every x, E_q[f] <= E_q[g].

    Adds: f and g are integrable under q, and q is nonnegative.
    """
    if t.statement.head not in ("le", "lt"):
        raise ProofError(f"monotone: expected an inequality, got {t.statement}")
    if variable.head != "sym" or density.sort != ("dist", variable.data[1]) or variable in density.free:
        raise ProofError(f"monotone: `{variable}` is no variable for {density}")
    f, g = (close(variable, s) for s in (t.lhs, t.rhs))
    adds = [make("integrable", (density, h)) for h in (f, g)]
    if not density_sign(density):
        adds.append(generalise(le(0, pdf(density, variable)), [variable]))
    hyps = frozenset(generalise(h, [variable]) for h in t.hypotheses)
    return Step(le(make("E", (density, f)), make("E", (density, g))), tuple(adds), inherited=hyps)


@rule
def vanish(zero_mean: Theorem, nonnegative: Theorem, *, variable: Term) -> Step:
    """A nonnegative function whose expectation is zero is zero almost everywhere."""
    e = zero_mean.lhs if zero_mean.statement.head == "eq" else zero
    if e.head != "E" or zero_mean.rhs != zero:
        raise ProofError(f"vanish: expected E[f] = 0, got {zero_mean.statement}")
    q, f = e.args
    at_x = open_with(f, variable)
    if variable in e.free or nonnegative.statement != le(0, at_x):
        raise ProofError(f"vanish: expected a proof of 0 <= {at_x}, got {nonnegative.statement}")
    if not density_sign(q):
        raise ProofError(f"vanish: {q} is not nonnegative by its form")
    hyps = frozenset(generalise(h, [variable]) for h in nonnegative.hypotheses)
    claim = make("ae", (q, close(variable, eq(at_x, 0), f.data[0])))
    return Step(claim, (make("integrable", (q, f)),), inherited=hyps | zero_mean.hypotheses)


@rule
def almost_everywhere(t: Theorem, s: Theorem, *, variable: Term) -> Step:
    """From P(x) for almost every x, and Q(x) wherever P(x): Q(x) for almost every x."""
    if t.statement.head != "ae":
        raise ProofError(f"almost_everywhere: expected a statement almost everywhere, got {t.statement}")
    q, p = t.statement.args
    premise = open_with(p, variable)
    if variable in t.statement.free or premise not in s.hypotheses:
        raise ProofError(f"almost_everywhere: {premise} is none of the hypotheses of {s}")
    rest = frozenset(generalise(h, [variable]) for h in s.hypotheses - {premise})
    claim = make("ae", (q, close(variable, s.statement, p.data[0])))
    return Step(claim, inherited=t.hypotheses | rest)


@rule
def integrable(*parts: Theorem, density: Term, function: Term, factors: tuple[Term, ...] = ()) -> Step:
    """Polynomials are integrable under normal densities, and so are combinations of integrable functions.

    A proof that the density integrates to one stands for the integrability of the function 1.
    """
    if parts:
        return _combination(parts, density, function, factors)
    base = density.args[1].args[0] if density.head == "indep" else density
    x, body = opened(function, density)
    if base.head not in ("normal", "mvn") or not _polynomial(canon(body), x):
        raise ProofError(f"integrable: {body} is not a polynomial, or {density} not normal")
    return Step(make("integrable", (density, function)))


def _polynomial(t: Term, x: Term) -> bool:
    """Is t, by its form, a polynomial in the entries of x?"""
    if x not in t.free or t == x:
        return True
    if t.head == "pow":
        return t.data[0] > 0 and t.data[1] == 1 and _polynomial(t.args[0], x)
    if t.head == "app":
        return t.args[0] == x and all(x not in a.free for a in t.args[1:])
    sums = ("add", "mul", "sum", "vec", "lam", "matmul", "T", "scale", "scalar", "tr")
    return t.head in sums and all(_polynomial(a, x) for a in t.args)


def _combination(parts: tuple[Theorem, ...], q: Term, f: Term, factors: tuple[Term, ...]) -> Step:
    if len(parts) != len(factors):
        raise ProofError(f"integrable: {len(parts)} functions and {len(factors)} factors")
    around = frozenset().union(q.free, f.free, *(p.statement.free for p in parts), *(c.free for c in factors))
    x = fresh("x", f.data[1], around)
    total: Term = zero
    for p, c in zip(parts, factors, strict=True):
        if p.statement == Normalised(q):
            g = one
        elif p.statement.head == "integrable" and p.statement.args[0] == q:
            g = open_with(p.statement.args[1], x)
        else:
            raise ProofError(f"integrable: expected integrability under {q}, got {p.statement}")
        total = add(total, make("mul", (c, g)))
    rest = residual(open_with(f, x), total)
    if rest != zero:
        raise ProofError(f"integrable: {f} differs from the combination by {rest}")
    needed = frozenset().union(*(obligations(c) for c in factors))
    return Step(make("integrable", (q, f)), tuple(needed))
