"""The formulas of a Markdown file: declarations in the running text, chains of equations on display."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vaemath.grade.tokens import GradeError, Token, tokens

_DISPLAY = re.compile(
    r"\$\$(?P<a>.+?)\$\$|\\\[(?P<b>.+?)\\\]|```math\n(?P<c>.+?)```"
    r"|\\begin\{(?:align|equation|gather)\*?\}(?P<d>.+?)\\end\{(?:align|equation|gather)\*?\}",
    re.DOTALL,
)
_INLINE = re.compile(r"(?<!\$)\$(?!\$)(.+?)\$", re.DOTALL)
_WRAPPER = re.compile(
    r"\\(?:begin|end)\{(?:aligned|align|split|gathered)\*?\}(?:\[.\])?|\\tag\{[^}]*\}|\\label\{[^}]*\}"
)
RELATIONS = {"=": "=", r"\le": "<=", r"\ge": ">="}


@dataclass(frozen=True)
class Side:
    """One line of a chain and how it relates to the one before it; the first has no relation."""

    relation: str
    tokens: tuple[Token, ...]
    source: str


@dataclass(frozen=True)
class Document:
    """What a file declares, and the chains it derives, both in reading order."""

    declarations: tuple[tuple[Token, ...], ...]
    chains: tuple[tuple[Side, ...], ...]


def read(text: str, name: str) -> Document:
    """Split a file into declarations and chains.

    Raises:
        GradeError: there is no equation in it.
    """
    chains: list[tuple[Side, ...]] = []
    rest = list(text)
    for m in _DISPLAY.finditer(text):
        kind = m.lastgroup or "a"
        start = text.count("\n", 0, m.start(kind)) + 1
        body = _WRAPPER.sub(lambda w: "\n" * w.group().count("\n"), m.group(kind))
        chain = _chain(tokens(body, start), body)
        if len(chain) > 1:
            chains.append(chain)
        for k in range(m.start(), m.end()):
            rest[k] = "\n" if text[k] == "\n" else " "
    if not chains:
        raise GradeError(
            f"{name}: no equations; expected a chain between $$ and $$, such as a &= b \\\\ &= c"
        )
    words = "".join(rest)
    declared = tuple(
        tuple(tokens(m.group(1), words.count("\n", 0, m.start()) + 1)) for m in _INLINE.finditer(words)
    )
    return Document(declared, tuple(chains))


def _chain(found: list[Token], source: str) -> tuple[Side, ...]:
    out: list[Side] = []
    current: list[Token] = []
    relation, depth = "", 0

    def close() -> None:
        if current:
            words = " ".join(source[current[0].start : current[-1].end].split())
            out.append(Side(relation, tuple(current), f"{relation} {words}".strip()))

    for t in found:
        depth += (t.text in ("(", "[", "{")) - (t.text in (")", "]", "}"))
        if t.text in ("&", r"\\"):
            continue
        if t.text in RELATIONS and depth == 0:
            close()
            relation, current = RELATIONS[t.text], []
        else:
            current.append(t)
    close()
    while out and [t.text for t in out[-1].tokens][-1:] in ([","], ["."], [";"]):
        last = out.pop()
        out.append(Side(last.relation, last.tokens[:-1], last.source))
    return tuple(out)
