"""LaTeX as tokens: words put together, bars paired, and what has no meaning dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lark import Lark, Token

from vaemath.grade.errors import GradeError

GRAMMAR = Path(__file__).with_name("tex.lark")
_DROPPED = {"FONT", "TAG", "CELL"}
_WORDS = (  # the longer ones first
    "softplus", "sigmoid", "argmax", "argmin", "trace", "ELBO", "elbo", "log", "exp", "det", "diag",
    "Var", "Cov", "var", "cov", "KL", "ln", "tr", "Tr", "max", "min",
)  # fmt: skip
_BOLD = re.compile(r"\\(?:mathbf|mathit|mathrm|textbf|textit)\s*\{?\s*([a-ce-z])\s*\}?")
OPENING, CLOSING = {"OPEN", "LBRACE"}, {"CLOSE", "RBRACE"}


@cache
def lark() -> Lark:
    """The grammar."""
    return Lark(
        GRAMMAR.read_text(encoding="utf-8"),
        parser="lalr",
        lexer="basic",
        start=["side", "items", "outside"],
        maybe_placeholders=False,
    )


def tokens(source: str, line: int = 1) -> list[Token]:
    """The tokens of a formula that begins on that line of its file.

    Rows (`\\\\`) and environments that are no alignment are kept, for the one who splits the rows.
    """
    found = [t for t in lark().lex(source) if t.type not in _DROPPED]
    for t in found:
        t.line = (t.line or 1) + line - 1
    return list(_digits(_stacked(_words([t for t in found if not _is_alignment(t)]))))


def _is_alignment(t: Token) -> bool:
    inert = r"aligned|align|alignat|split|gathered|gather|equation|eqnarray|multline|flalign|displaymath|math"
    return t.type == "ENV" and bool(re.search(rf"\{{({inert})\*?\}}", t))


def _words(found: list[Token]) -> list[Token]:
    """Letters that touch each other and spell a known word are that word; \\arg\\max is one word."""
    out: list[Token] = []
    k = 0
    while k < len(found):
        t = found[k]
        if t.type == "LETTER" and not t.startswith("\\"):
            end = k
            while (
                end + 1 < len(found)
                and found[end + 1].type == "LETTER"
                and found[end + 1].start_pos == found[end].end_pos
                and not found[end + 1].startswith("\\")
            ):
                end += 1
            run = "".join(found[k : end + 1])
            word = next((w for w in _WORDS if run.startswith(w)), None)
            if word:
                out.append(_like(t, "NAME", "\\" + word, found[k + len(word) - 1]))
                k += len(word)
                continue
        bold = _BOLD.fullmatch(t)
        if bold:  # \mathbf{x} is x
            out.append(_like(t, "LETTER", bold.group(1)))
            k += 1
            continue
        if (
            t in ("\\arg", "\\operatorname{arg}")
            and k + 1 < len(found)
            and found[k + 1] in ("\\max", "\\min")
        ):
            out.append(_like(t, "NAME", f"\\arg{found[k + 1][1:]}", found[k + 1]))
            k += 2
            continue
        out.append(t)
        k += 1
    return out


def _like(first: Token, kind: str, value: str, last: Token | None = None) -> Token:
    made = Token(kind, value, start_pos=first.start_pos, line=first.line)
    made.end_pos = (last or first).end_pos
    return made


def _stacked(found: list[Token]) -> list[Token]:
    r"""\stackrel{why}{=} is the relation; \underset{x}{\argmax} is the word with a subscript."""
    out: list[Token] = []
    k = 0
    while k < len(found):
        t = found[k]
        if t.type != "STACK":
            out.append(t)
            k += 1
            continue
        label, k = _argument(found, k + 1)
        body, k = _argument(found, k)
        inner = body[1:-1] if body and body[0].type == "LBRACE" else body
        if len(inner) == 1 and inner[0].type in ("REL", "ARROW"):
            out.append(inner[0])
        elif t == "\\underset":
            out += [*inner, _like(t, "SUB", "_"), *label]
        else:
            out += [t, *label, *body]  # not understood: the parser will say so
    return out


def _argument(found: list[Token], k: int) -> tuple[list[Token], int]:
    if k >= len(found):
        return [], k
    if found[k].type != "LBRACE":
        return [found[k]], k + 1
    depth, end = 0, k
    while end < len(found):
        depth += (found[end].type == "LBRACE") - (found[end].type == "RBRACE")
        end += 1
        if depth == 0:
            break
    return found[k:end], end


def _digits(found: list[Token]) -> Iterator[Token]:
    r"""TeX takes one digit where braces are missing: \frac12 is 1/2, and x^12 is x^1 2."""
    wanted = 0
    for t in found:
        if t.type == "NUMBER" and wanted and len(t) > 1 and "." not in t:
            for d in t[:wanted]:
                yield _like(t, "NUMBER", d)
            if t[wanted:]:
                yield _like(t, "NUMBER", t[wanted:])
            wanted = 0
            continue
        yield t
        wanted = 2 if t.type == "FRAC" else 1 if t.type in ("SUB", "SUP") else 0
        # the second argument of a fraction, after a first one that is a single letter or digit
        # stands right behind it; \frac{1}{2} has braces and needs no splitting


def depths(found: list[Token]) -> Iterator[tuple[Token, int]]:
    """Each token with the number of brackets and braces that are open before it."""
    depth = 0
    for t in found:
        if t.type in CLOSING or (t.type == "ENV" and t.startswith("\\end")):
            depth -= 1
        yield t, depth
        if t.type in OPENING or (t.type == "ENV" and t.startswith("\\begin")):
            depth += 1


def paired(found: list[Token]) -> list[Token]:
    """Bars in pairs at their level become brackets; one alone separates.

    Raises:
        GradeError: three bars at one level, or brackets that do not match.
    """
    out = list(found)
    groups: list[dict[str, list[int]]] = [{"MID": [], "DBAR": []}]
    for k, t in enumerate(found):
        if t.type in OPENING:
            groups.append({"MID": [], "DBAR": []})
        elif t.type in CLOSING:
            if len(groups) == 1:
                raise GradeError(f"`{t}` closes a bracket that was not opened")
            _pair(out, groups.pop())
        elif t.type in ("MID", "DBAR"):
            groups[-1][t.type].append(k)
    if len(groups) > 1:
        raise GradeError("a bracket is not closed")
    _pair(out, groups.pop())
    return [t for t in out if t.type != "SIZE"]


def _pair(out: list[Token], group: dict[str, list[int]]) -> None:
    for kind, name in (("MID", "BAR"), ("DBAR", "NORM")):
        places = group[kind]
        if len(places) % 2:
            if len(places) > 1:
                raise GradeError(
                    f"{len(places)} bars `{out[places[0]]}` at one level: which belong together?"
                )
            continue
        for a, b in zip(places[::2], places[1::2], strict=True):
            out[a] = _like(out[a], f"{name}_OPEN", out[a])
            out[b] = _like(out[b], f"{name}_CLOSE", out[b])
