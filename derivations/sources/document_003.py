# ruff: noqa: E501  (labels and TeX stay on one line)
"""Document 003: a blog post deriving the ELBO and the KL divergence of a normal to the standard normal."""

from vaemath.derive import *
from vaemath.ledger.experiments import autoencoder
from vaemath.ledger.vocabulary import *
from vaemath.ledger.write import *

doc = Document(
    file="003_b37b43cdaa43b2e7.txt",
    title="Some things related to variational auto-encoders",
    origin="A post without title, author or date; opens with `Let's derive some things related to variational auto-encoders (VAEs)`.",
)

a, b = symbol("mu", REAL), symbol("sigma", POSITIVE)
P, Q = Normal(a, b), Normal(0, 1)
post = lambda z: pdf(posterior(x), z)
qx = lambda z: pdf(q(x), z)
joint_x = lambda z: joint(x, z)
log_p = log(pdf(evidence, x))
gap = KL(q(x), posterior(x))
total = lambda: total_probability(q(x))
by_bayes = lambda: (meaning(posterior, bayes, x), unfolding("pdf"))
expected = lambda f: E(q(x), f)
moments = lambda: theorems("gaussian-moments", "total", "variance", "mean", "main")
w, s = symbol("w", REAL), symbol("s", POSITIVE)
bracket = -log(b**2) - 1 + b**2 + a**2


@doc.row(
    "Bayes",
    "Bayes' rule for the likelihood.",
    r"p_\theta(x|z) = \frac{p(z|x)p(x)}{p(z)}",
    covers=(1,),
    note="The equation holds. See the next row for its name.",
)
def bayes_rule():
    at = lambda: by((*by_bayes(),))
    return verified(claim(eq(pdf(likelihood(z), x), post(z) * pdf(evidence, x) / pdf(prior, z)), at()))


@doc.row(
    "Bayes: name",
    "p(x|z) is called the posterior; it is the likelihood, and the posterior is p(z|x).",
    r"\text{posterior} = \frac{p(z|x)p(x)}{p(z)}",
    note="The expression is the likelihood p(x|z). The posterior is likelihood times prior over evidence.",
    matters="The encoder approximates the posterior, the decoder is the likelihood: exchanging the names exchanges the networks.",
)
def name():
    written = post(z) * pdf(evidence, x) / pdf(prior, z)
    return corrected(
        wrong(eq(post(z), written), given=model),
        claim(eq(post(z), joint_x(z) / pdf(evidence, x)), by(by_bayes())),
        tex=r"\text{posterior } p(z|x) = \frac{p_\theta(x|z)p(z)}{p(x)}",
    )


@doc.row(
    "marginal",
    "The evidence is an integral over all codes.",
    r"p(x) = \int p_\theta(x|z)p(z)\,dz",
    note="It is intractable for a neural decoder. That the space of z is large is not the reason by itself: for a linear decoder the integral over the whole line has a closed form (theorem linear-gaussian).",
)
def marginal_row():
    closed = theorem("linear-gaussian")
    return verified(
        claim(eq(pdf(evidence, x), Int(joint_x, POINT)), by(theorem("elbo-decomposition", "evidence"))),
        claim(closed.statement, by(closed)),
    )


@doc.row(
    "KL: distance",
    "KL is said to quantify a distance; a distance is symmetric.",
    r"\mathrm{KL} \text{ is a distance}",
    note="It is nonnegative and zero only for equal densities, but depends on the order.",
    matters="KL(q||p) and KL(p||q) are different losses: one avoids places where p is small, the other covers all of p.",
)
def distance():
    first, second = symbol("q", ("dist", POINT)), symbol("p", ("dist", POINT))
    one, other = (table(symbol(name, ("fun", NAT, POSITIVE))) for name in "qp")
    even, skew = lam(lambda j: half, NAT), lam(lambda j: j / 2 - Rational(1, 4), NAT)
    return corrected(
        wrong(eq(KL(one, other), KL(other, one)), k=2, q=even, p=skew),
        claim(le(0, KL(first, second)), stated(theorem("gibbs"))),
        claim(eq(KL(first, first), 0), by(theorem("gibbs", "self"))),
        tex=r"\mathrm{KL}(q, p) \ne \mathrm{KL}(p, q) \text{ in general; } \mathrm{KL} \ge 0",
    )


