"""The KL divergence between two multivariate normals of symbolic dimension: the trace formula.

Sources: 004, from "Consider P(x) = N(x; mu_1, Sigma_1)" to "(Proved)".
"""

from vaemath.derive import *


@derivation(
    "kl-mvn",
    title="KL divergence between multivariate normal distributions",
    sources=("004 the trace formula and its proof",),
)
def kl_mvn(d):
    n = d.dimension("n")
    mu_1, mu_2 = d.vectors("mu_1 mu_2", n)
    sigma_1, sigma_2 = d.covariances("Sigma_1 Sigma_2", n)
    p, q = MvNormal(mu_1, sigma_1), MvNormal(mu_2, sigma_2)
    moments = theorems("gaussian-quadratic", "total", "mean", "covariance")
    gap = mu_1 - mu_2

    d.start(KL(p, q))
    d.to(E(p, lambda x: log(pdf(p, x)) - log(pdf(q, x))), definition, "KL is the expected log-ratio")
    d.to(
        E(
            p,
            lambda x: (
                half * (logdet(sigma_2) - logdet(sigma_1))
                + half * quad(x - mu_2, inv(sigma_2))
                - half * quad(x - mu_1, inv(sigma_1))
            ),
        ),
        log_density,
        "the densities; the constants n/2 log(2 pi) cancel",
    )
    d.to(
        E(
            p,
            lambda x: (
                half * (logdet(sigma_2) - logdet(sigma_1))
                + half * tr(inv(sigma_2) @ (x - mu_1) @ (x - mu_1).T)
                + scalar(gap.T @ inv(sigma_2) @ (x - mu_1))
                + half * quad(gap, inv(sigma_2))
                - half * tr(inv(sigma_1) @ (x - mu_1) @ (x - mu_1).T)
            ),
        ),
        algebra,
        "x - mu_2 = (x - mu_1) + (mu_1 - mu_2); the trace is cyclic",
    )
    d.to(
        half * (logdet(sigma_2) - logdet(sigma_1)) * E(p, lambda x: 1)
        + half * tr(inv(sigma_2) @ E(p, lambda x: (x - mu_1) @ (x - mu_1).T))
        + scalar(gap.T @ inv(sigma_2) @ (E(p, lambda x: x) - E(p, lambda x: 1) * mu_1))
        + half * quad(gap, inv(sigma_2)) * E(p, lambda x: 1)
        - half * tr(inv(sigma_1) @ E(p, lambda x: (x - mu_1) @ (x - mu_1).T)),
        linearity,
        "the expectation is linear, and passes traces and constant matrices",
    )
    d.to(
        half * (logdet(sigma_2) - logdet(sigma_1))
        + half * tr(inv(sigma_2) @ sigma_1)
        + scalar(gap.T @ inv(sigma_2) @ (mu_1 - mu_1))
        + half * quad(gap, inv(sigma_2))
        - half * tr(inv(sigma_1) @ sigma_1),
        moments,
        "mean and covariance of p",
    )
    d.to(
        half * (logdet(sigma_2) - logdet(sigma_1) - n + tr(inv(sigma_2) @ sigma_1) + quad(gap, inv(sigma_2))),
        algebra,
        "tr(Sigma_1^-1 Sigma_1) = tr(I) = n; the middle term vanishes",
    )
    main = d.qed("main")

    # the diagonal case, coordinate by coordinate
    m_1, m_2 = d.families("m_1 m_2")
    s_1, s_2 = d.positive_families("s_1 s_2")
    vectors = {"mu_1": vec(n, lambda j: m_1[j]), "mu_2": vec(n, lambda j: m_2[j])}
    diagonals = {"Sigma_1": diagm(n, lambda j: s_1[j] ** 2), "Sigma_2": diagm(n, lambda j: s_2[j] ** 2)}
    diagonal = instance(main, **vectors, **diagonals)
    d.start(diagonal.lhs)
    d.to(diagonal.rhs, diagonal, "the trace formula for diagonal covariances")
    d.to(
        half * Sum(1, n, lambda j: log(s_2[j] ** 2))
        - half * Sum(1, n, lambda j: log(s_1[j] ** 2))
        - half * n
        + half * Sum(1, n, lambda j: s_1[j] ** 2 / s_2[j] ** 2)
        + half * Sum(1, n, lambda j: (m_1[j] - m_2[j]) ** 2 / s_2[j] ** 2),
        multiplied_out,
        "log det, trace and quadratic form of diagonal matrices are sums",
    )
    per_coordinate = Sum(
        1,
        n,
        lambda j: log(s_2[j] / s_1[j]) + (s_1[j] ** 2 + (m_1[j] - m_2[j]) ** 2) / (2 * s_2[j] ** 2) - half,
    )
    d.to(per_coordinate, multiplied_out, "one sum")
    d.to(
        KL(Indep(n, lambda j: Normal(m_1[j], s_1[j])), Indep(n, lambda j: Normal(m_2[j], s_2[j]))),
        theorem("kl-normal-diag"),
        "the diagonal formula",
    )
    d.qed("diagonal", "it agrees with the KL divergence between diagonal normals")

    # the four gradients of the trace formula
    def formula(m_1=mu_1, c_1=sigma_1, m_2=mu_2, c_2=sigma_2):
        return half * (logdet(c_2) - logdet(c_1) - n + tr(inv(c_2) @ c_1) + quad(m_1 - m_2, inv(c_2)))

    for name, by, gradient, value in (
        ("gradient-mu-1", "first mean", D(lambda m: formula(m_1=m), mu_1), inv(sigma_2) @ gap),
        ("gradient-mu-2", "second mean", D(lambda m: formula(m_2=m), mu_2), -1 * (inv(sigma_2) @ gap)),
        (
            "gradient-sigma-1",
            "first covariance",
            D(lambda c: formula(c_1=c), sigma_1),
            half * inv(sigma_2) - half * inv(sigma_1),
        ),
        (
            "gradient-sigma-2",
            "second covariance",
            D(lambda c: formula(c_2=c), sigma_2),
            half * inv(sigma_2)
            - half * (inv(sigma_2) @ sigma_1 @ inv(sigma_2))
            - half * (inv(sigma_2) @ gap @ gap.T @ inv(sigma_2)),
        ),
    ):
        d.start(gradient)
        d.to(value, differentiation, "d tr(W X) = tr(W dX), d log det X = tr(X^-1 dX)")
        d.qed(name, f"its gradient by the {by}")
