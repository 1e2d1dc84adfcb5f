"""Maximum likelihood is least KL divergence to the data; the likelihood of a sample and its logarithm.

Sources: 000 eq. 2-5; 001 eq. 2-5; 002 question 2.
"""

from vaemath.derive import *


@derivation(
    "maximum-likelihood",
    title="Maximum likelihood as least KL divergence",
    sources=("000 eq. 3-4", "001 eq. 3-4"),
)
def maximum_likelihood(d):
    data, model, other = d.densities("data model other")
    n = d.dimension("n")
    (x,) = d.functions("x", of=NAT, to=POINT)
    (f,) = d.functions("f", of=POINT)

    fit = lambda q: E(data, lambda x: log(pdf(q, x)))
    d.start(KL(data, model))
    d.to(
        E(data, lambda x: log(pdf(data, x)) - log(pdf(model, x))), definition, "KL is the expected log-ratio"
    )
    d.to(E(data, lambda x: log(pdf(data, x))) - fit(model), linearity, "the expectation is linear")
    main = d.qed("main", "KL is minus the expected log-likelihood, up to a constant of the data")

    nearer = assuming(le(KL(data, model), KL(data, other)))
    both = (main, instance(main, model=other))
    d.record(
        "likelier",
        rules.rearrange(
            nearer,
            *both,
            statement=le(fit(other), fit(model)),
            factors=(Rational(1), Rational(-1), Rational(1)),
        ),
        title="a model nearer in KL has the greater expected log-likelihood",
        reason="the entropy of the data is the same for both",
    )
    likelier = assuming(le(fit(other), fit(model)))
    d.record(
        "nearer",
        rules.rearrange(
            likelier,
            *both,
            statement=le(KL(data, model), KL(data, other)),
            factors=(Rational(1), Rational(1), Rational(-1)),
        ),
        title="a model of greater expected log-likelihood is nearer in KL",
        reason="the entropy of the data is the same for both",
    )

    empirical = Categorical(n, lambda i: 1 / n)
    d.start(E(empirical, lambda i: f(x[i])))
    d.to(
        Sum(1, n, lambda i: f(x[i])) / n,
        (as_integral, linear_sums),
        "each of the n samples has probability 1/n",
    )
    d.qed("empirical", "the expectation under the empirical distribution is the mean over the samples")

    d.start(E(empirical, lambda i: log(pdf(model, x[i]))))
    d.to(
        Sum(1, n, lambda i: log(pdf(model, x[i]))) / n,
        (as_integral, linear_sums),
        "each sample has probability 1/n",
    )
    d.to(log(Prod(1, n, lambda i: pdf(model, x[i]))) / n, algebra, "the logarithm of a product")
    d.qed("sample", "it is 1/n times the logarithm of the likelihood of the sample")
