# ruff: noqa: E501  (labels and TeX stay on one line)
"""Document 000: lecture notes on the variational autoencoder, equations 1 to 30."""

from vaemath.core.terms import make
from vaemath.derive import *
from vaemath.ledger.experiments import jensen_gap, mixture, untouched_rows
from vaemath.ledger.vocabulary import *
from vaemath.ledger.write import *

doc = Document(
    file="000_e21be8095d92895b.txt",
    title="Basics VAE",
    origin="Lecture notes headed `Basics VAE`, dated June 27, 2022; no author named; refers to Doersch (2016) and Kingma & Welling (2013).",
)

data, model_1, model_2 = (symbol(name, ("dist", POINT)) for name in ("data", "model", "other"))
rows_ = symbol("x", ("fun", NAT, POINT))
one, two = Rational(1), Rational(2)
s = symbol("s", POSITIVE)
constant = lambda: exp(d / 2 * log(2 * pi)) * Prod(1, d, lambda j: sigma[j])
fit = lambda model: E(data, lambda x: log(pdf(model, x)))


@doc.row(
    "intro: latent",
    "A density that is hard for one normal is easy for one normal per latent value.",
    r"p_{\mathrm{data}}(X \mid Z) \text{ is simpler than } p_{\mathrm{data}}(X)",
    note="Shown on three separated normals: held-out log-likelihood of one fitted normal, and of the mixture over a latent label.",
)
def latent():
    return shown(mixture, lambda r: r["latent z"] > r["one normal"] + 0.5)


@doc.row(
    "eq. 1",
    "The marginal is the joint density integrated over z, an expectation under the prior, estimated by a mean over prior draws.",
    r"P(X|\Theta) = \int P(X|Z,\Theta)\,P(Z)\,dz = \mathbb{E}_{z\sim P}\,P(X|Z,\Theta) \approx \tfrac1m \sum_{i=1}^m P(X|z_i,\Theta)",
    covers=(1,),
    note="The sign 'approximately' is read as: the mean over m draws is unbiased.",
)
def eq_1():
    marginal_is = theorem("elbo-decomposition", "evidence")
    mean = E(prior, lambda z: pdf(likelihood(z), x))
    draws = E(Indep(m, lambda i: prior), lambda z: Sum(1, m, lambda i: pdf(likelihood(z[i]), x) / m))
    return verified(
        claim(eq(pdf(evidence, x), Int(lambda z: joint(x, z), POINT)), by(marginal_is)),
        claim(eq(pdf(evidence, x), mean), by((marginal_is, unfolding("E")))),
        claim(eq(draws, mean), by(theorem("monte-carlo", "expected"))),
    )


@doc.row(
    "after eq. 1: decoder",
    "The decoder's covariance is written sigma I here and s^2 I in eq. 14, where sigma is the encoder's standard deviation.",
    r"P(X|Z,\Theta) = \mathcal N(X \mid f_\Theta(Z), \sigma I)",
    note="One symbol for two things: sigma is a variance here, and a standard deviation from eq. 14 on.",
    matters="torch.distributions.Normal takes a scale (standard deviation); passing a variance gives another density.",
)
def decoder_scale():
    f, at, scale = symbol("f", ("fun", NAT, REAL)), symbol("x", ("fun", NAT, REAL)), symbol("sigma", POSITIVE)
    vector = lambda g: vec(dim, lambda j: g[j])
    coordinates = pdf(Indep(dim, lambda j: Normal(f[j], scale)), at)
    with_ = lambda c: log(pdf(MvNormal(vector(f), diagm(dim, lambda j: c)), vector(at)))
    return corrected(
        wrong(
            eq(with_(scale), log(coordinates)), D=1, sigma=2, f=lam(lambda j: 0, NAT), x=lam(lambda j: 0, NAT)
        ),
        claim(eq(with_(scale**2), log(coordinates)), by((log_density, linear_sums))),
        tex=r"P(X|Z,\Theta) = \mathcal N(X \mid f_\Theta(Z), s^2 I)",
    )


@doc.row(
    "eq. 2",
    "The likelihood of n independent samples is a product of marginals; joint draws of all n latents estimate it without bias.",
    r"\int dZ\,P(Z)P(X|Z,\Theta) = \prod_j \int dz_j\,P(z_j)P(x_j|z_j,\Theta) \approx \tfrac1m \sum_{i=1}^m \prod_{j=1}^n P(x_j|z_{ji},\Theta)",
    covers=(2,),
    note="'Approximately' again means unbiased: m draws of the whole vector (z_1, ..., z_n). The product of n separate means would be another, also unbiased, estimate.",
)
def eq_2():
    all_latents = Indep(n, lambda j: prior)
    likelihood_of = lambda z: Prod(1, n, lambda j: pdf(likelihood(z[j]), rows_[j]))
    whole = E(all_latents, likelihood_of)
    estimate = E(Indep(m, lambda i: all_latents), lambda z: Sum(1, m, lambda i: likelihood_of(z[i]) / m))
    return verified(
        claim(eq(whole, Prod(1, n, lambda j: E(prior, lambda z: pdf(likelihood(z), rows_[j])))), check),
        claim(eq(estimate, whole), by((independence, linearity))),
    )


@doc.row(
    "KL zero",
    "If the KL divergence of two distributions is zero they agree.",
    r"\mathrm{KL}(p_{\mathrm{data}}, P) = 0 \Rightarrow P = p_{\mathrm{data}}",
    note="For densities: almost everywhere.",
)
def kl_zero():
    p, r = (symbol(name, ("dist", POINT)) for name in ("p", "q"))
    agree = theorem("gibbs", "equality")
    return verified(claim(agree.statement, stated(agree), given=(eq(KL(r, p), 0),)))


@doc.row(
    "eq. 3",
    "Least KL divergence to the data and greatest expected log-likelihood choose the same parameters.",
    r"\operatorname{argmin}_\Theta \mathrm{KL}(p_{\mathrm{data}}, P_\Theta) = \operatorname{argmax}_\Theta \mathbb{E}_{X\sim p_{\mathrm{data}}} \log P(X|\Theta)",
    covers=(3,),
    note="Equality of argmin and argmax is read as: for any two models, one is nearer in KL exactly when it has the greater expected log-likelihood.",
)
def eq_3():
    main = theorem("maximum-likelihood")
    nearer, likelier = le(KL(data, model_1), KL(data, model_2)), le(fit(model_2), fit(model_1))
    split = eq(KL(data, model_1), E(data, lambda x: log(pdf(data, x))) - fit(model_1))
    forth, back = theorem("maximum-likelihood", "likelier"), theorem("maximum-likelihood", "nearer")
    return verified(
        claim(split, by(main)),
        claim(likelier, stated(forth), given=(nearer,)),
        claim(nearer, stated(back), given=(likelier,)),
    )


