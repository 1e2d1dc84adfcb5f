# ruff: noqa: E501  (labels and TeX stay on one line)
"""Document 001: the second edition of the notes of document 000, equations 1 to 32, and a section on prior holes."""

from vaemath.derive import *
from vaemath.ledger.experiments import autoencoder, prior_hole
from vaemath.ledger.load import document
from vaemath.ledger.vocabulary import *
from vaemath.ledger.write import *

doc = Document(
    file="001_21486a64b49f535c.txt",
    title="Basics VAE, second edition",
    origin="The same notes as document 000 with other equation numbers and a new section 1.5, dated August 4, 2022; no author named.",
)
first_edition = document("000")


def repeat(label, *covers, at="", **changes):
    """A row of document 000 that stands here unchanged."""
    doc.again(first_edition, label, at=at, covers=covers, **changes)


repeat("intro: latent")
repeat("eq. 1", 1)
repeat(
    "after eq. 1: decoder",
    note="One symbol for two things: sigma is a variance here, and a standard deviation from eq. 15 on.",
)
repeat("eq. 2", 2)
repeat("KL zero")
repeat("eq. 3", 3)
repeat("after eq. 3: monotone")
repeat("eq. 4", 4)
repeat("eq. 5", 5)
repeat(
    "after eq. 5: product",
    note="The logarithm of a product of n marginals is the sum of n logarithms (the notes use this themselves in eq. 13).",
)
repeat("log E and E log")
repeat("eq. 6", 6)


@doc.row(
    "eq. 7",
    "The first line has a stray expectation sign, and f(E x) for a random x; the second is at the number x = E y.",
    r"\mathbb{E} f(y)\,\mathbb{E} \le f(\mathbb{E}x) + \mathbb{E} f'(x)(y-x)",
    covers=(7,),
    note="An expectation of nothing has no meaning. With x random, E f(x) is not f(E x); with x the number E y every line holds, as the second line of this edition has it.",
    matters="The point of tangency is a number: in code it is a detached constant, not something that is averaged too.",
)
def eq_7():
    from vaemath.core.terms import make

    old = first_edition.find("eq. 7").back()
    density = symbol("q", ("dist", POINT))
    return corrected((ill_formed(lambda: make("E", (density,))), *old.wrong), *old.claims, tex=old.corrected)


repeat("eq. 8", 8)
repeat("after eq. 8: gap")


@doc.row(
    "eq. 9",
    "log p(x) is averaged over any density Q; Bayes' rule; multiply and divide by Q.",
    r"\log P(X|\Theta) = \int Q\log P(X|\Theta)\,dZ = \int Q\log\frac{P(X,Z|\Theta)}{P(Z|X,\Theta)}\,dZ = \int Q\log\frac{P(X,Z|\Theta)\,Q}{P(Z|X,\Theta)\,Q}\,dZ",
    covers=(9,),
)
def eq_9():
    return verified(*first_edition.find("eq. 9").back().claims[:4])


@doc.row(
    "eq. 10",
    "The logarithm of the product is split into reconstruction, prior and posterior terms.",
    r"= \int Q\log P(X|Z,\Theta)\,dZ + \int Q\log\frac{P(Z)}{Q}\,dZ + \int Q\log\frac{Q}{P(Z|X,\Theta)}\,dZ",
    covers=(10,),
)
def eq_10():
    return verified(*first_edition.find("eq. 9").back().claims[4:])


repeat("eq. 10", 11, 12, at="eq. 11")
repeat(
    "definition 1",
    note="Usually a lower bound need not be attained; that it is, here even at every x for a suitable Q, is what eq. 12 adds.",
)
repeat("eq. 11", 13, 14, at="eq. 12")
repeat("after eq. 11: over Q", at="after eq. 12: over Q")
repeat("after eq. 11: over Theta", at="after eq. 12: over Theta")
repeat("eq. 12", 15, at="eq. 13")
repeat("after eq. 12: SGD", at="after eq. 13: SGD")
repeat("eq. 13", 16, at="eq. 14", note="It is the bound of eq. 13 with Q(z_i) = Q(z_i|x_i, phi).")
repeat(
    "eq. 14",
    17,
    at="eq. 15",
    note="sigma is the vector of standard deviations (eq. 17), so the second argument of N is a scale for the encoder and a covariance for the decoder.",
)
repeat("eq. 15", 18, at="eq. 16")
repeat(
    "before eq. 16: covariance",
    at="before eq. 17: covariance",
    note="Eq. 17 divides by prod sigma_k, the square root of the determinant of diag(sigma^2), and by sigma_j^2 in the exponent.",
)
repeat("eq. 16", 19, at="eq. 17")
repeat("eq. 17", 20, at="eq. 18")


@doc.row(
    "eq. 19",
    "J is split into one integral per coordinate, from J_1 to J_n; n counts samples, the coordinates are d. The first sum is printed with its index under another sign.",
    r"J = \int \sum_{z_i}^d (z_i^j)^2 \exp(\cdots)\,dz_i = J_1 + \dots + J_n",
    covers=(21,),
    note="One symbol for two things: n is the number of training samples in eq. 13-14 and 24-27. The sum `from z_i to d` runs over j, the integral over z_i.",
    matters="Summing over the batch axis instead of the latent axis gives this very sum: `sum(-1)`, not `sum(0)`.",
)
def eq_19():
    old = first_edition.find("eq. 18").back()
    over_points = ill_formed(lambda: Sum(symbol("z", POINT), d, lambda j: j))
    return corrected((*old.wrong, over_points), *old.claims, tex=old.corrected)


