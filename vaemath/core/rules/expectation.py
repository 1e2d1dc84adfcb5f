"""Expectations and integrals: linear, monotone, factorising over independent coordinates, and when they
converge.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from vaemath.core.heads import explicit, one, pdf, sign, zero
from vaemath.core.normal import Poly, canon, plus, poly, residual, times, to_term
from vaemath.core.obligations import general, obligations, smooth
from vaemath.core.rules.logic import generalised
from vaemath.core.terms import (
    REAL,
    Term,
    add,
    close,
    dimensions,
    fits,
    fresh,
    is_matrix,
    is_real,
    make,
    mul,
    open_with,
    opened,
    power,
    rebuild,
    relation,
    substitute,
)
from vaemath.core.theorem import ProofError, Step, Theorem, rule


@rule
def linearity(*, term: Term) -> Step:
    """B[sum_k c_k f_k] = sum_k c_k B[f_k], B an expectation, an integral or a sum, c_k free of its variable.

    Likewise B passes traces, transposes and products with constant matrices. That each B[f_k] converges is an
    obligation of the right side; a sum of convergent integrals is the integral of the sum.
    """
    if term.head not in ("E", "int", "intab"):
        raise ProofError(f"linearity: expected an expectation, an integral or a sum, got {term}")
    x, body = opened(term.args[-1], term)
    result = _passed(term, body, x)
    if result == term:
        raise ProofError(f"linearity: {term} has no sum and no constant factor")
    return Step(relation("eq", term, result))


def _passed(b: Term, t: Term, x: Term) -> Term:
    """B[t], taken further inside for as long as the map around x is linear."""
    part: Callable[[Term], Term] = lambda f: rebuild(b, (*b.args[:-1], close(x, f, b.args[-1].data[0])))
    using = [k for k, a in enumerate(t.args) if x in a.free]
    if t.head == "add":
        return make("add", tuple(_passed(b, a, x) for a in t.args))
    if t == zero:
        return zero
    if x not in t.free and is_matrix(t):
        return make("scale", (part(one), t))
    if t.head == "mul" or (x not in t.free and t != one):
        factors = t.args if t.head == "mul" else (t,)
        inside = [a for a in factors if x in a.free]
        return mul(
            *(a for a in factors if x not in a.free and a != one), part(mul(*inside) if inside else one)
        )
    if t.head in ("tr", "scalar", "T", "scale", "matmul") and len(using) == 1 and t.args[using[0]] != t:
        k = using[0]
        return make(t.head, (*t.args[:k], _passed(b, t.args[k], x), *t.args[k + 1 :]))
    if t.head == "matmul" and (using[0] > 0 or using[-1] < len(t.args) - 1):
        inner = make("matmul", t.args[using[0] : using[-1] + 1])
        return make("matmul", (*t.args[: using[0]], part(inner), *t.args[using[-1] + 1 :]))
    return part(t)


@rule
def independence(*means: Theorem, term: Term) -> Step:
    """Under independent coordinates an expectation may be taken coordinate by coordinate.

    E[sum_j f_j(z_j)] = sum_j E_j[f_j], likewise for the vector of the f_j(z_j); E[1] = 1; and, given a proof
    that each z_j has mean zero, E[z z'] is diagonal with entries E_j[z_j^2]. Adds: each coordinate's density
    integrates to one; the mean converges. By Fubini's theorem, for products of integrable functions of single
    coordinates.
    """
    if term.head != "E" or term.args[0].head != "indep":
        raise ProofError(f"independence: expected an expectation over independent coordinates, got {term}")
    factors = term.args[0].args[0]
    z, body = opened(term.args[1], term)
    j, q = opened(factors, term, z)
    adds = [general(relation("eq", make("int", (_density(q),)), one), [j])]
    coordinates: Callable[[Term], Term] = lambda family: close(
        j, make("E", (q, _coordinate(family, z, j, q))), family.data[0]
    )
    vector = make("vec", (close(j, make("app", (z, j))),)) if is_real(make("app", (z, j))) else zero
    if body == one:
        result = one
    elif body.head in ("int", "vec") and body.args[0].data[1] == factors.data[1]:
        result = make(body.head, (coordinates(body.args[0]),))
    elif vector != zero and body == make("matmul", (vector, make("T", (vector,)))) and len(means) == 1:
        y = fresh("y", q.sort[1], term.free)
        mean, square = (make("E", (q, close(y, f))) for f in (y, power(y, 2)))
        if means[0].statement != relation("eq", mean, zero) or j in q.free:
            raise ProofError(f"independence: expected a proof of {mean} = 0, got {means[0].statement}")
        adds.extend(obligations(mean))
        result = make("diagm", (close(j, square),))
    else:
        raise ProofError(f"independence: {body} is no sum or vector over the coordinates")
    return Step(relation("eq", term, result), adds)


def _swapped(t: Term, old: Term, new: Term) -> Term:
    if t == old:
        return new
    return rebuild(t, tuple(_swapped(a, old, new) for a in t.args)) if t.args and old.free <= t.free else t


@rule
def whitening(*, term: Term) -> Step:
    """E f(x) under N(m, S) is E f(m + L z), z independent N(0, 1), L L' = S: x = m + L z, dx = |det L| dz."""
    if term.head != "E" or term.args[0].head != "mvn":
        raise ProofError(f"whitening: expected an expectation under a multivariate normal, got {term}")
    (mean, covariance), f = term.args[0].args, term.args[1]
    space = ("fin", mean.sort[1])
    j, z = fresh("j", space, term.free), fresh("z", ("fun", space, REAL), term.free)
    noise = make("matmul", (make("chol", (covariance,)), make("vec", (close(j, make("app", (z, j))),))))
    standard = make("indep", (close(j, make("normal", (zero, one))),))
    return Step(relation("eq", term, make("E", (standard, close(z, open_with(f, add(mean, noise)))))))


@rule
def monotone(t: Theorem, *, density: Term, variable: Term) -> Step:
    """From f(x) <= g(x) for every x, E_q[f] <= E_q[g], where both converge.

    The variable may be of a wider sort than the space of q. Hypotheses about x are about every x in the
    space. Adds: q is nonnegative, where its form does not show it.
    """
    if t.statement.head not in ("le", "lt"):
        raise ProofError(f"monotone: expected an inequality, got {t.statement}")
    if variable.head != "sym" or density.sort[0] != "dist" or not fits(density.sort[1], variable.sort):
        raise ProofError(f"monotone: `{variable}` is no variable for {density}")
    x = fresh(
        variable.data[0],
        density.sort[1],
        t.statement.free.union(density.free, *(h.free for h in t.hypotheses)),
    )
    left, right = (make("E", (density, close(x, substitute(s, {variable: x})))) for s in (t.lhs, t.rhs))
    adds = [] if sign(density) else [general(relation("le", zero, pdf(density, x)), [x])]
    return Step(relation("le", left, right), adds, inherited=generalised(t.hypotheses, [variable], x))


@rule
def vanish(zero_mean: Theorem, nonnegative: Theorem, *, variable: Term) -> Step:
    """A nonnegative function whose expectation is zero is zero almost everywhere.

    Adds: the expectation converges. Hypotheses of f(x) >= 0 about x are about every x.
    """
    e = zero_mean.lhs if zero_mean.statement.head == "eq" else zero
    if (
        e.head != "E"
        or zero_mean.rhs != zero
        or variable.head != "sym"
        or variable in e.free
        or not is_real(e)
    ):
        raise ProofError(f"vanish: expected E[f] = 0, got {zero_mean.statement}")
    q, f = e.args
    at_x = open_with(f, variable)
    if nonnegative.statement != relation("le", zero, at_x) or not sign(q):
        raise ProofError(f"vanish: expected {q} >= 0 by its form, and a proof of 0 <= {at_x}")
    claim = make("ae", (q, close(variable, relation("eq", at_x, zero), f.data[0])))
    return Step(
        claim,
        obligations(e),
        inherited=generalised(nonnegative.hypotheses, [variable]) | zero_mean.hypotheses,
    )


@rule
def almost_everywhere(t: Theorem, s: Theorem, *, variable: Term) -> Step:
    """From P(x) for almost every x, and Q(x) wherever P(x): Q(x) for almost every x."""
    if t.statement.head != "ae" or variable.head != "sym" or variable in t.statement.free:
        raise ProofError(f"almost_everywhere: expected a statement almost everywhere, got {t.statement}")
    q, p = t.statement.args
    premise = open_with(p, variable)
    if premise not in s.hypotheses:
        raise ProofError(f"almost_everywhere: {premise} is none of the hypotheses of {s}")
    rest = generalised(s.hypotheses - {premise}, [variable])
    claim = make("ae", (q, close(variable, s.statement, p.data[0])))
    return Step(claim, inherited=t.hypotheses | rest)


@rule
def integrable(*parts: Theorem, statement: Term, factors: tuple[Term, ...] = ()) -> Step:
    """An integral converges absolutely when its form shows it, or when it is a combination of convergent
    ones.

    By its form: 0; a polynomial times a normal density; over the line, a sum of products of powers of x and
    of exponentials of quadratics in x with a negative leading coefficient; between two bounds, a function
    that is differentiable everywhere (it is continuous; what that needs is added); under independent
    coordinates, a sum of functions of one each (added: they converge, and each density integrates to one; by
    Tonelli's theorem). A combination: sum_i c_i f_i, with a proof for each f_i; a proof that the integral of
    f_i is positive, or equals what is positive, or a number other than 0, is one, since divergent integrals
    are 0.
    """
    if statement.head != "integrable":
        raise ProofError(f"integrable: expected that an integral converges, got {statement}")
    f = statement.args[-1]
    x, body = opened(f, statement, *(p.statement for p in parts), *factors)
    if parts:
        return Step(statement, _combined(parts, statement, x, body, factors))
    if len(statement.args) == 3:
        return Step(statement, [general(p, [x]) for p in smooth(f, x)])
    gaussian = is_real(body) and _decays(poly(explicit(body)), x)
    if not gaussian and not _normal_moment(body, x):
        return Step(statement, _by_coordinates(body, x))
    return Step(statement)


def _by_coordinates(t: Term, z: Term) -> list[Term]:
    """Statements under which c sum_j f_j(z_j) converges under independent coordinates z_j."""
    height, *rest = t.args if t.head == "mul" else (t,)
    if (
        height.head != "pdf"
        or height.args[0].head != "indep"
        or height.args[1] != z
        or z in height.args[0].free
    ):
        raise ProofError(f"integrable: the form of {t} does not show that its integral converges")
    sums = [a for a in rest if z in a.free]
    j, q = opened(height.args[0].args[0], t)
    adds = [general(relation("eq", make("int", (_density(q),)), one), [j])]
    for family in (a.args[0] for a in sums):
        if len(sums) > 1 or family.head != "lam" or family.data[1] != j.sort or sums[0].head != "int":
            raise ProofError(f"integrable: {sums} is no sum over the coordinates")
        adds += [general(p, [j]) for p in obligations(make("E", (q, _coordinate(family, z, j, q))))]
    return adds


def _density(q: Term) -> Term:
    y = fresh("y", q.sort[1], q.free)
    return close(y, pdf(q, y))


def _coordinate(family: Term, z: Term, j: Term, q: Term) -> Term:
    """The function of one coordinate in a family indexed by coordinates, as an abstraction."""
    y = fresh("y", q.sort[1], family.free | {j, z} | q.free)
    inner = _swapped(open_with(family, j), make("app", (z, j)), y)
    if z in inner.free:
        raise ProofError(f"independence: {family} uses several coordinates at once")
    return close(y, inner)


def _normal_moment(t: Term, x: Term) -> bool:
    """Is it a polynomial in the entries of x times a normal density of x?"""
    factors = list(t.args) if t.head in ("mul", "scale") else [t]
    for k, p in enumerate(factors):
        if p.head == "pdf" and p.args[1] == x and x not in p.args[0].free:
            base = p.args[0].args[0].args[0] if p.args[0].head == "indep" else p.args[0]
            if base.head in ("normal", "mvn"):
                return all(_polynomial(canon(explicit(a)), x) for a in factors[:k] + factors[k + 1 :])
    return False


def _polynomial(t: Term, x: Term) -> bool:
    """Is t, by its form, a polynomial in the entries of x?"""
    if x not in t.free or t == x:
        return True
    if any(x in d.free for d in dimensions(t.data)):
        return False
    if t.head == "app":
        return t.args[0] == x and all(x not in a.free for a in t.args[1:])
    natural = t.head == "pow" and t.data[0] > 0 and t.data[1] == 1
    finite = t.head == "int" and t.args[0].data[1][0] == "fin"
    linear = t.head in ("add", "mul", "lam", "vec", "diagm", "matmul", "T", "scale", "scalar", "tr")
    return (natural or finite or linear) and all(_polynomial(a, x) for a in t.args)


def _decays(p: Poly, x: Term) -> bool:
    """Is each summand c x^k exp(a x^2 + b x + ...) with a < 0 by its form?"""
    for mono in p:
        exponent: Poly = {}
        for atom, e in mono:
            if atom.head == "exp":
                exponent = plus(exponent, times({(): e}, poly(atom.args[0])))
            elif x in atom.free and (atom != x or e < 0 or e.denominator != 1):
                return False
        square: Poly = {}
        for m, c in exponent.items():
            degree = dict(m).get(x, Fraction(0))
            rest = tuple(ae for ae in m if ae[0] != x)
            if degree not in (0, 1, 2) or any(x in a.free for a, _ in rest):
                return False
            square = plus(square, {rest: -c} if degree == 2 else {})
        if sign(to_term(square)) != ">":
            return False
    return True


def _combined(
    parts: tuple[Theorem, ...], goal: Term, x: Term, body: Term, factors: tuple[Term, ...]
) -> frozenset[Term]:
    """What a combination adds: the obligations of its factors."""
    if len(parts) != len(factors) or not is_real(body):
        raise ProofError(f"integrable: {len(parts)} real functions and {len(factors)} factors")
    total = zero
    for p, c in zip(parts, factors, strict=True):
        s = converging(p.statement)
        if s.args[:-1] != goal.args[:-1] or s.args[-1].sort[1] != x.sort:
            raise ProofError(
                f"integrable: expected a convergent integral over the same space, got {p.statement}"
            )
        total = add(total, mul(c, open_with(s.args[-1], x)))
    rest = residual(explicit(body), explicit(total))
    if rest != zero:
        raise ProofError(f"integrable: {body} differs from the combination by {rest}")
    return frozenset().union(*map(obligations, factors))


def converging(s: Term) -> Term:
    """That an integral converges, from a statement which says that it is not 0."""
    for value, other in (s.args, s.args[::-1]) if s.head in ("eq", "lt") else ():
        is_number = other.head == "num" and other != zero
        if value.head in ("int", "intab") and (
            (s.head == "eq" and (is_number or sign(other) == ">")) or s == relation("lt", zero, value)
        ):
            return make("integrable", value.args)
    if s.head != "integrable":
        raise ProofError(f"integrable: {s} does not say that an integral converges")
    return s
