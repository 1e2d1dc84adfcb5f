# ruff: noqa: E501  (labels and TeX stay on one line)
"""Document 002: a problem set on information theory, reparameterisation and latent variable models."""

from vaemath.derive import *
from vaemath.ledger.experiments import prior_samples
from vaemath.ledger.load import document
from vaemath.ledger.vocabulary import *
from vaemath.ledger.write import *

doc = Document(
    file="002_d7d5414a7172368e.txt",
    title="Problem set: entropy, reparameterisation, latent variable models",
    origin="A problem set of a course; names as contributors Jerome Quenum, Anant Sahai, Kevin Li and past CS282 staff; undated.",
)
notes = document("000")

p_, q_ = (symbol(name, ("fun", NAT, POSITIVE)) for name in "pq")
first, second = table(p_), table(q_)
prob = symbol("p", POSITIVE)
even, skew = lam(lambda j: half, NAT), lam(lambda j: Rational(4, 5) * j - Rational(7, 10), NAT)
even_, skew_ = Categorical(2, lambda j: half), Categorical(2, lambda j: Rational(4, 5) * j - Rational(7, 10))
fair_kl = half * log(half / Rational(1, 10)) + half * log(half / Rational(9, 10))
skew_kl = Rational(1, 10) * log(Rational(1, 10) / half) + Rational(9, 10) * log(Rational(9, 10) / half)
theta = symbol("theta", REAL)


@doc.row(
    "1: surprise",
    "The surprise of an outcome is the logarithm of one over its probability.",
    r"\log\frac1{p(Y=k)} = -\log p(Y=k)",
    covers=(1,),
)
def surprise():
    return verified(claim(eq(log(1 / prob), -log(prob)), by(algebra)))


@doc.row(
    "1: rare",
    "As the probability goes to 0 the surprise goes to infinity.",
    r"p(Y=k)\to0 \Rightarrow -\log p(Y=k)\to\infty",
    note="For any m: a probability of at most exp(-m) has a surprise of at least m.",
)
def rare():
    bound = symbol("m", REAL)
    a = symbol("a", POSITIVE)
    grows = theorem("log-order", "surprise-grows")
    return verified(claim(le(bound, -log(a)), stated(grows), given=(le(a, exp(-bound)),)))


@doc.row(
    "1: certain",
    "As the probability goes to 1 the surprise goes to 0.",
    r"p(Y=k)\to1 \Rightarrow -\log p(Y=k)\to0",
    note="It lies between 0 and 1/p - 1, both 0 at p = 1.",
)
def certain():
    a = symbol("a", POSITIVE)
    low, high = theorem("log-order", "surprise-nonnegative"), theorem("log-order", "surprise-bound")
    return verified(
        claim(le(0, -log(a)), stated(low), given=(le(a, 1),)),
        claim(le(-log(a), 1 / a - 1), stated(high)),
    )


@doc.row(
    "1: entropy",
    "Entropy is the expected surprise.",
    r"H(Y) = E_Y[-\log p(Y=k)] = -\sum_k p(Y=k)\log p(Y=k)",
    covers=(2,),
)
def entropy():
    return definition_of(
        claim(eq(H(first), E(first, lambda j: -log(pdf(first, j)))), by(definition)),
        claim(eq(H(first), -Sum(1, k, lambda j: p_[j] * log(p_[j]))), by(theorem("finite-kl", "entropy"))),
    )


@doc.row(
    "1: cross-entropy",
    "The first line has the expectation of 1/log q; the second, with log(1/q), is right.",
    r"H(p,q) = E_{p(x)}\left[\frac1{\log q(x)}\right] = \sum_x p(x)\log\frac1{q(x)}",
    covers=(3,),
    note="The logarithm and the reciprocal have changed places: log(1/q) = -log q, while 1/log q is negative.",
    matters="`1 / q.log()` is negative and goes to minus infinity where q goes to 1: minimising it rewards nothing that cross-entropy does.",
)
def cross_entropy():
    written = E(first, lambda j: 1 / log(pdf(second, j)))
    right = Sum(1, k, lambda j: p_[j] * log(1 / q_[j]))
    return corrected(
        wrong(eq(written, right), k=2, p=even, q=skew),
        claim(eq(CE(first, second), E(first, lambda j: log(1 / pdf(second, j)))), by(definition)),
        claim(eq(CE(first, second), right), by(theorem("finite-kl", "cross-entropy"))),
        tex=r"H(p,q) = E_{p(x)}\left[\log\frac1{q(x)}\right]",
    )