repeat("eq. 19", 22, at="eq. 20")


@doc.row(
    "eq. 21",
    "J and I_2 in closed form.",
    r"J = (2\pi)^{d/2}\prod_k\sigma_k\sum_j(\sigma_j^2+\mu_j^2); \quad I_2 = \log\frac1{(2\pi)^{d/2}} - \tfrac12\sum_j(\sigma_j^2+\mu_j^2)",
    covers=(23, 24),
)
def eq_21():
    return first_edition.find("eq. 20").back()


repeat("eq. 21", 25, at="eq. 22")
repeat("eq. 22", 26, at="eq. 23")
repeat("eq. 23", 27, at="eq. 24")
repeat("eq. 24", 28, at="eq. 25")
repeat("before eq. 25: no plain Monte Carlo", at="before eq. 26: no plain Monte Carlo")
repeat("eq. 25", 29, at="eq. 26")
repeat("after eq. 25", 30, at="after eq. 26")
repeat("eq. 26", 31, at="eq. 27")
repeat("eq. 26: dimensions", 32, at="eq. 27: dimensions")


@doc.row(
    "eq. 28",
    "The ELBO is a reconstruction term minus a regularisation term.",
    r"\mathcal L(\Theta,Q) = \mathbb E_{z\sim Q}\log P(X|Z,\Theta) - \mathrm{KL}(Q(Z|X,\Phi)\|P(Z))",
    covers=(33,),
    note="It is at most log p(x). The reconstruction term is to be maximised: it is minus a loss.",
)
def eq_28():
    bound, same = theorem("elbo-bound"), theorem("elbo-routes", "same")
    return verified(
        claim(le(elbo(), log(pdf(evidence, x))), stated(bound)),
        claim(eq(E(q(x), lambda z: log(joint(x, z) / pdf(q(x), z))), elbo()), by(same)),
    )


@doc.row(
    "eq. 28: MSE",
    "The reconstruction term is called a loss such as MSE; it is minus the squared error over 2 s^2, minus a constant.",
    r"\text{Reconstruction} = \text{MSE}",
    note="Sign, scale and constant differ: with a Gaussian decoder it is -|x - f|^2/(2 s^2) - D/2 log(2 pi s^2). MSE also divides by D.",
    matters="`F.mse_loss` averages over pixels: it divides the reconstruction by D (and by the batch) but not the KL, which then weighs D/2 times too much.",
)
def mse():
    f, at = symbol("f", ("fun", NAT, REAL)), symbol("x", ("fun", NAT, REAL))
    s = symbol("s", POSITIVE)
    log_p = log(pdf(Indep(dim, lambda j: Normal(f[j], s)), at))
    total = Sum(1, dim, lambda j: (at[j] - f[j]) ** 2)
    known = theorem("loss-gaussian", "reconstruction")
    return corrected(
        wrong(eq(log_p, total / dim), D=1, s=1, x=lam(lambda j: 2, NAT), f=lam(lambda j: 0, NAT)),
        claim(eq(log_p, -total / (2 * s**2) - dim / 2 * log(2 * pi * s**2)), by((log_density, linear_sums))),
        claim(known.statement, by(known)),
        tex=r"\log p(x|z) = -\frac{\|x-f(z)\|^2}{2s^2} - \tfrac D2\log(2\pi s^2)",
    )


@doc.row(
    "after eq. 28: autoencoder",
    "Without the regularisation an autoencoder is left.",
    r"\text{without KL: a standard autoencoder}",
    note="Without the KL every bit of noise in the code costs, w^2 tau^2/(2 s^2), so the best encoder has tau = 0: a point, not a distribution. Shown for weights of the KL from 1 to 0; the reconstruction term is the theorem's.",
)
def no_regularisation():
    known = theorem("linear-gaussian", "reconstruction")
    return shown(
        autoencoder,
        lambda r: r["weight 1"] > 0.7 and r["weight 0"] < 0.001,
        claim(known.statement, by(known)),
    )


@doc.row(
    "figure 2: prior hole",
    "The prior has places that no code occupies; what is decoded from there looks like no datum.",
    r"\text{samples of } p(z) \text{ that no } q(z|x) \text{ has covered}",
    note="A VAE of the two data x = -1 and 1 at its best ELBO on a grid: between the two codes the codes have 1.3 % of the prior's density, and 5 % of the prior is decoded to |x| < 1/2, where there are no data.",
)
def hole():
    return shown(
        prior_hole,
        lambda r: (
            r["q(z) / p(z) at z = 0"] < 0.1
            and r["q(z) / p(z) at a code"] > 1
            and r["prior mass decoded to |x| < 1/2"] > 0.02
        ),
    )


repeat("eq. 27", 34, at="eq. 29")
repeat("after eq. 27: maximum", at="after eq. 29: greatest")
repeat("eq. 28", 35, at="eq. 30")
repeat("eq. 29", 36, at="eq. 31")
repeat("after eq. 29: extremes", at="after eq. 31: extremes")
repeat("after eq. 29: maximum", at="after eq. 31: maximum")
repeat("eq. 30", 37, at="eq. 32")
repeat("after eq. 30: bits", at="after eq. 32: bits")
repeat("after eq. 30: samples", at="after eq. 32: samples")
repeat("after eq. 30: equal", at="after eq. 32: equal")
