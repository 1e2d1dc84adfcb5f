"""A model where all is known, z ~ N(0, 1) and x given z ~ N(w z, s^2), and where each objective is largest.

Sources: 000 eq. 8; 001 eq. 8, 28; 003 "p(x) is a standard Gaussian"; 004, the three regimes.
"""

from vaemath.derive import *


@derivation(
    "linear-gaussian",
    title="The linear-Gaussian model",
    sources=("000 eq. 8", "001 eq. 8, 28", "004 the three regimes"),
)
def linear_gaussian(d):
    x, mu, w = d.reals("x mu w")
    s, tau, v = d.positives("s tau v")
    total = w**2 + s**2
    mean, variance = w * x / total, s**2 / total
    joint = lambda z: pdf(Normal(0, 1), z) * pdf(Normal(w * z, s), x)
    posterior = lambda z: exp(-((z - mean) ** 2) / (2 * variance)) * sqrt(total) / (sqrt(2 * pi) * s)
    marginal = exp(-(x**2) / (2 * total)) / (sqrt(2 * pi) * sqrt(total))
    (z,) = d.reals("z")

    d.start(log(joint(z)))
    d.to(log(marginal * posterior(z)), log_density, "complete the square in z")
    logs = d.qed("joint-log", "p(z) p(x|z) = p(x) p(z|x), in logarithms")
    together = rules.congruence(logs, term=exp(log(joint(z))), path=(0,), names=())
    product = rules.transitivity(
        rules.transitivity(rules.algebra(left=joint(z), right=exp(log(joint(z)))), together),
        rules.algebra(left=exp(log(marginal * posterior(z))), right=marginal * posterior(z)),
    )
    d.record(
        "main",
        product,
        title="p(z) p(x|z) = N(x; 0, w^2 + s^2) times the posterior",
        reason="the logarithms agree",
    )

    # the reconstruction term alone: least squared error at tau = 0
    q = Normal(mu, tau)
    d.start(E(q, lambda z: (x - w * z) ** 2 / (2 * s**2)))
    d.to(
        ((x - w * mu) ** 2 + w**2 * tau**2) / (2 * s**2),
        (multiplied_out, *theorems("gaussian-moments", "total", "mean", "main")),
        "the first two moments of q",
    )
    d.qed("reconstruction", "without the KL term every bit of noise in the code costs")

    # decoder N(x; z, v): the v that is best for E log p(x|z), and the v that is best for log E p(x|z)
    standard = (instance(t, mu=0, sigma=1) for t in theorems("gaussian-moments", "total", "mean", "main"))
    d.start(E(Normal(0, 1), lambda z: log(pdf(Normal(z, sqrt(v)), x))))
    d.to(
        -half * log(2 * pi) - half * log(v) - (x**2 + 1) / (2 * v),
        (log_density, multiplied_out, *standard),
        "the moments of N(0, 1)",
    )
    d.qed("mean-log", "E log p(x|z) with a decoder of variance v")
    a, b = d.positives("a b")
    fit = lambda a: -half * log(a) - b / (2 * a)
    best = rules.rearrange(rules.log_tangent(term=b / a), statement=le(fit(a), fit(b)), factors=(half,))
    d.record(
        "best", best, title="-1/2 log a - b/(2a) is largest at a = b", reason="log u <= u - 1 at u = b/a"
    )
    y = symbol("y", POSITIVE)
    d.record(
        "best-mean-log",
        instance(best, a=v, b=x**2 + 1),
        title="E log p(x|z) is largest at v = x^2 + 1",
        reason="v is the variance a, and b = x^2 + 1",
    )
    d.record(
        "best-log-mean",
        instance(best, a=1 + v, b=1 + y),
        title="log E p(x|z) is largest at v = y, where x^2 = 1 + y",
        reason="the marginal N(x; 0, 1 + v) has the variance a = 1 + v, and b = x^2",
    )
