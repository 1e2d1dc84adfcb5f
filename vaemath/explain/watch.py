"""Runs a script and goes on after a line that is refused, so that every line gets its verdict."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from vaemath import library
from vaemath.core import rules
from vaemath.core.normal import canon
from vaemath.core.terms import Term, TermError
from vaemath.core.theorem import ProofError, Theorem
from vaemath.errors import VaemathError
from vaemath.explain.judge import agrees, counterexample
from vaemath.explain.near import variants
from vaemath.explain.report import Finding
from vaemath.pages.densities import walk
from vaemath.pages.unicode import unicode
from vaemath.pages.write import Writer
from vaemath.proof import tactics
from vaemath.proof.certificate import to_json
from vaemath.proof.chain import Block, Derivation, Line, Refused, attempts
from vaemath.terms.build import eq, le, sub, term

_TRIES = 40  # variants that are handed to the rules
_SHORT = 60  # letters of a term that is offered as missing


@dataclass(frozen=True)
class Held:
    """A line that the rules gave here; what is said of it is said by the process that replays `step`."""

    place: str
    block: str
    number: int
    reason: str
    step: Theorem


def watched(path: Path) -> dict[str, Any]:
    """Run the derivations of a file and go on after a bad line; all that was found, as plain data.

    A line that holds, and a theorem, is a block of one certificate: what they say is read from there.

    Raises:
        VaemathError: the file is missing, does not load, or defines no derivation.
    """
    shop, mine = library.workshop_for(path)
    notes = Notes(path)
    shop.known.update({id: _Watched(shop.known[id], notes) for id in mine})  # type: ignore[misc]
    stopped = ""
    for id in mine:
        try:
            done = shop.derive(id)
        except VaemathError as e:
            stopped = f"{id}: {e}"
        except BaseException as e:
            stopped = f"{id}: {library.broken(e)}{_where(e, path)}"
        else:
            notes.theorems += [(id, b) for b in done.blocks if (id, b.name) not in notes.broken]
    return notes.answer(stopped)


class Notes:
    """What is found while the derivations of a file run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: list[Finding | Held] = []
        self.theorems: list[tuple[str, Block]] = []
        self.broken: set[tuple[str, str]] = set()  # id and name of the theorems with a bad line

    def answer(self, stopped: str) -> dict[str, Any]:
        """All of it as plain data."""
        held = [x for x in self.found if isinstance(x, Held)]
        blocks = [_as_block(f"line-{k}", _discharged(x.step)) for k, x in enumerate(held)]
        blocks += [_as_block(f"theorem-{k}", b.theorem) for k, (_, b) in enumerate(self.theorems)]
        certificate = to_json(Derivation("explained", "what was found", (), blocks)) if blocks else None
        return {
            "findings": [
                {
                    "held": held.index(x),
                    "place": x.place,
                    "block": x.block,
                    "number": x.number,
                    "reason": x.reason,
                }
                if isinstance(x, Held)
                else asdict(x)
                for x in self.found
            ],
            "theorems": [f"{id} / {b.name}" for id, b in self.theorems],
            "certificate": certificate,
            "stopped": stopped,
        }


def _as_block(name: str, theorem: Theorem) -> Block:
    return Block(name, "", (Line(theorem, ""),), theorem)


def _discharged(step: Theorem) -> Theorem:
    """A line without the hypotheses that `qed` would discharge by itself."""
    try:
        return Derivation("line", "").record("line", step)
    except VaemathError:
        return step


