"""Line against line: does it follow, is it false, or can neither be said?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from vaemath.audit.counterexample import Counterexample
from vaemath.core import rules
from vaemath.core.terms import Term, TermError
from vaemath.core.theorem import Theorem
from vaemath.errors import VaemathError
from vaemath.explain.near import variants
from vaemath.grade import bounds
from vaemath.grade.counting import agrees, counterexample, models
from vaemath.grade.limit import TooLongError, within
from vaemath.grade.reading import Extremum
from vaemath.grade.reasons import heads, reasons
from vaemath.grade.report import FALSE, FOLLOWS, UNDECIDED
from vaemath.library import theorem
from vaemath.proof import tactics
from vaemath.proof.discharge import discharge
from vaemath.terms.build import eq, le, lt

Value = Term | Extremum


@dataclass(frozen=True)
class Reading:
    """One way to read a line.

    Attributes:
        value: what it says.
        notes: what was taken for granted, in words.
        unsure: why a counterexample would not count, in words.
        doubts: what can be read in two ways.
    """

    value: Value
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What is said of a line against the one before it."""

    verdict: str
    why: str
    proof: Theorem | None = None
    near: str = ""
    reading: Reading | None = None
    gone: frozenset[Term] = field(default_factory=frozenset)


def judge(
    relation: str,
    before: list[Reading],
    after: list[Reading],
    given: frozenset[Term],
    show: Callable[[Term], str],
    conditional: bool = False,
) -> Finding:
    """The verdict on `before relation after`; of several readings the first that follows counts."""
    if relation not in ("=", "<=", ">=", "<", ">"):
        return _other(relation, before, after, given)
    try:
        with within():
            for a in before:
                for b in after:
                    found = prove(relation, a.value, b.value)
                    if found is not None and _possible(found[1], given):
                        if "slash" in (*a.doubts, *b.doubts) and _denied(relation, before, after, given):
                            return Finding(
                                UNDECIDED, "a/b c can be read as a/(b c) or as (a/b) c; put brackets"
                            )
                        return Finding(FOLLOWS, found[0], found[1], reading=b)
            return _refuted(relation, before, after, given, show, conditional)
    except TooLongError as e:
        return Finding(UNDECIDED, f"{e}; a line in between would help")


def prove(relation: str, a: Value, b: Value) -> tuple[str, Theorem] | None:
    """A proof of the relation between two values and the reason in words, or None."""
    if isinstance(a, Extremum) or isinstance(b, Extremum):
        if not (isinstance(a, Extremum) and isinstance(b, Extremum)) or relation != "=":
            return None
        from vaemath.grade.extremum import same

        return same(a, b, equal)
    if relation == "=":
        return equal(a, b)
    if relation in (">=", ">"):
        a, b = b, a
        relation = "<=" if relation == ">=" else "<"
    return bounds.ordered(a, b, relation == "<", equal)


def equal(a: Term, b: Term) -> tuple[str, Theorem] | None:
    """A proof of a = b."""
    try:
        claim = eq(a, b)
    except TermError:
        return None
    for words, tactic in reasons(a, b):
        for one, other in ((a, b), (b, a)):
            try:
                proof = tactics.justify(one, other, (tactic,))
                proof = proof if one is a else rules.symmetry(proof)
            except TooLongError:
                raise
            except (VaemathError, RecursionError):
                continue
            if proof.statement == claim:
                return words, settled(proof)
    return None


def settled(proof: Theorem) -> Theorem:
    """The proof without hypotheses that the rules can discharge."""
    try:
        return discharge(proof)
    except (VaemathError, RecursionError):
        return proof


def _denied(relation: str, before: list[Reading], after: list[Reading], given: frozenset[Term]) -> bool:
    """Is the line false in another way to read it?"""
    try:
        claims = [c for c, _, __ in _claims(relation, before, after)]
        return any(counterexample(c, given | meanings(c)) is not None for c in claims)
    except (VaemathError, RecursionError):
        return False


def _possible(proof: Theorem, given: frozenset[Term]) -> bool:
    """Is there a model in which the hypotheses of the proof hold? A proof from 0 != 0 says nothing."""
    needed = frozenset(h for h in proof.hypotheses if h.head not in ("integrable", "exchange"))
    plain = frozenset(h for h in needed if h.head != "ae")
    if not plain:
        return True
    try:
        return bool(models(plain | given))
    except TooLongError:
        raise
    except (VaemathError, ArithmeticError, ValueError, RecursionError):
        return False


def _claims(
    relation: str, before: list[Reading], after: list[Reading]
) -> Iterator[tuple[Term, Reading, Reading]]:
    for a in before:
        for b in after:
            if isinstance(a.value, Extremum) or isinstance(b.value, Extremum):
                continue
            make = {"=": eq, "<=": le, ">=": le, "<": lt, ">": lt}[relation]
            one, other = (b.value, a.value) if relation in (">=", ">") else (a.value, b.value)
            yield make(one, other), a, b