@doc.row(
    "KL to the posterior",
    "KL divergence of the approximate model to the posterior.",
    r"KL(q_\phi(z|x), p(z|x)) = E_q[\log q_\phi(z|x) - \log p(z|x)]",
    covers=(2, 3),
)
def kl_posterior():
    return definition_of(claim(eq(gap, expected(lambda z: log(qx(z)) - log(post(z)))), by(definition)))


@doc.row(
    "ELBO: lines 2-3",
    "The posterior is the joint density over the evidence.",
    r"= E_q[\log q - \log p(z,x)/p(x)] = E_q[\log q - \log p(z,x) + \log p(x)]",
    covers=(4, 5),
)
def lines_2_3():
    start = expected(lambda z: log(qx(z)) - log(post(z)))
    ratio = expected(lambda z: log(qx(z)) - log(joint_x(z) / pdf(evidence, x)))
    apart = expected(lambda z: log(qx(z)) - log(joint_x(z)) + log_p)
    return verified(claim(eq(start, ratio), by(by_bayes())), claim(eq(ratio, apart), by(algebra)))


@doc.row(
    "ELBO: lines 4-5",
    "log p(x) leaves the expectation; the joint density is likelihood times prior.",
    r"= E_q[\log q - \log p(z,x)] + \log p(x) = E_q[\log q - \log p_\theta(x|z)p(z)] + \log p(x)",
    covers=(6, 7),
)
def lines_4_5():
    apart = expected(lambda z: log(qx(z)) - log(joint_x(z)) + log_p)
    outside = expected(lambda z: log(qx(z)) - log(joint_x(z))) + log_p
    return verified(claim(eq(apart, outside), by((multiplied_out, total()))))


@doc.row(
    "log p(x)",
    "log p(x) is the expectation plus the KL divergence.",
    r"\log p(x) = E_q[\log p_\theta(x|z)p(z) - \log q_\phi(z|x)] + KL(q_\phi(z|x), p(z|x))",
    covers=(8,),
)
def log_p_row():
    bound = expected(lambda z: log(joint_x(z)) - log(qx(z)))
    as_ratio = rules.algebra(left=expected(lambda z: log(joint_x(z) / qx(z))), right=bound)
    split = theorem("elbo-routes", "gap")
    return verified(claim(eq(log_p, bound + gap), arranged(split, as_ratio)))


@doc.row(
    "KL: greater than zero",
    "KL is said to be always greater than zero; it is zero for equal densities.",
    r"KL(q, p) > 0",
    note="It is zero exactly when the densities agree almost everywhere. At the optimum of the ELBO that is the case which is sought.",
    matters="A test `assert kl > 0` fails at initialisation with mu = 0, sigma = 1; rounding may even give a tiny negative number in careless code.",
)
def greater():
    first, second = symbol("q", ("dist", POINT)), symbol("p", ("dist", POINT))
    return corrected(
        wrong(lt(0, KL(first, first))),
        claim(le(0, KL(first, second)), stated(theorem("gibbs"))),
        claim(eq(KL(first, first), 0), by(theorem("gibbs", "self"))),
        tex=r"KL(q, p) \ge 0",
    )


@doc.row(
    "KL: sampling",
    "The KL term is said to be intractable because p(z|x) cannot be sampled; its samples come from q, and the density p(z|x) cannot be evaluated.",
    r"KL(q, p) = E_{p(z|x)}[\log q - \log p(z|x)]",
    note="Sampling from p(z|x) would compute another number (minus the reverse divergence).",
    matters="Monte Carlo estimates of KL(q||p) draw from q, the first argument.",
)
def sampling():
    return corrected(
        wrong(
            eq(gap, E(posterior(x), lambda z: log(qx(z)) - log(post(z)))), given=(*model, Normalised(q(x)))
        ),
        claim(eq(gap, expected(lambda z: log(qx(z)) - log(post(z)))), by(definition)),
        tex=r"KL(q, p) = E_{q(z|x)}[\log q - \log p(z|x)]",
    )


