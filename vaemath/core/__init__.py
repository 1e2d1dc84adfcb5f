"""What has to be believed: terms and their meaning, the rules, and replay. `vaemath core` lists and counts
it.

    terms        the language: making, binding, substituting
    heads        each head: its sort, its meaning, its sign, what it needs to be meant
    sign         what the form of a term says; which hypotheses are plain
    obligations  what must hold so that every part of a term is meant
    normal       generalised polynomials, behind the rule `algebra`
    words        matrices of symbolic size, behind traces and quadratic forms
    theorem      the only maker of theorems
    rules/       the sentences of mathematics

The meaning of every term is written in ``docs/semantics.md``. Imports run down this list and never out of
this folder, except to the oracle (:mod:`vaemath.proof.oracle`), which is asked by one rule and named by every
theorem that used it.
"""
