# ruff: noqa: E501  (labels and TeX stay on one line)
"""Document 004: handwritten notes from Bayes' rule to the loss of the variational autoencoder."""

from vaemath.derive import *
from vaemath.ledger.experiments import autoencoder
from vaemath.ledger.vocabulary import *
from vaemath.ledger.write import *

doc = Document(
    file="004_17e10f691590a061.txt",
    title="Handwritten notes on the loss function of the variational autoencoder",
    origin="A transcript of handwritten notes without title, author or date; partly in Bengali, with drawings that are not in the file.",
)

rows, columns = symbol("M", NAT), symbol("K", NAT)
table_ = symbol("joint", ("fun", NAT, ("fun", NAT, POSITIVE)))
i, j = symbol("i", NAT), symbol("j", NAT)
p_x = lambda i: Sum(1, columns, lambda j: table_(i, j))
p_y = lambda j: Sum(1, rows, lambda i: table_(i, j))
x_given_y = lambda i, j: table_(i, j) / p_y(j)
y_given_x = lambda i, j: table_(i, j) / p_x(i)
two_by_two = lambda entries: lam(lambda i: lam(lambda j: entries(i, j), NAT), NAT)

mean_1, mean_2 = (symbol(name, ("mat", n, Rational(1))) for name in ("mu_1", "mu_2"))
cov_1, cov_2 = (symbol(name, ("spd", n)) for name in ("Sigma_1", "Sigma_2"))
P, Q = MvNormal(mean_1, cov_1), MvNormal(mean_2, cov_2)
space = ("mat", n, Rational(1))
at = symbol("x", space)
gap_ = mean_1 - mean_2
log_dets = logdet(cov_2) - logdet(cov_1)
trace_formula = lambda size, delta: (
    half * (log_dets - size + tr(inv(cov_2) @ cov_1) + quad(delta, inv(cov_2)))
)
half_quad = lambda m, c: lambda y: half * quad(y - m, inv(c))


@doc.row(
    "loss, first",
    "The first loss has the expectation of the density itself; it is that of its logarithm.",
    r"L(\theta,\phi) = -E_{z\sim q_\phi(z|x)}[p_\theta(x|z)] + D_{KL}(q_\phi(z|x)\|p_\theta(z))",
    note="The prior is written p_theta(z) here and P(z) later; it has no parameters in these notes.",
    matters="`-p.mean()` instead of `-log_prob.mean()` loses the bound: densities underflow to 0 in a few dozen dimensions, and their gradients with them.",
)
def first_loss():
    written = -E(q(x), lambda z: pdf(likelihood(z), x)) + KL(q(x), prior)
    loss = -E(q(x), lambda z: log(pdf(likelihood(z), x))) + KL(q(x), prior)
    expected = theorem("loss-gaussian", "expected")
    bound = theorem("elbo-bound")
    return corrected(
        wrong(eq(-written, elbo())),
        claim(eq(-loss, elbo()), by(algebra)),
        claim(le(-log(pdf(evidence, x)), loss), arranged(bound)),
        claim(expected.statement, by(expected)),
        tex=r"L(\theta,\phi) = -E_{z\sim q_\phi(z|x)}[\log p_\theta(x|z)] + D_{KL}(q_\phi(z|x)\|p(z))",
    )


@doc.row(
    "goal",
    "New samples are said to come from codes drawn from q(z|x); codes drawn from the prior give samples of p(x).",
    r"z\sim q_\phi(z|x),\ x'\sim p_\theta(x|z) \Rightarrow x' \text{ is a new sample}",
    note="From the encoder of one datum come variations of that datum.",
    matters="Generation needs only the decoder and `torch.randn`; sampling through the encoder is reconstruction.",
)
def goal():
    other = symbol("y", POINT)
    return corrected(
        wrong(eq(E(q(other), lambda z: pdf(likelihood(z), x)), pdf(evidence, x)), given=(evidence_is,)),
        claim(
            eq(pdf(evidence, x), E(prior, lambda z: pdf(likelihood(z), x))),
            by((theorem("elbo-decomposition", "evidence"), unfolding("E"))),
        ),
        tex=r"z\sim p(z),\ x'\sim p_\theta(x|z) \Rightarrow x'\sim p_\theta(x)",
    )


@doc.row(
    "conditional",
    "A conditional probability is the joint one over that of the condition.",
    r"p(x|y) = \frac{p(x,y)}{p(y)}",
    note="p(x), p(x|y), p(x, y) and p(y) are introduced in words.",
)
def conditional():
    return definition_of(
        claim(eq(x_given_y(i, j) * p_y(j), table_(i, j)), by(algebra)),
        claim(eq(y_given_x(i, j) * p_x(i), table_(i, j)), by(algebra)),
    )


@doc.row(
    "Bayes",
    "Bayes' rule.",
    r"p(x|y) = \frac{p(y|x)\,p(x)}{p(y)}",
    covers=(1,),
)
def bayes_rule():
    return verified(claim(eq(x_given_y(i, j), y_given_x(i, j) * p_x(i) / p_y(j)), by(theorem("bayes"))))


@doc.row(
    "posterior probability",
    "The posterior probability of y is the joint probability over that of x.",
    r"\text{posterior probability} = \frac{p(x,y)}{p(x)}",
    covers=(2,),
    note="That is p(y|x).",
)
def posterior_probability():
    return verified(
        claim(
            eq(table_(i, j) / p_x(i), x_given_y(i, j) * p_y(j) / p_x(i)), by(theorem("bayes", "posterior"))
        ),
        claim(eq(Sum(1, columns, lambda j: table_(i, j) / p_x(i)), 1), by(theorem("bayes", "normalised"))),
    )


@doc.row(
    "likelihood ratio",
    "p(y)/p(x) is called likelihood ratio; the factor from prior to posterior is p(x|y)/p(x).",
    r"\frac{p(y)}{p(x)} = \text{likelihood ratio}",
    note="p(y) and p(x) are probabilities of different things; their ratio takes p(x|y) to p(y|x). A likelihood ratio compares probabilities of the same x.",
    matters="An importance weight is likelihood times prior over proposal, p(x|z) p(z)/q(z|x): the ratio of prior to evidence leaves the likelihood out.",
)
def likelihood_ratio():
    update = y_given_x(i, j) / p_y(j)
    entries = two_by_two(lambda i, j: (i + j) / 12)
    return corrected(
        wrong(eq(p_y(j) / p_x(i), update), joint=entries, K=2, M=2, i=1, j=1),
        claim(eq(update, x_given_y(i, j) / p_x(i)), by(algebra)),
        tex=r"p(y|x) = p(y)\cdot\frac{p(x|y)}{p(x)}",
    )


@doc.row(
    "total probability",
    "Mutually exclusive events are asked for; to add up to P(x) they must also cover all cases.",
    r"y_i\cap y_j=\emptyset \Rightarrow P(x) = \sum_{i=1}^N P(x|y_i)P(y_i)",
    covers=(3,),
    note="The events are counted to n in the condition and to N in the sum. Exclusive events that leave something out give less than P(x).",
    matters="A marginal over a grid or over the k most likely latents is a lower bound, not p(x).",
)
def total_probability_row():
    some = symbol("N", NAT)
    entries = two_by_two(lambda i, j: (i + j) / 12)
    partial = Sum(1, some, lambda j: x_given_y(i, j) * p_y(j))
    return corrected(
        wrong(eq(p_x(i), partial), joint=entries, N=1, K=2, M=2, i=1),
        claim(
            eq(p_x(i), Sum(1, columns, lambda j: x_given_y(i, j) * p_y(j))),
            by(theorem("bayes", "total-probability")),
        ),
        tex=r"y_i\cap y_j=\emptyset,\ \bigcup_i y_i = \Omega \Rightarrow P(x) = \sum_i P(x|y_i)P(y_i)",
    )