@doc.row(
    "E_q: over x too",
    "E_q is said to draw x from the data and then z; in the equations above x is fixed.",
    r"E_q \text{ means } x \sim \text{data},\ z \sim q_\phi(z|x)",
    note="log p(x) was moved out of E_q as a constant: with x drawn from the data it is none. E_q is one expectation over z for a given x; the training objective then averages over x as well. One symbol for two things.",
    matters="The KL term is computed per datum and then averaged, not computed once for the averaged q.",
)
def over_x():
    data = symbol("data", ("dist", POINT))
    both = E(data, lambda y: E(q(y), lambda z: log(pdf(evidence, y))))
    one_datum = total()
    return corrected(
        wrong(eq(both, log_p), given=(*model,)),
        claim(eq(expected(lambda z: log_p), log_p), by((linearity, one_datum))),
        tex=r"E_q \text{ means } z \sim q_\phi(z|x) \text{ at the given } x",
    )


@doc.row(
    "ELBO: lower bound",
    "The expectation is a lower bound on log p(x).",
    r"E_q[\log p_\theta(x|z)p(z) - \log q_\phi(z|x)] \le \log p(x)",
    note="Also a lower bound of p(x), as the post says later, since log p <= p - 1.",
)
def lower():
    bound = expected(lambda z: log(joint_x(z) / qx(z)))
    below = rules.log_tangent(term=pdf(evidence, x))
    jensen = theorem("elbo-routes", "jensen")
    return verified(
        claim(le(bound, log_p), stated(jensen)),
        claim(le(bound, pdf(evidence, x)), arranged(jensen, below, rules.signed(term=Rational(1)))),
    )


@doc.row(
    "ELBO: two parts",
    "The logarithm of the product, and linearity.",
    r"E_q[\log p_\theta(x|z)p(z) - \log q] = E_q[\log p_\theta(x|z)] + E_q[\log p(z) - \log q_\phi(z|x)]",
    covers=(9, 10, 11),
)
def two_parts():
    start = expected(lambda z: log(joint_x(z)) - log(qx(z)))
    three = expected(lambda z: log(pdf(likelihood(z), x)) + log(pdf(prior, z)) - log(qx(z)))
    apart = expected(lambda z: log(pdf(likelihood(z), x))) + expected(
        lambda z: log(pdf(prior, z)) - log(qx(z))
    )
    return verified(claim(eq(start, three), by(algebra)), claim(eq(three, apart), by(multiplied_out)))


@doc.row(
    "ELBO: KL term",
    "The last expectation is written as plus KL(p(z), q); it is minus KL(q, p(z)).",
    r"E_q[\log p(z) - \log q_\phi(z|x)] = KL(p(z), q_\phi(z|x))",
    covers=(12,),
    note="Sign and order are both wrong. As written the ELBO would grow as q leaves the prior.",
    matters="The loss is reconstruction loss plus KL(q||p): `kl_divergence(q, p)` in torch.distributions, in this order and with this sign.",
)
def kl_term():
    last = expected(lambda z: log(pdf(prior, z)) - log(qx(z)))
    return corrected(
        wrong(eq(last, KL(prior, q(x)))),
        claim(eq(last, -KL(q(x), prior)), by((definition, multiplied_out))),
        claim(
            eq(expected(lambda z: log(joint_x(z) / qx(z))), elbo()),
            by(theorem("elbo-routes", "same")),
        ),
        tex=r"E_q[\log p(z) - \log q_\phi(z|x)] = -KL(q_\phi(z|x), p(z))",
    )


@doc.row(
    "p(x) standard",
    "p(x) is said to be a standard Gaussian in the classic setup; p(z) is.",
    r"p(x) = \mathcal N(x; 0, 1)",
    note="In the linear-Gaussian model p(x) = N(x; 0, w^2 + s^2).",
    matters="The prior is on the code: normalising the data to a standard normal does nothing for the KL term.",
)
def p_of_x():
    at = symbol("x", REAL)
    total_ = w**2 + s**2
    marginal_ = exp(-(at**2) / (2 * total_)) / (sqrt(2 * pi) * sqrt(total_))
    closed = theorem("linear-gaussian")
    return corrected(
        wrong(eq(marginal_, pdf(Q, at)), w=1, s=1, x=0),
        claim(closed.statement, by(closed)),
        claim(eq(pdf(Q, at), exp(-(at**2) / 2) / sqrt(2 * pi)), by(log_density)),
        tex=r"p(z) = \mathcal N(z; 0, I)",
    )


