"""The name of a letter with its scripts, as it is looked up and as it is said."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lark import Token, Tree

from vaemath.grade.tex import Shape, text

PARAMETERS = {"theta", "Theta", "phi", "Phi", "varphi", "vartheta", "psi", "Psi"}
INDICES = "ijkl"
_SAME = {"varphi": "phi", "vartheta": "theta", "varepsilon": "epsilon", "varsigma": "sigma", "varrho": "rho"}
_FONT = re.compile(r"\\(?:operatorname\*?|[a-z]+)\s*\{?\s*(.*?)\s*\}?")


@dataclass
class Named:
    """A letter or word with its scripts.

    Attributes:
        base: the letter without its backslash, or the word.
        subs: what stands below, as words.
        power: the shape that stands above, unless it belongs to the name.
        token: where it stands.
    """

    base: str
    token: Token
    subs: list[str] = field(default_factory=list)
    sub_shapes: list[Shape | Token] = field(default_factory=list)
    powers: list[Shape | Token] = field(default_factory=list)
    word: bool = False

    @property
    def name(self) -> str:
        """The letter with what stands below it, parameters left out."""
        return "_".join([self.base, *(s for s in self.subs if s not in PARAMETERS)])


def base_of(t: Token) -> str:
    """A letter without its backslash; a word without its font."""
    if t.type == "NAME":
        m = _FONT.fullmatch(t)
        inner = m.group(1) if m and m.group(1) else t.lstrip("\\")
        return inner.strip()
    letter = t.lstrip("\\")
    return _SAME.get(letter, letter)


def named(factor: Shape) -> Named | None:
    """The name of a factor that is a letter or a word; None for anything else."""
    head = factor.children[0]
    prefix = ""
    while isinstance(head, Tree) and head.data in ("brace", "accent", "arg"):
        if head.data == "accent":
            prefix += str(head.children[0]).lstrip("\\")
            head = head.children[1]
            continue
        only = _only(head)
        if only is None:
            return None
        head = only
    if not isinstance(head, Token) or head.type not in ("LETTER", "NAME"):
        return None
    out = Named(prefix + base_of(head), head, word=head.type == "NAME")
    for script in factor.children[1:]:
        assert isinstance(script, Tree)
        mark = script.children[0]
        if mark.type == "PRIME":  # type: ignore[union-attr]
            out.base += str(mark)
        elif mark.type == "SUB":  # type: ignore[union-attr]
            arg = script.children[1]
            out.sub_shapes.append(arg)
            out.subs += words_of(arg)
        else:
            arg = script.children[1]
            if text(arg) in (r"\ast", r"\star", "*", "{ * }", r"\prime", r"{ \star }", r"{ \prime }"):
                out.base += "*"
            else:
                out.powers.append(arg)
    return out


def _only(s: Shape) -> Shape | Token | None:
    """The one letter that is all there is in braces, or None."""
    inner: Shape | Token = s
    while isinstance(inner, Tree):
        parts = [c for c in inner.children if not (isinstance(c, Token) and c.type in ("LBRACE", "RBRACE"))]
        if len(parts) != 1:
            return None
        if isinstance(parts[0], Tree) and parts[0].data == "accent":
            return parts[0]
        inner = parts[0]
    return inner


def words_of(s: Shape | Token) -> list[str]:
    """The letters, numbers and words in a script."""
    out: list[str] = []
    run: list[Token] = []  # letters that touch each other: three or more are a word, as in P_{data}
    for t in (*_tokens(s), None):
        plain = t is not None and t.type == "LETTER" and not t.startswith("\\")
        if run and not (plain and t is not None and t.start_pos == run[-1].end_pos):
            out += ["".join(run)] if len(run) > 2 else [base_of(x) for x in run]
            run = []
        if plain and t is not None:
            run.append(t)
        elif t is not None and t.type in ("LETTER", "NAME"):
            out.append(base_of(t))
        elif t is not None and t.type == "NUMBER":
            out.append(str(t))
    return out


def _tokens(s: Shape | Token) -> list[Token]:
    if isinstance(s, Token):
        return [s]
    return [t for c in s.children for t in _tokens(c)]


def letters(s: Shape | Token) -> list[Token]:
    """All letters in a shape."""
    if isinstance(s, Token):
        return [s] if s.type == "LETTER" else []
    return [t for c in s.children for t in letters(c)]