@doc.row(
    "after eq. 3: monotone",
    "The maximum of log P is said to equal the maximum of P; it is the place of the maximum that is the same.",
    r"\max_\Theta \log P(X|\Theta) = \max_\Theta P(X|\Theta)",
    note="The values differ (the logarithm of a probability is never positive); the logarithm keeps the order, so the argmax is shared.",
    matters="Losses in log space are compared with losses in log space; a log-likelihood of -0.69 is a likelihood of 1/2.",
)
def monotone():
    a, b = (symbol(name, POSITIVE) for name in "ab")
    order, back = theorem("log-order"), theorem("log-order", "converse")
    return corrected(
        wrong(eq(log(a), a), a=half),
        claim(le(log(a), log(b)), stated(order), given=(le(a, b),)),
        claim(le(a, b), stated(back), given=(le(log(a), log(b)),)),
        tex=r"\operatorname{argmax}_\Theta \log P(X|\Theta) = \operatorname{argmax}_\Theta P(X|\Theta)",
    )


@doc.row(
    "eq. 4",
    "Under the empirical distribution the expected log-likelihood is 1/n times the log-likelihood of the whole sample.",
    r"\mathbb{E}_{X \sim p_{\mathrm{data}}} \log P(X|\Theta) = \tfrac1n \sum_i \log P(x_i|\Theta) \to \log P(X|\Theta)",
    covers=(4,),
    note="P(X|Theta) is the density of one X on the left and that of the whole sample on the right: one symbol for two things. The argmax is the same; the value differs by the factor n.",
    matters="`reduction='mean'` and `reduction='sum'` have the same optimum and gradients that differ by n: learning rates do not carry over.",
)
def eq_4():
    weights = symbol("p", ("fun", NAT, POSITIVE))
    total = log(Prod(1, n, lambda i: pdf(model_1, rows_[i])))
    mean = E(Categorical(n, lambda i: 1 / n), lambda i: log(pdf(model_1, rows_[i])))
    expected = E(Categorical(n, lambda i: weights[i]), lambda i: log(pdf(model_1, rows_[i])))
    return corrected(
        wrong(eq(mean, total), n=2),
        claim(
            eq(expected, Sum(1, n, lambda i: weights[i] * log(pdf(model_1, rows_[i])))), by(unfolding_table)
        ),
        claim(
            eq(mean, Sum(1, n, lambda i: log(pdf(model_1, rows_[i]))) / n), by((unfolding_table, linear_sums))
        ),
        claim(eq(mean, total / n), by(theorem("maximum-likelihood", "sample"))),
        tex=r"\mathbb{E}_{x\sim\hat p} \log p(x|\Theta) = \tfrac1n \log \prod_{i=1}^n p(x_i|\Theta)",
    )


def unfolding_table(t):
    """Expectations under a finite distribution as sums."""
    from vaemath.proof.tactics import everywhere

    def local(u):
        finite = (u.head == "E" and u.args[0].head == "categorical") or (
            u.head == "pdf" and u.args[0].head == "categorical"
        )
        return rules.definition(term=u) if finite else None

    return everywhere(local)(t)


@doc.row(
    "eq. 5",
    "The maximum-likelihood parameters maximise the logarithm of the expected conditional likelihood.",
    r"\Theta^* = \operatorname{argmax}_\Theta \log P(X|\Theta) = \operatorname{argmax}_\Theta \log \mathbb{E}_{z\sim P} P(X|Z,\Theta)",
    covers=(5,),
)
def eq_5():
    marginal_is = theorem("elbo-decomposition", "evidence")
    a, b = (symbol(name, POSITIVE) for name in "ab")
    mean = E(prior, lambda z: pdf(likelihood(z), x))
    positive = rules.transitivity(rules.signed(term=pdf(evidence, x)), marginal_is)
    as_mean = flip(rules.definition(term=mean))
    normal_form = rules.algebra(left=positive.rhs, right=as_mean.lhs)
    known = [positive, rules.transitivity(rules.transitivity(positive, normal_form), as_mean)]
    return verified(
        claim(
            eq(log(pdf(evidence, x)), log(mean)),
            by((marginal_is, unfolding("E")), using=known),
        ),
        claim(le(log(a), log(b)), stated(theorem("log-order")), given=(le(a, b),)),
        claim(le(a, b), stated(theorem("log-order", "converse")), given=(le(log(a), log(b)),)),
    )


@doc.row(
    "after eq. 5: product",
    "It is said that the product over the samples cannot be avoided, since log E is not E log; the logarithm does remove it.",
    r"\log \mathbb{E} \neq \mathbb{E} \log \Rightarrow \text{the product over the samples stays}",
    note="The logarithm of a product of n marginals is the sum of n logarithms (the notes use this themselves in eq. 12). What stays inside is one expectation over z for each sample.",
    matters="Log-likelihoods of samples are added; what needs the ELBO is the log of the mean over z within one sample (logsumexp), not the product over samples.",
)
def product():
    f = symbol("f", ("fun", NAT, POSITIVE))
    whole = log(Prod(1, n, lambda j: f[j]))
    return corrected(
        wrong(ne(whole, Sum(1, n, lambda j: log(f[j]))), n=2),
        claim(eq(whole, Sum(1, n, lambda j: log(f[j]))), by(algebra)),
        tex=r"\log \prod_{j} \mathbb{E}_z\,P(x_j|z,\Theta) = \sum_j \log \mathbb{E}_z\,P(x_j|z,\Theta)",
    )


@doc.row(
    "log E and E log",
    "The logarithm of an expectation is not the expectation of the logarithm.",
    r"\log \mathbb{E} \neq \mathbb{E} \log",
    note="In general; it is never smaller, and equal only when the argument is constant almost everywhere.",
)
def log_e():
    density, f = symbol("q", ("dist", POINT)), symbol("f", ("fun", POINT, POSITIVE))
    outside, inside = log(E(density, lambda z: f(z))), E(density, lambda z: log(f(z)))
    return verified(
        claim(le(inside, outside), stated(theorem("jensen-log"))),
        claim(ne(inside, outside), check),
    )


@doc.row(
    "eq. 6",
    "A differentiable function is concave when its graph lies below each of its tangents.",
    r"f(y) \le f(x) + f'(x)(y - x) \quad \forall y",
    covers=(6,),
    note="The definition of concavity for differentiable functions. The logarithm satisfies it.",
)
def eq_6():
    a, b = (symbol(name, POSITIVE) for name in "xy")
    below = le(log(b), log(a) + D(lambda t: log(t), a) * (b - a))
    slope = rules.differentiate(term=D(lambda t: log(t), a))
    return definition_of(
        claim(below, arranged(rules.log_tangent(term=b / a), (slope, -(b - a)))),
    )