@doc.row(
    "1: difference",
    "Cross-entropy is said to calculate the difference between two distributions; of a distribution to itself it is not 0.",
    r"H(p,q) \text{ is the difference between } p \text{ and } q",
    note="H(p, p) = H(p). The difference is what cross-entropy has above the entropy, the KL divergence.",
    matters="The least cross-entropy loss is the entropy of the labels, not 0: label smoothing or soft targets leave a floor.",
)
def difference_of():
    return corrected(
        wrong(eq(CE(first, first), 0), k=2, p=even),
        claim(eq(CE(first, first), H(first)), by(definition)),
        claim(eq(KL(first, first), 0), by(theorem("finite-kl", "self"))),
        tex=r"H(p,p) = H(p); \quad \mathrm{KL}(p\|p) = 0",
    )


@doc.row(
    "1: KL",
    "KL divergence of discrete distributions.",
    r"D_{KL}(p\|q) = \sum_x p(x)\log\frac{p(x)}{q(x)}",
    covers=(4,),
)
def kl():
    return definition_of(
        claim(
            eq(KL(first, second), Sum(1, k, lambda j: p_[j] * log(p_[j] / q_[j]))), by(theorem("finite-kl"))
        )
    )


@doc.row(
    "1 (a)",
    "Two distributions on 1 and -1, with probabilities 0.5, 0.5 and 0.1, 0.9: KL is not symmetric.",
    r"p = (0.5, 0.5),\ q = (0.1, 0.9): \quad D_{KL}(p\|q) \ne D_{KL}(q\|p)",
    covers=(5,),
    note="Answer: D(p||q) = log(5/3) = 0.5108 nats, D(q||p) = 0.1 log 0.2 + 0.9 log 1.8 = 0.3681 nats. A distance would give one number. (The set writes p(x) for the values of the variable; their probabilities are meant.)",
)
def asymmetric():
    total = eq(KL(even_, skew_), fair_kl)
    other = eq(KL(skew_, even_), skew_kl)
    return verified(
        claim(total, check),
        claim(other, check),
        claim(eq(fair_kl, log(Rational(5, 3))), by(theorem("kl-asymmetry", "forward"))),
        claim(lt(skew_kl, fair_kl), arranged(theorem("kl-asymmetry"))),
        claim(ne(KL(even_, skew_), KL(skew_, even_)), check),
        claim(lt(KL(skew_, even_), Rational(3682, 10000)), check),
        claim(lt(Rational(3680, 10000), KL(skew_, even_)), check),
        claim(lt(Rational(5108, 10000), KL(even_, skew_)), check),
        claim(lt(KL(even_, skew_), Rational(5109, 10000)), check),
    )


@doc.row(
    "1 (b)",
    "KL in terms of entropy and cross-entropy.",
    r"D_{KL}(p\|q) = H(p,q) - H(p)",
    note="Answer: D(p||q) = sum p log p - sum p log q = H(p, q) - H(p).",
)
def in_terms():
    split = theorem("finite-kl", "difference")
    return verified(claim(eq(KL(first, second), CE(first, second) - H(first)), by(split)))


@doc.row(
    "2: objective",
    "Maximum likelihood: the mean log-density of the samples.",
    r"\theta \leftarrow \operatorname{argmax}_\theta \frac1N\sum_i\log p_\theta(x_i)",
    covers=(6,),
    note="1/N times the logarithm of the likelihood of the sample, and minus the KL divergence of the empirical distribution up to a constant.",
)
def objective():
    model_, rows_ = symbol("model", ("dist", POINT)), symbol("x", ("fun", NAT, POINT))
    mean = Sum(1, n, lambda i: log(pdf(model_, rows_[i]))) / n
    return definition_of(claim(eq(mean, log(Prod(1, n, lambda i: pdf(model_, rows_[i]))) / n), by(algebra)))


