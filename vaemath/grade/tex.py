"""From tokens to shapes, by the grammar in tex.lark."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput
from lark.lexer import Lexer

from vaemath.grade.errors import GradeError
from vaemath.grade.tokens import GRAMMAR, paired

Shape = Tree[Token]
MOST_TOKENS = 2000  # of one side
DEEPEST = 60  # brackets in brackets


class _Given(Lexer):
    """Hands the parser tokens that are there already."""

    def __init__(self, _: Any) -> None:
        pass

    def lex(self, data: Any) -> Iterator[Token]:  # type: ignore[override]
        yield from data


@cache
def _parser() -> Lark:
    return Lark(
        GRAMMAR.read_text(encoding="utf-8"),
        parser="lalr",
        lexer=_Given,
        start=["side", "items", "outside"],
        maybe_placeholders=False,
    )


def shape(found: list[Token], start: str = "side") -> Shape:
    """The shape of one side of an equation, or of a list of declarations.

    Raises:
        GradeError: it does not fit the grammar; the message names the place.
    """
    if not found:
        raise GradeError("nothing stands there")
    if len(found) > MOST_TOKENS:
        raise GradeError(f"{len(found)} signs on one side of an equation; at most {MOST_TOKENS} are read")
    words = paired(found)
    depth = deepest = 0
    for t in words:
        depth += (t.type in ("OPEN", "LBRACE", "BAR_OPEN")) - (t.type in ("CLOSE", "RBRACE", "BAR_CLOSE"))
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise GradeError(f"brackets {deepest} deep; at most {DEEPEST} are read")
    try:
        return _parser().parse(words, start=start)
    except UnexpectedInput as e:
        raise GradeError(_wrong(e, words)) from None


def _wrong(e: UnexpectedInput, words: list[Token]) -> str:
    token = getattr(e, "token", None)
    if not isinstance(token, Token) or token.type == "$END":
        return f"it ends too early, after `{words[-1]}`"
    at = next((k for k, t in enumerate(words) if t is token), len(words) - 1)
    around = " ".join(words[max(0, at - 4) : at + 5])
    return f"`{token}` cannot be read in `{around}`"


def text(s: Shape | Token) -> str:
    """A shape in letters again, for messages."""
    if isinstance(s, Token):
        return str(s)
    return " ".join(text(c) for c in s.children)