@doc.row(
    "five events",
    "The same for five events that cover x.",
    r"P(x) = \sum_{i=1}^5 P(x,y_i) = \sum_{i=1}^5 P(x|y_i)P(y_i)",
    covers=(4, 5),
    note="The drawing shows x covered by the five.",
)
def five_events():
    rule_ = theorem("bayes", "total-probability", K=5)
    return verified(claim(rule_.statement, by(rule_)), claim(rule_.statement, check))


@doc.row(
    "posterior",
    "The posterior with the total probability in its denominator.",
    r"p(y|x) = \frac{P(x|y)P(y)}{P(x)} = \frac{P(x|y)P(y)}{\sum_i P(x|y_i)P(y_i)}",
    covers=(6, 7, 8),
)
def posterior_row():
    evidence_ = Sum(1, columns, lambda j: x_given_y(i, j) * p_y(j))
    top = x_given_y(i, j) * p_y(j)
    return verified(
        claim(eq(y_given_x(i, j), top / p_x(i)), by(algebra)),
        claim(eq(y_given_x(i, j), top / evidence_), by(theorem("bayes", "posterior"))),
    )


@doc.row(
    "expectation",
    "Expectation of a finite random variable.",
    r"E(x) = \sum_{i=1}^K x_i\,P(x=x_i)",
    covers=(9,),
)
def expectation():
    value, p = symbol("x", ("fun", NAT, REAL)), symbol("p", ("fun", NAT, POSITIVE))
    return definition_of(
        claim(
            eq(E(table(p), lambda i: value[i]), Sum(1, k, lambda i: value[i] * p[i])),
            by(unfolding("E", "pdf")),
        )
    )


die = Categorical(6, lambda face: Rational(1, 6))
odd = lambda face: (1 - alternating(face)) / 2


def alternating(face):
    """(-1)^face for the faces 1 to 6, as a polynomial: -1, 1, -1, 1, -1, 1."""
    total = 0
    for f in range(1, 7):
        term_ = Rational((-1) ** f)
        for g in range(1, 7):
            if g != f:
                term_ = term_ * (face - g) / (f - g)
        total = total + term_
    return total


@doc.row(
    "die: P(3)",
    "A fair die shows 3 with probability 1/6.",
    r"P(3) = \tfrac16",
)
def die_three():
    return verified(
        claim(eq(pdf(die, 3), Rational(1, 6)), by(unfolding("pdf"))),
        claim(eq(Sum(1, 6, lambda face: Rational(1, 6)), 1), by(algebra)),
    )


@doc.row(
    "die: 3 given odd",
    "Bayes' rule is written with P(y) over P(x); it gives 3 as a probability. The answer is 1/3.",
    r"P(x|y) = \frac{P(y|x)\,P(y)}{P(x)}",
    covers=(10,),
    note="P(odd|3) = 1, P(odd) = 1/2, P(3) = 1/6: as written 1 * (1/2)/(1/6) = 3; Bayes' rule gives 1 * (1/6)/(1/2) = 1/3.",
    matters="A probability above 1 is the cheapest test of a Bayes update: `assert p.max() <= 1`.",
)
def die_odd():
    p_odd = E(die, odd)
    p_three_and_odd = pdf(die, 3) * odd(Rational(3))
    bayes_, three_given_odd = theorem("bayes"), theorem("fair-die", "three-given-odd")
    return corrected(
        (
            wrong(
                eq(x_given_y(i, j), y_given_x(i, j) * p_y(j) / p_x(i)),
                joint=two_by_two(lambda i, j: (i + j) / 12),
                K=2,
                M=2,
                i=1,
                j=2,
            ),
            wrong(eq(p_three_and_odd / p_odd, odd(Rational(3)) * p_odd / pdf(die, 3))),
        ),
        claim(eq(x_given_y(i, j), y_given_x(i, j) * p_x(i) / p_y(j)), by(bayes_)),
        claim(eq(p_odd, half), check),
        claim(eq(p_three_and_odd / p_odd, Rational(1, 3)), check),
        claim(three_given_odd.statement, by(three_given_odd)),
        tex=r"P(x|y) = \frac{P(y|x)\,P(x)}{P(y)}, \quad P(3|\text{odd}) = \frac{1\cdot\frac16}{\frac12} = \tfrac13",
    )


@doc.row(
    "die: expectation",
    "The expectation of a fair die is 21/6.",
    r"E(x) = \sum_{i=1}^6 x_iP(x_i) = \tfrac16+\tfrac26+\tfrac36+\tfrac46+\tfrac56+\tfrac66 = \tfrac{21}6",
    covers=(11, 12),
    note="That is 3.5. (The words `high value` and `low value` in the margin belong to drawings that are not in the file.)",
)
def die_expectation():
    faces = [Rational(f, 6) for f in range(1, 7)]
    return verified(
        claim(
            eq(E(die, lambda face: face), Sum(1, 6, lambda face: face * Rational(1, 6))),
            by(unfolding("E", "pdf")),
        ),
        claim(eq(E(die, lambda face: face), add(*faces)), check),
        claim(eq(add(*faces), Rational(21, 6)), by(theorem("fair-die"))),
    )


@doc.row(
    "KL",
    "KL divergence of finite distributions.",
    r"D_{KL}(P\|Q) = \sum_x P(x)\log\frac{P(x)}{Q(x)}",
    covers=(13, 14),
    note="Named `Kullback Divergence: 2022` in the notes; it is Kullback and Leibler's of 1951. `P(x_i=x)` and `P(x=x)` stand for P(x).",
)
def kl():
    p, r = (symbol(name, ("fun", NAT, POSITIVE)) for name in "pq")
    ratio = Sum(1, k, lambda j: p[j] * log(p[j] / r[j]))
    return definition_of(claim(eq(KL(table(p), table(r)), ratio), by(theorem("finite-kl"))))


third = Rational(1, 3)
three_numbers = (
    third * log(third / Rational(7, 10))
    + third * log(third / Rational(2, 10))
    + third * log(third / Rational(1, 10))
)


@doc.row(
    "KL: example",
    "D(Q||P) for the uniform Q and P = (0.7, 0.2, 0.1) is given as 0.09673 nats; it is 0.32429.",
    r"D_{KL}(Q\|P) = \tfrac13\log\frac{1/3}{0.7}+\tfrac13\log\frac{1/3}{0.2}+\tfrac13\log\frac{1/3}{0.1} = 0.09673 \text{ nats}",
    covers=(15, 16),
    note="The sum as written is right, its value is not: log u <= u - 1 alone shows that it is more than 0.207. The other direction is 0.2968 nats. (0.0975 nats is the value for a binomial P = (0.36, 0.48, 0.16), a textbook example.)",
    matters="Reference values in tests are computed, not copied: 0.09673 would make a correct implementation fail.",
)
def example():
    uniform = Categorical(3, lambda j: third)
    p = Categorical(3, lambda j: _three(j))
    binomial = add(*(third * log(third / Rational(f, 100)) for f in (36, 48, 16)))
    return corrected(
        wrong(eq(three_numbers, Rational(9673, 100000))),
        claim(eq(KL(uniform, p), three_numbers), check),
        claim(eq(three_numbers, third * log(Rational(500, 189))), by(algebra)),
        claim(
            le(Rational(311, 1500), three_numbers),
            arranged((rules.log_tangent(term=Rational(189, 500)), third)),
        ),
        claim(lt(Rational(324285, 10**6), three_numbers), check),
        claim(lt(three_numbers, Rational(324295, 10**6)), check),
        claim(lt(Rational(974, 10**4), binomial), check),
        claim(lt(binomial, Rational(975, 10**4)), check),
        tex=r"D_{KL}(Q\|P) = \tfrac13\log\tfrac{500}{189} = 0.32429 \text{ nats}",
    )


