"""The KL divergence of d independent normals to N(0, I): the regulariser of the variational autoencoder.

Sources: 000 eq. 22, 001 eq. 23; 004, the last equations; Kingma & Welling (2013), appendix B.
"""

from vaemath.derive import *


@derivation(
    "kl-normal-diag-standard",
    title="KL divergence of a diagonal normal distribution to the standard normal",
    sources=("000 eq. 22", "001 eq. 23", "004 diagonal case", "Kingma & Welling (2013), appendix B"),
)
def kl_normal_diag_standard(d):
    n = d.dimension("d")
    mu, v = d.families("mu logvar")
    (sigma,) = d.positive_families("sigma")
    standard = Indep(n, lambda j: Normal(0, 1))
    diag = theorem("kl-normal-diag")

    d.start(KL(Indep(n, lambda j: Normal(mu[j], sigma[j])), standard))
    d.to(
        Sum(1, n, lambda j: log(1 / sigma[j]) + (sigma[j] ** 2 + (mu[j] - 0) ** 2) / (2 * 1) - half),
        instance(
            diag,
            mu_1=mu,
            sigma_1=sigma,
            mu_2=lam(lambda j: 0, NAT),
            sigma_2=lam(lambda j: 1, NAT),
        ),
        "the diagonal formula at mu_2 = 0, sigma_2 = 1",
    )
    d.to(
        -half * Sum(1, n, lambda j: 1 + log(sigma[j] ** 2) - sigma[j] ** 2 - mu[j] ** 2),
        multiplied_out,
        "the sum is linear; 2 log sigma = log sigma^2",
    )
    d.qed("main")

    d.start(KL(Indep(n, lambda j: Normal(mu[j], exp(v[j] / 2))), standard))
    d.to(
        Sum(1, n, lambda j: KL(Normal(mu[j], exp(v[j] / 2)), Normal(0, 1))),
        (
            instance(
                diag,
                mu_1=mu,
                sigma_1=lam(lambda j: exp(v[j] / 2), NAT),
                mu_2=lam(lambda j: 0, NAT),
                sigma_2=lam(lambda j: 1, NAT),
            ),
            theorem("kl-normal"),
        ),
        "a sum over the coordinates",
    )
    d.to(
        Sum(1, n, lambda j: half * (exp(v[j]) - 1 - v[j] + mu[j] ** 2)),
        theorem("kl-normal-standard", "logvar"),
        "the univariate formula in log-variance",
    )
    d.qed("logvar", "in the log-variances v_j = log sigma_j^2")