@doc.row(
    "eq. 7",
    "Expectations are taken of the tangent inequality; x, called fixed a line before, is called random and E f(x) written as f(E x).",
    r"\mathbb{E} f(y) \le f(\mathbb{E}x) + \mathbb{E} f'(x)(y-x), \quad x \text{ random}",
    covers=(7,),
    note="With x random the expectation of f(x) is E f(x), which is not f(E x) (for f = log this is the very inequality to be proved). With x the fixed number E y every line holds.",
    matters="The point of tangency is a number: in code it is a detached constant, not something that is averaged too.",
)
def eq_7():
    density = symbol("q", ("dist", POINT))
    g, f = (symbol(name, ("fun", POINT, POSITIVE)) for name in ("x", "f"))
    tangent = theorem("jensen-log", "tangent")
    return corrected(
        wrong(eq(E(density, lambda z: log(g(z))), log(E(density, lambda z: g(z))))),
        claim(tangent.statement, stated(tangent)),
        claim(
            le(E(density, lambda z: log(f(z))), log(E(density, lambda z: f(z)))),
            stated(theorem("jensen-log")),
        ),
        tex=r"\mathbb{E} f(y) \le f(x) + f'(x)(\mathbb{E}y - x) = f(\mathbb{E}y) \quad\text{at the number } x = \mathbb{E}y",
    )


@doc.row(
    "eq. 8",
    "Two argmaxes are compared by size; Jensen's inequality compares the two objectives.",
    r"\operatorname{argmax}_\Theta \log \mathbb{E}_{z} P(X|Z,\Theta) \ge \operatorname{argmax}_\Theta \mathbb{E}_{z} \log P(X|Z,\Theta)",
    covers=(8,),
    note="Parameters have no order, and where they have one it can be the other way round. Example: z ~ N(0, 1), decoder N(x; z, v) with the variance v as parameter. With x^2 = 1 + y the left argmax is v = y and the right one v = x^2 + 1 = y + 2.",
    matters="Maximising E_z log p(x|z) over prior draws is another objective with another optimum: here it overstates the decoder's variance by 2.",
)
def eq_8():
    y = symbol("y", POSITIVE)
    density, f = symbol("q", ("dist", POINT)), symbol("f", ("fun", POINT, POSITIVE))
    best, other = theorem("linear-gaussian", "best-log-mean"), theorem("linear-gaussian", "best-mean-log")
    return corrected(
        wrong(le(1 + y + 1, y), y=3),
        claim(best.statement, stated(best)),
        claim(other.statement, stated(other)),
        claim(
            le(E(density, lambda z: log(f(z))), log(E(density, lambda z: f(z)))),
            stated(theorem("jensen-log")),
        ),
        tex=r"\log \mathbb{E}_{z} P(X|Z,\Theta) \ge \mathbb{E}_{z} \log P(X|Z,\Theta) \quad \forall\,\Theta",
    )


@doc.row(
    "after eq. 8: gap",
    "The gap between log E and E log under the prior can be very large.",
    r"\log \mathbb{E}_{z\sim P} P(X|Z) - \mathbb{E}_{z\sim P} \log P(X|Z) \text{ can be very large}",
    note="In the model x = z + s e at x = 0 the gap grows like 1/(2 s^2).",
)
def gap():
    mean_log = theorem("linear-gaussian", "mean-log")
    return shown(
        jensen_gap,
        lambda r: r["s = 1"] < 1 and r["s = 0.01"] > 4000,
        claim(mean_log.statement, stated(mean_log)),
    )


@doc.row(
    "eq. 9",
    "log p(x) is averaged over any density Q and split into reconstruction, prior and posterior terms.",
    r"\log P(X|\Theta) = \int Q \log P(X|Z,\Theta)\,dZ + \int Q \log \tfrac{P(Z)}{Q}\,dZ + \int Q \log \tfrac{Q}{P(Z|X,\Theta)}\,dZ",
    covers=(9,),
    note="Line by line: Q integrates to one; Bayes' rule; multiply and divide by Q; the logarithm of a product; the chain rule P(X, Z) = P(X|Z) P(Z).",
)
def eq_9():
    return verified(*split_claims())


def split_claims():
    """The lines of eq. 9 of document 000, which are eq. 9 and 10 of document 001."""
    ev, post, qx = log(pdf(evidence, x)), lambda z: pdf(posterior(x), z), lambda z: pdf(q(x), z)
    total = total_probability(q(x))
    posterior_meaning = meaning(posterior, bayes, x)
    by_bayes = (posterior_meaning, unfolding("pdf"))
    expected = lambda f: E(q(x), f)
    to_prior = lambda z: log(joint(x, z) / qx(z))
    to_posterior = lambda z: log(qx(z) / post(z))
    return (
        claim(eq(ev, expected(lambda z: ev)), by((linearity, total))),
        claim(eq(pdf(evidence, x), joint(x, z) / post(z)), by(by_bayes)),
        claim(eq(expected(lambda z: ev), expected(lambda z: log(joint(x, z) / post(z)))), by(by_bayes)),
        claim(
            eq(
                expected(lambda z: log(joint(x, z) / post(z))),
                expected(lambda z: log(joint(x, z) * qx(z) / (post(z) * qx(z)))),
            ),
            by(algebra),
        ),
        claim(
            eq(
                expected(lambda z: log(joint(x, z) * qx(z) / (post(z) * qx(z)))),
                expected(to_prior) + expected(to_posterior),
            ),
            by(multiplied_out),
        ),
        claim(
            eq(
                expected(to_prior) + expected(to_posterior),
                expected(lambda z: log(pdf(likelihood(z), x)))
                + expected(lambda z: log(pdf(prior, z) / qx(z)))
                + expected(to_posterior),
            ),
            by(multiplied_out),
        ),
        claim(eq(ev, elbo() + KL(q(x), posterior(x))), stated(theorem("elbo-decomposition"))),
    )


@doc.row(
    "eq. 10",
    "log p(x) is the ELBO plus the KL divergence of Q to the posterior.",
    r"\log P(X|\Theta) = \mathcal L(\Theta, Q) + \mathrm{KL}(Q(Z)\,\|\,P(Z|X,\Theta))",
    covers=(10, 11),
    note="The first display writes the posterior without its Theta.",
)
def eq_10():
    ev, gap_ = log(pdf(evidence, x)), KL(q(x), posterior(x))
    main = theorem("elbo-decomposition")
    return verified(claim(eq(ev - gap_, elbo()), arranged(main)), claim(eq(ev, elbo() + gap_), stated(main)))