def _three(j):
    """0.7, 0.2, 0.1 at 1, 2, 3."""
    return Rational(7, 10) - half * (j - 1) + Rational(1, 5) * (j - 1) * (j - 2)


@doc.row(
    "KL: property 1",
    "It is nonnegative in either direction.",
    r"KL(P\|Q),\ KL(Q\|P) \ge 0",
)
def property_1():
    first, second = symbol("q", ("dist", POINT)), symbol("p", ("dist", POINT))
    return verified(
        claim(le(0, KL(first, second)), stated(theorem("gibbs"))),
        claim(le(0, KL(second, first)), stated(theorem("gibbs"))),
    )


@doc.row(
    "KL: property 2",
    "The two directions are said to differ; they may agree.",
    r"KL(P\|Q) \ne KL(Q\|P)",
    note="For P = Q both are 0, and for (a, b) against (b, a) both are the same number. In general they differ: 0.2968 and 0.3243 nats in the example above.",
    matters="A symmetry test on one lucky pair proves nothing: try distributions that are not mirror images.",
)
def property_2():
    p, r = (symbol(name, ("fun", NAT, POSITIVE)) for name in "pq")
    a, b = lam(lambda j: j / 3, NAT), lam(lambda j: (3 - j) / 3, NAT)
    uniform, given = Categorical(3, lambda j: third), Categorical(3, _three)
    unequal = theorem("kl-asymmetry")
    return corrected(
        wrong(ne(KL(table(p), table(r)), KL(table(r), table(p))), k=2, p=a, q=b),
        claim(unequal.statement, arranged(unequal)),
        claim(ne(KL(uniform, given), KL(given, uniform)), check),
        claim(lt(KL(given, uniform), Rational(2969, 10**4)), check),
        claim(lt(Rational(2967, 10**4), KL(given, uniform)), check),
        tex=r"KL(P\|Q) \ne KL(Q\|P) \text{ in general}",
    )


@doc.row(
    "normal density",
    "The density of the multivariate normal distribution.",
    r"\mathcal N(x;\mu,\Sigma) = \frac1{\sqrt{(2\pi)^K|\Sigma|}}\exp\bigl(-\tfrac12(x-\mu)^T\Sigma^{-1}(x-\mu)\bigr)",
    covers=(17,),
)
def normal_density():
    return definition_of(claim(eq(pdf(P, at), mvn_form(mean_1, cov_1)), by(log_density)))


def mvn_form(mean, cov):
    """1 / sqrt((2 pi)^n |S|) exp(-1/2 (x - m)' S^-1 (x - m))."""
    return exp(-half * quad(at - mean, inv(cov))) / exp(half * (n * log(2 * pi) + logdet(cov)))


@doc.row(
    "KL: formula",
    "The trace formula is printed with -d; the dimension is K in the density and n in the vector x.",
    r"D_{KL}(P\|Q) = \tfrac12\Bigl[\log\frac{|\Sigma_2|}{|\Sigma_1|} - d + \mathrm{tr}(\Sigma_2^{-1}\Sigma_1) + (\mu_2-\mu_1)^T\Sigma_2^{-1}(\mu_2-\mu_1)\Bigr]",
    covers=(18,),
    note="Three symbols for one thing. With any other number for d it is false. An equality sign too many stands before the divergence.",
    matters="The constant is the event dimension, `loc.shape[-1]`, never the batch size; it does not change gradients, so only the value tells.",
)
def formula():
    main = theorem("kl-mvn")
    other = symbol("d", NAT)
    return corrected(
        wrong(eq(KL(P, Q), trace_formula(other, mean_2 - mean_1)), n=1, d=2),
        claim(eq(KL(P, Q), trace_formula(n, mean_2 - mean_1)), by(main)),
        claim(eq(quad(mean_2 - mean_1, inv(cov_2)), quad(gap_, inv(cov_2))), by(algebra)),
        tex=r"D_{KL}(P\|Q) = \tfrac12\Bigl[\log\frac{|\Sigma_2|}{|\Sigma_1|} - K + \mathrm{tr}(\Sigma_2^{-1}\Sigma_1) + (\mu_2-\mu_1)^T\Sigma_2^{-1}(\mu_2-\mu_1)\Bigr], \quad x\in\mathbb R^K",
    )


@doc.row(
    "proof: sum over x",
    "The divergence of two densities is written as a sum over x; x is continuous, and it is an integral.",
    r"KL(P\|Q) = \sum_x P(x)\log\frac{P(x)}{Q(x)} = \sum_x P(x)[\log P(x) - \log Q(x)]",
    covers=(19, 20),
    note="A sum over all points of a continuous space has no meaning; all sums over x of this proof are integrals, and are read as expectations under P.",
    matters="Summing a density over a grid needs the cell width: `(p * log_ratio).sum() * dx`.",
)
def sum_over_x():
    return corrected(
        ill_formed(lambda: Sum(1, n, lambda y: log(pdf(P, y)) - log(pdf(Q, y)))),
        claim(eq(KL(P, Q), E(P, lambda y: log(pdf(P, y) / pdf(Q, y)))), by(definition)),
        claim(eq(KL(P, Q), E(P, lambda y: log(pdf(P, y)) - log(pdf(Q, y)))), by(definition)),
        tex=r"KL(P\|Q) = \int P(x)[\log P(x)-\log Q(x)]\,dx",
    )


@doc.row(
    "proof: log P",
    "The logarithm of the density, in three lines.",
    r"\log P(x) = -\tfrac K2\log(2\pi)-\tfrac12\log|\Sigma_1|-\tfrac12(x-\mu_1)^T\Sigma_1^{-1}(x-\mu_1)",
    covers=(21, 22, 23, 24),
    note="`log (2 pi)^(K/2)` and `log |Sigma|^(1/2)` are logarithms of powers. The line for log Q is the same with the other parameters.",
)
def log_p():
    log_of = lambda m, c: -n / 2 * log(2 * pi) - half * logdet(c) - half * quad(at - m, inv(c))
    root = -log(exp(half * (n * log(2 * pi) + logdet(cov_1)))) - half * quad(at - mean_1, inv(cov_1))
    return verified(
        claim(eq(pdf(P, at), mvn_form(mean_1, cov_1)), by(log_density)),
        claim(eq(log(pdf(P, at)), root), by(log_density)),
        claim(eq(root, log_of(mean_1, cov_1)), by(algebra)),
        claim(eq(log(pdf(Q, at)), log_of(mean_2, cov_2)), by(log_density)),
    )


@doc.row(
    "proof: (4)",
    "The constants cancel.",
    r"KL = \tfrac12\sum_xP(x)\Bigl[\log\frac{|\Sigma_2|}{|\Sigma_1|}+(x-\mu_2)^T\Sigma_2^{-1}(x-\mu_2)-(x-\mu_1)^T\Sigma_1^{-1}(x-\mu_1)\Bigr]",
    covers=(25, 26, 27),
    note="Sums over x read as expectations under P.",
)
def proof_4():
    written = lambda y: (
        -n / 2 * log(2 * pi)
        - half * logdet(cov_1)
        - half * quad(y - mean_1, inv(cov_1))
        + n / 2 * log(2 * pi)
        + half * logdet(cov_2)
        + half * quad(y - mean_2, inv(cov_2))
    )
    inner = lambda y: log_dets + quad(y - mean_2, inv(cov_2)) - quad(y - mean_1, inv(cov_1))
    return verified(
        claim(eq(KL(P, Q), E(P, written)), by((definition, log_density))),
        claim(eq(E(P, written), half * E(P, inner)), by(multiplied_out)),
    )


