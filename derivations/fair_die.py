"""A fair die: its expectation, and the probability of a three given that the number is odd.

Sources: 004 "Expectation of a Random Variable" and the example of the fair die.
"""

from vaemath.derive import *


@derivation(
    "fair-die",
    title="Expectation and a conditional probability of a fair die",
    sources=("004 fair die",),
)
def fair_die(d):
    p = Rational(1, 6)
    faces = range(1, 7)

    d.start(add(*(p for _ in faces)))
    d.to(1, algebra, "six equal probabilities of 1/6")
    d.qed("total", "the probabilities add up to one")

    d.start(add(*(face * p for face in faces)))
    d.to(Rational(21, 6), algebra, "1 + 2 + ... + 6 = 21")
    d.to(Rational(7, 2), algebra, "in lowest terms")
    d.qed("main", "the expectation")

    odd = p + p + p
    d.start(odd)
    d.to(half, algebra, "the faces 1, 3 and 5")
    odd_is = d.qed("odd", "the probability of an odd number")
    d.start(1 * p / odd)
    d.to(p / half, odd_is, "Bayes' rule: P(odd|3) P(3) / P(odd), with P(odd|3) = 1")
    d.to(Rational(1, 3), algebra, "divide")
    d.qed("three-given-odd", "the probability of a three given an odd number")
