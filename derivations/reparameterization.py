"""The reparameterisation trick, and the pathwise gradient.

Sources: 000 eq. 25; 001 eq. 26; 002 question 2 (c), (d); Kingma & Welling (2013), section 2.4.
"""

from vaemath.derive import *


@derivation(
    "reparameterization",
    title="The reparameterisation trick",
    sources=("000 eq. 25", "001 eq. 26", "002 2(c)-(d)", "Kingma & Welling (2013), section 2.4"),
)
def reparameterization(d):
    (mu,), (sigma,) = d.reals("mu"), d.positives("sigma")
    (f,) = d.functions("f")
    q, standard = Normal(mu, sigma), standard_normal()

    d.start(E(q, lambda z: f(z)))
    d.to(Int(lambda z: pdf(q, z) * f(z)), unfolding("E"), "an expectation is an integral against the density")
    d.to(
        Int(lambda e: pdf(q, mu + sigma * e) * f(mu + sigma * e) * sigma),
        changed_variable(lambda e: mu + sigma * e),
        "substitute z = mu + sigma eps, dz = sigma d eps",
    )
    d.to(
        Int(lambda e: pdf(standard, e) * f(mu + sigma * e)),
        log_density,
        "sigma N(mu + sigma eps; mu, sigma^2) = N(eps; 0, 1)",
    )
    d.to(E(standard, lambda e: f(mu + sigma * e)), unfolding("E"), "an expectation under N(0, 1)")
    main = d.qed("main")

    slope = lambda z: D(f, z)
    d.start(D(lambda m: E(Normal(m, sigma), lambda z: f(z)), mu))
    d.to(D(lambda m: E(standard, lambda e: f(m + sigma * e)), mu), main, "reparameterise")
    d.to(
        E(standard, lambda e: D(lambda m: f(m + sigma * e), mu)),
        leibniz,
        "the density no longer depends on mu",
    )
    d.to(E(standard, lambda e: slope(mu + sigma * e)), differentiation, "the chain rule")
    d.qed("gradient-mu", "the pathwise gradient by mu")

    d.start(D(lambda s: E(Normal(mu, s), lambda z: f(z)), sigma))
    d.to(D(lambda s: E(standard, lambda e: f(mu + s * e)), sigma), main, "reparameterise")
    d.to(
        E(standard, lambda e: D(lambda s: f(mu + s * e), sigma)),
        leibniz,
        "the density no longer depends on sigma",
    )
    d.to(E(standard, lambda e: slope(mu + sigma * e) * e), differentiation, "the chain rule")
    d.qed("gradient-sigma", "the pathwise gradient by sigma")