@doc.row(
    "proof: sum of P",
    "The sum of P is called the expected value of x; the probabilities add up to one, and E(x) has x as a factor.",
    r"\sum P(x) = E(x)",
    note="What is used is the sum of P(x) f(x) = E_P[f(x)], which is right. For the fair die above the two sides are 1 and 3.5.",
    matters="`weights.sum()` is a normaliser, `(weights * x).sum()` a mean.",
)
def sum_of_p():
    return corrected(
        wrong(eq(Sum(1, 6, lambda face: pdf(die, face)), E(die, lambda face: face))),
        claim(eq(Sum(1, 6, lambda face: pdf(die, face)), 1), by((unfolding("pdf"), algebra))),
        claim(
            eq(E(die, lambda face: face), Sum(1, 6, lambda face: face * pdf(die, face))),
            by(unfolding("E", "pdf")),
        ),
        tex=r"\sum_x P(x) = 1, \quad \sum_x x\,P(x) = E(x)",
    )


@doc.row(
    "proof: expectations",
    "The two weighted sums are expectations under P.",
    r"\sum p(x)\tfrac12(x-\mu_k)^T\Sigma_k^{-1}(x-\mu_k) = E_p\bigl[\tfrac12(x-\mu_k)^T\Sigma_k^{-1}(x-\mu_k)\bigr]",
    covers=(28, 29),
    note="With the sum read as an integral this is the definition of the expectation.",
)
def expectations():
    as_integral_ = lambda m, c: Int(lambda y: pdf(P, y) * half * quad(y - m, inv(c)), space)
    return definition_of(
        claim(eq(as_integral_(mean_1, cov_1), E(P, half_quad(mean_1, cov_1))), by(unfolding("E"))),
        claim(eq(as_integral_(mean_2, cov_2), E(P, half_quad(mean_2, cov_2))), by(unfolding("E"))),
    )


@doc.row(
    "trace: quadratic form",
    "A quadratic form is its own trace; the trace is cyclic and linear.",
    r"E(X^TAX) = E(\mathrm{tr}(X^TAX)) = E(\mathrm{tr}(AXX^T)) = \mathrm{tr}(E(AXX^T))",
    covers=(30,),
    note="The trace of a square matrix is the sum of its diagonal.",
)
def quadratic():
    a = symbol("A", ("mat", n, n))
    start = E(P, lambda y: quad(y, a))
    traced = E(P, lambda y: tr(y.T @ a @ y))
    turned = E(P, lambda y: tr(a @ y @ y.T))
    entries = symbol("e", ("fun", NAT, REAL))
    return verified(
        claim(eq(start, traced), by(algebra)),
        claim(eq(traced, turned), by(algebra)),
        claim(eq(turned, tr(E(P, lambda y: a @ y @ y.T))), by(linearity)),
        claim(
            eq(tr(diagm(n, lambda j: entries[j])), Sum(1, n, lambda j: entries[j])),
            by(theorem("trace-identities", "diagonal")),
        ),
    )


@doc.row(
    "proof: first part",
    "The expected quadratic form around the mean is K/2.",
    r"\tfrac12E_p[(x-\mu_1)^T\Sigma_1^{-1}(x-\mu_1)] = \mathrm{tr}[\Sigma_1\tfrac12\Sigma_1^{-1}] = \mathrm{tr}[\tfrac12I_K] = \tfrac K2",
    covers=(31, 32, 33, 34, 35),
)
def first_part():
    outer = lambda y: (y - mean_1) @ (y - mean_1).T
    start = half * E(P, lambda y: quad(y - mean_1, inv(cov_1)))
    traced = E(P, lambda y: tr(half * outer(y) @ inv(cov_1)))
    inside = tr(E(P, lambda y: half * outer(y)) @ inv(cov_1))
    product = tr(cov_1 @ (half * inv(cov_1)))
    quadratic_ = theorem("gaussian-quadratic")
    return verified(
        claim(eq(start, traced), by(multiplied_out)),
        claim(eq(traced, inside), by(linearity)),
        claim(eq(start, product), by(quadratic_)),
        claim(eq(product, tr(half * cov_1 @ inv(cov_1))), by(algebra)),
        claim(eq(tr(half * cov_1 @ inv(cov_1)), tr(half * eye(n))), by(algebra)),
        claim(eq(tr(half * eye(n)), n / 2), by(algebra)),
    )


second_start = lambda: E(P, half_quad(mean_2, cov_2))
around = lambda y: y - mean_1
cross = lambda y: scalar(around(y).T @ inv(cov_2) @ gap_)
gap_quad = quad(gap_, inv(cov_2))


@doc.row(
    "proof: second part",
    "x - mu_2 is written as (x - mu_1) + (mu_1 - mu_2), but the factor 1/2 is put inside the first bracket only.",
    r"\sum p(x)\bigl[\tfrac12(x-\mu_1)+(\mu_1-\mu_2)\bigr]^T\Sigma_2^{-1}\bigl[(x-\mu_1)+(\mu_1-\mu_2)\bigr]",
    covers=(36, 37),
    note="The factor belongs before the whole product.",
    matters="Half of one bracket halves the mean of one factor: the result depends on mu_1 - mu_2 with the wrong weight, which a test at equal means does not see.",
)
def second_part():
    inner = lambda y: around(y) + gap_
    misplaced = E(P, lambda y: scalar((half * around(y) + gap_).T @ inv(cov_2) @ inner(y)))
    placed = E(P, lambda y: half * scalar(inner(y).T @ inv(cov_2) @ inner(y)))
    return corrected(
        wrong(eq(second_start(), misplaced), n=1),
        claim(eq(second_start(), placed), by(algebra)),
        tex=r"\sum p(x)\,\tfrac12\bigl[(x-\mu_1)+(\mu_1-\mu_2)\bigr]^T\Sigma_2^{-1}\bigl[(x-\mu_1)+(\mu_1-\mu_2)\bigr]",
    )


@doc.row(
    "proof: cross term",
    "Multiplied out, the cross term has the factor 1/2; there are two such terms, so the factor is 1, as in the next line.",
    r"\tfrac12(x-\mu_1)^T\Sigma_2^{-1}(x-\mu_1)+\tfrac12(x-\mu_1)^T\Sigma_2^{-1}(\mu_1-\mu_2)+\tfrac12(\mu_1-\mu_2)^T\Sigma_2^{-1}(\mu_1-\mu_2)",
    covers=(38,),
    note="Its expectation is zero, so the end result does not show the slip; the identity for a single x does.",
    matters="In a sampled estimate the cross term does not vanish: the wrong factor biases nothing but changes every sample.",
)
def cross_term():
    left = half * quad(at - mean_2, inv(cov_2))
    parts = lambda c: half * quad(around(at), inv(cov_2)) + c * cross(at) + half * gap_quad
    return corrected(
        wrong(eq(left, parts(half)), n=1),
        claim(eq(left, parts(Rational(1))), by(algebra)),
        tex=r"\tfrac12(x-\mu_1)^T\Sigma_2^{-1}(x-\mu_1)+(x-\mu_1)^T\Sigma_2^{-1}(\mu_1-\mu_2)+\tfrac12(\mu_1-\mu_2)^T\Sigma_2^{-1}(\mu_1-\mu_2)",
    )


@doc.row(
    "proof: second part, expanded",
    "The next line has the cross term with factor 1.",
    r"E_p\bigl[\tfrac12(x-\mu_1)^T\Sigma_2^{-1}(x-\mu_1)+(x-\mu_1)^T\Sigma_2^{-1}(\mu_1-\mu_2)+\tfrac12(\mu_1-\mu_2)^T\Sigma_2^{-1}(\mu_1-\mu_2)\bigr]",
    covers=(39,),
)
def expanded_():
    line = E(P, lambda y: half * quad(around(y), inv(cov_2)) + cross(y) + half * gap_quad)
    return verified(claim(eq(second_start(), line), by(algebra)))


