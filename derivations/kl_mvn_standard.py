"""The KL divergence of a multivariate normal to N(0, I).

Sources: 004, "Now we put mu_2 = 0 and Sigma_2 = I".
"""

from vaemath.derive import *


@derivation(
    "kl-mvn-standard",
    title="KL divergence of a multivariate normal to the standard normal",
    sources=("004 mu_2 = 0 and Sigma_2 = I",),
)
def kl_mvn_standard(d):
    n = d.dimension("n")
    (mu,), (sigma,) = d.vectors("mu", n), d.covariances("Sigma", n)
    origin = vec(n, lambda j: 0)
    general = instance(theorem("kl-mvn"), mu_1=mu, Sigma_1=sigma, mu_2=origin, Sigma_2=eye(n))

    d.start(KL(MvNormal(mu, sigma), MvNormal(origin, eye(n))))
    d.to(
        half
        * (logdet(eye(n)) - logdet(sigma) - n + tr(inv(eye(n)) @ sigma) + quad(mu - origin, inv(eye(n)))),
        general,
        "the trace formula at mu_2 = 0, Sigma_2 = I",
    )
    d.to(half * (tr(sigma) + scalar(mu.T @ mu) - n - logdet(sigma)), algebra, "log det I = 0 and I^-1 = I")
    d.qed("main")