@doc.row(
    "definition 1",
    "A lower bound in these notes is one that is also attained.",
    r"g(x, y(x)) \le f(x)\ \forall x, y; \quad \exists x_0: g(x_0, y(x_0)) = f(x_0)",
    note="Usually a lower bound need not be attained; that it is, here even at every x for a suitable Q, is what eq. 11 adds.",
)
def definition_1():
    bound, tight = theorem("elbo-bound"), theorem("elbo-bound", "tight")
    return definition_of(
        claim(le(elbo(), log(pdf(evidence, x))), stated(bound)),
        claim(eq(elbo(posterior), log(pdf(evidence, x))), by(tight)),
    )


@doc.row(
    "eq. 11",
    "The ELBO is a lower bound, since KL is nonnegative, and is attained when Q is the posterior.",
    r"\log P(X|\Theta) \ge \mathcal L(\Theta, Q); \quad Q = P(Z|X,\Theta) \Rightarrow \log P(X|\Theta) = \mathcal L(\Theta, Q)",
    covers=(12, 13),
    note="And only then: theorem elbo-bound/only-posterior.",
)
def eq_11():
    first, second = symbol("q", ("dist", POINT)), symbol("p", ("dist", POINT))
    return verified(
        claim(le(elbo(), log(pdf(evidence, x))), stated(theorem("elbo-bound"))),
        claim(le(0, KL(first, second)), stated(theorem("gibbs"))),
        claim(eq(log(pdf(evidence, x)), elbo(posterior)), by(theorem("elbo-bound", "tight"))),
    )


@doc.row(
    "after eq. 11: over Q",
    "Raising the ELBO by Q lowers the gap, since log p(x) does not depend on Q.",
    r"\mathcal L(\Theta, Q_1) \le \mathcal L(\Theta, Q_2) \Rightarrow \mathrm{KL}(Q_2\|P(Z|X)) \le \mathrm{KL}(Q_1\|P(Z|X))",
)
def over_q():
    other = symbol("r", q.sort)
    smaller = theorem("elbo-routes", "smaller-gap")
    return verified(
        claim(
            le(KL(other(x), posterior(x)), KL(q(x), posterior(x))),
            stated(smaller),
            given=(le(elbo(q), elbo(other)),),
        )
    )


@doc.row(
    "after eq. 11: over Theta",
    "Raising the ELBO by Theta is said to move P(X|Theta) towards the data; the likelihood may fall while the ELBO rises.",
    r"\mathcal L(\Theta_1, Q) \le \mathcal L(\Theta_2, Q) \Rightarrow P(X|\Theta_1) \le P(X|\Theta_2)",
    note="The ELBO may rise because the gap shrinks. The implication holds when Q is the posterior at Theta_1 (the EM step).",
    matters="A rising ELBO during training is no proof of a rising likelihood: estimate log p(x) by importance sampling when models are compared.",
)
def over_theta():
    second_decoder = symbol("likelihood_2", likelihood.sort)
    second_evidence, second_posterior = (
        symbol("evidence_2", evidence.sort),
        symbol("posterior_2", posterior.sort),
    )
    joint_2 = lambda x, z: pdf(second_decoder(z), x) * pdf(prior, z)
    evidence_2 = Density(lambda x: Int(lambda z: joint_2(x, z), POINT))
    defined = (*model, make("def", (second_evidence, evidence_2)))
    rising = le(log(pdf(evidence, x)), log(pdf(second_evidence, x)))
    better = lambda r: le(elbo(r), elbo(r, likelihood=second_decoder))
    return corrected(
        wrong(rising, given=(*defined, better(q), Normalised(q(x)))),
        claim(
            rising,
            lambda statement: em_step(
                statement, better(posterior), second_decoder, second_evidence, second_posterior
            ),
            given=(better(posterior),),
        ),
        tex=r"Q = P(Z|X,\Theta_1),\ \mathcal L(\Theta_1, Q) \le \mathcal L(\Theta_2, Q) \Rightarrow P(X|\Theta_1) \le P(X|\Theta_2)",
    )


def em_step(statement, better, second_decoder, second_evidence, second_posterior):
    """log p_1 = ELBO_1 <= ELBO_2 <= log p_2 when q is the posterior of the first model."""
    mapping = {
        likelihood: second_decoder,
        evidence: second_evidence,
        posterior: second_posterior,
        q: posterior,
    }
    bound = rules.instantiate(theorem("elbo-bound"), mapping=mapping)
    tight = theorem("elbo-bound", "tight")
    normalised = theorem("elbo-decomposition", "posterior-normalised")
    return arranged(assuming(better), bound, (tight, -1), using=[normalised])(statement)


@doc.row(
    "eq. 12",
    "The log-likelihood of the data is a sum over samples, and at least the sum of their bounds.",
    r"\log P(X|\Theta) = \sum_i \log p(x_i|\Theta) \ge \sum_i \left[\int Q(z_i)\log p(x_i|z_i,\Theta)\,dz_i - \mathrm{KL}(Q(z_i)\|p(z_i))\right]",
    covers=(14,),
    note="The notes print p(x_i, Theta) with a comma; a density of x_i given Theta is meant.",
)
def eq_12():
    f = symbol("data", ("fun", NAT, POINT))
    whole = log(Prod(1, n, lambda i: pdf(evidence, f[i])))
    total = Sum(1, n, lambda i: log(pdf(evidence, f[i])))
    return verified(
        claim(eq(whole, total), by(algebra)),
        claim(le(Sum(1, n, lambda i: elbo(x=f[i])), total), stated(theorem("elbo-routes", "data-set"))),
    )


@doc.row(
    "after eq. 12: SGD",
    "With one phi_i for each object, stochastic gradients leave some of them untouched in an epoch.",
    r"\phi_i \text{ is not updated in every epoch}",
    note="With uniform draws with replacement 37 % of the rows are not touched; an epoch that shuffles touches each exactly once, as seldom as once.",
)
def untouched():
    return shown(untouched_rows, lambda r: abs(r["measured"] - r["expected"]) < 0.005)


@doc.row(
    "eq. 13",
    "The amortised objective: one encoder for all samples.",
    r"\mathcal L(\Theta, \phi) = \sum_i \left[\int Q(z_i|x_i,\phi)\log p(x_i|z_i,\Theta)\,dz_i - \mathrm{KL}(Q(z_i|x_i,\phi)\|p(z_i))\right]",
    covers=(15,),
    note="It is the bound of eq. 12 with Q(z_i) = Q(z_i|x_i, phi).",
)
def eq_13():
    f = symbol("data", ("fun", NAT, POINT))
    total = Sum(1, n, lambda i: log(pdf(evidence, f[i])))
    return definition_of(
        claim(le(Sum(1, n, lambda i: elbo(x=f[i])), total), stated(theorem("elbo-routes", "data-set")))
    )