@doc.row(
    "trace trick a)",
    "E(x) = E(tr(x)) is justified by the trace being a number; it needs x to be a number.",
    r"E(x) = E(\mathrm{tr}(x)) \text{ since the trace of } x \text{ is a scalar}",
    covers=(40,),
    note="For a matrix x the left side is a matrix and the right side a number. For a number, as in the proof, x is a 1 x 1 matrix and its own trace.",
    matters="Broadcasting a (n, n) array against a scalar trace raises no error.",
)
def trick_a():
    square_ = symbol("q", ("dist", ("mat", n, n)))
    a = symbol("A", ("mat", n, n))
    return corrected(
        ill_formed(lambda: eq(E(square_, lambda y: y), E(square_, lambda y: tr(y)))),
        claim(eq(E(P, lambda y: scalar(y.T @ a @ y)), E(P, lambda y: tr(y.T @ a @ y))), by(algebra)),
        tex=r"E(x) = E(\mathrm{tr}(x)) \text{ if } x \text{ is a scalar}",
    )


ma, mb, mc = (symbol(name, ("mat", n, n)) for name in "ABC")


@doc.row(
    "trace trick b)",
    "The trace of two factors does not depend on their order.",
    r"\mathrm{tr}(AB) = \mathrm{tr}(BA)",
    covers=(41,),
)
def trick_b():
    return verified(claim(eq(tr(ma @ mb), tr(mb @ ma)), by(algebra)))


@doc.row(
    "trace trick c)",
    "The trace of a product is cyclic.",
    r"\mathrm{tr}(ABC) = \mathrm{tr}(BCA) = \mathrm{tr}(CAB)",
    covers=(42,),
)
def trick_c():
    return verified(
        claim(eq(tr(ma @ mb @ mc), tr(mb @ mc @ ma)), by(algebra)),
        claim(eq(tr(mb @ mc @ ma), tr(mc @ ma @ mb)), by(algebra)),
    )


@doc.row(
    "trace trick c) not",
    "tr(ABC) and tr(ACB) are said to differ; they may agree, and do for symmetric matrices.",
    r"\mathrm{tr}(ABC) \ne \mathrm{tr}(ACB)",
    covers=(43,),
    note="They differ in general, so exchanging neighbours is no rule. Three symmetric matrices, as covariances are, may be exchanged: tr(UVW) = tr((UVW)') = tr(WVU) = tr(UWV).",
    matters="A unit test on covariance matrices alone does not notice a transposed product; use a non-symmetric factor.",
)
def trick_c_not():
    u, v, w = (symbol(name, ("spd", n)) for name in "UVW")
    e1, e2 = vec(2, lambda j: 2 - j), vec(2, lambda j: j - 1)
    shift, back, first = e1 @ e2.T, e2 @ e1.T, e1 @ e1.T
    return corrected(
        wrong(ne(tr(u @ v @ w), tr(u @ w @ v)), n=2),
        claim(eq(tr(u @ v @ w), tr(u @ w @ v)), stated(theorem("trace-identities", "symmetric"))),
        claim(eq(tr(first @ shift @ back), 1), check),
        claim(eq(tr(first @ back @ shift), 0), check),
        tex=r"\mathrm{tr}(ABC) \ne \mathrm{tr}(ACB) \text{ in general}",
    )


@doc.row(
    "trace trick d)",
    "Expectation and trace may be exchanged.",
    r"E(\mathrm{tr}(x)) = \mathrm{tr}(E(x))",
    covers=(44,),
)
def trick_d():
    known = theorem("trace-identities", "expectation")
    return verified(claim(known.statement, by(known)))


@doc.row(
    "proof: underbraces",
    "The last of the three expectations has lost its factor 1/2.",
    r"E_p[\tfrac12(x-\mu_1)^T\Sigma_2^{-1}(x-\mu_1)]+E_p[(x-\mu_1)^T\Sigma_2^{-1}(\mu_1-\mu_2)]+E_p[(\mu_1-\mu_2)^T\Sigma_2^{-1}(\mu_1-\mu_2)]",
    covers=(45,),
    note="The line before and the end result have it. The other remarks hold: the first term is tr(1/2 Sigma_2^-1 Sigma_1), the second 0, the third constant.",
    matters="The mean term would be doubled: KL(N(1, 1) || N(0, 1)) = 1 instead of 1/2.",
)
def underbraces():
    parts = lambda c: (
        E(P, lambda y: half * quad(around(y), inv(cov_2))) + E(P, cross) + E(P, lambda y: c * gap_quad)
    )
    return corrected(
        wrong(eq(second_start(), parts(Rational(1))), n=1),
        claim(eq(second_start(), parts(half)), by(multiplied_out)),
        claim(
            eq(E(P, lambda y: half * quad(around(y), inv(cov_2))), tr(half * inv(cov_2) @ cov_1)),
            by(
                theorem("gaussian-quadratic"),
                lines=[(half * E(P, lambda y: quad(around(y), inv(cov_2))), linearity)],
            ),
        ),
        claim(
            eq(E(P, lambda y: half * gap_quad), half * gap_quad),
            by((linearity, theorem("gaussian-quadratic", "total"))),
        ),
        tex=r"\cdots + E_p[\tfrac12(\mu_1-\mu_2)^T\Sigma_2^{-1}(\mu_1-\mu_2)]",
    )


@doc.row(
    "proof: cross term vanishes",
    "The expected cross term is zero.",
    r"E_p[(x-\mu_1)^T\Sigma_2^{-1}(\mu_1-\mu_2)] = (E_p(x)-\mu_1)^T\Sigma_2^{-1}(\mu_1-\mu_2) = 0",
    covers=(46,),
)
def cross_vanishes():
    outside = scalar((E(P, lambda y: y) - mean_1).T @ inv(cov_2) @ gap_)
    known = theorems("gaussian-quadratic", "total", "mean")
    return verified(
        claim(eq(E(P, cross), outside), by((multiplied_out, *known))),
        claim(eq(outside, 0), by(known)),
    )


@doc.row(
    "KL: result",
    "The trace formula, with K.",
    r"KL(P\|Q) = \tfrac12\Bigl[\log\frac{|\Sigma_2|}{|\Sigma_1|}-K+\mathrm{tr}(\Sigma_2^{-1}\Sigma_1)+(\mu_1-\mu_2)^T\Sigma_2^{-1}(\mu_1-\mu_2)\Bigr]",
    covers=(47,),
)
def result():
    return verified(claim(eq(KL(P, Q), trace_formula(n, gap_)), by(theorem("kl-mvn"))))


@doc.row(
    "x to x'",
    "The autoencoder's path from x to a code to a reconstruction.",
    r"x \to z \to x'",
    covers=(48,),
    note="Autoencoder: a fixed z. Variational: a distribution q(z|x), from which z is drawn as mu + sigma eps.",
)
def path():
    trick = theorem("reparameterization")
    return definition_of(claim(trick.statement, by(trick)))


# The loss function

log_p_x = log(pdf(evidence, x))
post = lambda z: pdf(posterior(x), z)
qx = lambda z: pdf(q(x), z)
expected = lambda f: E(q(x), f)
gap_post = KL(q(x), posterior(x))
reconstruction = expected(lambda z: log(pdf(likelihood(z), x)))
regulariser = KL(q(x), prior)
by_bayes = lambda: (meaning(posterior, bayes, x), unfolding("pdf"))


