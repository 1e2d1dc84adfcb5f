"""Terms as laid-out formulas, in the notation of the notes."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction as Q

from vaemath.core.terms import Term, make, number, open_with
from vaemath.pages.arrange import (
    ATOM,
    POWER,
    PRODUCT,
    SUM,
    by_role,
    factors_of,
    is_plain,
    listed,
    numeral,
    squared,
    upside_down,
    without_minus,
)
from vaemath.pages.densities import Label, role
from vaemath.pages.layout import (
    COMMA,
    DOT,
    DOUBLE_BAR,
    FOLLOWS,
    MINUS,
    NEGATIVE,
    PLUS,
    TIMES,
    Big,
    Exponential,
    Fence,
    Fraction,
    Function,
    Letter,
    Number,
    Piece,
    Root,
    Row,
    Script,
    Sign,
    row,
)
from vaemath.pages.names import indexed, letter
from vaemath.terms.build import is_sum

_RELATIONS = {"eq": "=", "le": "≤", "lt": "<", "ne": "≠", "def": "="}
_USUAL_NAMES = {
    "nat": "jki",
    "fin": "jki",
    "point": "zyuw",
    "real": "xyuw",
    "positive": "tsuw",
    "fun": "zyuw",
    "mat": "xyuw",
    "bit": "xyuw",
}
_WIDE = ("E", "prod", "int", "intab", "KL", "CE", "H", "add", "log", "logdet", "tr")


class Writer:
    """Lays out terms; `names` are the letters that stand for concrete densities."""

    def __init__(self, names: Mapping[Term, Label] | None = None) -> None:
        self.names = dict(names or {})

    def write(self, t: Term) -> Piece:
        """The formula of a term or statement."""
        return self._show(t, 0)

    def density(self, d: Term, variable: Piece | None = None, *, full: bool = False) -> Piece:
        """A density by its name; `full` writes a concrete one out."""
        if not full and d in self.names:
            return self.names[d].alone(variable)
        known = role(d)
        if known is not None:
            label, given = known
            return label.alone(variable, None if given is None else self._show(given, 0))
        a = d.args
        if d.head == "normal":
            return row(
                Letter("N", "script"), Fence(row(self._show(a[0], 0), COMMA, self._show(squared(a[1]), 0)))
            )
        if d.head == "mvn":
            return row(Letter("N", "script"), Fence(row(self._show(a[0], 0), COMMA, self._show(a[1], 0))))
        if d.head == "bernoulli":
            return row(Function("Bernoulli"), Fence(self._show(a[0], 0)))
        if d.head in ("indep", "categorical"):
            j, body = self.opened(a[0], d)
            if d.head == "categorical":
                return row(Function("Categorical"), Fence(self._show(body, 0)))
            big = Big("prod", row(letter(j), Sign("=", "relation"), Number("1")), self._show(upper(a[0]), 0))
            return row(big, self.density(body))
        if d.head == "density":
            z, body = self.opened(a[0], d)
            return Fence(row(letter(z), Sign("↦", "relation"), self._show(body, 0)))
        return self._show(d, 0)

    def opened(self, lam: Term, around: Term) -> tuple[str, Term]:
        """A name for the variable of an abstraction that is not taken, and the body with it."""
        taken = {s.data[0].split("#")[0] for s in lam.free | around.free}
        hint, kind = lam.data[0].split("#")[0], lam.data[1][0]
        usual = list(_USUAL_NAMES.get(kind, "xyuw"))
        if hint and not (kind == "point" and hint == "x"):
            usual.insert(0, hint)
        if kind == "point":
            usual.insert(0, by_role(lam) or usual[0])
        name = next((n for n in usual if n not in taken), None) or next(
            n for k in range(1, 99) if (n := usual[0] + "'" * k) not in taken
        )
        return name, open_with(lam, make("sym", (), (name, lam.data[1])))

    def _show(self, t: Term, around: int) -> Piece:
        piece, level = self._level(t)
        return Fence(piece) if level < around else piece

    def _level(self, t: Term) -> tuple[Piece, int]:
        h, a, d = t.head, t.args, t.data
        if h == "num":
            return numeral(Q(*d))
        if h == "sym":
            return letter(d[0]), ATOM
        if h == "pi":
            return Letter("pi"), ATOM
        if h == "add":
            return self._sum(a), SUM
        if h in ("mul", "scale"):
            return self._product(factors_of(t))
        if h == "pow":
            return self._power(t)
        if h == "exp":
            return Exponential(self._show(a[0], 0)), POWER
        if h == "log":
            return row(Function("log"), TIMES, self._argument(a[0])), PRODUCT
        if h == "app":
            return self._application(t), ATOM
        if h == "prod" or is_sum(t):
            j, body = self.opened(a[0], t)
            lower = row(letter(j), Sign("=", "relation"), Number("1"))
            big = Big("prod" if h == "prod" else "sum", lower, self._show(upper(a[0]), 0))
            return row(big, self._show(body, PRODUCT)), PRODUCT
        if h in ("int", "intab"):
            z, body = self.opened(a[-1], t)
            big = Big("int", *(() if h == "int" else (self._show(a[0], 0), self._show(a[1], 0))))
            return row(
                big, self._show(body, PRODUCT), Sign("", "thin"), Letter("d", "upright"), letter(z)
            ), PRODUCT
        if h == "diff":
            return self._derivative(t)
        if h == "E":
            return self._expectation(t), ATOM
        if h in ("KL", "CE", "H"):
            name: Piece = Script(Letter("D"), Function("KL")) if h == "KL" else Letter("H")
            between = DOUBLE_BAR if h == "KL" else COMMA
            inside = self.density(a[0]) if h == "H" else row(self.density(a[0]), between, self.density(a[1]))
            return row(name, Fence(inside)), ATOM
        if h == "pdf":
            return self._pdf(t), ATOM
        if t.sort[0] in ("mat", "spd") or h in ("tr", "scalar", "logdet"):
            return self._matrix(t)
        if h in _RELATIONS:
            return row(self._show(a[0], 0), Sign(_RELATIONS[h], "relation"), self._show(a[1], 0)), 0
        if t.sort[0] == "dist":
            return self.density(t), ATOM
        if h == "lam":
            x, body = self.opened(t, t)
            return row(letter(x), Sign("↦", "relation"), self._show(body, 0)), 0
        return row(Function(h), Fence(listed([self._show(x, 0) for x in a]))), ATOM

    def _argument(self, t: Term) -> Piece:
        """The argument of log or det: brackets only where they are needed."""
        piece, level = self._level(t)
        if isinstance(piece, Fraction):
            return Fence(piece, soft=True)
        return piece if level >= POWER else Fence(piece)

    def _sum(self, parts: tuple[Term, ...]) -> Piece:
        out: list[Piece] = []
        for k, p in enumerate(parts):
            minus, rest = without_minus(p)
            if minus:
                out.append(NEGATIVE if k == 0 else MINUS)
            elif k:
                out.append(PLUS)
            out.append(self._show(rest, PRODUCT if minus or k else SUM))
        return row(*out)

    def _product(self, factors: tuple[Term, ...]) -> tuple[Piece, int]:
        negative = False
        groups: list[tuple[list[Term], list[Term]]] = [([], [])]  # tops and bottoms, left to right
        for f in factors:
            if f.head == "num" and f.data[0] < 0 and f is factors[0]:
                negative = True
                f = number(-Q(*f.data))
                if f.data == (1, 1):
                    continue
            inverse = f.head == "pow" and f.data[0] < 0
            if inverse or (f.head == "num" and f.data[1] != 1):
                bottom = upside_down(f) if inverse else number(f.data[1])
                if not inverse and f.data[0] != 1:
                    groups[-1][0].append(number(f.data[0]))
                groups[-1][1].append(bottom)
            else:
                if groups[-1][1]:
                    groups.append(([], []))
                groups[-1][0].append(f)
        if (
            len(groups) > 1
            and not groups[0][0]
            and is_plain(groups[1][0])
            and all(b.head == "num" for b in groups[0][1])
        ):
            groups[:2] = [(groups[1][0], groups[0][1] + groups[1][1])]  # n/2 rather than 1/2 n
        parts: list[Piece] = []
        pieces: list[tuple[Piece, bool]] = []
        for tops, bottoms in groups:
            pieces += self._group(tops, bottoms, last=tops is groups[-1][0])
        for piece, numeric in pieces:
            if parts:
                parts.append(DOT if numeric else TIMES)
            parts.append(piece)
        if not parts:
            parts.append(Number("1"))
        single = len(parts) == 1 and not negative
        level = SUM if negative else (ATOM if single and isinstance(parts[0], Fence | Number) else PRODUCT)
        return (row(NEGATIVE, *parts) if negative else row(*parts)), level

    def _group(self, tops: list[Term], bottoms: list[Term], *, last: bool) -> list[tuple[Piece, bool]]:
        if not bottoms:
            return [self._factor(f, k == len(tops) - 1 and last, k > 0) for k, f in enumerate(tops)]
        bottom = self._row(bottoms)
        aside = [t for t in tops if t.head in _WIDE or t.head == "scalar"]
        if (
            not aside
            or any(b.head in _WIDE[:5] for b in bottoms)
            or (all(t.head == "add" for t in aside) and any(b.head != "num" for b in bottoms))
        ):
            return [(Fraction(self._row(tops) if tops else Number("1"), bottom), False)]
        inside = [t for t in tops if t not in aside]
        fraction = Fraction(self._row(inside) if inside else Number("1"), bottom)
        return [
            (fraction, False),
            *(self._factor(t, k == len(aside) - 1 and last, False) for k, t in enumerate(aside)),
        ]

    def _row(self, factors: list[Term]) -> Piece:
        if len(factors) == 1:
            return self._show(factors[0], 0)
        parts: list[Piece] = []
        for k, f in enumerate(factors):
            piece, numeric = self._factor(f, k == len(factors) - 1, k > 0)
            parts += [DOT if numeric else TIMES, piece] if parts else [piece]
        return row(*parts)

    def _factor(self, f: Term, last: bool, after: bool) -> tuple[Piece, bool]:
        """A factor, and whether a dot stands before it."""
        if f.head == "scalar":
            return (self._show(f, PRODUCT) if last else Fence(self._show(f, 0))), False
        if f.head in ("prod", "int", "intab", "log", "logdet") and not last:
            if f.head == "log":
                return row(Function("log"), Fence(self._show(f.args[0], 0))), False
            return Fence(self._show(f, 0)), False
        return self._show(
            f, PRODUCT if last else POWER if f.head not in ("tr", "KL", "log") else PRODUCT
        ), after and f.head == "num"

    def _power(self, t: Term) -> tuple[Piece, int]:
        (base,), (p, q) = t.args, t.data
        if (p, q) == (1, 2):
            return Root(self._show(base, 0)), ATOM
        if p < 0:
            return self._product((t,))
        e: Piece = Number(str(p)) if q == 1 else row(Number(str(p)), Sign("/", "none"), Number(str(q)))
        shown = self._show(base, ATOM)
        plain = (
            isinstance(shown, Letter)
            or (isinstance(shown, Script) and shown.sup is None)
            or isinstance(shown, Fence | Number)
        )
        if not plain:
            shown = Fence(shown)
        return (
            Script(shown.base, shown.sub, e) if isinstance(shown, Script) else Script(shown, None, e)
        ), POWER

    def _application(self, t: Term) -> Piece:
        f, *args = t.args
        shown = self._show(f, ATOM)
        if args[0].sort[0] in ("nat", "fin"):
            return indexed(shown, *(self._show(x, 0) for x in args))
        return row(shown, Fence(listed([self._show(x, 0) for x in args])))

    def _derivative(self, t: Term) -> tuple[Piece, int]:
        lam, point = t.args
        body = lam.args[0]
        if (
            body.head == "app"
            and body.level == 1
            and body.args[0].level == 0
            and [b.head for b in body.args[1:]] == ["bv"]
        ):
            return row(
                Script(self._show(body.args[0], ATOM), None, Letter("'", "upright")),
                Fence(self._show(point, 0)),
            ), ATOM
        direct = point.head == "sym" and point not in lam.free
        if direct:
            variable = self._show(point, 0)
            opened = open_with(lam, point)
        else:
            name, opened = self.opened(lam, t)
            variable = letter(name)
        partial = Letter("partial")
        if point.sort[0] in ("mat", "spd"):
            operator: Piece = Script(Letter("nabla"), variable)
        else:
            operator = Fraction(partial, row(partial, variable))
        inside = self._show(opened, PRODUCT)
        if not direct:
            inside = Script(Fence(inside), row(variable, Sign("=", "relation"), self._show(point, 0)))
        return row(operator, TIMES, inside), PRODUCT

    def _expectation(self, t: Term) -> Piece:
        q, f = t.args
        z, body = self.opened(f, t)
        shown = self.density(q, letter(z))
        label = self.names.get(q) or (role(q) or (Label("p"),))[0]
        under = shown if label.variable and (q in self.names or role(q)) else row(letter(z), FOLLOWS, shown)
        return row(Script(Letter("E", "board"), under), Fence(self._show(body, 0), "[", "]"))

    def _pdf(self, t: Term) -> Piece:
        q, x = t.args
        point = self._show(x, 0)
        if q in self.names:
            return self.names[q].at(point)
        known = role(q)
        if known is not None:
            return known[0].at(point, None if known[1] is None else self._show(known[1], 0))
        if q.head in ("normal", "mvn"):
            spread = self._show(squared(q.args[1]) if q.head == "normal" else q.args[1], 0)
            inside = row(point, Sign(";", "comma"), self._show(q.args[0], 0), COMMA, spread)
            return row(Letter("N", "script"), Fence(inside))
        if q.head == "density":
            return self._show(open_with(q.args[0], x), PRODUCT)
        return row(Fence(self.density(q)), Fence(point))

    def _matrix(self, t: Term) -> tuple[Piece, int]:
        h, a = t.head, t.args
        if h == "scalar":
            return self._level(a[0])
        if h == "tr":
            return row(Function("tr"), Fence(self._show(a[0], 0))), ATOM
        if h == "logdet":
            return row(Function("log"), TIMES, Function("det"), TIMES, self._argument(a[0])), PRODUCT
        if h == "matmul":
            parts: list[Piece] = []
            for x in a:
                parts += [TIMES, self._show(x, POWER)] if parts else [self._show(x, POWER)]
            return Row(tuple(parts)), PRODUCT
        if h in ("T", "inv"):
            shown = self._show(a[0], ATOM)
            sup: Piece = Letter("T", "upright") if h == "T" else Number("−1")
            if isinstance(shown, Script) and shown.sup is None:
                return Script(shown.base, shown.sub, sup), POWER
            return Script(shown if isinstance(shown, Letter | Fence) else Fence(shown), None, sup), POWER
        if h == "eye":
            return Script(Letter("I"), self._show(a[0], 0)), ATOM
        if h in ("diagm", "vec"):
            j, body = self.opened(a[0], t)
            if h == "vec" and body == number(0):
                return Number("0"), ATOM
            if h == "vec":
                return Script(Fence(self._show(body, 0)), letter(j)), ATOM
            return row(Script(Function("diag"), letter(j)), Fence(self._show(body, 0))), POWER
        if h == "add":
            return self._sum(a), SUM
        return row(Function(h), Fence(listed([self._show(x, 0) for x in a]))), ATOM


def upper(family: Term) -> Term:
    """The n of a family over 1..n."""
    n: Term = family.data[1][1]
    return n