@doc.row(
    "eq. 14",
    "Normal encoder with d coordinates, standard normal prior, normal decoder with covariance s^2 I in D dimensions.",
    r"Q = \mathcal N(\mu(\phi,x_i), \sigma(\phi,x_i)), \quad p(z_i) = \mathcal N(0, I), \quad p(x_i|z_i,\Theta) = \mathcal N(f(z_i,\Theta), s^2 I)",
    covers=(16,),
    note="sigma is the vector of standard deviations (eq. 16), so the second argument of N is a scale for the encoder and a covariance for the decoder.",
)
def eq_14():
    f, at = symbol("f", ("fun", NAT, REAL)), symbol("x", ("fun", NAT, REAL))
    point = symbol("z", ("fun", NAT, REAL))
    one_factor = lambda j: exp(-((point[j] - mu[j]) ** 2) / (2 * sigma[j] ** 2)) / (sqrt(2 * pi) * sigma[j])
    decoder = log(pdf(Indep(dim, lambda j: Normal(f[j], s)), at))
    return definition_of(
        claim(eq(pdf(encoder, point), Prod(1, d, one_factor)), by(log_density)),
        claim(
            eq(
                decoder,
                log(
                    pdf(
                        MvNormal(vec(dim, lambda j: f[j]), diagm(dim, lambda j: s**2)),
                        vec(dim, lambda j: at[j]),
                    )
                ),
            ),
            by((log_density, linear_sums)),
        ),
    )


@doc.row(
    "eq. 15",
    "The KL divergence of the encoder to the prior is the difference of two expected log-densities.",
    r"\mathrm{KL}(\mathcal N(\mu,\sigma)\|\mathcal N(0,I)) = \int q \log \tfrac{q}{p}\,dz = \int q \log q\,dz - \int q \log p\,dz = I_1 - I_2",
    covers=(17,),
    note="The integrals over d coordinates are read as expectations under q.",
)
def eq_15():
    i_1, i_2 = E(encoder, lambda z: log(pdf(encoder, z))), E(encoder, lambda z: log(pdf(standard, z)))
    first, second = theorem("normal-entropy"), theorem("normal-cross-entropy")
    closed = theorem("kl-normal-diag-standard")
    return verified(
        claim(
            eq(KL(encoder, standard), E(encoder, lambda z: log(pdf(encoder, z) / pdf(standard, z)))),
            by(definition),
        ),
        claim(eq(KL(encoder, standard), i_1 - i_2), by((closed, first, second, linear_sums))),
    )


@doc.row(
    "before eq. 16: covariance",
    "The covariance is said to be diag(sigma); the density below it has diag(sigma^2).",
    r"\mathrm{cov}(z_i) = \mathrm{diag}(\sigma)",
    note="Eq. 16 divides by prod sigma_k, the square root of the determinant of diag(sigma^2), and by sigma_j^2 in the exponent.",
    matters="Whether the encoder's second head is a variance, a standard deviation or a log-variance decides every later formula; a sample is mu + sigma * eps only for a standard deviation.",
)
def covariance():
    point = symbol("z", ("fun", NAT, REAL))
    density = lambda c: log(pdf(MvNormal(vec(d, lambda j: mu[j]), diagm(d, c)), vec(d, lambda j: point[j])))
    target = log(product_form(point))
    zero, four = lam(lambda j: 0, NAT), lam(lambda j: 4, NAT)
    return corrected(
        wrong(eq(density(lambda j: sigma[j]), target), d=1, sigma=four, mu=zero, z=zero),
        claim(eq(density(lambda j: sigma[j] ** 2), target), by((log_density, linear_sums))),
        tex=r"\mathrm{cov}(z_i) = \mathrm{diag}(\sigma^2)",
    )


def product_form(point):
    """1 / ((2 pi)^(d/2) prod sigma_k) exp(-1/2 sum (z_j - mu_j)^2 / sigma_j^2)."""
    return exp(-half * Sum(1, d, lambda j: (point[j] - mu[j]) ** 2 / sigma[j] ** 2)) / constant()


@doc.row(
    "eq. 16",
    "The normal density with a covariance matrix, with a diagonal one, and the standard normal density.",
    r"\mathcal N(z|\mu,\sigma) = \frac{\exp(-\frac12 (z-\mu)^T \mathrm{cov}^{-1} (z-\mu))}{(2\pi)^{d/2}|\mathrm{cov}|^{1/2}} = \frac{\exp(-\frac12 \sum_j (z_j-\mu_j)^2/\sigma_j^2)}{(2\pi)^{d/2}\prod_k \sigma_k}",
    covers=(18,),
    note="Stated for cov = diag(sigma^2). Equality of the two densities is proved through their logarithms.",
)
def eq_16():
    point = symbol("z", ("fun", NAT, REAL))
    mean, cov, at = symbol("m", ("mat", d, one)), symbol("cov", ("spd", d)), symbol("y", ("mat", d, one))
    general = exp(-half * quad(at - mean, inv(cov))) / (exp(d / 2 * log(2 * pi)) * exp(half * logdet(cov)))
    diagonal = log(
        pdf(MvNormal(vec(d, lambda j: mu[j]), diagm(d, lambda j: sigma[j] ** 2)), vec(d, lambda j: point[j]))
    )
    unit = exp(-half * Sum(1, d, lambda j: point[j] ** 2)) / exp(d / 2 * log(2 * pi))
    return verified(
        claim(eq(pdf(MvNormal(mean, cov), at), general), by(log_density)),
        claim(eq(diagonal, log(product_form(point))), by((log_density, linear_sums))),
        claim(eq(log(pdf(encoder, point)), log(product_form(point))), by((log_density, linear_sums))),
        claim(eq(log(pdf(standard, point)), log(unit)), by((log_density, linear_sums))),
    )


@doc.row(
    "eq. 17",
    "I_2 is a constant minus half the expected squared norm.",
    r"I_2 = \log\frac{1}{(2\pi)^{d/2}} - \frac{1}{2(2\pi)^{d/2}\prod_k\sigma_k} J",
    covers=(19,),
    note="J, an integral against the unnormalised density, is read as its constant (2 pi)^(d/2) prod sigma_k times the expectation under q.",
)
def eq_17():
    per_coordinate = E(encoder, lambda z: Sum(1, d, lambda j: -half * log(2 * pi) - z[j] ** 2 / 2))
    closed = log(1 / exp(d / 2 * log(2 * pi))) - j_integral() / (2 * constant())
    reason = (independence, multiplied_out, *moments(), linear_sums)
    return verified(
        claim(eq(i_2(), closed), by(reason, lines=[(per_coordinate, log_density)], using=normalised()))
    )


