"""Derivatives, integrals, and the tangent of the logarithm."""

from __future__ import annotations

from vaemath.core import words
from vaemath.core.heads import SPECIAL, log, one, unfold, zero
from vaemath.core.normal import canon, poly, to_term
from vaemath.core.obligations import general, smooth
from vaemath.core.terms import (
    REAL,
    Term,
    add,
    close,
    fresh,
    is_real,
    make,
    mul,
    number,
    open_with,
    opened,
    power,
    relation,
    shape,
    substitute,
)
from vaemath.core.theorem import ProofError, Step, Theorem, rule


@rule
def log_tangent(*, term: Term) -> Step:
    """log u <= u - 1 for u > 0: the graph of the logarithm lies below its tangent at 1."""
    return Step(relation("le", log(term), add(term, number(-1))))


@rule
def log_tangent_equality(t: Theorem) -> Step:
    """log u = u - 1 with u > 0 only for u = 1: the logarithm is strictly concave."""
    u = t.lhs.args[0] if t.statement.head == "eq" and t.lhs.head == "log" else zero
    if u == zero or t.rhs != add(u, number(-1)):
        raise ProofError(f"log_tangent_equality: expected log u = u - 1, got {t.statement}")
    return Step(relation("eq", u, one), [relation("lt", zero, u)])


@rule
def differentiate(*, term: Term) -> Step:
    """The derivative at a point, by the rules for sums, products, powers, exp, log, chains, finite sums and
    traces.

    They hold where the parts are differentiable: that is an obligation of the derivative itself (`smooth`).
    The slope of an abstract function at a point stays a derivative, with its differentiability there as a
    hypothesis.
    """
    if term.head != "diff":
        raise ProofError(f"differentiate: expected a derivative, got {term}")
    f, at = term.args
    x, body = opened(f, term)
    if body.head == "app" and len(body.args) == 2 and body.args[1] == x and x not in body.args[0].free:
        raise ProofError(
            f"differentiate: {body.args[0]} stands for any function; its derivative is left as it is"
        )
    value = slope(body, x) if is_real(x) else _gradient(body, x)
    return Step(relation("eq", term, substitute(value, {x: at})))


def slope(t: Term, x: Term) -> Term:
    """The derivative of a real term by a real symbol, at that symbol, where the term is smooth."""
    if x not in t.free:
        return zero
    match t.head:
        case "sym":
            return one
        case "add":
            return add(*(slope(a, x) for a in t.args))
        case "mul":
            uses = [k for k, a in enumerate(t.args) if x in a.free]
            return add(*(make("mul", (*t.args[:k], slope(t.args[k], x), *t.args[k + 1 :])) for k in uses))
        case "pow":
            (b,), (p, q) = t.args, t.data
            factor = to_term(poly(make("num", (), (p, q))))
            return mul(factor, make("pow", (b,), (p - q, q) if q != 1 else (p - 1, 1)), slope(b, x))
        case "exp":
            return mul(t, slope(t.args[0], x))
        case "log":
            return mul(power(t.args[0], -1), slope(t.args[0], x))
        case "int" if t.args[0].data[1][0] == "fin":
            j, body = opened(t.args[0], x)
            return make("int", (close(j, slope(body, x), t.args[0].data[0]),))
        case "app" if len(t.args) == 2 and x not in t.args[0].free and t.args[0].sort[1] == REAL:
            u = fresh("u", REAL, t.free)
            outer = make("diff", (close(u, make("app", (t.args[0], u)), "u"), t.args[1]))
            return mul(outer, slope(t.args[1], x))
    if t.head in SPECIAL:
        return slope(unfold(t), x)
    raise ProofError(f"differentiate: no rule for {t}")


def _gradient(t: Term, x: Term) -> Term:
    """The gradient of a scalar by a matrix: d tr(W X) = tr(W dX), d log det X = tr(X^-1 dX)."""
    total: list[Term] = []
    for mono, c in poly(t).items():
        using = [(a, e) for a, e in mono if x in a.free]
        if len(using) > 1 or (using and using[0][1] != 1):
            raise ProofError(f"differentiate: {t} is not linear in traces of words in {x}")
        for atom, _ in using:
            rest = to_term({tuple(ae for ae in mono if ae[0] != atom): c})
            total.extend(make("scale", (rest, g)) for g in _atom_gradient(atom, x))
    return canon(add(*total)) if total else make("scale", (zero, x))