def _where(error: BaseException, path: Path) -> str:
    """The line of the script that raised it."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == path]
    return f" ({path.name}:{lines[-1]})" if lines else ""


def refusal(e: Refused) -> str:
    """The message for one refused line: the two lines, where the second is false, and what nearly holds."""
    return str(_finding(e, e.place, "", (), None))


def shown(t: Term) -> str:
    """A term in the notation of the notes, on one line."""
    return unicode(Writer().write(t))


class _Watched:
    """A script that runs to its end, whatever its lines say."""

    def __init__(self, script: library.Script, notes: Notes) -> None:
        self.script, self.notes = script, notes
        self.id, self.title, self.sources = script.id, script.title, script.sources

    def run(self) -> Derivation:
        d = _Watching(self.id, self.title, self.sources)
        d.notes, d._pending = self.notes, []
        try:
            self.script.write(d)
        finally:
            d.close(self.id)  # the lines of a block that was not finished keep their verdicts
        if not d.blocks:
            raise VaemathError(f"{self.id}: the derivation proves nothing: no `qed`")
        return d


class _Watching(Derivation):
    """A derivation that notes a refused line and goes on from it."""

    notes: Notes
    _count = 1
    _bad = False
    _origin: Term | None = None
    _order = False
    _pending: list[Finding | Held]

    def start(self, first: Any) -> None:
        self.close(self.id)
        super().start(first)
        self._count, self._bad, self._origin, self._order, self._pending = 1, False, term(first), False, []

    def to(self, line: Any, by: Any, reason: str) -> None:
        self._watch(lambda: Derivation.to(self, line, by, reason), line, by, reason, eq)

    def at_most(self, line: Any, by: Theorem, reason: str) -> None:
        self._order = True
        self._watch(lambda: Derivation.at_most(self, line, by, reason), line, by, reason, le)

    def _watch(
        self, go: Callable[[], None], line: Any, by: Any, reason: str, relation: Callable[[Term, Term], Term]
    ) -> None:
        after = term(line)
        self._count += 1
        place = self._place()
        try:
            go()
            self._pending.append(Held(place, self.id, self._count, str(reason), self._lines[-1].step))
        except Refused as e:
            given = self._total.hypotheses if self._total is not None else frozenset()
            e.number = self._count
            self._pending.append(_finding(e, place, self.id, given, by, relation))
            self._bad = True
            self._first, self._total, self._lines = after, None, []

    def qed(self, name: str = "main", title: str = "", using: Any = ()) -> Theorem:
        heading = self.id if name == "main" else f"{self.id} / {name}"
        self.close(heading)
        if not self._bad:
            return super().qed(name, title, using)
        self.notes.broken.add((self.id, name))
        assert self._origin is not None
        claim = (le if self._order else eq)(self._origin, self.last)
        return self.record(name, rules.assume(statement=claim), title=title)

    def close(self, heading: str) -> None:
        """Hand over the verdicts of a block."""
        self.notes.found += [replace(f, block=heading) for f in self._pending]
        self._pending = []

    def _place(self) -> str:
        path = self.notes.path
        frame = sys._getframe(1)
        while frame is not None:
            if Path(frame.f_code.co_filename) == path:
                return f"{path.name}:{frame.f_lineno}: "
            frame = frame.f_back  # type: ignore[assignment]
        return ""


def _finding(
    e: Refused,
    place: str,
    block: str,
    given: Iterable[Term],
    by: Any,
    relation: Callable[[Term, Term], Term] = eq,
) -> Finding:
    hypotheses = frozenset(given) | _hypotheses(by)
    statement = _claim(relation, e.before, e.after)
    found = counterexample(statement, hypotheses) if statement is not None else None
    where = (
        str(found)
        .replace("on the left", f"on line {e.number - 1}")
        .replace("on the right", f"on line {e.number}")
        if found
        else ""
    )
    near = (_near(e, hypotheses, by, relation) or _missing(e, by)) if found else ""
    verdict = "false" if found else "does not follow"
    return Finding(
        verdict, place, block, e.number, shown(e.before), shown(e.after), e.reason, e.why, where, near
    )


def _claim(relation: Callable[[Term, Term], Term], before: Term, after: Term) -> Term | None:
    try:
        return relation(before, after)
    except TermError:
        return None


def _hypotheses(by: Any) -> frozenset[Term]:
    """What the theorems that a reason names assume."""
    if isinstance(by, Theorem):
        return by.hypotheses
    if isinstance(by, list | tuple):
        return frozenset().union(*map(_hypotheses, by))
    return frozenset()


def _missing(e: Refused, by: Any) -> str:
    """What is left between the line and what its reason gives, where that is short."""
    best = ""
    for attempt in attempts(by) if by is not None else ():
        try:
            rest = canon(sub(attempt(e.before).rhs, e.after))
        except (ProofError, TermError):
            continue
        words = shown(rest)
        if not any(t.head in ("E", "int", "intab", "pdf", "KL") for t in walk(rest)) and (
            not best or len(words) < len(best)
        ):
            best = words
    return f"it holds with {best} added" if best and len(best) < _SHORT else ""


def _near(e: Refused, hypotheses: frozenset[Term], by: Any, relation: Callable[[Term, Term], Term]) -> str:
    """The likeliest line that is true instead; said to hold for the given reason where the rules agree."""
    tried = 0
    numeric = ""
    for slip, variant in variants(e.after):
        claim = _claim(relation, e.before, variant)
        if claim is None or not agrees(claim, hypotheses):
            continue
        words = f"{shown(variant)}   ({slip})"
        numeric = numeric or f"in every model tried it equals {words}"
        if by is None or relation is not eq:
            return numeric
        tried += 1
        try:
            tactics.justify(e.before, variant, attempts(by))
            return f"it holds with {words}"
        except (ProofError, TermError):
            if tried >= _TRIES:
                break
    return numeric