def i_2():
    return E(encoder, lambda z: log(pdf(standard, z)))


def j_integral():
    """J as the constant of the density times the expected squared norm."""
    return constant() * E(encoder, lambda z: Sum(1, d, lambda j: z[j] ** 2))


def moments():
    return theorems("gaussian-moments", "total", "variance", "mean", "main")


def normalised():
    return [theorem("gaussian-moments", "normalised")]


@doc.row(
    "eq. 18",
    "J is split into one integral per coordinate, from J_1 to J_n; n counts samples, the coordinates are d.",
    r"J = J_1 + \dots + J_n",
    covers=(20,),
    note="One symbol for two things: n is the number of training samples in eq. 12-13 and 23-26.",
    matters="Summing over the batch axis instead of the latent axis gives this very sum: `sum(-1)`, not `sum(0)`.",
)
def eq_18():
    part = lambda j: constant() * E(Normal(mu[j], sigma[j]), lambda y: y**2)
    return corrected(
        wrong(
            eq(j_integral(), Sum(1, n, part)), d=1, n=2, mu=lam(lambda j: 0, NAT), sigma=lam(lambda j: 1, NAT)
        ),
        claim(eq(j_integral(), Sum(1, d, part)), by((independence, linear_sums), using=normalised())),
        tex=r"J = J_1 + \dots + J_d",
    )


@doc.row(
    "eq. 19",
    "One coordinate: z^2 = (z - mu)^2 + 2 mu z - mu^2, three Gaussian integrals.",
    r"J_1 = (2\pi)^{\frac{d-1}2}\prod_{k\ge2}\sigma_k \int z^2 e^{-(z-\mu_1)^2/2\sigma_1^2}\,dz = (2\pi)^{\frac d2}\prod_k \sigma_k\,(\sigma_1^2 + \mu_1^2)",
    covers=(21,),
    note="The d - 1 other coordinates give their constants; the product over k >= 2 is the whole product divided by its first factor.",
)
def eq_19():
    (a,), (b,) = (symbol("mu_1", REAL),), (symbol("sigma_1", POSITIVE),)
    bell = lambda y: exp(-half * (y - a) ** 2 / b**2)
    others = Prod(1, d, lambda k: sigma[k]) / sigma[1]
    integral = lambda f: Int(lambda y: f(y) * bell(y))
    second = integral(lambda y: y**2)
    before, after = exp((d - 1) / 2 * log(2 * pi)) * others, exp(d / 2 * log(2 * pi)) * (b * others)
    three = integral(lambda y: (y - a) ** 2) + 2 * a * integral(lambda y: y) - a**2 * Int(bell)
    return verified(
        claim(eq(second, integral(lambda y: (y - a) ** 2 + 2 * a * y - a**2)), by(algebra)),
        claim(eq(integral(lambda y: (y - a) ** 2 + 2 * a * y - a**2), three), by(multiplied_out)),
        claim(eq(three, sqrt(2 * pi) * b * (b**2 + a**2)), by(integration)),
        claim(eq(before * second, after * (b**2 + a**2)), by(integration)),
        claim(eq(Prod(1, d, lambda k: sigma[k]), sigma[1] * others), by(algebra)),
    )


@doc.row(
    "eq. 20",
    "J and I_2 in closed form.",
    r"J = (2\pi)^{d/2}\prod_k\sigma_k \sum_j(\sigma_j^2+\mu_j^2), \quad I_2 = \log\frac1{(2\pi)^{d/2}} - \tfrac12\sum_j(\sigma_j^2+\mu_j^2)",
    covers=(22,),
)
def eq_20():
    return verified(j_claim(), i_2_claim())


def j_claim():
    total = constant() * Sum(1, d, lambda j: sigma[j] ** 2 + mu[j] ** 2)
    return claim(eq(j_integral(), total), by((independence, *moments(), linear_sums), using=normalised()))


def i_2_claim():
    closed = log(1 / exp(d / 2 * log(2 * pi))) - half * Sum(1, d, lambda j: sigma[j] ** 2 + mu[j] ** 2)
    return claim(eq(i_2(), closed), by(theorem("normal-cross-entropy")))


@doc.row(
    "eq. 21",
    "I_1 in closed form.",
    r"I_1 = \log\frac1{(2\pi)^{d/2}} - \tfrac12\sum_j(1+\log\sigma_j^2)",
    covers=(23,),
)
def eq_21():
    i_1 = E(encoder, lambda z: log(pdf(encoder, z)))
    closed = log(1 / exp(d / 2 * log(2 * pi))) - half * Sum(1, d, lambda j: 1 + log(sigma[j] ** 2))
    return verified(claim(eq(i_1, closed), by(theorem("normal-entropy"))))


@doc.row(
    "eq. 22",
    "The KL divergence of the encoder to the prior in closed form.",
    r"\mathrm{KL}(\mathcal N(\mu,\sigma)\|\mathcal N(0,I)) = -\tfrac12\sum_j(1+\log\sigma_j^2-\sigma_j^2-\mu_j^2)",
    covers=(24,),
)
def eq_22():
    closed = -half * Sum(1, d, lambda j: 1 + log(sigma[j] ** 2) - sigma[j] ** 2 - mu[j] ** 2)
    return verified(claim(eq(KL(encoder, standard), closed), by(theorem("kl-normal-diag-standard"))))


@doc.row(
    "eq. 23",
    "The gradient of the objective is the sum of the gradients of the samples' bounds.",
    r"\nabla \mathcal L(\Theta,\phi) = \nabla \sum_i \Bigl[\int Q\log p(x_i|z_i)\,dz_i + \tfrac12\sum_j(1+\log\sigma_j^2-\sigma_j^2-\mu_j^2)\Bigr] = \sum_i\nabla\mathcal L_i",
    covers=(25,),
    note="Written for one real parameter at a time.",
)
def eq_23():
    parts = symbol("L", ("fun", NAT, ("fun", REAL, REAL)))
    (theta,) = (symbol("theta", REAL),)
    reconstruction = symbol("R", REAL)
    closed = half * Sum(1, d, lambda j: 1 + log(sigma[j] ** 2) - sigma[j] ** 2 - mu[j] ** 2)
    return verified(
        claim(
            eq(reconstruction - KL(encoder, standard), reconstruction + closed),
            by(theorem("kl-normal-diag-standard")),
        ),
        claim(
            eq(
                D(lambda t: Sum(1, n, lambda i: parts(i)(t)), theta),
                Sum(1, n, lambda i: D(lambda t: parts(i)(t), theta)),
            ),
            by(differentiation),
        ),
    )


