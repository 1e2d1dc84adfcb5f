"""The trace: cyclic, linear, passed by expectations; three symmetric matrices may even be exchanged.

Sources: 004 "Trace" and "Trace and Expectation trick" a) to d).
"""

from vaemath.derive import *


@derivation(
    "trace-identities",
    title="Identities of the trace",
    sources=("004 trace and expectation trick",),
)
def trace_identities(d):
    n, m, r = d.dimension("n"), d.dimension("m"), d.dimension("r")
    a, b, c = (symbol(name, ("mat", *shape)) for name, shape in (("A", (n, m)), ("B", (m, r)), ("C", (r, n))))
    (e,) = d.families("e")

    d.start(tr(a @ b @ c))
    d.to(tr(b @ c @ a), algebra, "move the first factor to the end")
    d.to(tr(c @ a @ b), algebra, "and again")
    d.qed("main", "the trace of a product is cyclic")

    d.start(tr(a @ (b @ c)))
    d.to(tr((b @ c) @ a), algebra, "move the first factor to the end")
    d.qed("two", "the trace of two factors does not depend on their order")

    d.start(tr(diagm(n, lambda j: e[j])))
    d.to(Sum(1, n, lambda j: e[j]), algebra, "the sum of the diagonal")
    d.qed("diagonal", "the trace of a diagonal matrix is the sum of its diagonal")
    (s,) = d.positive_families("s")
    d.start(logdet(diagm(n, lambda j: s[j])))
    d.to(log(Prod(1, n, lambda j: s[j])), algebra, "the product of the diagonal")
    d.qed("determinant", "the determinant of a diagonal matrix is the product of its diagonal")

    u, v, w = d.covariances("U V W", n)
    d.start(tr(u @ v @ w))
    d.to(tr((u @ v @ w).T), algebra, "a matrix and its transpose have one trace")
    d.to(tr(u @ w @ v), algebra, "(UVW)' = WVU, moved around")
    d.qed("symmetric", "three symmetric matrices may be exchanged under the trace")

    q = symbol("q", ("dist", ("mat", n, n)))
    d.start(E(q, lambda x: tr(x)))
    d.to(tr(E(q, lambda x: x)), linearity, "the trace is linear")
    d.qed("expectation", "the expectation passes the trace")
