"""Which known quantity a formula is, under which roles and conventions; and if none, which is nearest.

A candidate gives every role a parameter and every spread a convention. It is put in as a change of
variables, and the two normal forms are compared monomial by monomial: equal up to one factor is a proof.
Names only order the candidates.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

from vaemath.check.core import Mono, Poly, ProofError, Term, add, log, mul, name_of, sub, substitute, to_term
from vaemath.check.judge.algebra import normal, symbols_of
from vaemath.check.judge.conventions import FROM_SCALE, explicit
from vaemath.check.judge.decompose import generic
from vaemath.check.judge.quantities import QUANTITIES, VARIABLES, Quantity
from vaemath.check.reading.names import Reading, read_name

__all__ = ["Candidate", "Match", "candidates", "compare", "explain", "readings_of", "share_of"]

MOST = 900
_DRAWN = "drawn"
_SPREAD = ("scale", "scale_q", "scale_x")


@dataclass(frozen=True)
class Candidate:
    """A quantity with a parameter for each role and a convention for each spread; `cost` is how much the
    names speak against it.
    """

    quantity: Quantity
    params: tuple[str, ...]
    conventions: tuple[tuple[str, str], ...]
    cost: float
    contradicted: tuple[tuple[str, str], ...] = ()  # conventions (said, used) that a name contradicts
    reversed: bool = False

    @property
    def roles(self) -> dict[str, str]:
        """Role -> parameter."""
        return dict(zip(self.quantity.roles, self.params, strict=True))

    @property
    def used(self) -> dict[str, str]:
        """Role of a spread -> convention."""
        return dict(self.conventions)


@dataclass
class Match:
    """A candidate against a formula: the common factor (in the symbols that weigh), and what differs.

    `ratios` has for every monomial of the quantity how many times it occurs, over `factor`; `extra` what
    the quantity does not have.
    """

    candidate: Candidate
    factor: Poly
    ratios: dict[Mono, Poly] = field(default_factory=dict)
    extra: Poly = field(default_factory=dict)
    brought: Poly = field(default_factory=dict)  # constants that the change of variables or a mean brings

    @property
    def exact(self) -> bool:
        """Equal up to the factor (constants apart)."""
        return bool(self.factor) and not self.extra and all(r == self.factor for r in self.ratios.values())

    @property
    def agreeing(self) -> int:
        """How many monomials share the factor."""
        return sum(r == self.factor for r in self.ratios.values()) if self.factor else 0

    @property
    def groups(self) -> int:
        """How many terms the quantity has, those of a square of means counted once."""
        means = sum(map(_in_means, self.ratios))
        return len(self.ratios) - max(means - 1, 0)

    @property
    def distance(self) -> float:
        """Fewer is nearer: differences (those of a square of means count once), then the names."""
        wrong = [m for m, r in self.ratios.items() if r != self.factor]
        of_means = [m for m in (*wrong, *self.extra) if _in_means(m)]
        others = len(wrong) + len(self.extra) - len(of_means)
        seen = len({self.ratios.get(m) is None for m in of_means})
        against = 2 * self.candidate.reversed + 2 * len(self.candidate.contradicted)
        return others + seen + against + 0.3 * self.candidate.cost


def _in_means(m: Mono) -> bool:
    means = {VARIABLES["loc"], VARIABLES["loc_q"]}
    return any(a.free & means for a, _ in m)


def readings_of(names: Sequence[str], words: Mapping[str, str] | None = None) -> dict[str, Reading]:
    """What each name says; a number at the end is a mark if the name comes with several. `words` says it
    instead where somebody did.
    """
    out = {}
    for name in names:
        bare = name.rsplit(".", 1)[-1].strip("[]'\"")
        stem = bare[:-1].rstrip("_")
        numbered = bare[-1:] in "012" and any(
            o != name and o.rsplit(".", 1)[-1][:-1].rstrip("_") == stem and o[-1:] in "012" for o in names
        )
        out[name] = read_name(stem) if numbered and stem else read_name(bare)
        if numbered and stem:
            out[name] = Reading(out[name].role, out[name].conventions, bare[-1], out[name].sure)
        if words and name in words:
            out[name] = _said(words[name], out[name].group)
    return out


def _said(word: str, group: str) -> Reading:
    if word in FROM_SCALE:
        return Reading("spread", (word,), group, True)
    if word in ("covariance", "scale_tril", "precision_matrix"):
        return Reading("matrix", (word,), group, True)
    return Reading({"logits": "recon", "probs": "recon"}.get(word, word), (), group, True)


_FIT: dict[str, dict[str, float]] = {
    "loc": {"loc": 0, "unknown": 1, "z": 2, "x": 3, "recon": 3, "matrix": 4},
    "loc_q": {"loc": 0, "unknown": 1, "z": 2, "x": 3, "recon": 3},
    "scale": {"spread": 0, "unknown": 1, "matrix": 1, "eps": 2},
    "scale_q": {"spread": 0, "unknown": 1, "matrix": 1, "weight": 1.5, "eps": 2},
    "scale_x": {"spread": 0, "unknown": 1, "weight": 1.5, "recon": 2},
    "x": {"x": 0, "unknown": 1, "recon": 1.5, "z": 2, "loc": 3, "eps": 2, "mask": 3},
    "mean": {"recon": 0, "unknown": 1, "loc": 1, "x": 1.5, "z": 2, "count": 3},
    "z": {"z": 0, "unknown": 1, "x": 1},
}
_FIT |= dict.fromkeys(("probs", "logits", "rate", "probs_q"), _FIT["mean"])
_FIT["probs"] = _FIT["probs_q"] = {**_FIT["mean"], "dist": 1, "loc": 2}


def candidates(
    params: Sequence[str], readings: Mapping[str, Reading], chosen: Iterable[Quantity] = QUANTITIES
) -> list[Candidate]:
    """Every candidate that no name excludes, those that names suggest first."""
    out: list[Candidate] = []
    for quantity in chosen:
        if len(quantity.roles) > len(params):
            continue
        for given in itertools.permutations(params, len(quantity.roles)):
            cost = _cost(quantity, given, readings)
            if cost is None:
                continue
            backwards = _backwards(quantity, given, readings)
            spreads = [(r, p) for r, p in zip(quantity.roles, given, strict=True) if r in _SPREAD]
            for conventions, price, contradicted in _conventions(spreads, readings):
                out.append(Candidate(quantity, given, conventions, cost + price, contradicted, backwards))
    return sorted(out, key=lambda c: (c.cost + 2 * c.reversed, c.quantity.reverse))[:MOST]


def _cost(quantity: Quantity, given: Sequence[str], readings: Mapping[str, Reading]) -> float | None:
    cost = 0.0
    for role, param in zip(quantity.roles, given, strict=True):
        fit = _FIT[role].get(readings[param].role)
        if fit is None:
            return None
        cost += fit
    if (
        "loc_q" in quantity.roles
        and "scale_q" in quantity.roles
        and "scale" in quantity.roles
        and "loc" in quantity.roles
    ):
        roles = dict(zip(quantity.roles, given, strict=True))
        cost += readings[roles["loc"]].group != readings[roles["scale"]].group
        cost += readings[roles["loc_q"]].group != readings[roles["scale_q"]].group
    return cost + (1 if quantity.id in ("kl-shared", "kl-widths", "kl-scale", "laplace") else 0)


def _backwards(quantity: Quantity, given: Sequence[str], readings: Mapping[str, Reading]) -> bool:
    """Whether names say that the first distribution is the second: a prior first, or 2 before 1."""
    if quantity.reverse:
        return True
    if not {"loc_q", "scale_q"} & set(quantity.roles) or quantity.id in ("kl-symmetric", "wasserstein"):
        return False
    roles = dict(zip(quantity.roles, given, strict=True))
    kinds = (
        ("scale",) if {"scale", "scale_q"} <= set(roles) else ("loc", "scale")
    )  # the means may be exchanged
    first = {readings[roles[r]].group for r in kinds if r in roles}
    second = {readings[roles[f"{r}_q"]].group for r in kinds if f"{r}_q" in roles}
    if "prior" in first and "prior" not in second:
        return True
    return (
        first <= {"1", "2", "0", "b"}
        and first > set()
        and max(second, default="") < min(first)
        and second <= {"0", "1", "a", "2"}
    )


def _conventions(
    spreads: Sequence[tuple[str, str]], readings: Mapping[str, Reading]
) -> Iterator[tuple[tuple[tuple[str, str], ...], float, tuple[tuple[str, str], ...]]]:
    options = []
    for _, param in spreads:
        said = readings[param].conventions
        said = {"covariance": ("var",), "scale_tril": ("std",)}.get(said[0] if said else "", said)
        options.append([(c, *_price(c, said, readings[param].sure)) for c in FROM_SCALE])
    alike = len(spreads) > 1 and len({readings[p].conventions for _, p in spreads}) == 1
    for combination in itertools.product(*options):
        if alike and len({c for c, _, _ in combination}) > 1:
            continue
        conventions = tuple((role, c) for (role, _), (c, _, _) in zip(spreads, combination, strict=True))
        against = tuple(dict.fromkeys(clash for _, _, clash in combination if clash))
        yield conventions, sum(price for _, price, _ in combination), against


def _price(used: str, said: Sequence[str], sure: bool) -> tuple[float, tuple[str, str] | None]:
    if used in said:
        return 0.2 * said.index(used), None
    if sure and said and explicit("", said[0], used):
        return 3.0, (said[0], used)
    return 1.5, None


def _variable(role: str) -> Term:
    return VARIABLES["z" if role == "rate" else role]


@cache
def _formula(quantity: Quantity) -> Poly:
    return normal(quantity.formula())


@cache
def _substituted(formula: Term, mapping: tuple[tuple[Term, Term], ...]) -> Poly:
    return normal(substitute(formula, dict(mapping)))


def share_of(formula: Poly, params: Iterable[str]) -> Poly:
    """The monomials in which any of these parameters occurs."""
    mine = {generic(p) for p in params}
    return {m: c for m, c in formula.items() if any(a.free & mine for a, _ in m)}


def change_of(candidate: Candidate) -> dict[Term, Term]:
    """The change of variables that a candidate stands for."""
    out: dict[Term, Term] = {}
    for role, param in candidate.roles.items():
        if role in _SPREAD:
            out[generic(param)] = FROM_SCALE[candidate.used[role]](_variable(role))
        elif role == "logits":
            out[generic(param)] = sub(log(VARIABLES["odds"]), log(VARIABLES["evens"]))
        else:
            out[generic(param)] = _variable(role)
    return out


def expected(p: Poly, noise: frozenset[str]) -> Poly:
    """The mean over standard normal noise. Raises `ProofError` where it enters otherwise than in powers."""
    out: Poly = {}
    for mono, c in p.items():
        rest = []
        for atom, e in mono:
            if not any(name_of(s).split("#")[0] in noise for s in atom.free):
                rest.append((atom, e))
            elif atom.head != "sym" or e.denominator != 1 or e < 0:
                raise ProofError("noise inside a function")
            else:
                c *= 0 if e % 2 else math.prod(range(1, int(e), 2))
        if c:
            out[tuple(rest)] = out.get(tuple(rest), Fraction(0)) + c
    return {m: c for m, c in out.items() if c}


def compare(
    formula: Poly,
    candidate: Candidate,
    noise: frozenset[str] = frozenset(),
    sample: str = "",
    weights: frozenset[str] = frozenset(),
) -> Match | None:
    """How a formula (its part in the candidate's parameters) differs from the candidate's quantity: in
    the mean over `noise`, and over `sample`, a parameter that holds a sample of the first distribution.
    Only `weights` may multiply it.
    """
    share = share_of(formula, [*candidate.params, *([sample] if sample else []), *noise])
    if not share:
        return None
    try:
        change = change_of(candidate)
        if sample and "loc" in candidate.roles:
            change[generic(sample)] = add(VARIABLES["loc"], mul(VARIABLES["scale"], generic(_DRAWN)))
            noise = noise | {_DRAWN}
        found = _substituted(to_term(share), tuple(change.items()))
        found = expected(found, noise) if noise else found
        wanted = _formula(candidate.quantity)
    except (ProofError, ValueError, ZeroDivisionError):
        return None
    own = symbols_of(wanted)
    split: dict[Mono, Poly] = {}
    for mono, c in found.items():
        others = {name_of(s) for a, _ in mono for s in a.free - own}
        if not others <= weights or any(a.free & own and a.free - own for a, _ in mono):
            split.setdefault(mono, {})[()] = c
            continue
        weight = tuple((a, e) for a, e in mono if a.free and not a.free & own)
        rest = tuple((a, e) for a, e in mono if not a.free or a.free & own)
        split.setdefault(rest, {})[weight] = split.get(rest, {}).get(weight, Fraction(0)) + c
    fixed = [m for m in split if not any(a.free for a, _ in m)]
    brought = {m: c for m in fixed for c in [split.pop(m).get((), Fraction(0))]}
    ratios = {
        m: {w: x / c for w, x in split.get(m, {}).items()}
        for m, c in wanted.items()
        if any(a.free for a, _ in m)
    }
    votes: dict[str, tuple[int, Poly]] = {}
    for r in ratios.values():
        if r:
            key = str(sorted((str(w), x) for w, x in r.items()))
            votes[key] = (votes.get(key, (0, r))[0] + 1, r)
    if not votes:
        return None
    factor = max(votes.values(), key=lambda v: (v[0], v[1] == {(): Fraction(1)}))[1]
    extra = {_joined(m, w): c for m, by in split.items() if m not in wanted for w, c in by.items() if c}
    return Match(candidate, factor, ratios, extra, brought)


def _joined(m: Mono, w: Mono) -> Mono:
    return tuple(sorted((*m, *w), key=lambda pair: str(pair[0])))


def explain(
    formula: Poly,
    params: Sequence[str],
    readings: Mapping[str, Reading],
    noise: frozenset[str],
    chosen: Sequence[Quantity],
) -> tuple[list[Match], Poly, list[Match]]:
    """Quantities that make up a formula exactly, what they leave over, and the nearest ones to that."""
    exact: list[Match] = []
    left, free = dict(formula), list(params)
    weights = frozenset(
        p for p in readings if readings[p].role in ("weight", "mask", "count", "unknown", "object")
    )
    sample = next((p for p in params if readings[p].role in ("z", "eps") and not noise), "")
    while left and free:
        near: list[Match] = []
        found: Match | None = None
        for candidate in candidates(free, readings, chosen):
            drawn = sample if sample not in candidate.params else ""
            match = compare(left, candidate, noise, drawn, weights - set(candidate.params))
            if match is None or (match.exact and _leaves_out(candidate, params, readings, formula)):
                continue
            if not match.exact:
                near.append(match)
            elif found is None or (candidate.reversed, len(candidate.contradicted)) < (
                found.candidate.reversed,
                len(found.candidate.contradicted),
            ):
                found = match
                if not candidate.contradicted and not candidate.reversed:
                    break
        if found is None:
            doubtful = [
                m for m in exact if m.candidate.cost >= 3 and m.candidate.quantity.kind == "reconstruction"
            ]
            if doubtful:  # a density of latents, with terms of a KL left over
                others = [q for q in chosen if q.kind != "reconstruction"]
                return explain(formula, params, readings, noise, others)
            told = {p for p in free if readings[p].role in ("loc", "spread")}
            return (
                exact,
                left,
                sorted(near, key=lambda m: (len(told - {*m.candidate.params}), m.distance))[:6],
            )
        exact.append(found)
        gone = {*found.candidate.params, *([sample] if "loc" in found.candidate.roles and sample else [])}
        share = share_of(left, [*gone, *(noise if "loc" in found.candidate.roles else ())])
        left = {m: c for m, c in left.items() if m not in share}
        free = [p for p in free if p not in gone]
    return exact, left, []


def _leaves_out(
    candidate: Candidate, params: Sequence[str], readings: Mapping[str, Reading], formula: Poly
) -> bool:
    """Whether the formula uses neither of a mean or a spread that the candidate has no place for."""
    used = {name_of(s) for s in symbols_of(formula)}
    idle = {readings[p].role for p in params if p not in used}
    roles = set(candidate.quantity.roles)
    if candidate.quantity.kind not in ("kl", "other"):
        return False
    return ("loc" in idle and "loc" not in roles) or (
        "spread" in idle and "loc_q" in roles and "scale_q" not in roles
    )