@doc.row(
    "2: latent objective",
    "With a latent variable the density is an integral over z.",
    r"p(x) \to \int p_\theta(x_i|z)p(z)\,dz",
    covers=(7,),
)
def latent_objective():
    marginal_is = theorem("elbo-decomposition", "evidence")
    return verified(claim(eq(pdf(evidence, x), Int(lambda z: joint(x, z), POINT)), by(marginal_is)))


@doc.row(
    "2 (a)",
    "Can this likelihood be maximised directly?",
    r"\log\int p_\theta(x_i|z)p(z)\,dz \ne \int p(z)\log p_\theta(x_i|z)\,dz",
    note="Answer: in general not. The integral over z has no closed form for a neural decoder, and the logarithm cannot be moved inside (Jensen leaves a gap); a mean over prior draws inside the logarithm is unbiased for p(x) but not for log p(x), and needs very many draws, as few of them explain x. Exceptions such as the linear-Gaussian model are exact. Theorems: elbo-decomposition, jensen-log, monte-carlo, linear-gaussian.",
)
def directly():
    density, f = symbol("q", ("dist", POINT)), symbol("f", ("fun", POINT, POSITIVE))
    inside, outside = E(density, lambda z: log(f(z))), log(E(density, lambda z: f(z)))
    return verified(
        claim(le(inside, outside), stated(theorem("jensen-log"))), claim(ne(inside, outside), check)
    )


@doc.row(
    "2 (b): proxy",
    "The proxy likelihood: reconstruction under the encoder minus KL to the prior.",
    r"\mathcal L(x_i,\theta,\phi) = E_{z\sim q_\phi(z|x_i)}[\log p_\theta(x_i|z)] - D_{KL}[q_\phi(z|x_i)\|p(z)]",
    covers=(8,),
    note="Here a capital script L is an objective to be maximised; in 2 (d) the same letter is a loss to be minimised.",
)
def proxy():
    return definition_of(
        claim(
            eq(E(q(x), lambda z: log(joint(x, z) / pdf(q(x), z))), elbo()), by(theorem("elbo-routes", "same"))
        )
    )


@doc.row(
    "2 (b): lower bound",
    "The proxy is said to be a lower bound of the likelihood; it bounds the log-likelihood, which is the stronger statement.",
    r"\mathcal L(x_i,\theta,\phi) \le p_\theta(x_i)",
    note="True as written too, since log p <= p - 1 < p; but log p(x) is what it is meant to approach.",
)
def proxy_bound():
    bound = theorem("elbo-bound")
    below = rules.log_tangent(term=pdf(evidence, x))
    return verified(
        claim(le(elbo(), log(pdf(evidence, x))), stated(bound)),
        claim(le(elbo(), pdf(evidence, x)), arranged(bound, below, rules.signed(term=Rational(1)))),
    )


@doc.row(
    "2 (b)",
    "Which distribution is sampled from to optimise the bound?",
    r"z \sim q_\phi(z|x_i)",
    note="Answer: from the encoder's q_phi(z|x_i), for each datum x_i; the KL term needs no samples when both densities are normal. Theorems: reparameterization, kl-normal-diag-standard.",
)
def which():
    closed = theorem("kl-normal-diag-standard")
    trick = theorem("reparameterization")
    return verified(claim(trick.statement, by(trick)), claim(closed.statement, by(closed)))


