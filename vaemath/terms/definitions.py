"""The meaning of the defined heads: what `KL`, `H`, a normal density, `expm1`, ... abbreviate.

These equations are not proved: they say what the words mean, and every theorem is read through them.
"""

from __future__ import annotations

from vaemath.terms.build import (
    E,
    add,
    div,
    exp,
    half,
    inv,
    log,
    logdet,
    mul,
    neg,
    number,
    one,
    opened,
    pdf,
    pi,
    quad,
    sqrt,
    sub,
)
from vaemath.terms.signature import is_matrix
from vaemath.terms.term import Term, TermError, close, make, open_with


def unfold(t: Term) -> Term:
    """The definition of the head of `t`, one step.

    Raises:
        TermError: the head is not a defined one.
    """
    maker = _DEFINED.get(t.head)
    if maker is None:
        raise TermError(f"`{t.head}` is not a defined notion")
    return maker(t)


def _kl(t: Term) -> Term:
    p, q = t.args
    return E(p, lambda x: sub(log(pdf(p, x)), log(pdf(q, x))))


def _cross_entropy(t: Term) -> Term:
    p, q = t.args
    return E(p, lambda x: neg(log(pdf(q, x))))


def _entropy(t: Term) -> Term:
    (p,) = t.args
    return E(p, lambda x: neg(log(pdf(p, x))))


def _expectation(t: Term) -> Term:
    q, f = t.args
    if q.head == "indep":
        raise TermError("the expectation over independent coordinates is not written as one integral")
    x, body = opened(f, t)
    if q.head == "categorical":
        return make("sum", (one, q.args[0], close(x, mul(pdf(q, x), body), f.data[0])))
    if is_matrix(body):
        raise TermError("the expectation of a matrix is not written as one integral")
    return make("int", (close(x, mul(pdf(q, x), body), f.data[0]),))


def _pdf(t: Term) -> Term:
    q, x = t.args
    if q.head == "normal":
        m, s = q.args
        return div(exp(neg(div((x - m) ** 2, 2 * s**2))), mul(sqrt(2 * pi), s))
    if q.head == "indep":
        d, factor = q.args
        j, density = opened(factor, t)
        return make("prod", (one, d, close(j, pdf(density, x[j]), factor.data[0])))
    if q.head == "mvn":
        m, s = q.args
        n = m.sort[1]
        v = add(x, make("scale", (number(-1), m)))
        log_norm = add(mul(half, mul(n, log(2 * pi))), mul(half, logdet(s)))
        return exp(sub(neg(log_norm), mul(half, quad(v, inv(s)))))
    if q.head == "density":
        return open_with(q.args[0], x)
    if q.head == "categorical":
        return open_with(q.args[1], x)
    if q.head == "bernoulli":
        (p,) = q.args
        return exp(add(mul(x, log(p)), mul(sub(1, x), log(sub(1, p)))))
    raise TermError(f"the density `{q}` has no definition: it stands for any density")


def _special(t: Term) -> Term:
    (x,) = t.args
    if t.head == "expm1":
        return sub(exp(x), 1)
    if t.head == "log1p":
        return log(add(1, x))
    if t.head == "expm1_minus":
        return sub(sub(exp(x), 1), x)
    if t.head == "log1p_minus":
        return sub(x, log(add(1, x)))
    if t.head == "sigmoid":
        return div(1, add(1, exp(neg(x))))
    return log(add(1, exp(x)))  # softplus


_DEFINED = {
    "KL": _kl,
    "CE": _cross_entropy,
    "H": _entropy,
    "E": _expectation,
    "pdf": _pdf,
    **dict.fromkeys(("expm1", "log1p", "expm1_minus", "log1p_minus", "sigmoid", "softplus"), _special),
}
