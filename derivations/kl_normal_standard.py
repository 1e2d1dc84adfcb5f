"""The KL divergence of a univariate normal to N(0, 1), by three expectations; where it is least.

Sources: 003 "Analytical KL divergence" and "Sanity check"; 000 eq. 22; 004, the last equations.
"""

from vaemath.derive import *


@derivation(
    "kl-normal-standard",
    title="KL divergence of a normal distribution to the standard normal",
    sources=("003 analytical KL", "003 sanity check", "000 eq. 22", "001 eq. 23", "004 log-variance form"),
)
def kl_normal_standard(d):
    (mu, v), (sigma,) = d.reals("mu logvar"), d.positives("sigma")
    p, q = Normal(mu, sigma), standard_normal()
    total, second = theorems("gaussian-moments", "total", "main")
    value = half * (-log(sigma**2) - 1 + sigma**2 + mu**2)

    d.start(KL(p, q))
    d.to(E(p, lambda x: log(pdf(p, x)) - log(pdf(q, x))), definition, "KL is the expected log-ratio")
    d.to(
        E(
            p,
            lambda x: (
                log(1 / (sigma * sqrt(2 * pi)))
                - half * ((x - mu) / sigma) ** 2
                - log(1 / sqrt(2 * pi))
                + half * x**2
            ),
        ),
        log_density,
        "the densities of p and q",
    )
    d.to(
        E(p, lambda x: -log(sigma))
        + E(p, lambda x: -half * ((x - mu) / sigma) ** 2)
        + E(p, lambda x: half * x**2),
        multiplied_out,
        "three expectations",
    )
    d.to(
        -log(sigma) + E(p, lambda x: -half * ((x - mu) / sigma) ** 2) + E(p, lambda x: half * x**2),
        (linearity, total),
        "the first is the expectation of a constant",
    )
    d.to(
        -log(sigma) - half + E(p, lambda x: half * x**2),
        (multiplied_out, *theorems("gaussian-moments", "total", "mean", "main")),
        "the second is minus half the variance over sigma^2",
    )
    d.to(
        -log(sigma) - half + half * (sigma**2 + mu**2),
        (linearity, second),
        "the third is half the second moment",
    )
    d.to(value, algebra, "collect; 2 log sigma = log sigma^2")
    main = d.qed("main")

    d.start(KL(Normal(mu, exp(v / 2)), q))
    d.to(
        half * (-log(exp(v / 2) ** 2) - 1 + exp(v / 2) ** 2 + mu**2), main, "the formula at sigma = exp(v/2)"
    )
    d.to(half * (exp(v) - 1 - v + mu**2), algebra, "log and exp cancel")
    d.qed("logvar", "in the log-variance v = log sigma^2")

    d.start(D(lambda m: half * (-log(sigma**2) - 1 + sigma**2 + m**2), mu))
    d.to(mu, differentiation, "differentiate by mu")
    d.qed("gradient-mu", "the derivative by mu")
    d.start(D(lambda s: half * (-log(s**2) - 1 + s**2 + mu**2), sigma))
    d.to(sigma - 1 / sigma, differentiation, "differentiate by sigma")
    d.qed("gradient-sigma", "the derivative by sigma")
    d.start(D(lambda m: half * (exp(v) - 1 - v + m**2), mu))
    d.to(mu, differentiation, "differentiate by mu")
    d.qed("gradient-logvar-mu", "the derivative by mu, in log-variance")
    d.start(D(lambda s: half * (exp(s) - 1 - s + mu**2), v))
    d.to(half * (exp(v) - 1), differentiation, "differentiate by the log-variance")
    d.qed("gradient-logvar", "the derivative by the log-variance")

    # least at mu = 0, sigma = 1: log u <= u - 1 at u = sigma^2, and mu^2 >= 0
    tangent = rules.log_tangent(term=sigma**2)
    square = rules.signed(term=mu**2)
    bound = rules.rearrange(tangent, square, statement=le(0, value), factors=(half, half))
    d.start(0)
    d.at_most(value, bound, "log u <= u - 1 at u = sigma^2, and mu^2 >= 0")
    d.to(KL(p, q), main, "the closed form")
    d.qed("nonnegative", "it is nonnegative")
    d.start(KL(Normal(0, 1), q))
    d.to(0, instance(main, mu=0, sigma=1), "the closed form at mu = 0, sigma = 1")
    d.qed("zero-at-standard", "it is zero at mu = 0, sigma = 1")

    # and nowhere else: if the sum is zero each of its two nonnegative parts is
    zero = assuming(eq(value, 0))
    log_part = rules.rearrange(
        zero, square, statement=le(sigma**2 - 1, log(sigma**2)), factors=(Rational(2), Rational(1))
    )
    tight = rules.antisymmetry(tangent, log_part)
    d.record(
        "unique-sigma",
        rules.log_tangent_equality(tight),
        title="it is zero only for sigma = 1",
        reason="log u = u - 1 only for u = 1",
    )
    no_more = rules.rearrange(zero, tangent, statement=le(mu**2, 0), factors=(Rational(2), Rational(1)))
    d.record(
        "unique-mu",
        rules.antisymmetry(no_more, square),
        title="it is zero only for mu = 0",
        reason="what is left for mu^2 is zero",
    )