@doc.row(
    "2 (c): prior",
    "The independent source of randomness is called the prior; it is standard noise, whatever the prior is.",
    r"\epsilon \sim p(z)",
    note="Noise eps ~ N(0, 1) and prior p(z) are different things that happen to have one law in the usual VAE. With the prior N(m, t^2) the noise is still N(0, 1).",
    matters="`eps = prior.sample()` breaks the moment the prior is learned, shifted or a mixture; `torch.randn_like(std)` does not.",
)
def noise():
    a, b, loc, scale = symbol("mu", REAL), symbol("sigma", POSITIVE), symbol("m", REAL), symbol("t", POSITIVE)
    f = symbol("f", ("fun", REAL, REAL))
    target = E(Normal(a, b), lambda y: f(y))
    square = lam(lambda y: y**2, REAL)
    return corrected(
        wrong(eq(target, E(Normal(loc, scale), lambda e: f(a + b * e))), mu=0, sigma=1, m=1, t=1, f=square),
        claim(eq(target, E(Normal(0, 1), lambda e: f(a + b * e))), by(theorem("reparameterization"))),
        tex=r"\epsilon \sim \mathcal N(0, 1)",
    )


@doc.row(
    "2 (c)",
    "x ~ N(theta, 1), objective E[x^2]: x as a function of noise, and the gradient.",
    r"\min_\theta E_q[x^2], \quad x = \theta + \epsilon, \quad \nabla_\theta E_q[x^2] = 2\theta",
    covers=(9,),
    note="Answer: x = theta + eps with eps ~ N(0, 1); E[x^2] = 1 + theta^2; gradient E[2 (theta + eps)] = 2 theta; least at theta = 0. One coordinate; a vector has one such term for each. Theorem: pathwise-gradient.",
)
def mean_square():
    return verified(
        claim(
            eq(E(Normal(theta, 1), lambda y: y**2), E(Normal(0, 1), lambda e: (theta + e) ** 2)),
            by(theorem("pathwise-gradient", "shifted")),
        ),
        claim(
            eq(D(lambda t: E(Normal(t, 1), lambda y: y**2), theta), 2 * theta),
            by(theorem("pathwise-gradient", "square")),
        ),
        claim(
            eq(E(Normal(0, 1), lambda e: 2 * (theta + e)), 2 * theta),
            by((multiplied_out, *theorems("gaussian-moments", "total", "mean"))),
        ),
        claim(eq(E(Normal(theta, 1), lambda y: y**2), 1 + theta**2), by(theorem("gaussian-moments"))),
    )


@doc.row(
    "2 (d)",
    "The gradient is said to be estimated by samples of the gradient of f; the slope of the loss is a factor in each sample.",
    r"\nabla_\theta E_v[\mathcal L(x)] = E_v[\nabla_\theta f_\theta(u,v)]",
    covers=(10,),
    note="Answer: v does not depend on theta, so the gradient moves inside (where that is allowed) and the chain rule gives E_v[L'(f) grad f]; a mean over draws of v is unbiased. Without the factor L' it is wrong: for L(x) = x^2 and f = theta + v it would be 1 instead of 2 theta. Theorem: pathwise-gradient.",
    matters="Autograd multiplies by L' for you; a hand-written surrogate gradient must not forget it.",
)
def pathwise():
    main = theorem("pathwise-gradient")
    names = {sym.data[0]: sym for sym in main.statement.free}
    density, g = names["noise"], names["g"]
    return corrected(
        wrong(
            eq(main.lhs, E(density, lambda v: D(lambda t: g(v)(t), names["theta"]))),
            L=lam(lambda y: y**2, REAL),
            g=lam(lambda v: lam(lambda t: t, REAL), POINT),
            theta=1,
        ),
        claim(main.statement, by(main)),
        tex=r"\nabla_\theta E_v[\mathcal L(f_\theta(u,v))] = E_v[\mathcal L'(f_\theta(u,v))\,\nabla_\theta f_\theta(u,v)]",
    )


@doc.row(
    "3 (a): notation",
    "In the list of symbols the decoder is written p_theta(z|x_i); the decoder is p_theta(x_i|z).",
    r"p_\theta(z|x_i) \text{ is the decoder}",
    note="As a density of z given x it would be the posterior. One symbol for two things: the bound of question 2 has p_theta(x_i|z).",
    matters="The decoder's log-density is evaluated at the data, given a code: `decoder(z).log_prob(x)`.",
)
def notation():
    written = E(q(x), lambda z: log(pdf(posterior(x), z))) - KL(q(x), prior)
    return corrected(
        wrong(eq(written, elbo()), given=(*model, Normalised(q(x)))),
        claim(
            eq(E(q(x), lambda z: log(joint(x, z) / pdf(q(x), z))), elbo()), by(theorem("elbo-routes", "same"))
        ),
        tex=r"p_\theta(x_i|z) \text{ is the decoder}",
    )