@doc.row(
    "eq. 24",
    "n/m times the gradient over a uniform minibatch estimates the full gradient without bias.",
    r"\nabla\mathcal L \approx \frac nm\sum_{i=1}^m \nabla\mathcal L_i, \quad i\sim U(1,\dots,n)",
    covers=(26,),
    note="Uniform indices, drawn independently. The index i of the summand is random; the sum runs over the m draws.",
)
def eq_24():
    unbiased = theorem("monte-carlo", "minibatch-gradient")
    return verified(claim(unbiased.statement, by(unbiased)))


@doc.row(
    "before eq. 25: no plain Monte Carlo",
    "The gradient by the encoder's parameters cannot be taken inside the expectation over z.",
    r"\nabla_\phi \mathbb E_{Q_\phi} f(z) \ne \mathbb E_{Q_\phi} \nabla_\phi f(z)",
    note="The density depends on phi, so the rule for exchanging derivative and integral does not apply. (The score-function estimator is another way; it needs no reparameterisation.)",
)
def no_plain():
    a = symbol("mu", REAL)
    outside = D(lambda t: E(Normal(t, 1), lambda y: y**2), a)
    inside = E(Normal(a, 1), lambda y: D(lambda t: y**2, a))
    return verified(
        claim(eq(outside, 2 * a), by(theorem("pathwise-gradient", "square"))),
        claim(eq(inside, 0), by((differentiation, linearity))),
        claim(ne(outside, inside), check, given=(ne(a, 0),)),
    )


@doc.row(
    "eq. 25",
    "The expectation over z is one over standard normal noise; V draws estimate it, and its gradients, without bias.",
    r"\int Q\log p(x_i|z_i,\Theta)\,dz_i = \int p(\epsilon)\log p(x_i|\epsilon\sigma+\mu,\Theta)\,d\epsilon \approx \tfrac1V\sum_v \log p(x_i|\epsilon_v\sigma+\mu,\Theta)",
    covers=(27,),
    note="One coordinate; f stands for z -> log p(x|z).",
)
def eq_25():
    main, samples = theorem("reparameterization"), theorem("pathwise-gradient", "samples")
    by_mu, by_sigma = (
        theorem("pathwise-gradient", "gradient-mu"),
        theorem("pathwise-gradient", "gradient-sigma"),
    )
    return verified(*(claim(t.statement, by(t)) for t in (main, samples, by_mu, by_sigma)))


@doc.row(
    "after eq. 25",
    "The decoder's density at a reparameterised code.",
    r"p(x_i|\epsilon_v\sigma+\mu,\Theta) = \mathcal N(x_i|f_\Theta(\epsilon_v\sigma+\mu), s^2I)",
    covers=(28,),
    note="Its negative logarithm is the scaled squared error plus a constant.",
)
def after_25():
    known = theorem("loss-gaussian", "reconstruction")
    return definition_of(claim(known.statement, by(known)))


@doc.row(
    "eq. 26",
    "The final objective has the plain squared error; the Gaussian log-likelihood divides it by 2 s^2.",
    r"\nabla\mathcal L \approx \frac nm\sum_i\nabla\Bigl[-\tfrac1V\sum_v\|f_\Theta(\epsilon_v\sigma+\mu)-x_i\|^2 + \tfrac12\sum_j(1+\log\sigma_j^2-\sigma_j^2-\mu_j^2)\Bigr]",
    covers=(29,),
    note="The constant D/2 log(2 pi s^2) may go, as it does not depend on the network; the factor 1/(2 s^2) may not, since it weighs the error against the KL. As written the objective is that of s^2 = 1/2.",
    matters="`((x - f)**2).sum() + kl` is a beta-VAE with beta = 1/(2 s^2): at s = 1 the KL has half its weight. `mean` reduction over pixels multiplies its weight by D.",
)
def eq_26():
    t, at = symbol("theta", REAL), symbol("x", ("fun", NAT, REAL))
    f = symbol("f", ("fun", NAT, ("fun", REAL, REAL)))
    log_p = lambda t: log(pdf(Indep(dim, lambda j: Normal(f(j)(t), s)), at))
    square = lambda t: Sum(1, dim, lambda j: (f(j)(t) - at[j]) ** 2)
    gradient = D(lambda u: log_p(u), t)
    expanded_slope = -(1 / (2 * s**2)) * D(lambda u: square(u), t)
    loss = theorem("loss-gaussian")
    return corrected(
        wrong(
            eq(gradient, D(lambda u: -square(u), t)),
            D=1,
            s=1,
            theta=1,
            x=lam(lambda j: 3, NAT),
            f=lam(lambda j: lam(lambda u: 2 * u, REAL), NAT),
        ),
        claim(
            eq(gradient, expanded_slope),
            by((log_density, linear_sums, differentiation, linear_sums)),
        ),
        claim(loss.statement, by(loss)),
        tex=r"-\frac1{2s^2}\cdot\frac1V\sum_v\|f_\Theta(\epsilon_v\sigma+\mu)-x_i\|^2 + \tfrac12\sum_j(1+\log\sigma_j^2-\sigma_j^2-\mu_j^2)",
    )


@doc.row(
    "eq. 26: dimensions",
    "The decoder's output and x have D entries, the encoder's mean and standard deviation d.",
    r"f_\Theta, x_i\in\mathbb R^D; \quad \sigma_\phi,\mu_\phi\in\mathbb R^d",
    covers=(30,),
    note="The loss is a sum over D entries and one over d coordinates.",
)
def dimensions():
    loss = theorem("loss-gaussian")
    return definition_of(claim(loss.statement, by(loss)))


# Section 2: information theory


p_, r_ = (symbol(name, ("fun", NAT, POSITIVE)) for name in "pq")
first, second = table(p_), table(r_)
adds_up = lambda f: eq(Sum(1, k, lambda j: f[j]), 1)
binary = lambda t: -t * log(t) - (1 - t) * log(1 - t)
prob = symbol("p", POSITIVE)
as_sums = (unfolding("E", "pdf", "KL", "CE", "H"), linear_sums)


@doc.row(
    "eq. 27",
    "Entropy of a finite distribution.",
    r"H(X) = -\sum_i P(x_i)\log P(x_i)",
    covers=(31,),
)
def eq_27():
    return definition_of(
        claim(eq(H(first), -Sum(1, k, lambda j: p_[j] * log(p_[j]))), by(theorem("finite-kl", "entropy")))
    )