def _atom_gradient(atom: Term, x: Term) -> list[Term]:
    if atom.head == "logdet" and atom.args[0] == x:
        return [make("T", (make("inv", (x,)),))]
    if atom.head not in ("tr", "scalar"):
        raise ProofError(f"differentiate: no rule for {atom} by {x}")
    ((word, _),) = words.words(atom.args[0]).items()
    out = []
    for k, (letter, transposed, inverted) in enumerate(word):
        if letter == x:
            rest = word[k + 1 :] + word[:k]  # tr(X rest), so that the gradient is rest'
            if inverted:  # d X^-1 = -X^-1 dX X^-1
                rest = (word[k], *rest, word[k])
            g = words.word_term(rest if transposed else words.flipped(rest), shape(x)[1 if transposed else 0])
            out.append(make("scale", (number(-1), g)) if inverted else g)
        elif x in letter.free:
            raise ProofError(f"differentiate: no rule for {letter} by {x}")
    return out


@rule
def leibniz(*, term: Term) -> Step:
    """d/dt E_q[f(t, x)] = E_q[d/dt f(t, x)], q free of t; likewise for an integral over a fixed domain.

    Adds: the exchange is allowed here (for instance, the derivative is dominated by an integrable function).
    """
    f, at = term.args if term.head == "diff" else (zero, zero)
    t, body = opened(f, term) if f.head == "lam" else (zero, zero)
    if body.head not in ("E", "int", "intab") or any(t in a.free for a in body.args[:-1]):
        raise ProofError(
            f"leibniz: expected the derivative of an expectation under a fixed density, got {term}"
        )
    x, inner = opened(body.args[-1], term, t)
    derived = make("diff", (close(t, inner, f.data[0]), at))
    result = make(body.head, (*body.args[:-1], close(x, derived, body.args[-1].data[0])))
    return Step(relation("eq", term, result), [make("exchange", (term,))])


@rule
def integrate(*, term: Term) -> Step:
    """A concrete integral over the real line or an interval has the value that SymPy finds, where it
    converges.

    Oracle: sympy.integrate. The audit encloses the same integral in balls, by other means.
    """
    from vaemath.proof.oracle import integral

    if term.head not in ("int", "intab"):
        raise ProofError(f"integrate: expected an integral, got {term}")
    return Step(relation("eq", term, integral(term)), oracles=("sympy.integrate",))


@rule
def substitution(*, term: Term, inner: Term, bounds: tuple[Term, ...]) -> Step:
    """With z = g(u), the integral of f(z) dz is that of f(g(u)) g'(u) du, for g increasing.

    Over the whole line g must be a + b u. Between bounds a, b of u the integral must run from g(a) to g(b).
    Adds: g is differentiable and 0 < g'(u) for every u. One integral converges when the other does.
    """
    if inner.head != "lam" or inner.data[1] != REAL or not is_real(inner.args[0]):
        raise ProofError(f"substitution: expected a real function of a real variable, got {inner}")
    u, g = opened(inner, term)
    rate = canon(slope(g, u))
    if (term.head, len(bounds)) not in (("int", 0), ("intab", 2)) or term.args[-1].data[1] != REAL:
        raise ProofError("substitution: expected a real integral, and two bounds when it is over an interval")
    if term.head == "int" and u in rate.free:
        raise ProofError(f"substitution: over the whole line {g} must be linear in {u}")
    for given, b in zip(term.args[:-1], bounds, strict=True):
        if canon(given) != canon(open_with(inner, b)):
            raise ProofError(f"substitution: the bound {given} is not {open_with(inner, b)}")
    changed = close(u, mul(open_with(term.args[-1], g), rate), inner.data[0])
    adds = [general(p, [u]) for p in (*smooth(inner, u), relation("lt", zero, rate))]
    return Step(relation("eq", term, make(term.head, (*bounds, changed))), adds)