@doc.row(
    "inference: joint",
    "The joint distribution of x and z is written p(z|x), which is the posterior.",
    r"\text{joint prob. distribution } p(z|x)",
    note="One symbol for two things: p(z|x) is the conditional distribution that is to be learned, in the next sentence too.",
    matters="`log_joint = log_prior + log_likelihood`; the posterior differs from it by log p(x), the very number that is not available.",
)
def joint_name():
    return corrected(
        wrong(eq(joint(x, z), post(z)), given=model),
        claim(eq(post(z), joint(x, z) / pdf(evidence, x)), by(by_bayes())),
        tex=r"\text{joint prob. distribution } p(x,z) = p(x|z)p(z)",
    )


@doc.row(
    "(A)",
    "Bayes' rule for the posterior of z.",
    r"p(z|x) = \frac{p(x|z)\,p(z)}{p(x)}",
    covers=(49,),
)
def bayes_a():
    return verified(
        claim(eq(post(z), pdf(likelihood(z), x) * pdf(prior, z) / pdf(evidence, x)), by(by_bayes()))
    )


@doc.row(
    "p(x)",
    "The evidence is written as an integral over z, with and then without the prior; the prior belongs there.",
    r"p(x) = \int_z p(x|z)p(z)\,dz = \int_z p(x|z)\,dz",
    note="Without p(z) every code counts equally, and the integral need not even be finite. (`closed loop form` is closed form.)",
    matters="A mean of p(x|z) over codes is an estimate of p(x) only if the codes are drawn from the prior, or reweighted.",
)
def evidence_row():
    return corrected(
        wrong(eq(pdf(evidence, x), Int(lambda z: pdf(likelihood(z), x), POINT)), given=(evidence_is,)),
        claim(
            eq(pdf(evidence, x), Int(lambda z: joint(x, z), POINT)),
            by(theorem("elbo-decomposition", "evidence")),
        ),
        tex=r"p(x) = \int_z p(x|z)p(z)\,dz",
    )


@doc.row(
    "(B)",
    "KL divergence of the approximation to the posterior; the sum over z is an expectation under q.",
    r"D_{KL}(q(z|x)\|p(z|x)) = \sum_z q\log\frac{q}{p} = E_{z\sim q}[\log q(z|x) - \log p(z|x)]",
    covers=(50, 51, 52),
    note="A sum for a finite z, an integral for a normal one; proved for the expectation, which is either.",
)
def kl_b():
    p, r = (symbol(name, ("fun", NAT, POSITIVE)) for name in "pq")
    ratio = expected(lambda z: log(qx(z) / post(z)))
    apart = expected(lambda z: log(qx(z)) - log(post(z)))
    finite = Sum(1, k, lambda j: p[j] * log(p[j] / r[j]))
    return verified(
        claim(eq(KL(table(p), table(r)), finite), by(theorem("finite-kl"))),
        claim(eq(gap_post, ratio), by(definition)),
        claim(eq(ratio, apart), by(algebra)),
    )


@doc.row(
    "A in B",
    "Bayes' rule put into the divergence.",
    r"D_{KL} = E_z\bigl[\log q - \log\tfrac{p(x|z)p(z)}{p(x)}\bigr] = E_z[\log q_\phi - \log p_\theta(x|z) - \log p_\theta(z) + \log p_\theta(x)]",
    covers=(53, 54),
)
def a_in_b():
    ratio = expected(lambda z: log(qx(z)) - log(joint(x, z) / pdf(evidence, x)))
    four = expected(lambda z: log(qx(z)) - log(pdf(likelihood(z), x)) - log(pdf(prior, z)) + log_p_x)
    return verified(
        claim(
            eq(gap_post, ratio),
            by(by_bayes(), lines=[(expected(lambda z: log(qx(z)) - log(post(z))), definition)]),
        ),
        claim(eq(ratio, four), by(algebra)),
    )


@doc.row(
    "log p(x) outside",
    "log p(x) does not depend on z and leaves the expectation.",
    r"D_{KL}(q\|p(z|x)) - \log p_\theta(x) = E_z[\log q_\phi(z|x) - \log p_\theta(x|z) - \log p_\theta(z)]",
    covers=(55,),
)
def outside():
    three = expected(lambda z: log(qx(z)) - log(pdf(likelihood(z), x)) - log(pdf(prior, z)))
    four = expected(lambda z: log(qx(z)) - log(pdf(likelihood(z), x)) - log(pdf(prior, z)) + log_p_x)
    total = total_probability(q(x))
    return verified(
        claim(eq(four, three + log_p_x), by((multiplied_out, total))),
        claim(
            eq(gap_post - log_p_x, three), arranged((theorem("elbo-decomposition"), -1), split_three(three))
        ),
    )


def split_three(three):
    """The three logarithms as minus the ELBO."""
    return rules.symmetry(by((definition, multiplied_out))(eq(three, -elbo())))


@doc.row(
    "objective",
    "Rearranged: log p(x) minus the divergence to the posterior is reconstruction minus the divergence to the prior.",
    r"\log p_\theta(x) - D_{KL}[q\|p_\theta(z|x)] = E_z[\log p_\theta(x|z)] - E_z[\log q - \log p_\theta(z)] = E_z[\log p_\theta(x|z)] - D_{KL}[q\|p_\theta(z)]",
    covers=(56, 57, 58),
)
def objective():
    last = expected(lambda z: log(qx(z)) - log(pdf(prior, z)))
    return verified(
        claim(eq(last, regulariser), by(definition)),
        claim(eq(log_p_x - gap_post, elbo()), arranged(theorem("elbo-decomposition"))),
    )


@doc.row(
    "loss with brackets",
    "The loss is minus the objective, but the bracket takes the divergence in with a plus: its sign is wrong.",
    r"\mathcal L(\phi,\theta) = -E_{z\sim q_\phi(z|x)}\bigl[\log p_\theta(x|z) + D_{KL}(q_\phi(z|x)\|p_\theta(z))\bigr]",
    covers=(59,),
    note="As written the loss falls as q leaves the prior. The divergence does not depend on z; inside the expectation it needs a minus.",
    matters="`-(log_prob + kl)` rewards a large KL: training diverges, with a loss that looks better and better.",
)
def loss_brackets():
    written = -expected(lambda z: log(pdf(likelihood(z), x)) + regulariser)
    total = total_probability(q(x))
    return corrected(
        wrong(eq(written, -elbo()), given=(Normalised(q(x)),)),
        claim(
            eq(-expected(lambda z: log(pdf(likelihood(z), x)) - regulariser), -elbo()),
            by((multiplied_out, total)),
        ),
        claim(eq(-reconstruction + regulariser, -elbo()), by(algebra)),
        tex=r"\mathcal L(\phi,\theta) = -E_{z\sim q_\phi(z|x)}[\log p_\theta(x|z)] + D_{KL}(q_\phi(z|x)\|p_\theta(z))",
    )


@doc.row(
    "optimum",
    "The least loss and the greatest bound are at the same parameters.",
    r"\theta^*,\phi^* = \operatorname{argmin}_{\theta,\phi} L(\theta,\phi)",
    covers=(60,),
    note="Read as: one pair of parameters has the smaller loss exactly when it has the greater ELBO. The order of the arguments changes between L(phi, theta) and L(theta, phi).",
)
def optimum():
    other, decoder = symbol("q_2", q.sort), symbol("likelihood_2", likelihood.sort)
    loss = lambda r, g: -E(r(x), lambda z: log(pdf(g(z), x))) + KL(r(x), prior)
    bound = lambda r, g: E(r(x), lambda z: log(pdf(g(z), x))) - KL(r(x), prior)
    smaller = le(loss(q, likelihood), loss(other, decoder))
    greater = le(bound(other, decoder), bound(q, likelihood))
    return verified(
        claim(greater, arranged(assuming(smaller)), given=(smaller,)),
        claim(smaller, arranged(assuming(greater)), given=(greater,)),
    )


