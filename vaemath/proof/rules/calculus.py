"""Derivatives, integrals, and the tangent of the logarithm."""

from __future__ import annotations

from collections.abc import Callable

from vaemath.proof import words
from vaemath.proof.normal import canon, poly, to_term
from vaemath.proof.theorem import ProofError, Step, Theorem, rule
from vaemath.terms.build import add, eq, le, log, lt, mul, neg, one, opened, power, sub, zero
from vaemath.terms.definitions import unfold
from vaemath.terms.signature import SPECIAL, is_real, shape
from vaemath.terms.term import REAL, Term, close, fresh, make, open_with, substitute


@rule
def log_tangent(*, term: Term) -> Step:
    """log u <= u - 1 for u > 0: the graph of the logarithm lies below its tangent at 1."""
    return Step(le(log(term), sub(term, 1)))


@rule
def log_tangent_equality(t: Theorem) -> Step:
    """log u = u - 1 with u > 0 only for u = 1."""
    u = t.lhs.args[0] if t.statement.head == "eq" and t.lhs.head == "log" else zero
    if u == zero or t.rhs != sub(u, 1):
        raise ProofError(f"log_tangent_equality: expected log u = u - 1, got {t.statement}")
    return Step(eq(u, 1))


@rule
def differentiate(*, term: Term) -> Step:
    """The derivative at a point, by the rules for sums, products, powers, exp, log, chains and traces."""
    if term.head != "diff":
        raise ProofError(f"differentiate: expected a derivative, got {term}")
    f, at = term.args
    x, body = opened(f, term)
    if body.head == "app" and len(body.args) == 2 and body.args[1] == x and x not in body.args[0].free:
        raise ProofError(
            f"differentiate: {body.args[0]} stands for any function; its derivative is left as it is"
        )
    value = _derivative(body, x) if is_real(x) else _gradient(body, x)
    return Step(eq(term, substitute(value, {x: at})))


def _derivative(t: Term, x: Term) -> Term:
    if x not in t.free:
        return zero
    if t == x:
        return one
    if t.head == "add":
        return add(*(_derivative(a, x) for a in t.args))
    if t.head == "mul":
        parts = []
        for k, a in enumerate(t.args):
            if x in a.free:
                parts.append(make("mul", (*t.args[:k], _derivative(a, x), *t.args[k + 1 :])))
        return add(*parts)
    if t.head in ("pow", "exp", "log"):
        (b,) = t.args
        if t.head == "exp":
            outer = t
        elif t.head == "log":
            outer = power(b, -1)
        else:
            p, q = t.data
            outer = mul(to_term(poly(make("num", (), (p, q)))), make("pow", (b,), _lowered(p, q)))
        return mul(outer, _derivative(b, x))
    if t.head in SPECIAL:
        return _derivative(unfold(t), x)
    if t.head == "sum" and all(x not in a.free for a in t.args[:2]):
        j, summand = opened(t.args[2], make("add", (t, x)))
        return make("sum", (*t.args[:2], close(j, _derivative(summand, x), t.args[2].data[0])))
    if t.head == "app" and len(t.args) == 2 and x not in t.args[0].free and is_real(t.args[1]):
        f, inner = t.args
        u = fresh("u", REAL, t.free)
        if f.sort[1] == REAL:
            outer = make("diff", (close(u, make("app", (f, u)), "u"), inner))
            return mul(outer, _derivative(inner, x))
    raise ProofError(f"differentiate: no rule for {t}")


def _lowered(p: int, q: int) -> tuple[int, int]:
    return (p - q, q) if q != 1 else (p - 1, 1)


def _gradient(t: Term, x: Term) -> Term:
    """The gradient of a scalar by a matrix: d tr(W X) = tr(W dX), d log det X = tr(X^-1 dX)."""
    total: list[Term] = []
    for mono, c in poly(t).items():
        using = [(a, e) for a, e in mono if x in a.free]
        if not using:
            continue
        if len(using) > 1 or using[0][1] != 1:
            raise ProofError(f"differentiate: {t} is not linear in traces of words in {x}")
        atom = using[0][0]
        rest = to_term({tuple(ae for ae in mono if ae[0] != atom): c})
        total.extend(make("scale", (rest, g)) for g in _atom_gradient(atom, x))
    if not total:
        return make("scale", (zero, x))
    return canon(total[0] if len(total) == 1 else make("add", tuple(total)))