@doc.row(
    "after eq. 27: maximum",
    "Entropy is greatest when nothing is known; the notes give P = 0.5, which is so for two outcomes only.",
    r"H \text{ is greatest at } P = 0.5",
    note="For k outcomes the greatest entropy is log k, at P = 1/k. For k = 3 no distribution has all its probabilities 1/2, and log 2 is exceeded.",
    matters="A classifier that knows nothing has a cross-entropy of log k: 2.303 nats on ten classes, not 0.693.",
)
def greatest():
    bound = theorem("finite-kl", "maximum-entropy")
    third = lam(lambda j: Rational(1, 3), NAT)
    return corrected(
        wrong(le(H(first), log(2)), k=3, p=third),
        claim(le(H(first), log(k)), stated(bound)),
        claim(eq(H(Categorical(k, lambda j: 1 / k)), log(k)), by(as_sums)),
        tex=r"H \le \log k, \text{ with equality at } P = 1/k",
    )


@doc.row(
    "eq. 28",
    "Entropy of two outcomes.",
    r"H(X) = -P\log P - (1-P)\log(1-P)",
    covers=(32,),
)
def eq_28():
    two_outcomes = Categorical(2, lambda j: (2 - j) * prob + (j - 1) * (1 - prob))
    return verified(claim(eq(H(two_outcomes), binary(prob)), check, given=(lt(prob, 1),)))


@doc.row(
    "eq. 29",
    "Its derivative, which vanishes at P = 1/2.",
    r"\frac{\partial H}{\partial P} = -[\log P - \log(1-P)] = 0",
    covers=(33,),
    note="Nothing stands in the way of the derivative: X is discrete, but its probability P is a real number.",
)
def eq_29():
    slope, zero = theorem("binary-entropy", "derivative"), theorem("binary-entropy", "stationary")
    return verified(
        claim(eq(D(binary, prob), -(log(prob) - log(1 - prob))), by(slope)),
        claim(eq(-(log(half) - log(half)), 0), stated(zero)),
    )


@doc.row(
    "after eq. 29: extremes",
    "The derivative is set to 0 and P = 0.5, 0, 1 are read off; it vanishes at 0.5 only and has no value at 0 and 1.",
    r"\frac{\partial H}{\partial P} = 0 \Rightarrow P = 0.5, 0, 1",
    note="Towards 0 the derivative grows without bound (6.9 at 1/1000). 0 and 1 are extremes too, but as end points, where H = 0 is least: no derivative finds them.",
    matters="The gradient of -p log p is infinite at p = 0: code clamps p, or works with logits.",
)
def extremes():
    only = theorem("binary-entropy", "only")
    flat = eq(D(binary, prob), 0)
    b = symbol("b", POSITIVE)
    two_terms, adds = -prob * log(prob) - b * log(b), (eq(prob + b, 1),)
    return corrected(
        wrong(flat, p=Rational(1, 1000)),
        claim(eq(prob, half), stated(only), given=(flat,)),
        claim(le(0, two_terms), stated(theorem("binary-entropy", "nonnegative")), given=adds),
        claim(le(two_terms, 2 * sqrt(prob) - prob), stated(theorem("binary-entropy", "end")), given=adds),
        tex=r"\frac{\partial H}{\partial P} = 0 \iff P = \tfrac12",
    )


@doc.row(
    "after eq. 29: maximum",
    "P = 1/2 is the maximum.",
    r"H(P) \le H(\tfrac12)",
    note="q stands for 1 - P. The greatest value is log 2.",
)
def binary_maximum():
    b = symbol("b", POSITIVE)
    top, value = theorem("binary-entropy", "maximum"), theorem("binary-entropy", "value")
    return verified(
        claim(le(-prob * log(prob) - b * log(b), log(2)), stated(top), given=(eq(prob + b, 1),)),
        claim(eq(-half * log(half) - half * log(half), log(2)), by(value)),
    )


@doc.row(
    "eq. 30",
    "KL divergence of finite distributions, as cross-entropy minus entropy.",
    r"\mathrm{KL}(p\|q) = \sum_i p_i\log\frac{p_i}{q_i} = \sum_i p_i\log p_i - \sum_i p_i\log q_i = -H(p)+H(p,q)",
    covers=(34,),
)
def eq_30():
    ratio = Sum(1, k, lambda j: p_[j] * log(p_[j] / r_[j]))
    parts = Sum(1, k, lambda j: p_[j] * log(p_[j])) - Sum(1, k, lambda j: p_[j] * log(r_[j]))
    return verified(
        claim(eq(KL(first, second), ratio), by(theorem("finite-kl"))),
        claim(eq(ratio, parts), by(linear_sums)),
        claim(eq(KL(first, second), -H(first) + CE(first, second)), by(theorem("finite-kl", "difference"))),
    )


@doc.row(
    "after eq. 30: bits",
    "The KL divergence is said to be a number of bits; with the natural logarithm of these notes it is in nats.",
    r"\mathrm{KL}(p\|q) \text{ is the average number of extra bits}",
    note="Bits are nats divided by log 2. The closed form of eq. 22 uses the natural logarithm.",
    matters="Reported `bits per dimension` are nats / (log 2 * D); a KL loss of 1 is 1.44 bits.",
)
def bits():
    extra_bits = Sum(1, k, lambda j: p_[j] * log(p_[j] / r_[j]) / log(2))
    even, skew = lam(lambda j: half, NAT), lam(lambda j: j / 2 - Rational(1, 4), NAT)
    return corrected(
        wrong(eq(KL(first, second), extra_bits), k=2, p=even, q=skew),
        claim(eq(KL(first, second), log(2) * extra_bits), by(as_sums)),
        tex=r"\mathrm{KL}(p\|q) = \log 2 \cdot (\text{extra bits})",
    )


@doc.row(
    "after eq. 30: samples",
    "Equal samples are said to need equal numbers of bits; the divergence compares the distributions, not samples of them.",
    r"\text{samples from both are the same} \Rightarrow \text{no extra bits}",
    note="Both distributions of the counterexample can produce the same sample, as all their probabilities are positive; their divergence is not zero. Codes are made for q, not from samples of q.",
    matters="A KL estimated by comparing two batches is a two-sample statistic; the KL of the ELBO uses log-densities at samples of one of them.",
)
def samples():
    even, skew = lam(lambda j: half, NAT), lam(lambda j: j / 2 - Rational(1, 4), NAT)
    same = wrong(eq(KL(first, second), 0), given=(lt(0, r_[1]), lt(0, p_[1])), k=2, p=even, q=skew)
    return corrected(
        same,
        claim(eq(KL(first, first), 0), by(theorem("finite-kl", "self"))),
        tex=r"p = q \Rightarrow \mathrm{KL}(p\|q) = 0",
    )


@doc.row(
    "after eq. 30: equal",
    "If the distributions are the same no extra bits are needed.",
    r"p = q \Rightarrow \mathrm{KL}(p\|q) = 0",
)
def equal():
    return verified(claim(eq(KL(first, first), 0), by(theorem("finite-kl", "self"))))