@doc.row(
    "loss with minus",
    "The loss has a minus before the regulariser; it is a plus.",
    r"L(\theta,\phi) = -\mathbb E_{z\sim Q_\phi(z|x)}[\log P_\theta(x|z)] - D_{KL}[Q_\phi(z|x)\|P(z)]",
    covers=(61,),
    note="The same loss is written with a plus at the start of the notes.",
    matters="With a minus the optimiser is paid for large codes and tiny or huge variances; the KL grows without bound.",
)
def loss_minus():
    return corrected(
        wrong(eq(-reconstruction - regulariser, -elbo())),
        claim(eq(-reconstruction + regulariser, -elbo()), by(algebra)),
        claim(le(-log_p_x, -reconstruction + regulariser), arranged(theorem("elbo-bound"))),
        tex=r"L(\theta,\phi) = -\mathbb E_{z\sim Q_\phi(z|x)}[\log P_\theta(x|z)] + D_{KL}[Q_\phi(z|x)\|P(z)]",
    )


D_ = symbol("D", NAT)
at_x, out = (symbol(name, ("mat", D_, Rational(1))) for name in ("x", "M"))
cov_x = symbol("Sigma", ("spd", D_))
decoder_log = log(pdf(MvNormal(out, cov_x), at_x))


@doc.row(
    "reconstruction loss",
    "Minus the expected log-likelihood, with a normal decoder.",
    r"-\mathbb E_{z\sim Q_\phi(z|x)}[\log P_\theta(x|z)], \quad P_\theta(x|z) = \mathcal N(M_\theta(z), \Sigma_\theta(z))",
    covers=(62, 63, 64),
    note="It belongs to the generative model (the decoder); `recognition model` is the encoder. The dimension k of x is not that of z.",
)
def reconstruction_loss():
    density = exp(-half * quad(at_x - out, inv(cov_x))) / exp(half * (D_ * log(2 * pi) + logdet(cov_x)))
    return definition_of(claim(eq(pdf(MvNormal(out, cov_x), at_x), density), by(log_density)))


@doc.row(
    "square error",
    "With a normal decoder the loss is a squared error between mean and data.",
    r"\text{we get a square error between the mean and the data sample}",
    note="For Sigma = s^2 I: divided by 2 s^2 and with D/2 log(2 pi s^2) added.",
)
def square_error():
    known = theorem("loss-gaussian", "reconstruction")
    return verified(claim(known.statement, by(known)))


@doc.row(
    "log-likelihood proportional",
    "log P(x|z) is said to be proportional to the squared error; it is minus half of it plus a constant.",
    r"\log P_\theta(x|z) \propto (x-M_\theta(z))^T\Sigma_\theta(z)^{-1}(x-M_\theta(z))",
    covers=(65,),
    note="Where x = M the right side is 0 and the log-likelihood is not, so no factor c helps. And Sigma_theta(z) depends on z: log |Sigma| is not a constant of the training.",
    matters="With a learned variance, leaving out log |Sigma| lets the network send Sigma to infinity and the loss to 0. The sign decides between minimising and maximising.",
)
def proportional():
    c = symbol("c", REAL)
    square = quad(at_x - out, inv(cov_x))
    constant = -half * (D_ * log(2 * pi) + logdet(cov_x))
    return corrected(
        wrong(eq(decoder_log, c * square), D=1),
        claim(eq(decoder_log, -half * square + constant), by(log_density)),
        tex=r"\log P_\theta(x|z) = -\tfrac12(x-M)^T\Sigma^{-1}(x-M) - \tfrac12\log\bigl((2\pi)^D|\Sigma|\bigr)",
    )


@doc.row(
    "new data",
    "The mean of two codes is called new data; it is a new code, and the mean of two normal codes is normal with half the mean variance.",
    r"\hat z = \tfrac{z_1+z_2}2",
    note="For independent z_1 ~ N(m_1, s_1^2), z_2 ~ N(m_2, s_2^2) the mean is N((m_1 + m_2)/2, (s_1^2 + s_2^2)/4). New data are what the decoder makes of it.",
)
def new_data():
    loc, scale = symbol("m", ("fun", NAT, REAL)), symbol("s", ("fun", NAT, POSITIVE))
    two = Indep(2, lambda j: Normal(loc[j], scale[j]))
    centre = E(two, lambda z: Sum(1, 2, lambda j: z[j] / 2))
    moments = theorems("gaussian-moments", "total", "mean")
    known = [theorem("gaussian-moments", "normalised")]
    return definition_of(
        claim(
            eq(centre, Sum(1, 2, lambda j: loc[j]) / 2),
            by((independence, multiplied_out, *moments, linear_sums), using=known),
        ),
        claim(
            eq(
                E(two, lambda z: (z[1] / 2 + z[2] / 2 - loc[1] / 2 - loc[2] / 2) ** 2),
                (scale[1] ** 2 + scale[2] ** 2) / 4,
            ),
            check,
        ),
    )


@doc.row(
    "prior",
    "The regulariser, with a standard normal prior.",
    r"D_{KL}[Q_\phi(z|x)\|P(z)], \quad P(z) = \mathcal N(0, 1)",
    covers=(66,),
    note="N(0, I) in K dimensions.",
)
def prior_row():
    known = theorem("kl-normal-diag-standard")
    return definition_of(claim(known.statement, by(known)))


@doc.row(
    "regime: fidelity only",
    "Without the divergence nothing pulls the code back to the normal distribution; its variance goes to 0.",
    r"\text{data fidelity, no KL divergence: the code deviates from } \mathcal N(0,1)",
    note="Shown in the linear-Gaussian model as the weight of the KL falls from 1 to 0; with weight 0 the best scale is 0, an ordinary autoencoder.",
)
def fidelity_only():
    known = theorem("linear-gaussian", "reconstruction")
    return shown(
        autoencoder,
        lambda r: r["weight 0.1"] < 0.4 and r["weight 0"] < 0.001,
        claim(known.statement, by(known)),
    )


@doc.row(
    "regime: KL only",
    "With the divergence alone the network is said to learn very narrow distributions; it learns the prior, of scale 1, for every x.",
    r"\text{no data fidelity, but KL} \Rightarrow \sigma \to 0",
    note="The divergence is 0 at mu = 0, sigma = 1 and nowhere else; at sigma = 1/2 it is 0.3181. Narrow codes are what fidelity alone gives; in the transcript the remark stands below the wrong drawing.",
    matters="A KL near 0 with sigma near 1 for all x is posterior collapse; sigma near 0 means that the KL weighs too little.",
)
def kl_only():
    a, b = symbol("mu", REAL), symbol("sigma", POSITIVE)
    value = KL(Normal(a, b), Normal(0, 1))
    at_one = KL(Normal(0, 1), Normal(0, 1))
    return corrected(
        wrong(le(value, at_one), mu=0, sigma=half),
        claim(le(0, value), stated(theorem("kl-normal-standard", "nonnegative"))),
        claim(eq(at_one, 0), by(theorem("kl-normal-standard", "zero-at-standard"))),
        claim(
            le(at_one, value),
            arranged(
                theorem("kl-normal-standard", "nonnegative"),
                (theorem("kl-normal-standard", "zero-at-standard"), 1),
            ),
        ),
        tex=r"\text{no data fidelity, but KL} \Rightarrow \mu = 0,\ \sigma = 1 \text{ for every } x",
    )


