"""A formula as statements: sides with the relations between them, and the remarks beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lark import Token

from vaemath.grade.document import Formula
from vaemath.grade.tokens import CLOSING, OPENING, depths, tokens

RELATIONS = {
    "=": ("=", ":=", r"\equiv", r"\triangleq", r"\doteq", r"\coloneqq"),
    "<=": ("≤", r"\le", r"\leq", r"\leqslant"),
    ">=": ("≥", r"\ge", r"\geq", r"\geqslant"),
    "<": ("<", r"\lt"),
    ">": (">", r"\gt"),
    "~=": ("≈", r"\approx", r"\simeq"),
    "~": ("∼", r"\sim"),
    "in": (r"\in",),
    "prop": (r"\propto",),
    "!=": ("≠", r"\ne", r"\neq"),
}
RELATION = {sign: name for name, signs in RELATIONS.items() for sign in signs}
_TEXT = re.compile(r"\\(text|textrm|textbf|textit|mbox)\s*\{(.*)\}")
_OPEN_ENDED = {"SIGN", "TIMES", "OVER", "REL", "OPEN", "LBRACE", "BIG", "SUB", "SUP"}


@dataclass
class Side:
    """One side: how it relates to the one before it ("" for the first), its tokens, text and place."""

    relation: str
    tokens: list[Token]
    source: str
    line: int


@dataclass
class Statement:
    """Sides with relations between them. One that begins with a relation goes on from what stood before."""

    sides: list[Side] = field(default_factory=list)
    remark: str = ""
    aside: bool = False

    @property
    def conditional(self) -> bool:
        """Does a remark in words say under which condition it holds?"""
        return bool(
            re.search(
                r"\b(if|when|where|for|given|assum\w+|with|unless|under)\b|∀|forall|exists", self.remark
            )
        )


def statements(f: Formula) -> list[Statement]:
    """The statements of one formula in reading order."""
    out = _Splitter(f.source, tokens(f.source, f.line)).run()
    for k in range(len(out) - 1, 0, -1):  # x, y \\in R is one declaration
        before, after = out[k - 1], out[k]
        one = len(before.sides) == 1 and not before.sides[0].relation and not before.aside
        if one and len(after.sides) > 1 and after.sides[1].relation in ("in", "~") and after.sides[0].tokens:
            first, own = before.sides[0], after.sides[0]
            comma = Token("COMMA", ",")
            joined = Side(
                "", [*first.tokens, comma, *own.tokens], f"{first.source}, {own.source}", first.line
            )
            out[k - 1 : k + 1] = [
                Statement([joined, *after.sides[1:]], f"{before.remark} {after.remark}".strip())
            ]
    return out


class _Splitter:
    def __init__(self, source: str, found: list[Token]) -> None:
        self.source, self.found = source, _without_labels(found)
        self.out: list[Statement] = []
        self.now = Statement()
        self.current: list[Token] = []
        self.relation, self.related_at = "", 0
        self.row = self.remarking = False

    def run(self) -> list[Statement]:
        for t, depth in depths(self.found):
            if depth == 0 and t.type == "ROW":
                self.row, self.remarking = True, False
                continue
            if t.type == "ROW":
                continue
            if self.row and depth <= 0:
                self._new_row(t)
            doubled = (
                self.row and bool(self.current) and t == self.current[-1] and t.type in ("SIGN", "TIMES")
            )
            self.row = False
            if doubled:  # an operator at the end of a row is often repeated on the next one
                continue
            if depth != 0 or not self._separates(t):
                self._keep(t)
        self._end()
        return [s for s in self.out if s.sides or s.remark]

    def _new_row(self, t: Token) -> None:
        last = self.current[-1].type if self.current else ""
        goes_on = last in _OPEN_ENDED or (not self.current and self.relation)
        if not goes_on and t.type not in ("REL", "SIGN", "TIMES", "OVER", "SIZE", "ARROW", *CLOSING):
            self._end()

    def _separates(self, t: Token) -> bool:
        if self.remarking:
            return False
        if t.type == "REL" and t in RELATION:
            name = RELATION[t]
            if not self.current and self.relation:
                self.relation = self.relation if self.relation == name else f"{self.relation} {name}"
                return True
            self._close()
            self.relation, self.related_at = name, t.line or 1
            return True
        if t.type in ("COMMA", "SEMI", "ARROW"):
            self._end()
            return True
        if self._is_label(t):
            self.current.pop()
            self.remarking = True
        if t.type == "FORALL" or (self.current and self.current[-1].type not in _OPEN_ENDED and is_text(t)):
            self.remarking = True
        return False

    def _is_label(self, t: Token) -> bool:
        """A dash and words behind a formula: q(z|x) - \\text{encoder}."""
        dashed = len(self.current) > 1 and self.current[-1] == "-" and is_text(t)
        return dashed and not is_text(self.current[0])

    def _keep(self, t: Token) -> None:
        if self.remarking:
            said = _TEXT.fullmatch(t)
            word = said.group(2) if said else str(t)
            self.now.remark = f"{self.now.remark} {word}".strip()
        else:
            self.current.append(t)

    def _close(self) -> None:
        if self.current:
            first, last = self.current[0], self.current[-1]
            words = " ".join(self.source[first.start_pos : last.end_pos].split())
            self.now.sides.append(Side(self.relation, self.current, words, first.line or 1))
        elif self.relation:  # a relation with nothing behind it
            self.now.sides.append(Side(self.relation, [], "", self.related_at))
        self.current, self.relation = [], ""

    def _end(self) -> None:
        self._close()
        self.remarking = False
        for side in list(self.now.sides):
            inner = _aside(side)
            if inner:
                self.now.sides.remove(side)
                self.out += [Statement(s.sides, s.remark, True) for s in _Splitter(self.source, inner).run()]
                following = self.now.sides
                if following and not following[0].relation and side.relation:
                    continue
        if not self.now.sides and self.out:  # ", for all x" belongs to what stands before it
            self.out[-1].remark = f"{self.out[-1].remark} {self.now.remark}".strip()
        else:
            self.out.append(self.now)
        self.now = Statement()


def _aside(side: Side) -> list[Token]:
    """What a side in square brackets says, where it is a remark between two sides: = [p(x) = ...] = ."""
    t = [x for x in side.tokens if x.type != "SIZE"]
    if len(t) < 3 or t[0] != "[" or t[-1] != "]":
        return []
    inner = t[1:-1]
    if any(d < 0 for _, d in depths(inner)) or not any(x in ("=",) and d == 0 for x, d in depths(inner)):
        return []
    return inner


def _without_labels(found: list[Token]) -> list[Token]:
    """Brackets with words in them become one remark: x \\in R^d (\\text{latent})."""
    out: list[Token] = []
    stack: list[int] = []
    for t in found:
        if t.type == "OPEN":
            stack.append(len(out))
        out.append(t)
        if t.type == "CLOSE" and stack:
            start = stack.pop()
            if start > 0 and any(is_text(x) and d == 1 for x, d in depths(out[start:])):
                words = " ".join(_TEXT.sub(r"\2", x) for x in out[start + 1 : -1])
                label = Token("NAME", f"\\text{{{words}}}", start_pos=out[start].start_pos, line=t.line)
                label.end_pos = t.end_pos
                out[start:] = [label]
    return out


def is_text(t: Token) -> bool:
    """Is the token words in an ordinary font?"""
    m = _TEXT.fullmatch(t)
    return m is not None and m.group(2).strip() not in FUNCTIONS


FUNCTIONS = {
    "log",
    "ln",
    "exp",
    "det",
    "tr",
    "Tr",
    "trace",
    "KL",
    "E",
    "Var",
    "Cov",
    "var",
    "cov",
    "H",
    "diag",
} | {"sigmoid", "softplus", "d", "N", "T", "argmax", "argmin", "max", "min", "ELBO"}

__all__ = ["CLOSING", "OPENING", "RELATION", "Side", "Statement", "is_text", "statements"]
