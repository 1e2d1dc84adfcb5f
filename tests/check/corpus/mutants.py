"""A mutation operator over formulas: right functions in many spellings, and every mechanical change
of them.

A formula is a list of (coefficient, term) per spread convention; a mutant changes one thing, and
knows its cause.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

__all__ = ["Case", "mutants"]


@dataclass(frozen=True)
class Case:
    """A function's source, its name, and what the check should say."""

    name: str
    code: str
    verdict: str
    causes: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    reduction: str | None = None


STANDARD = {
    "logvar": [("0.5", "mu**2"), ("0.5", "EXP(logvar)"), ("-0.5", "logvar"), ("-0.5", "1")],
    "std": [("0.5", "mu**2"), ("0.5", "std**2"), ("-1.0", "LOG(std)"), ("-0.5", "1")],
    "var": [("0.5", "mu**2"), ("0.5", "var"), ("-0.5", "LOG(var)"), ("-0.5", "1")],
    "logstd": [("0.5", "mu**2"), ("0.5", "EXP(2 * logstd)"), ("-1.0", "logstd"), ("-0.5", "1")],
}
PAIR = {
    "logvar": [
        ("0.5", "(mu1 - mu2)**2 * EXP(-logvar2)"),
        ("0.5", "EXP(logvar1 - logvar2)"),
        ("-0.5", "logvar1"),
        ("0.5", "logvar2"),
        ("-0.5", "1"),
    ],
    "std": [
        ("0.5", "(mu1 - mu2)**2 / std2**2"),
        ("0.5", "std1**2 / std2**2"),
        ("-1.0", "LOG(std1)"),
        ("1.0", "LOG(std2)"),
        ("-0.5", "1"),
    ],
}
WORDS = {"logvar": "logvar", "std": "std", "var": "variance", "logstd": "logstd"}
AGAIN = {("logvar", "logstd"): "variance-as-std", ("logstd", "logvar"): "std-as-variance"}
RIGHT = ("{e}.sum()", "{e}.sum(-1)", "{e}.sum(-1).mean()", "{e}")


def mutants(seed: int, count: int = 12) -> list[Case]:
    """A random selection of right functions and mutants: family, convention, library and reduction
    drawn too.
    """
    rng = random.Random(seed)
    cases = []
    for k in range(count):
        pair = rng.random() < 0.4
        convention = rng.choice(list(PAIR if pair else STANDARD))
        library = rng.choice(["np", "torch"])
        change = rng.choice(CHANGES)
        case = change(rng, f"f{seed}_{k}", convention, pair, library)
        if case is not None:
            cases.append(case)
    return cases


def _terms(convention: str, pair: bool) -> list[tuple[str, str]]:
    return list((PAIR if pair else STANDARD)[convention])


def _build(
    name: str,
    terms: list[tuple[str, str]],
    convention: str,
    pair: bool,
    library: str,
    reduce: str,
    wrap: str = "{e}",
) -> str:
    parameters = f"mu1, {convention}1, mu2, {convention}2" if pair else f"mu, {convention}"
    body = " + ".join(f"({c}) * {t}" for c, t in terms)
    body = body.replace("EXP", f"{library}.exp").replace("LOG", f"{library}.log")
    whole = wrap.format(e=reduce.format(e=f"({body})"))
    return f"def {name}({parameters}):\n    return {whole}\n"


def _right(rng: random.Random, name: str, convention: str, pair: bool, library: str) -> Case:
    terms = _terms(convention, pair)
    rng.shuffle(terms)
    return Case(name, _build(name, terms, convention, pair, library, rng.choice(RIGHT)), "correct")


def _sign(rng: random.Random, name: str, convention: str, pair: bool, library: str) -> Case:
    code = _build(name, _terms(convention, pair), convention, pair, library, rng.choice(RIGHT), "-{e}")
    return Case(name, code, "wrong", ("sign",))


def _factor(rng: random.Random, name: str, convention: str, pair: bool, library: str) -> Case:
    wrap = rng.choice(["2 * {e}", "0.5 * {e}", "{e} / 3"])
    code = _build(name, _terms(convention, pair), convention, pair, library, rng.choice(RIGHT), wrap)
    return Case(name, code, "scaled" if wrap == "{e} / 3" else "wrong", ("factor",))


def _pixels(rng: random.Random, name: str, convention: str, pair: bool, library: str) -> Case:
    wrap = rng.choice(["{e} / 784", "{e} / (64 * 784)", "{e} / 3072"])
    code = _build(name, _terms(convention, pair), convention, pair, library, "{e}.sum()", wrap)
    return Case(name, code, "scaled", ("divided-by-data-dimension",))


def _latent_mean(rng: random.Random, name: str, convention: str, pair: bool, library: str) -> Case:
    code = _build(
        name, _terms(convention, pair), convention, pair, library, rng.choice(["{e}.mean()", "{e}.mean(-1)"])
    )
    return Case(name, code, "scaled", ("mean-over-latent",))


def _term(rng: random.Random, name: str, convention: str, pair: bool, library: str) -> Case | None:
    terms = _terms(convention, pair)
    k = rng.randrange(len(terms))
    c, t = terms[k]
    kind = rng.choice(["sign", "factor", "drop"])
    if kind == "drop":
        del terms[k]
        causes = ("constant", "missing-term") if t == "1" else ("missing-term",)
    else:
        terms[k] = (f"-({c})" if kind == "sign" else f"{rng.choice(['2', '0.25'])} * ({c})", t)
        causes = ("constant",) if t == "1" else (f"{kind}-of-term",)
    code = _build(name, terms, convention, pair, library, rng.choice(RIGHT))
    return Case(name, code, "wrong", causes, ("missing-term", "constant") if t == "1" else ())


def _reread(rng: random.Random, name: str, convention: str, pair: bool, library: str) -> Case | None:
    """The formula of one convention under the parameter names of another."""
    others = [c for c in (PAIR if pair else STANDARD) if c != convention]
    used = rng.choice(others)
    terms = [(c, t.replace(used, "SPREAD").replace("SPREAD", convention)) for c, t in _terms(used, pair)]
    if used.startswith("log") and not convention.startswith("log"):  # a careless name is no mistake
        code = _build(name, terms, convention, pair, library, rng.choice(RIGHT))
        return Case(name, code, "correct")
    causes = [f"{WORDS[convention]}-as-{WORDS[used]}"]
    if (convention, used) in AGAIN:
        causes.append(AGAIN[convention, used])
    return Case(
        name, _build(name, terms, convention, pair, library, rng.choice(RIGHT)), "wrong", tuple(causes)
    )


def _reverse(rng: random.Random, name: str, convention: str, pair: bool, library: str) -> Case | None:
    if not pair:
        return None
    swap = str.maketrans("12", "21")
    exponent = {"**1": "**2"}
    terms = []
    for c, t in _terms(convention, pair):
        other = t if t == "1" else t.translate(swap)
        for wrong, right in exponent.items():
            other = other.replace(wrong, right)
        terms.append((c, other))
    code = _build(name, terms, convention, pair, library, rng.choice(RIGHT))
    return Case(name, code, "wrong", ("reversed-direction",))


CHANGES = (
    _right,
    _right,
    _right,
    _sign,
    _factor,
    _pixels,
    _latent_mean,
    _term,
    _term,
    _term,
    _reread,
    _reread,
    _reverse,
)
