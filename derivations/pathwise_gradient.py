"""Gradients through samples: V draws of the noise, the mean of a normal, and any latent function.

Sources: 000 eq. 25; 001 eq. 26; 002 questions 2 (c) and (d).
"""

from vaemath.derive import *


@derivation(
    "pathwise-gradient",
    title="Pathwise gradients",
    sources=("002 2(c)-(d)", "000 eq. 25", "001 eq. 26"),
)
def pathwise_gradient(d):
    theta, mu = d.reals("theta mu")
    (sigma,) = d.positives("sigma")
    draws = d.dimension("V")
    (f, loss) = d.functions("f L")
    standard = standard_normal()
    main, by_mu, by_sigma = theorems("reparameterization", "main", "gradient-mu", "gradient-sigma")

    # any latent function x = g(theta, v) of the parameter and of noise v that knows nothing of it
    (noise,) = d.densities("noise")
    (g,) = d.functions("g", of=POINT, to=("fun", REAL, REAL))
    d.start(D(lambda t: E(noise, lambda v: loss(g(v)(t))), theta))
    d.to(
        E(noise, lambda v: D(lambda t: loss(g(v)(t)), theta)),
        leibniz,
        "the density of the noise does not depend on theta",
    )
    d.to(
        E(noise, lambda v: D(loss, g(v)(theta)) * D(lambda t: g(v)(t), theta)),
        differentiation,
        "the chain rule",
    )
    d.qed("main", "the gradient of E_v[L(g(theta, v))]")

    # x = theta + eps
    second = theorem("gaussian-moments")
    d.start(E(Normal(theta, 1), lambda x: x**2))
    d.to(
        E(standard, lambda e: (theta + e) ** 2),
        instance(main, mu=theta, sigma=1, f=lam(lambda z: z**2, REAL)),
        "x = theta + eps",
    )
    d.qed("shifted", "x = theta + eps")
    d.start(D(lambda t: E(Normal(t, 1), lambda x: x**2), theta))
    d.to(D(lambda t: 1 + t**2, theta), second, "the second moment")
    d.to(2 * theta, differentiation, "differentiate")
    exact = d.qed("square", "the gradient of E[x^2] by the mean", using=[rewritten(second)])
    d.start(E(standard, lambda e: 2 * (theta + e)))
    d.to(
        2 * theta * E(standard, lambda e: 1) + 2 * E(standard, lambda e: e),
        multiplied_out,
        "the expectation is linear",
    )
    d.to(2 * theta, theorems("gaussian-moments", "total", "mean"), "eps has mean zero")
    d.to(D(lambda t: E(Normal(t, 1), lambda x: x**2), theta), exact, "the gradient")
    d.qed("square-samples", "2 (theta + eps) is an unbiased estimate of it", using=[rewritten(second)])

    # V draws
    several = Indep(draws, lambda v: Normal(0, 1))
    unit = instance(theorem("gaussian-moments", "normalised"), mu=0, sigma=1)
    for name, value, target, reason, title in (
        (
            "samples",
            lambda e: f(mu + sigma * e),
            E(Normal(mu, sigma), lambda z: f(z)),
            main,
            "the mean of f over V reparameterised draws is unbiased",
        ),
        (
            "gradient-mu",
            lambda e: D(f, mu + sigma * e),
            D(lambda m: E(Normal(m, sigma), lambda z: f(z)), mu),
            by_mu,
            "the mean of V pathwise gradients by mu is unbiased",
        ),
        (
            "gradient-sigma",
            lambda e: D(f, mu + sigma * e) * e,
            D(lambda s: E(Normal(mu, s), lambda z: f(z)), sigma),
            by_sigma,
            "the mean of V pathwise gradients by sigma is unbiased",
        ),
    ):
        d.start(E(several, lambda e: Sum(1, draws, lambda v: value(e[v]) / draws)))
        d.to(
            Sum(1, draws, lambda v: E(standard, lambda e: value(e) / draws)),
            independence,
            "the draws are independent",
        )
        d.to(Sum(1, draws, lambda v: E(standard, value) / draws), linearity, "the expectation is linear")
        d.to(E(standard, value), algebra, "V equal summands")
        d.to(target, reason, "the reparameterisation")
        d.qed(name, title, using=[unit])
