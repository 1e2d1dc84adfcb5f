"""The rules tried against models, by an evaluator of `docs/semantics.md` that shares no code with others.

    scalars      exact numbers and balls, with the total values of division, logarithm and powers
    series       one-sided expansions at a point, and values with slopes: derivatives, also where there is
    none lines        functions on an interval, exactly: their sign, and their integral or that there is none
    gaussians    polynomials times exponentials of quadratics in many variables
    matrices     matrices over any of these
    meaning      the value of a term, the truth of a statement
    worlds       models: values of symbols, adversarial on purpose
    terms        random terms of every sort
    instances    for each rule, random theorems made by it
    campaign     how many instances were decided, and which are false

`python -m tests.proof.models` runs the campaign and keeps its table. Nothing here guesses: what is not
decided exactly, or to fifty digits, is `Undecided`, and counts for nothing.
"""