@doc.row(
    "analytical",
    "The prior-matching term has a closed form; no samples of z are needed.",
    r"KL(\mathcal N(\mu,\sigma^2), \mathcal N(0,1)) \text{ in closed form}",
)
def analytical():
    main = theorem("kl-normal-standard")
    return verified(claim(main.statement, by(main)))


@doc.row(
    "univariate only",
    "The univariate case is said to suffice because the data of a batch are independent; what is needed is that the coordinates of z are.",
    r"\text{independent data points} \Rightarrow KL = \sum_j KL_j",
    note="With a full covariance the KL divergence is not the sum over coordinates, however independent the data. Counterexample: unit variances and correlation 1/2 give 0.1438 nats; each coordinate alone gives 0.",
    matters="`kl_normal_standard(...).sum(-1)` is right for a diagonal encoder; a full covariance needs `kl_mvn`.",
)
def univariate():
    ones = vec(d, lambda j: 1)
    correlated = MvNormal(vec(d, lambda j: 0), half * eye(d) + half * (ones @ ones.T))
    origin = MvNormal(vec(d, lambda j: 0), eye(d))
    each = Sum(1, d, lambda j: KL(Normal(0, 1), Normal(0, 1)))
    means, scales = symbol("mu", ("fun", NAT, REAL)), symbol("sigma", ("fun", NAT, POSITIVE))
    independent = KL(Indep(d, lambda j: Normal(means[j], scales[j])), standard)
    per = Sum(1, d, lambda j: KL(Normal(means[j], scales[j]), Normal(0, 1)))
    return corrected(
        wrong(eq(KL(correlated, origin), each), d=2),
        claim(
            eq(independent, per),
            by((theorem("kl-normal-diag-standard"), theorem("kl-normal-standard"), linear_sums)),
        ),
        tex=r"\text{independent coordinates of } z \Rightarrow KL = \sum_j KL_j",
    )


@doc.row(
    "KL(P, Q)",
    "KL divergence of P = N(mu, sigma^2) to Q = N(0, 1).",
    r"KL(P,Q) = E_P[\log P(x) - \log Q(x)]",
    covers=(13,),
)
def kl_pq():
    return definition_of(claim(eq(KL(P, Q), E(P, lambda y: log(pdf(P, y)) - log(pdf(Q, y)))), by(definition)))


@doc.row(
    "densities",
    "The densities of P and Q.",
    r"p(x|\mu,\sigma) = \frac1{\sigma\sqrt{2\pi}}e^{-\frac12(\frac{x-\mu}\sigma)^2}, \quad q(x) = \frac1{\sqrt{2\pi}}e^{-\frac12x^2}",
    covers=(14, 15),
)
def densities():
    at = symbol("x", REAL)
    return definition_of(
        claim(eq(pdf(P, at), exp(-half * ((at - a) / b) ** 2) / (b * sqrt(2 * pi))), by(log_density)),
        claim(eq(pdf(Q, at), exp(-half * at**2) / sqrt(2 * pi)), by(log_density)),
    )


logs = lambda y: log(1 / (b * sqrt(2 * pi))) - half * ((y - a) / b) ** 2 - log(1 / sqrt(2 * pi)) + half * y**2
first_ = E(P, lambda y: log(1 / (b * sqrt(2 * pi))) - log(1 / sqrt(2 * pi)))
second_ = E(P, lambda y: -half * ((y - a) / b) ** 2)
third_ = E(P, lambda y: half * y**2)


@doc.row(
    "plug in",
    "The densities put into the KL divergence, and three expectations.",
    r"KL(P,Q) = E_P[\cdots] = E_P[\log\tfrac1{\sigma\sqrt{2\pi}} - \log\tfrac1{\sqrt{2\pi}}] + E_P[-\tfrac12(\tfrac{x-\mu}\sigma)^2] + E_P[\tfrac12x^2]",
    covers=(16, 17),
)
def plug_in():
    return verified(
        claim(eq(KL(P, Q), E(P, logs)), by((definition, log_density))),
        claim(eq(E(P, logs), first_ + second_ + third_), by(multiplied_out)),
    )