@doc.row(
    "3 (a)",
    "What happens in a forward pass of training?",
    r"x \to (\mu, \log\sigma^2) \to z = \mu + \sigma\epsilon \to p_\theta(x|z) \to -\log p_\theta(x|z) + D_{KL}",
    note="Answer: the encoder maps x_i to mu and log-variance of q_phi(z|x_i); noise eps ~ N(0, I) gives z = mu + sigma eps; the decoder maps z to the parameters of p_theta(x_i|z); the loss is -log p_theta(x_i|z) + D_KL[q_phi(z|x_i)||p(z)], whose mean over eps is minus the bound; gradients flow through z to both networks. Theorems: reparameterization, loss-gaussian, loss-bernoulli.",
)
def forward():
    expected = theorem("loss-gaussian", "expected")
    trick = theorem("reparameterization")
    return verified(claim(trick.statement, by(trick)), claim(expected.statement, by(expected)))


@doc.row(
    "3 (b)",
    "What do encoder and decoder do, and where is the bottleneck?",
    r"\mathcal L = \text{reconstruction} - D_{KL}(q_\phi(z|x)\|p(z)), \quad D_{KL} \ge 0",
    note="Answer: the encoder infers a distribution over codes for x, the decoder a distribution over data for a code. Usually the code has fewer dimensions than x, but it need not: the bottleneck of a VAE is the KL term, a price in nats for what the code says about x, and the noise that goes with it; an autoencoder has only its narrow layer. A code that costs nothing is the prior itself and says nothing. Theorems: gibbs, kl-normal-standard.",
)
def bottleneck():
    zero = theorem("kl-normal-standard", "unique-sigma")
    return verified(
        claim(
            le(0, KL(Normal(symbol("mu", REAL), symbol("sigma", POSITIVE)), Normal(0, 1))),
            stated(theorem("kl-normal-standard", "nonnegative")),
        ),
        claim(zero.statement, stated(zero), given=tuple(zero.hypotheses)),
    )


@doc.row(
    "3 (c)",
    "How is a new sample generated?",
    r"z\sim p(z), \quad x\sim p_\theta(x|z)",
    note="Answer: draw z from the prior (not from the encoder), then x from the decoder; the x so drawn have the density p(x). Theorem: elbo-decomposition/evidence. Shown in the linear-Gaussian model: from the prior, mean 0 and variance 2 as p(x) = N(0, 2) has; from the code of one datum, another distribution.",
)
def generate():
    known = theorem("elbo-decomposition", "evidence")
    return shown(
        prior_samples,
        lambda r: (
            abs(r["mean, z from p(z)"]) < 0.02
            and abs(r["variance, z from p(z)"] - 2) < 0.04
            and r["mean, z from q(z|x = 2)"] > 0.9
        ),
        claim(known.statement, by(known)),
    )


@doc.row(
    "3 (d)",
    "The proxy is always a lower bound of the log-likelihood.",
    r"\mathcal L(x_i,\theta,\phi) \le \log p_\theta(x_i)",
    covers=(11,),
    note="Answer: log p(x) = L + D_KL(q(z|x)||p(z|x)), and the KL divergence is nonnegative. Theorems: elbo-decomposition, gibbs, elbo-bound.",
)
def lower_bound():
    return verified(
        claim(
            eq(log(pdf(evidence, x)), elbo() + KL(q(x), posterior(x))), stated(theorem("elbo-decomposition"))
        ),
        claim(le(elbo(), log(pdf(evidence, x))), stated(theorem("elbo-bound"))),
    )


@doc.row(
    "3 (d): hint",
    "The KL divergence is never negative.",
    r"D_{KL} \ge 0",
)
def hint():
    a, b = symbol("q", ("dist", POINT)), symbol("p", ("dist", POINT))
    return verified(claim(le(0, KL(a, b)), stated(theorem("gibbs"))))
