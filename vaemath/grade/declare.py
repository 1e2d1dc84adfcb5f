r"""Declarations: what letters are, as said in the text or on display.

$\mu, x_1 \in \mathbb{R}$    $\sigma > 0$    $n \in \mathbb{N}$    $x \in [0, 1]$    $\Sigma \succ 0$
$m \in \mathbb{R}^d$    $A \in \mathbb{R}^{n \times n}$    $S \in \mathbb{S}_{++}^n$
$p = \mathcal{N}(\mu, \sigma^2)$    $q(z|x) = \mathcal{N}(z; \mu, \sigma^2)$
$x \sim \mathcal{N}(0, I)$    $f: \mathbb{R} \to \mathbb{R}$
"""

from __future__ import annotations

import re

from lark import Token, Tree

from vaemath.core.terms import BIT, NAT, POSITIVE, REAL, Sort, Term
from vaemath.grade import densities
from vaemath.grade.errors import GradeError
from vaemath.grade.evidence import lowered, variable_of
from vaemath.grade.names import INDICES, PARAMETERS, Named, named
from vaemath.grade.reading import Reader
from vaemath.grade.sides import RELATION
from vaemath.grade.tex import Shape, shape, text
from vaemath.grade.tokens import depths
from vaemath.terms.build import le, lt, number, one, sub

_SET = re.compile(r"\\mathbb\s*\{?\s*([A-Z])\s*\}?")


def declare(found: list[Token], r: Reader) -> bool:
    """Take the declarations in one formula; False when it has none.

    Raises:
        GradeError: it declares something that cannot be read.
    """
    pending: list[Named] = []
    any_ = False
    for words in _entries([t for t in found if t.type not in ("SIZE", "ROW", "ENV")]):
        cut = [(k, t) for k, (t, d) in enumerate(depths(words)) if d == 0 and _relates(t)]
        if not cut:
            n = _letter(words)
            if n is not None:
                pending.append(n)
            continue
        first = cut[0][0]
        n = _letter(words[:first])
        if n is None and len(cut) == 2:  # 0 < x < 1
            n = _letter(words[first + 1 : cut[1][0]])
        kind = RELATION.get(str(cut[0][1]), str(cut[0][1]))
        if (n is not None and kind in ("in", ">", "<", ">=", "<=", r"\succ", ":")) or kind == "in":
            if n is None:
                return any_
            for one_ in [*pending, n]:
                _sort(one_, words, cut, r)
            any_, pending = True, []
        elif kind in ("~", "=") and len(cut) == 1:
            any_ = _density(words[:first], words[first + 1 :], kind, r) or any_
            pending = []
        else:
            pending = []
    return any_


def _relates(t: Token) -> bool:
    return (t.type == "REL" and (t in RELATION or t in (r"\succ", r"\succeq"))) or (
        t.type == "SEMI" and t == ":"
    )


def _entries(found: list[Token]) -> list[list[Token]]:
    """The formula cut at its commas, but not those in brackets or in an interval."""
    out: list[list[Token]] = [[]]
    for t, depth in depths(found):
        if depth <= 0 and t.type in ("COMMA", "SEMI") and t != ":":
            out.append([])
        else:
            out[-1].append(t)
    return [w for w in out if w]


def _letter(words: list[Token]) -> Named | None:
    try:
        s = shape(list(words))
    except GradeError:
        return None
    while isinstance(s, Tree) and s.data in ("side", "sum", "product") and len(s.children) == 1:
        s = s.children[0]  # type: ignore[assignment]
    n = named(s) if isinstance(s, Tree) and s.data == "factor" else None
    return n if n is not None and not n.powers else None


def _sort(n: Named, words: list[Token], cut: list[tuple[int, Token]], r: Reader) -> None:
    at, sign = cut[0]
    kind = RELATION.get(str(sign), str(sign))
    after = words[at + 1 :]
    subs = [s for s in n.subs if s not in PARAMETERS]
    family = bool(subs) and subs[-1] in INDICES
    name = "_".join([n.base, *(subs[:-1] if family else subs)])
    given: list[tuple[str, str]] = []
    if kind == "in":
        sort, given = _member(after, r)
    elif kind == r"\succ":
        if "".join(after) != "0":
            raise GradeError(f"`{text_of(words)}`: a matrix is compared with 0 only")
        sort = ("spd", r.scope.dimension())
    elif kind == ":":
        sort = _function(after, r)
    else:
        sort, given = _order(words, cut, r)
    if sort is None:
        return
    if family:
        sort = ("fun", NAT, sort)
    made = r.scope.declare(name, sort)
    for relation, bound in given:
        value = number(int(bound))
        relate = lt if relation == "<" else le
        r.scope.given.append(relate(made, value) if bound != "0" else relate(value, made))


def text_of(words: list[Token]) -> str:
    """Tokens as text."""
    return " ".join(words)