@doc.row(
    "first expectation",
    "A constant: minus log sigma.",
    r"E_P[-\log\tfrac{\sigma\sqrt{2\pi}}{\sqrt{2\pi}}] = E_P[-\log\sigma] = -\log\sigma = -\tfrac12\log\sigma^2",
    covers=(18, 19, 20),
)
def first_expectation():
    whole = E(P, lambda y: -log(b * sqrt(2 * pi) / sqrt(2 * pi)))
    return verified(
        claim(eq(first_, whole), by(algebra)),
        claim(eq(whole, E(P, lambda y: -log(b))), by(algebra)),
        claim(eq(E(P, lambda y: -log(b)), -log(b)), by((linearity, *moments()))),
        claim(eq(-log(b), -half * log(b**2)), by(algebra)),
    )


@doc.row(
    "second expectation",
    "Minus half the variance over sigma^2.",
    r"E_P[-\tfrac12\tfrac{(x-\mu)^2}{\sigma^2}] = -\tfrac12E_P[(x-\mu)^2]\tfrac1{\sigma^2} = -\tfrac12\sigma^2\tfrac1{\sigma^2} = -\tfrac12",
    covers=(21, 22, 23, 24),
    note="A closing bracket too many is printed in the second line.",
)
def second_expectation():
    variance = E(P, lambda y: (y - a) ** 2)
    return verified(
        claim(eq(second_, -half * variance * (1 / b**2)), by(multiplied_out)),
        claim(eq(variance, b**2), by(theorem("gaussian-moments", "variance"))),
        claim(eq(-half * variance * (1 / b**2), -half), by(theorem("gaussian-moments", "variance"))),
    )


@doc.row(
    "third expectation",
    "Half the second moment.",
    r"\sigma^2 = E[X^2]-\mu^2, \quad E[X^2] = \sigma^2+\mu^2, \quad \tfrac12E[X^2] = \tfrac12(\sigma^2+\mu^2)",
    covers=(25, 26, 27),
    note="In the sentence before, E[X^2] - E[X]^2 with E[X] = mu.",
)
def third_expectation():
    second = E(P, lambda y: y**2)
    mean = E(P, lambda y: y)
    main = theorem("gaussian-moments")
    return verified(
        claim(eq(mean, a), by(theorem("gaussian-moments", "mean"))),
        claim(eq(b**2, second - mean**2), by((main, theorem("gaussian-moments", "mean")))),
        claim(eq(second, b**2 + a**2), by(main)),
        claim(eq(half * second, half * (b**2 + a**2)), by(main)),
    )


@doc.row(
    "KL_Loss",
    "The KL divergence loss in closed form.",
    r"KL\_Loss(\mu,\sigma) = \tfrac12[-\log\sigma^2 - 1 + \sigma^2 + \mu^2]",
    covers=(28,),
)
def kl_loss():
    return verified(claim(eq(KL(P, Q), half * bracket), by(theorem("kl-normal-standard"))))


@doc.row(
    "elementwise",
    "The total loss is the sum over all elements of the batch's mu and sigma.",
    r"KL = \sum_j \tfrac12[-\log\sigma_j^2-1+\sigma_j^2+\mu_j^2]",
    note="For one datum, over its coordinates; for independent data the divergences add up again. The encoder gives one vector of mu and sigma per datum.",
)
def elementwise():
    total_ = Sum(1, d, lambda j: half * (-log(sigma[j] ** 2) - 1 + sigma[j] ** 2 + mu[j] ** 2))
    main = theorem("kl-normal-diag-standard")
    return verified(claim(eq(KL(encoder, standard), total_), by((main, linear_sums))))


