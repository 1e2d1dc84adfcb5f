"""A file line by line: what is declared, what is defined, and what is claimed."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from lark import Token, Tree

from vaemath.core.terms import REAL, Term, is_matrix, is_real
from vaemath.errors import VaemathError
from vaemath.grade import densities, letters
from vaemath.grade import words as _words  # registers what words do
from vaemath.grade.answer import is_answer
from vaemath.grade.declare import declare
from vaemath.grade.document import Formula, formulas
from vaemath.grade.errors import GradeError
from vaemath.grade.evidence import DENSITY_LETTERS, Evidence, gather, is_group
from vaemath.grade.judge import Finding, Reading, Value, judge
from vaemath.grade.limit import TooLongError, within
from vaemath.grade.model import Model, model_of
from vaemath.grade.names import Named, named, words_of
from vaemath.grade.products import product
from vaemath.grade.reading import Extremum, Reader, short
from vaemath.grade.report import DEFINES, FALSE, FOLLOWS, STARTS, UNDECIDED, UNREAD, Graded, Verdict
from vaemath.grade.scope import DIMENSIONS, Scope, is_meant
from vaemath.grade.shown import assumptions, listed, shown
from vaemath.grade.sides import Side, Statement, statements
from vaemath.grade.tex import Shape, shape
from vaemath.grade.tokens import tokens
from vaemath.library import theorem

_SIGNS = {"<=": "≤", ">=": "≥", "~=": "≈", "~": "∼", "in": "∈", "prop": "∝", "!=": "≠"}
_WAYS = 4  # readings of one line that are tried
_MOST_LINES = 600
_CLAIMED = re.compile(r"(?<![\\_{])=")
_PART = re.compile(
    r"\b(first|second|third|last|terms?|parts?|former|latter|consider\w*|sides?|integrals?)\b", re.I
)


@dataclass
class _Before:
    """The last line that was read, what has been skipped since, and the line before a false one."""

    readings: list[Reading]
    line: int
    sound: _Before | None = None
    skipped: list[str] = field(default_factory=list)


def grade(path: Path, answer: str | None = None) -> Graded:
    """Check each line of each chain in a file against the one before it.

    Args:
        path: a Markdown or LaTeX file.
        answer: a theorem that the last chain should lead to.

    Raises:
        GradeError: the file cannot be read or has no equations.
        UnknownTheorem: there is no theorem of that id.
    """
    if answer is not None:
        theorem(answer)
    grader = _Grader(path)
    found = grader.run()
    if answer is None:
        return found
    first, last = grader.ends
    right = isinstance(first, Term) and isinstance(last, Term) and is_answer(answer, first, last)
    return replace(found, answer=right)


class _Grader:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.found = formulas(path)
        self.split = {id(f): statements(f) for f in self.found}
        sides = [s for f in self.found for st in self.split[id(f)] for s in st.sides]
        self.shapes = {id(s): _shape(s) for s in sides}
        known = [s for s in self.shapes.values() if isinstance(s, Tree)]
        self.whole = gather(known)
        self.scope = Scope(evidence=self.whole, whole=self.whole)
        self.model = model_of(self.whole.densities, self.whole.densities)
        self.verdicts: list[Verdict] = []
        self.assumed: dict[str, str] = {}
        self.chain = 0
        self.before: _Before | None = None
        self.ends: tuple[Value | None, Value | None] = (None, None)  # of the last chain, as read
        self.last: Term | None = None  # the density of the expectation that came last
        self.declared: list[list[Token]] = []  # what declares densities; read anew for each group of lines
        self.parts: set[int] = set()  # first sides of displays that may go on from a part of a line

    def run(self) -> Graded:
        unread = self._declarations()
        for group in self._groups():
            self._group(group)
        for name in list(self.assumed):
            if name in self.scope.symbols and name not in self.scope.assumed:
                del self.assumed[name]
        said = tuple(f"{n}: {w}" for n, w in sorted(self.assumed.items()))
        return Graded(str(self.path), (*unread, *self.verdicts), said)

    # what is said in the text
    def _declarations(self) -> list[Verdict]:
        """Declarations in any order: those that fail are tried again after the others."""
        waiting = [f for f in self.found if not f.display]
        failed: dict[int, str] = {}
        for _ in range(3):
            again = []
            for f in waiting:
                try:
                    known = dict(self.scope.densities), dict(self.scope.laws)
                    found = tokens(f.source, f.line)
                    declare(found, Reader(self.scope, self.model))
                    if known != (self.scope.densities, self.scope.laws):
                        self.declared.append(found)
                except (VaemathError, RecursionError) as e:
                    again.append(f)
                    failed[id(f)] = str(e)
            if len(again) == len(waiting):
                break
            waiting = again
        return [
            Verdict(
                0,
                0,
                f.line,
                f"${' '.join(f.source.split())}$",
                "",
                UNREAD,
                f"as a declaration: {failed[id(f)]}",
            )
            for f in waiting
        ]

    # displays
    def _groups(self) -> list[list[tuple[Formula, Statement]]]:
        """Statements that share their letters: those of one display, and displays that go on from it."""
        out: list[list[tuple[Formula, Statement]]] = []
        for f in self.found:
            if not f.display:
                continue
            claimed = any(_CLAIMED.search(m) for m in re.findall(r"\$([^$]*)\$", f.before))
            if _PART.search(f.before) or claimed:
                self.parts.update(id(s) for st in self.split[id(f)][:1] for s in st.sides[:1])
            mine = [(f, s) for s in self.split[id(f)]]
            first = next((s for _, s in mine if s.sides), None)
            goes_on = first is not None and bool(first.sides[0].relation) and out
            if goes_on:
                out[-1] += mine
            else:
                out.append(mine)
        return out

    def _group(self, group: list[tuple[Formula, Statement]]) -> None:
        known = [self.shapes[id(s)] for _, st in group for s in st.sides]
        evidence = gather([s for s in known if isinstance(s, Tree)])
        here = self._scope_of(known, evidence)
        model = model_of(evidence.densities, self.whole.densities)
        for _, st in group:
            try:
                self._statement(st, here, model)
            except (VaemathError, RecursionError) as e:
                self._say(st.sides[0], self._number(), "", UNREAD, str(e) or "nested too deeply")
        if "#last" in here.laws:
            self.last = here.laws["#last"]
        self.assumed.update({n: w for n, w in here.assumed.items() if not n.startswith("#")})

    def _scope_of(self, known: list[Shape | GradeError], evidence: Evidence) -> Scope:
        """The letters of some lines; declared densities are read anew, with what the lines say of them."""
        shapes_ = [s for s in known if isinstance(s, Tree)]
        for words in self.declared:
            cut = next((k for k, t in enumerate(words) if t.type == "REL"), len(words))
            shapes_ += [s for s in (_parsed(words[:cut]), _parsed(words[cut + 1 :])) if s is not None]
        here = self.scope.within(gather(shapes_))
        for words in self.declared:
            with suppress(VaemathError, RecursionError):
                declare(words, Reader(here, self.model))
        if self.last is not None:
            here.laws.setdefault("#last", self.last)
        here.evidence.densities = evidence.densities
        here.densities = {k: d for k, d in here.densities.items() if "|" not in k or is_meant(k, d, evidence)}
        here.laws = {k: d for k, d in here.laws.items() if k == "#last" or d.head not in ("app", "sym")}
        if not here.densities and set(here.laws) <= {"#last"}:
            here.evidence = evidence
        elif "coordinates" not in str(evidence.uses):
            for uses in here.evidence.uses.values():
                uses.discard("coordinates")
        kept = {s for d in here.densities.values() for s in d.free} | {
            s for d in here.laws.values() for s in d.free
        }
        for name in list(here.assumed):
            if here.symbols.get(name) not in kept:
                here.symbols.pop(name, None)
                del here.assumed[name]
        return here

    def _statement(self, st: Statement, scope: Scope, model: Model) -> None:
        if not st.sides:
            return
        if len(self.verdicts) >= _MOST_LINES:
            if self.verdicts[-1].verdict != UNREAD or "lines of a file" not in self.verdicts[-1].why:
                self._say(
                    st.sides[0], 1, "", UNREAD, f"only {_MOST_LINES} lines of a file are graded; split it"
                )
            return
        if not st.sides[0].relation:
            self.chain += 1
            self.before = None
        elif self.before is None and not self.chain:
            self.chain += 1
        if any(s.relation in ("in", "~") for s in st.sides):
            self._on_display(st, scope, model)
            return
        if self._defines(st, scope, model):
            return
        for side in st.sides:
            self._side(side, st, scope, model)

    def _number(self) -> int:
        return 1 + sum(v.chain == self.chain for v in self.verdicts)

    def _say(self, side: Side, number: int, read: str, verdict: str, why: str = "", **more: object) -> None:
        source = f"{_SIGNS.get(side.relation, side.relation)} {side.source}".strip()
        self.verdicts.append(
            Verdict(self.chain, number, side.line, source, read, verdict, why, **more)  # type: ignore[arg-type]
        )

    def _side(self, side: Side, st: Statement, scope: Scope, model: Model) -> None:
        number = self._number()
        try:
            with within():
                readings = self._readings(side, scope, model)
        except (GradeError, VaemathError, RecursionError) as e:
            if self._named_at_last(side, number, scope):
                return
            why = "nested too deeply" if isinstance(e, RecursionError) else str(e)
            self._say(side, number, "", UNREAD, why)
            if self.before is not None and side.relation:
                self.before.skipped.append(side.relation)
            return
        first = readings[0]
        self.ends = (self.ends[0] if side.relation else first.value, first.value)
        notes = (*first.notes, *((f"remark: {st.remark}",) if st.remark else ()))
        read = shown(first.value, scope, model)
        if not side.relation:
            self._say(side, number, read, STARTS, notes=notes)
            self.before = _Before(readings, number)
            return
        if self.before is None:
            self._say(side, number, read, UNDECIDED, "the line before it cannot be read", notes=notes)
            self.before = _Before(readings, number)
            return
        if [str(t) for t in side.tokens] == ["0"] and _derives(st):
            self._say(
                side,
                number,
                read,
                UNDECIDED,
                "an equation that is to be solved, not one that holds",
                notes=notes,
            )
            return
        relation = _composed([*self.before.skipped, side.relation])
        given = frozenset(scope.given)
        show = lambda t: shown(t, scope, model)
        found = judge(relation, self.before.readings, readings, given, show, st.conditional)
        if found.verdict != FOLLOWS and self.before.sound is not None and side.relation == "=":
            earlier = self.before.sound
            again = judge(relation, earlier.readings, readings, given, show, st.conditional)
            if again.verdict == FOLLOWS:
                found = replace(
                    again, why=f"from line {earlier.line}, but not from line {self.before.line}: {again.why}"
                )
        if id(side) in self.parts and found.verdict == FALSE:
            start = f"if it goes on from line {self.before.line}"
            why = f"the text before it speaks of a part; {start}, {found.why}"
            found = Finding(UNDECIDED, why)
        compared = f"compared with line {self.before.line}: " if self.before.skipped else ""
        if found.reading is not None and found.reading is not first:
            notes = (*found.reading.notes, *notes[len(first.notes) :])
            read = shown(found.reading.value, scope, model)
            readings = [found.reading]
        self._verdict(side, number, read, found, notes, compared, scope, model)
        sound = (self.before.sound or self.before) if found.verdict == FALSE else None
        self.before = _Before(readings, number, sound=sound)

    def _named_at_last(self, side: Side, number: int, scope: Scope) -> bool:
        """Take `... = \\mathcal{L}(\\theta)` as a name for what stands before it."""
        s = self.shapes[id(side)]
        if side.relation != "=" or self.before is None or self.before.skipped or not isinstance(s, Tree):
            return False
        name = _new_name(s, scope)
        first = named(_pieces(s)[0]) if name else None  # type: ignore[arg-type]
        if first is None or not first.word or len(first.base) > 1:
            return False
        meaning = self.before.readings[0].value
        if not name or not isinstance(meaning, Term):
            return False
        self._name(name, s, meaning)
        self._say(side, number, side.source, DEFINES, f"a name for line {self.before.line}")
        return True

    def _name(self, name: str, s: Shape, meaning: Term) -> None:
        self.scope.names[name] = meaning
        group = _pieces(s)[1:]
        self.scope.named_of[name] = letters.argument_text(group[0]) if group else ""  # type: ignore[arg-type]

    def _verdict(
        self,
        side: Side,
        number: int,
        read: str,
        found: Finding,
        notes: tuple[str, ...],
        compared: str,
        scope: Scope,
        model: Model,
    ) -> None:
        hypotheses = assumptions(found.proof, model, scope) if found.proof is not None else ()
        self._say(
            side,
            number,
            read,
            found.verdict,
            compared + found.why,
            given=hypotheses,
            notes=notes,
            near=found.near,
        )

    # reading
    def _readings(self, side: Side, scope: Scope, model: Model) -> list[Reading]:
        """The usual way to read a side, and others where there is doubt.

        Raises:
            GradeError: it cannot be read.
        """
        s = self.shapes[id(side)]
        if isinstance(s, GradeError):
            raise s
        first = Reader(scope, model)
        out = [_reading(first, value(first, s))]
        doubts = list(first.doubts)
        ways = [frozenset({d}) for d in doubts] + ([frozenset(doubts)] if len(doubts) > 1 else [])
        for flipped in ways[: _WAYS - 1]:
            r = Reader(scope, model, flipped)
            try:
                read = _reading(r, value(r, s))
            except (VaemathError, RecursionError):
                continue
            if all(read.value != o.value for o in out):
                out.append(read)
        return out

    # declarations and definitions on display
    def _on_display(self, st: Statement, scope: Scope, model: Model) -> None:
        found: list[Token] = []
        for s in st.sides:
            if s.relation:
                found.append(
                    Token(
                        "REL",
                        {"~": r"\sim", "in": r"\in", "<=": r"\le", ">=": r"\ge"}.get(s.relation, s.relation),
                    )
                )
            found += s.tokens
        whole = Side(
            "",
            found,
            " ".join(f"{_SIGNS.get(s.relation, s.relation)} {s.source}".strip() for s in st.sides),
            st.sides[0].line,
        )
        try:
            known = dict(self.scope.densities), dict(self.scope.laws)
            done = declare(found, Reader(scope, model)) and declare(found, Reader(self.scope, self.model))
            if known != (self.scope.densities, self.scope.laws):
                self.declared.append(found)
        except (VaemathError, RecursionError) as e:
            self._say(whole, self._number(), "", UNREAD, f"as a declaration: {e}")
            return
        if done:
            self._say(whole, self._number(), "", DEFINES, "a declaration")
        else:
            self._say(
                whole, self._number(), "", UNREAD, "neither an equation nor a declaration that can be read"
            )

    def _defines(self, st: Statement, scope: Scope, model: Model) -> bool:
        """Take `name = value` and `p(x) = density`; False where it is no definition."""
        if len(st.sides) < 2 or st.sides[1].relation != "=" or st.sides[0].relation:
            return False
        first = st.sides[0]
        s = self.shapes[id(first)]
        if not isinstance(s, Tree):
            return False
        if self._density(st, s, scope, model):
            return True
        name = _new_name(s, scope)
        if not name:
            return False
        try:
            with within():
                readings = self._readings(st.sides[1], scope, model)
        except (VaemathError, RecursionError):
            return False
        meaning = readings[0].value
        if isinstance(meaning, Term) and name in {x.data[0] for x in meaning.free}:
            return False
        number = self._number()
        self._say(first, number, first.source, DEFINES, "a name for what stands beside it")
        if isinstance(meaning, Term):
            self._name(name, s, meaning)
        notes = readings[0].notes
        self._say(
            st.sides[1],
            number + 1,
            shown(meaning, scope, model),
            DEFINES,
            f"{name} stands for this",
            notes=notes,
        )
        self.before = _Before(readings, number + 1)
        for side in st.sides[2:]:
            self._side(side, st, scope, model)
        return True

    def _is_declared(self, n: Named, s: Shape, scope: Scope, model: Model) -> bool:
        pieces = _pieces(s)
        if len(pieces) == 1:
            return n.name in scope.densities
        group = pieces[1].children[0] if is_group(pieces[1]) else None  # type: ignore[union-attr]
        if not isinstance(group, Tree):
            return True
        try:
            return densities.concrete(Reader(scope, model), n, *densities.random_entries(group)) is not None
        except GradeError:
            return True

    def _density(self, st: Statement, s: Shape, scope: Scope, model: Model) -> bool:
        """p(x) = N(x; m, S), q(z|x) = N(m, S) and the like, on display."""
        left, right = st.sides[0], st.sides[1]
        if len(st.sides) != 2:
            return False
        found = [*left.tokens, Token("REL", "="), *right.tokens]
        name = _pieces(s)[:1]
        n = named(name[0]) if name and isinstance(name[0], Tree) else None
        if n is None or self._is_declared(n, s, scope, model):
            return False  # said before: to be compared
        try:
            done = declare(found, Reader(self.scope, model))
        except (VaemathError, RecursionError):
            return False
        if not done:
            return False
        self.declared.append(found)
        number = self._number()
        self._say(left, number, left.source, DEFINES, "a density")
        self._say(right, number + 1, right.source, DEFINES, f"{left.source} is this density")
        self.before = None
        return True


def _shape(side: Side) -> Shape | GradeError:
    try:
        return shape(side.tokens)
    except GradeError as e:
        return e
    except RecursionError:
        return GradeError("nested too deeply")


def _parsed(words: list[Token]) -> Shape | None:
    try:
        return shape([t for t in words if t.type not in ("SIZE", "ROW", "ENV")])
    except (GradeError, RecursionError):
        return None


def _reading(r: Reader, found: Term | Extremum) -> Reading:
    if isinstance(found, Term) and any(is_matrix(s) for s in found.free):
        for s in found.free:
            if s.sort == REAL and s.data[0] in DIMENSIONS and s.data[0] in r.scope.assumed:
                r.unsure(f"{s.data[0]} was not declared and may be the dimension")
    return Reading(found, tuple(r.doubts), tuple(r.notes), tuple(r.reasons))


def value(r: Reader, s: Shape) -> Term | Extremum:
    """The value of a side: a number, a vector, or a maximiser.

    Raises:
        GradeError: it cannot be read.
    """
    first = s
    while isinstance(first, Tree) and first.data in ("side", "sum", "product"):
        if first.data == "sum" and len(first.children) > 1 and isinstance(first.children[0], Token):
            return r.value(s)
        first = first.children[0]  # type: ignore[assignment]
    n = named(first) if isinstance(first, Tree) and first.data == "factor" else None
    if n is not None and n.word and n.base in ("argmax", "argmin", "max", "min"):
        return _extremum(r, n.base, n.sub_shapes, s)
    found = r.value(s)
    if not (is_real(found) or is_matrix(found)):
        raise GradeError(f"`{short(str(found))}` is no number and no vector")
    return found


def _extremum(r: Reader, kind: str, subs: list[Shape | Token], s: Shape) -> Extremum:
    over = words_of(subs[0]) if subs else []
    if not over:
        raise GradeError(f"{kind} without the letters that vary below it")
    whole = s.children[0]
    assert isinstance(whole, Tree)
    first = whole.children[0]
    assert isinstance(first, Tree)
    rest = list(first.children[1:])
    if not rest:
        raise GradeError(f"{kind} of nothing")
    objective = (
        product(r, rest)
        if len(whole.children) == 1
        else r.value(Tree("sum", [Tree("product", rest), *whole.children[1:]]))
    )
    varying = {t for t, ps in r.scope.carries.items() if ps & {w.lower() for w in over}}
    if {t.data[0] for t in varying} & {"prior", "likelihood"}:
        varying |= {t for t in objective.free if t.data[0] in ("evidence", "posterior")}
    varying |= {r.scope.symbols[w] for w in over if w in r.scope.symbols}
    return Extremum(kind, ", ".join(over), objective, frozenset(varying))


def _pieces(s: Shape) -> list[Shape | Token]:
    """The factors of a side that is one product."""
    while isinstance(s, Tree) and s.data in ("side", "sum"):
        if len(s.children) != 1:
            return []
        s = s.children[0]  # type: ignore[assignment]
    return list(s.children) if s.data == "product" else [s]


def _new_name(s: Shape, scope: Scope) -> str:
    """The name on the left of a definition: a word or a letter that means nothing yet."""
    pieces = _pieces(s)
    if not 1 <= len(pieces) <= 2 or not isinstance(pieces[0], Tree):
        return ""
    n = named(pieces[0])
    if n is None or n.powers:
        return ""
    from vaemath.grade.products import WORDS

    if len(pieces) == 2 and not (is_group(pieces[1]) and letters.only_letters(pieces[1])):  # type: ignore[arg-type]
        return ""
    known = scope.find(n.base, n.name)
    written = letters.argument_text(pieces[1]) if len(pieces) == 2 else ""  # type: ignore[arg-type]
    if known is not None and (n.name not in scope.names or scope.named_of.get(n.name) == written):
        return ""
    if n.word:
        objective = len(n.base) == 1 or "loss" in n.base.lower() or n.base.upper() == "ELBO"
        return n.name if n.base not in WORDS and (objective or len(pieces) == 1) else ""
    calligraphic = n.base in ("L", "J", "F", "Q", "A") and len(pieces) == 2
    if len(pieces) == 2 and not calligraphic:
        return ""
    if n.base in DENSITY_LETTERS and any(o.name == n.name for o in scope.evidence.densities):
        return ""
    if n.base in ("e", "E", "I", "H", "N", "pi", "D"):
        return ""
    uses = scope.evidence.uses.get(n.name, set())
    return n.name if calligraphic or uses <= {"arith"} else ""


def _derives(st: Statement) -> bool:
    """Does the statement begin with a derivative?"""
    first = st.sides[0].source.replace(" ", "")
    return any(mark in first for mark in (r"\partial", r"\nabla", "d/d", r"\frac{d"))


def _composed(relations: list[str]) -> str:
    """The relation of the first side to the last."""
    kinds = set(relations)
    if len(kinds) == 1:
        return relations[0]
    kinds.discard("=")
    return kinds.pop() if len(kinds) == 1 else "?"


__all__ = ["FALSE", "FOLLOWS", "Evidence", "TooLongError", "_words", "densities", "grade", "listed"]