def _member(after: list[Token], r: Reader) -> tuple[Sort, list[tuple[str, str]]]:
    said = "".join(after)
    if re.fullmatch(r"[\[(]0,1[\])]", said):
        opens, closes = said[0] == "(", said[-1] == ")"
        return (POSITIVE if opens else REAL), [
            *([] if opens else [("<=", "0")]),
            ("<" if closes else "<=", "1"),
        ]
    if said in (r"\{0,1\}", r"[0,1]"):
        return BIT, []
    m = _SET.match(said)
    if m is None:
        raise GradeError(f"the set `{text_of(after)}` is not in the vocabulary")
    tail = said[m.end() :].replace("{", "").replace("}", "")
    if m.group(1) in "NZ":
        if m.group(1) == "Z" and ">0" not in tail and "+" not in tail:
            raise GradeError(r"whole numbers can be read from 1 on, as \mathbb{N}")
        return NAT, []
    if m.group(1) == "S":
        size = tail.replace("_++", "").replace("_+", "").lstrip("^")
        return ("spd", _dimension(size, r)), []
    if m.group(1) != "R":
        raise GradeError(f"the set `{text_of(after)}` is not in the vocabulary")
    positive = tail in ("_>0", "_+", "_++", "^+", "_+^*", "^+_*", "_+^+")
    if positive:
        return POSITIVE, []
    size = tail.lstrip("^")
    if not size:
        return REAL, []
    rows, _, columns = size.replace("*", r"\times").replace(r"\cdot", r"\times").partition(r"\times")
    return ("mat", _dimension(rows, r), _dimension(columns, r) if columns else one), []


def _dimension(word: str, r: Reader) -> Term:
    if word.isdigit() and int(word) > 0:
        return number(int(word))
    name = word.lstrip("\\")
    if not re.fullmatch(r"[A-Za-z]+(_[A-Za-z0-9])?", name):
        raise GradeError(f"the dimension `{word}` is no letter and no number")
    known = r.scope.symbols.get(name)
    if known is None or name in r.scope.assumed:
        return r.scope.declare(name, NAT)
    if known.sort != NAT:
        raise GradeError(f"the dimension `{name}` is declared as something else")
    return known


def _function(after: list[Token], r: Reader) -> Sort:
    parts: list[list[Token]] = [[]]
    for t in after:
        if t.type == "ARROW":
            parts.append([])
        else:
            parts[-1].append(t)
    if len(parts) != 2:
        raise GradeError(f"the function `{text_of(after)}`; write f: \\mathbb{{R}} \\to \\mathbb{{R}}")
    return ("fun", _member(parts[0], r)[0], _member(parts[1], r)[0])


def _order(words: list[Token], cut: list[tuple[int, Token]], r: Reader) -> tuple[Sort, list[tuple[str, str]]]:
    said = [RELATION.get(str(t), str(t)) for _, t in cut]
    parts = [
        "".join(words[a + 1 : b])
        for a, b in zip([-1, *(k for k, _ in cut)], [*(k for k, _ in cut), len(words)], strict=True)
    ]
    if len(said) == 1:
        if said[0] == ">" and parts[1] == "0":
            return POSITIVE, []
        if said[0] == ">=" and parts[1] == "0":
            return REAL, [("<=", "0")]
        if said[0] == ">=" and parts[1] == "1":
            return None, []
    if parts[0] == "0" and parts[-1] == "1" and len(said) == 2 and set(said) <= {"<", "<="}:
        first: list[tuple[str, str]] = [] if said[0] == "<" else [("<=", "0")]
        return (POSITIVE if said[0] == "<" else REAL), [*first, (said[1], "1")]
    return None, []


def _density(left: list[Token], right: list[Token], kind: str, r: Reader) -> bool:
    """p = N(..), p(x) = N(..), q(z|x) = N(..), x ~ N(..); False where it is not a density."""
    head = [t for t in right if t.type in ("LETTER", "NAME")][:1]
    from vaemath.grade.names import base_of

    if not head or base_of(head[0]) not in densities.NORMAL:
        return kind == "~" and _law(left, right, r)
    try:
        s = shape(list(left))
    except GradeError:
        return False
    pieces = _pieces(s)
    n = named(pieces[0]) if pieces and isinstance(pieces[0], Tree) else None
    if n is None or len(pieces) > 2 or n.base in densities.NORMAL:
        return False
    value = densities.density(r, shape(list(right), "items"))
    if kind == "~":
        r.scope.laws[lowered(n.base) if not n.subs else n.name] = value
        return True
    if len(pieces) == 1:
        r.scope.densities[n.name] = value
        return True
    group = pieces[1].children[0]  # type: ignore[union-attr]
    assert isinstance(group, Tree)
    of, given = densities.random_entries(group)
    names = [lowered(variable_of(e)) for e in (*of, *given)]
    others = {
        v for o in r.scope.whole.densities if o.name.lower() == n.name.lower() for v in (*o.of, *o.given)
    }
    r.scope.densities["|".join([n.name, *names]) if given or others - set(names) else n.name] = value
    return True


def _law(left: list[Token], right: list[Token], r: Reader) -> bool:
    """x ~ p: the density of a variable, named."""
    n = _letter(left)
    if n is None:
        return False
    r.scope.laws[lowered(n.base)] = densities.density(r, shape(list(right), "items"))
    return True


def _pieces(s: Shape) -> list[Shape | Token]:
    while s.data in ("side", "sum") and len(s.children) == 1 and isinstance(s.children[0], Tree):
        s = s.children[0]
    return list(s.children) if s.data == "product" else []


__all__ = ["declare", "sub", "text"]