def _atom_gradient(atom: Term, x: Term) -> list[Term]:
    if atom.head == "logdet" and atom.args[0] == x:
        return [make("T", (make("inv", (x,)),))]
    if atom.head not in ("tr", "scalar"):
        raise ProofError(f"differentiate: no rule for {atom} by {x}")
    ((word, _),) = words.words(atom.args[0]).items()
    out = []
    for k, (letter, transposed, inverted) in enumerate(word):
        if letter != x:
            if x in letter.free:
                raise ProofError(f"differentiate: no rule for {letter} by {x}")
            continue
        rest = word[k + 1 :] + word[:k]  # tr(X rest), so that the gradient is rest'
        if inverted:  # d X^-1 = -X^-1 dX X^-1
            here = word[k]
            rest = (here, *rest, here)
        flipped = tuple((a, not t if a.sort[0] != "spd" else False, i) for a, t, i in reversed(rest))
        chosen = rest if transposed else flipped
        size = shape(x)[0] if not transposed else shape(x)[1]
        g = words.word_term(chosen, size)
        out.append(make("scale", (neg(one), g)) if inverted else g)
    return out


@rule
def leibniz(*, term: Term) -> Step:
    """d/dt E_q[f(t, x)] = E_q[d/dt f(t, x)], q free of t; likewise for an integral over a fixed domain.

    Adds: the exchange is allowed here (for instance, the derivative is dominated by an integrable function).
    """
    if term.head != "diff":
        raise ProofError(f"leibniz: expected a derivative, got {term}")
    f, at = term.args
    t, body = opened(f, term)
    if body.head not in ("E", "int", "intab") or any(t in a.free for a in body.args[:-1]):
        raise ProofError(
            f"leibniz: expected the derivative of an expectation under a fixed density, got {term}"
        )
    x = fresh(body.args[-1].data[0], body.args[-1].data[1], term.free | {t})
    inner = open_with(body.args[-1], x)
    derived = make("diff", (close(t, inner, f.data[0]), at))
    result = make(body.head, (*body.args[:-1], close(x, derived, body.args[-1].data[0])))
    return Step(eq(term, result), (make("exchange", (term,)),))


@rule
def integrate(*, term: Term) -> Step:
    """A concrete integral over the real line or an interval has the value that SymPy finds.

    Oracle: sympy.integrate. The audit encloses the same integral in balls, by other means.
    """
    from vaemath.proof.bridge import integral

    if term.head not in ("int", "intab"):
        raise ProofError(f"integrate: expected an integral, got {term}")
    try:
        value = integral(term)
    except RecursionError:
        raise ProofError(f"integrate: SymPy finds no closed form of {term}") from None
    return Step(eq(term, value), oracles=("sympy.integrate",))


@rule
def substitution(*, term: Term, inner: Term, bounds: tuple[Term, ...]) -> Step:
    """With z = g(u), the integral of f(z) dz is that of f(g(u)) g'(u) du, for g increasing.

    Over the whole line g must be a + b u. Between bounds a, b of u the integral must run from g(a) to g(b).
    Adds: 0 < g'(u) for every u.
    """
    if inner.head != "lam" or inner.data[1] != REAL or not is_real(inner.args[0]):
        raise ProofError(f"substitution: expected a real function of a real variable, got {inner}")
    u, g = opened(inner, term)
    slope = canon(_derivative(g, u))
    f: Callable[[Term], Term] = lambda z: open_with(term.args[-1], z)
    body = close(u, mul(f(g), slope), inner.data[0])
    positive = make("forall", (close(u, lt(0, slope)),))
    if term.head == "int" and term.args[0].data[1] == REAL and not bounds:
        if u in slope.free:
            raise ProofError(f"substitution: over the whole line {g} must be linear in {u}")
        return Step(eq(term, make("int", (body,))), (lt(0, slope),))
    if term.head != "intab" or len(bounds) != 2:
        raise ProofError("substitution: expected an integral, and two bounds when it is over an interval")
    for given, b in zip(term.args[:2], bounds, strict=True):
        if canon(given) != canon(open_with(inner, b)):
            raise ProofError(f"substitution: the bound {given} is not {open_with(inner, b)}")
    return Step(eq(term, make("intab", (*bounds, body))), (positive,))