@doc.row(
    "regime: both",
    "With both terms the code is said to be N(0, 1); it is the posterior, which is neither.",
    r"\text{fidelity and KL} \Rightarrow q(z|x) = \mathcal N(0,1)",
    note="In the linear-Gaussian model the optimum is q(z|x) = N(w x/(w^2 + s^2), s^2/(w^2 + s^2)). Only a code that says nothing is N(0, 1).",
    matters="A KL of exactly 0 is a failure (collapse), not the aim; a healthy VAE has a KL of a few nats per used dimension.",
)
def both():
    v, y = symbol("w", REAL), symbol("x", REAL)
    s = symbol("s", POSITIVE)
    total = v**2 + s**2
    optimum_ = KL(Normal(v * y / total, s / sqrt(total)), Normal(0, 1))
    closed = half * (-log(s**2 / total) - 1 + s**2 / total + (v * y / total) ** 2)
    known = theorem("linear-gaussian")
    tight = theorem("elbo-bound", "tight")
    return corrected(
        wrong(eq(optimum_, 0), w=1, s=1, x=1),
        claim(eq(optimum_, closed), by(theorem("kl-normal-standard"))),
        claim(known.statement, by(known)),
        claim(eq(elbo(posterior), log_p_x), by(tight)),
        tex=r"\text{fidelity and KL} \Rightarrow q(z|x) = p(z|x)",
    )


# The divergence to N(0, I)

K_ = symbol("K", NAT)
mean_k, cov_k = symbol("mu", ("mat", n, Rational(1))), symbol("Sigma", ("spd", n))
to_standard = lambda m, c, size=K_: KL(MvNormal(m, c), MvNormal(vec(size, lambda j: 0), eye(size)))
variances = symbol("c", ("fun", NAT, POSITIVE))
diagonal = to_standard(vec(K_, lambda j: mu[j]), diagm(K_, lambda j: variances[j]))


@doc.row(
    "KL: restated",
    "The trace formula again.",
    r"KL(P(\mu_1,\Sigma_1)\|Q(\mu_2,\Sigma_2)) = \tfrac12\Bigl[\log\frac{|\Sigma_2|}{|\Sigma_1|}-K+\mathrm{tr}(\Sigma_2^{-1}\Sigma_1)+(\mu_1-\mu_2)^T\Sigma_2^{-1}(\mu_1-\mu_2)\Bigr]",
    covers=(67,),
)
def restated():
    return verified(claim(eq(KL(P, Q), trace_formula(n, gap_)), by(theorem("kl-mvn"))))


@doc.row(
    "KL to N(0, I)",
    "The parameters are written mu_phi(z), Sigma_phi(z); they are functions of x, as in the later lines. The formula holds.",
    r"D_{KL}(\mathcal N(\mu_\phi(z),\Sigma_\phi(z))\|\mathcal N(0,I)) = \tfrac12\bigl[\mathrm{tr}(\Sigma_\phi(z))+\mu_\phi(z)^T\mu_\phi(z)-K-\log|\Sigma_\phi(z)|\bigr]",
    covers=(68, 69, 70),
    note="A density of z whose parameters are functions of that z has no fixed mean. The argument is the datum x. The prior, P_theta before, has the index phi here; it has no parameters.",
    matters="The encoder is called on x: `mu, logvar = encoder(x)`.",
)
def to_n_0_i():
    loc, scale = symbol("mu", ("fun", REAL, REAL)), symbol("sigma", ("fun", REAL, POSITIVE))
    code, datum = symbol("z", REAL), symbol("x", REAL)
    of = lambda y: KL(Normal(loc(y), scale(y)), Normal(0, 1))
    square, one_ = lam(lambda y: y**2, REAL), lam(lambda y: 1, REAL)
    formula_ = half * (tr(cov_k) + scalar(mean_k.T @ mean_k) - n - logdet(cov_k))
    return corrected(
        wrong(eq(of(code), of(datum)), mu=square, sigma=one_, z=0, x=1),
        claim(eq(to_standard(mean_k, cov_k, n), formula_), stated(theorem("kl-mvn-standard"))),
        tex=r"D_{KL}(\mathcal N(\mu_\phi(x),\Sigma_\phi(x))\|\mathcal N(0,I)) = \tfrac12\bigl[\mathrm{tr}(\Sigma_\phi(x))+\mu_\phi(x)^T\mu_\phi(x)-K-\log|\Sigma_\phi(x)|\bigr]",
    )


@doc.row(
    "trace and determinant",
    "The trace is the sum of the diagonal; the determinant of a diagonal matrix is the product of its diagonal.",
    r"\mathrm{tr}(\Sigma) = \sum_k\Sigma_{kk}, \quad |\Sigma| = \prod_k\Sigma_{kk}",
    note="Both for a diagonal matrix, the determinant through its logarithm.",
)
def trace_determinant():
    first, second = theorem("trace-identities", "diagonal"), theorem("trace-identities", "determinant")
    return verified(claim(first.statement, by(first)), claim(second.statement, by(second)))


@doc.row(
    "KL: diagonal",
    "With a diagonal covariance the divergence is a sum over coordinates.",
    r"D_{KL} = \tfrac12\Bigl(\sum_K\Sigma+\sum_K\mu^2-\sum_K1-\log\prod_K\Sigma\Bigr) = \tfrac12\sum(\Sigma+\mu^2-1-\log\Sigma)",
    covers=(71, 72, 73, 74),
    note="Sigma stands for the K variances on the diagonal; K is the number of coordinates and the index at once.",
)
def kl_diagonal():
    sums = lambda last: (
        half
        * (
            Sum(1, K_, lambda j: variances[j])
            + Sum(1, K_, lambda j: mu[j] ** 2)
            - Sum(1, K_, lambda j: 1)
            - last
        )
    )
    product = sums(log(Prod(1, K_, lambda j: variances[j])))
    logarithms = sums(Sum(1, K_, lambda j: log(variances[j])))
    one_sum = half * Sum(1, K_, lambda j: variances[j] + mu[j] ** 2 - 1 - log(variances[j]))
    main = theorem("kl-mvn-standard-diagonal")
    return verified(
        claim(eq(diagonal, product), by((main, linear_sums))),
        claim(eq(product, logarithms), by(algebra)),
        claim(eq(logarithms, one_sum), by(linear_sums)),
    )


@doc.row(
    "KL: log-variance",
    "With Sigma = exp(S) the first term must be exp(S); it is printed as S, so that the two cancel.",
    r"\Sigma_\phi(x) = e^{\hat\Sigma_\phi(x)}: \quad D_{KL} = \tfrac12\sum(\hat\Sigma_\phi(x)+\mu_\phi^2(x)-1-\hat\Sigma_\phi(x))",
    covers=(75, 76, 77),
    note="As written the divergence would not depend on the variance at all, and be negative at mu = 0. The parametrisation keeps the variance positive; that is its use, besides numerical range.",
    matters="The line to write: `0.5 * (logvar.exp() + mu**2 - 1 - logvar).sum(-1)`, or kl_normal_standard, which keeps its digits near 0.",
)
def log_variance():
    value = to_standard(vec(K_, lambda j: mu[j]), diagm(K_, lambda j: exp(logvar[j])))
    written = half * Sum(1, K_, lambda j: logvar[j] + mu[j] ** 2 - 1 - logvar[j])
    right = half * Sum(1, K_, lambda j: exp(logvar[j]) + mu[j] ** 2 - 1 - logvar[j])
    return corrected(
        wrong(eq(value, written), K=1, mu=lam(lambda j: 0, NAT), logvar=lam(lambda j: 0, NAT)),
        claim(eq(value, right), by((theorem("kl-mvn-standard-diagonal", "logvar"), linear_sums))),
        tex=r"D_{KL} = \tfrac12\sum\bigl(e^{\hat\Sigma_\phi(x)}+\mu_\phi^2(x)-1-\hat\Sigma_\phi(x)\bigr)",
    )