def _refuted(
    relation: str,
    before: list[Reading],
    after: list[Reading],
    given: frozenset[Term],
    show: Callable[[Term], str],
    conditional: bool,
) -> Finding:
    try:
        claims = list(_claims(relation, before, after))
    except TermError as e:
        return Finding(UNDECIDED, f"the two lines cannot be compared: {e}")
    if not claims:
        return Finding(
            UNDECIDED, "no rule says that both have the same maximiser; write the two functions as equal"
        )
    counting = any("runs through all values" in n for r in (*before, *after) for n in r.notes)
    found = None
    held = False
    for k, (claim, _, __) in enumerate(claims):
        hypotheses = given | meanings(claim)
        try:
            this = counterexample(claim, hypotheses, counting)
        except RecursionError:
            this = None
        if this is None:
            held = held or agrees(claim, hypotheses, counting)
            return Finding(UNDECIDED, _help(held, k > 0))
        found = found or this
    assert found is not None
    claim, a, b = claims[0]
    where = str(found).replace("on the left", "before" if relation not in (">=", ">") else "here")
    where = where.replace("on the right", "here" if relation not in (">=", ">") else "before")
    unsure = [*a.unsure, *b.unsure, *_unspecified(a.value, b.value)]
    if conditional:
        unsure.append("a condition in words that is not read stands beside it")
    if unsure:
        return Finding(UNDECIDED, f"{unsure[0]}; as it was read, {where}")
    if relation == "=" and _rounded(found, claim):
        return Finding(
            UNDECIDED, f"a decimal fraction agrees to its last digit but is not the same number: {where}"
        )
    near = _near(a.value, b.value, given | meanings(claim), counting, show) if relation == "=" else ""  # type: ignore[arg-type]
    return Finding(FALSE, where, near=near)


def _unspecified(a: Value, b: Value) -> list[str]:
    """Is a density on one side any density, while the other side speaks of a special one?"""
    assert isinstance(a, Term)
    assert isinstance(b, Term)
    for one, other in ((a, b), (b, a)):
        any_ = [s for s in one.free if s.sort[0] == "dist" or (s.sort[0] == "fun" and s.sort[2][0] == "dist")]
        if not any_ or any(s in other.free for s in any_):
            continue
        numbers = {s for s in other.free - one.free if s.sort[0] != "dist" and "point" not in str(s.sort)}
        concrete = {"normal", "mvn", "indep", "categorical"} & (heads(other) - heads(one))
        constant = not other.free and not (other.head == "num" and other.data[1] == 1)
        if numbers or concrete or constant:
            return ["a density that was not declared is any density; say above which one it is"]
    return []


def _rounded(found: Counterexample, claim: Term) -> bool:
    """Is one side a decimal fraction that the other rounds to?"""
    for side in claim.args:
        if side.head == "num" and not claim.free and side.data[1] > 1:
            digits = len(str(side.data[1])) - 1 if set(str(side.data[1])) <= {"1", "0"} else 0
            unit = 10.0 ** -max(digits, 2 if digits == 0 else digits)
            return abs(float((found.left - found.right).mid())) <= unit
    return False


def _help(held: bool, ambiguous: bool) -> str:
    if ambiguous:
        return "it can be read in two ways, and no rule gives it in one; put brackets"
    if held:
        return "no rule gives it, and it agrees in every model tried; a line in between would help"
    return (
        "no rule gives it, and it could not be evaluated; say what the letters are, or put a line in between"
    )


def _near(
    before: Term, after: Term, given: frozenset[Term], counting: bool, show: Callable[[Term], str]
) -> str:
    for tried, (slip, variant) in enumerate(variants(after)):
        if tried > 60:
            return ""
        try:
            if agrees(eq(before, variant), given, counting):
                return f"{show(variant)}   ({slip})"
        except (TermError, RecursionError):
            continue
    return ""


def meanings(*terms: Term) -> frozenset[Term]:
    """What p(x) and p(z|x) stand for, where they occur."""
    symbols = {s for t in terms for s in t.free}
    known = theorem("elbo-decomposition", "posterior-normalised").hypotheses
    named = {h.args[0] for h in known if h.head == "def"}
    return known if symbols & named else frozenset()


def _other(relation: str, before: list[Reading], after: list[Reading], given: frozenset[Term]) -> Finding:
    if relation == "prop":
        return bounds.proportional(before[0].value, after[0].value, equal)
    if relation == "~=":
        return Finding(UNDECIDED, "an approximation is no equation; nothing is claimed that can be proved")
    if relation == "!=":
        a, b = before[0].value, after[0].value
        if isinstance(a, Extremum) or isinstance(b, Extremum):
            return Finding(UNDECIDED, "two maximisers are not compared by their size")
        try:
            claim = eq(a, b)
        except TermError as e:
            return Finding(UNDECIDED, f"the two lines cannot be compared: {e}")
        if equal(a, b) is not None:
            return Finding(FALSE, "both sides are equal")
        where = counterexample(claim, given | meanings(claim))
        return Finding(UNDECIDED, f"they differ somewhere: {where}" if where else "no difference was found")
    return Finding(UNDECIDED, f"the relation `{relation}` cannot be decided")