@doc.row(
    "sanity: mu",
    "The derivative of the bracket by mu is 2 mu; least at mu = 0.",
    r"\frac{d}{d\mu}[-\log\sigma^2-1+\sigma^2+\mu^2] = 2\mu \to \min \text{ at } \mu = 0",
    note="That it is a minimum, and the only one, needs more than the derivative: the loss is nonnegative, zero at (0, 1) and nowhere else.",
)
def sanity_mu():
    zero = theorem("kl-normal-standard", "unique-mu")
    return verified(
        claim(eq(D(lambda t: -log(b**2) - 1 + b**2 + t**2, a), 2 * a), by(differentiation)),
        claim(le(0, KL(P, Q)), stated(theorem("kl-normal-standard", "nonnegative"))),
        claim(eq(a**2, 0), stated(zero), given=tuple(zero.hypotheses)),
    )


@doc.row(
    "sanity: sigma",
    "The derivative of the bracket by sigma is 2 sigma - 2/sigma; least at sigma = 1.",
    r"\frac{d}{d\sigma}[-\log\sigma^2-1+\sigma^2+\mu^2] = 2\sigma - \tfrac2\sigma \to \min \text{ at } \sigma = 1",
)
def sanity_sigma():
    zero, unique = (
        theorem("kl-normal-standard", "zero-at-standard"),
        theorem("kl-normal-standard", "unique-sigma"),
    )
    return verified(
        claim(eq(D(lambda t: -log(t**2) - 1 + t**2 + a**2, b), 2 * b - 2 / b), by(differentiation)),
        claim(eq(KL(Q, Q), 0), by(zero)),
        claim(eq(b**2, 1), stated(unique), given=tuple(unique.hypotheses)),
    )


@doc.row(
    "aside: batch",
    "A batch may look standard normal as a whole while every image has its own code.",
    r"\tfrac1n\sum_i q_i \approx \mathcal N(0,1) \text{ while each } q_i \text{ is not}",
    note="Two posteriors N(-m, 1 - m^2) and N(m, 1 - m^2): their mixture has mean 0 and variance 1, yet each has KL -1/2 log(1 - m^2) > 0 to the prior. Here in nats at m = 0.9: 0.8304.",
)
def batch():
    t = symbol("t", POSITIVE)  # the variance 1 - m^2
    loc = symbol("m", REAL)
    wide = [E(Normal(sign * loc, sqrt(t)), f) for sign in (-1, 1) for f in (lambda y: y, lambda y: y**2)]
    mean, second = half * wide[0] + half * wide[2], half * wide[1] + half * wide[3]
    value = KL(Normal(Rational(9, 10), sqrt(Rational(19, 100))), Q)
    general = KL(Normal(loc, sqrt(t)), Q)
    return verified(
        claim(eq(mean, 0), by(moments())),
        claim(eq(second, t + loc**2), by(moments())),
        claim(eq(general, half * (t + loc**2 - 1) - half * log(t)), by(theorem("kl-normal-standard"))),
        claim(lt(Rational(8303, 10000), value), check),
        claim(lt(value, Rational(8304, 10000)), check),
    )


@doc.row(
    "aside: elementwise",
    "The loss is applied to each element: near zero, each image encodes to a standard normal and says nothing.",
    r"KL\_Loss(\mu,\sigma) = 0 \Rightarrow \mu = 0,\ \sigma = 1",
    note="So the KL term and the reconstruction pull in different directions. (The post says `variation` for variance.)",
)
def aside_elementwise():
    first, second = theorem("kl-normal-standard", "unique-mu"), theorem("kl-normal-standard", "unique-sigma")
    return verified(
        claim(eq(a**2, 0), stated(first), given=tuple(first.hypotheses)),
        claim(eq(b**2, 1), stated(second), given=tuple(second.hypotheses)),
    )


@doc.row(
    "aside: balance",
    "Reconstruction and KL pull in opposite directions; their scaling decides where they balance.",
    r"\text{the balance depends on the scaling of the two objectives}",
    note="The best scale of a code, for weights of the KL of 1, 0.1, 0.001 and 0, in the linear-Gaussian model with w = s = 1.",
)
def balance():
    known = theorem("linear-gaussian", "reconstruction")
    falls = lambda r: r["weight 1"] > r["weight 0.1"] > r["weight 0.001"] > r["weight 0"]
    return shown(autoencoder, falls, claim(known.statement, by(known)))
