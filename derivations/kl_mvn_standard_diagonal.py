"""From the trace formula to the sum over coordinates: KL to N(0, I) with a diagonal covariance, three ways.

Sources: 004, from "Then determinant of a diagonal matrix" to the end.
"""

from vaemath.derive import *


@derivation(
    "kl-mvn-standard-diagonal",
    title="KL divergence of a multivariate normal with diagonal covariance to the standard normal",
    sources=("004 diagonal covariance and log-variance",),
)
def kl_mvn_standard_diagonal(d):
    n = d.dimension("n")
    (mu, v), (c,) = d.families("mu logvar"), d.positive_families("c")
    general = theorem("kl-mvn-standard")
    p = lambda c: MvNormal(vec(n, lambda j: mu[j]), diagm(n, c))
    q = MvNormal(vec(n, lambda j: 0), eye(n))

    d.start(KL(p(lambda j: c[j]), q))
    d.to(
        half
        * (
            tr(diagm(n, lambda j: c[j]))
            + quad(vec(n, lambda j: mu[j]), eye(n))
            - n
            - logdet(diagm(n, lambda j: c[j]))
        ),
        general,
        "the trace formula",
    )
    d.to(
        half
        * (
            Sum(1, n, lambda j: c[j])
            + Sum(1, n, lambda j: mu[j] ** 2)
            - Sum(1, n, lambda j: 1)
            - log(Prod(1, n, lambda j: c[j]))
        ),
        algebra,
        "trace, square and determinant of diagonal matrices",
    )
    d.to(half * Sum(1, n, lambda j: c[j] + mu[j] ** 2 - 1 - log(c[j])), (linear_sums, algebra), "one sum")
    main = d.qed("main", "in the variances")

    d.start(KL(p(lambda j: exp(v[j])), q))
    d.to(
        half * Sum(1, n, lambda j: exp(v[j]) + mu[j] ** 2 - 1 - log(exp(v[j]))),
        instance(main, c=lam(lambda j: exp(v[j]), NAT)),
        "the variances are exp(v_j)",
    )
    d.to(half * Sum(1, n, lambda j: exp(v[j]) + mu[j] ** 2 - 1 - v[j]), algebra, "log and exp cancel")
    d.qed("logvar", "in the log-variances")
