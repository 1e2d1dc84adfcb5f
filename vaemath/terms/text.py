"""Terms as plain text, for messages and the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from vaemath.core.heads import unfold
from vaemath.core.terms import Sort, Term, close, make, open_with, opened

_SUM, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4


def text(t: Term) -> str:
    """One line of text; every binder names its variable."""
    return _show(t, 0)


def _wrap(s: str, level: int, around: int) -> str:
    return f"({s})" if level < around else s


def _fraction(p: int, q: int) -> tuple[str, int]:
    return (str(p), _ATOM if p >= 0 else _SUM) if q == 1 else (f"{p}/{q}", _PRODUCT if p >= 0 else _SUM)


def _bound(lam: Term, around: Term) -> tuple[str, Term]:
    """A readable name for a bound variable, and the body with it."""
    names = {s.data[0] for s in lam.free | around.free}
    hint = lam.data[0] or {"nat": "j", "fin": "j", "point": "z"}.get(lam.data[1][0], "x")
    name = hint
    k = 1
    while name in names:
        k += 1
        name = f"{hint}{k}"
    var = make("sym", (), (name, lam.data[1]))
    return name, open_with(lam, var)


def _over(lam: Term) -> str:
    """The space of an integral, where neither the measure nor the integrand tells it."""
    space = "point" if lam.data[1][0] == "point" and not lam.args[0].level else lam.data[1][0]
    return "" if lam.data[1][0] == "point" and lam.args[0].level else _OVER.get(space, "")


_OVER = {"point": " over points", "positive": " over x > 0", "nat": " over 1, 2, ...", "bit": " over 0, 1"}


def _ranged(name: str, sort: Sort) -> str:
    """A bound name with what it ranges over; a point of the abstract space says nothing."""
    return {"real": f"real {name}", "point": name}.get(sort[0], f"{name} {sort_text(sort)}")


def _size(lam: Term) -> str:
    return _show(lam.data[1][1], _ATOM)


def _convergence(t: Term) -> str:
    """Convergence of an expectation is said as such, where the integrand is written as one."""
    expectation = as_expectation(t)
    if expectation is not None:
        q, f = expectation.args
        name, body = _bound(f, t)
        return f"E_{name}~{_show(q, _ATOM)}[|{_show(body, 0)}|] is finite"
    name, body = _bound(t.args[-1], t)
    bounds = f"_{_show(t.args[0], _ATOM)}^{_show(t.args[1], _ATOM)}" if len(t.args) == 3 else ""
    return f"int{bounds or _over(t.args[-1])} [|{_show(body, 0)}|] d{name} is finite"


def as_expectation(t: Term) -> Term | None:
    """The E_q[f] whose convergence `integrable` states, where its integrand is written as q(x) f(x)."""
    if t.head != "integrable" or len(t.args) != 1:
        return None
    x, body = opened(t.args[0])
    first, *rest = body.args if body.head in ("mul", "scale") else (body,)
    if not rest or first.head != "pdf" or first.args[1] != x or x in first.args[0].free:
        return None
    f = make("mul", tuple(rest)) if len(rest) > 1 else rest[0]
    expectation = make("E", (first.args[0], close(x, f, t.args[0].data[0])))
    return expectation if unfold(expectation).args == t.args else None


_SORTS = {"real": "real", "positive": "> 0", "nat": "in 1, 2, ...", "bit": "in 0, 1", "point": "a point"}


def symbols(terms: Iterable[Term]) -> str:
    """What the free symbols of some terms range over: ``mu real; sigma > 0``. Two theorems that differ in
    nothing else differ here.
    """
    by_sort: dict[str, list[str]] = {}
    for s in sorted({s for t in terms for s in t.free}, key=lambda s: str(s.data[0])):
        by_sort.setdefault(sort_text(s.sort), []).append(str(s.data[0]))
    return "; ".join(f"{', '.join(names)} {words}" for words, names in by_sort.items())


def sort_text(sort: Sort) -> str:
    """A sort in words, as it stands behind a name."""
    match sort:
        case ("fin", n):
            return f"in 1..{_show(n, _ATOM)}"
        case ("spd", n):
            return f"positive definite {_show(n, _ATOM)} x {_show(n, _ATOM)}"
        case ("mat", r, c):
            return f"a {_show(r, _ATOM)} x {_show(c, _ATOM)} matrix"
        case ("fun", a, b):
            return f"a function of what is {sort_text(a)} to what is {sort_text(b)}"
        case ("dist", a):
            return f"a positive density of what is {sort_text(a)}"
    return _SORTS[sort[0]]


def _show(t: Term, around: int) -> str:
    h, a, d = t.head, t.args, t.data
    if h == "num":
        s, level = _fraction(*d)
        return _wrap(s, level, around)
    if h == "sym":
        return str(d[0])
    if h == "bv":
        return f"?{d[0]}"
    if h == "pi":
        return "pi"
    if h in ("add",):
        return _wrap(_sum(a), _SUM, around)
    if h == "mul":
        return _wrap(*_product(a), around)
    if h == "pow":
        if d == (1, 2):
            return f"sqrt({_show(a[0], 0)})"
        if d[0] < 0:
            return _wrap(*_product((t,)), around)
        e = str(d[0]) if d[1] == 1 else f"({d[0]}/{d[1]})"
        return _wrap(f"{_show(a[0], _ATOM)}**{e}", _POWER, around)
    if h == "app":
        if t.args[0].sort[0] == "fun" and t.args[1].sort[0] in ("nat", "fin"):
            return f"{_show(a[0], _ATOM)}[{', '.join(_show(x, 0) for x in a[1:])}]"
        return f"{_show(a[0], _ATOM)}({', '.join(_show(x, 0) for x in a[1:])})"
    if h == "lam":
        name, body = _bound(t, t)
        return f"{name} -> {_show(body, 0)}"
    if h == "prod" or (h == "int" and a[0].data[1][0] == "fin"):
        name, body = _bound(a[0], t)
        return f"{'prod' if h == 'prod' else 'sum'}_{name}=1..{_size(a[0])} [{_show(body, 0)}]"
    if h in ("int", "intab"):
        name, body = _bound(a[-1], t)
        bounds = f"_{_show(a[0], _ATOM)}^{_show(a[1], _ATOM)}" if h == "intab" else _over(a[0])
        return f"int{bounds} [{_show(body, 0)}] d{name}"
    if h == "E":
        name, body = _bound(a[1], t)
        return f"E_{name}~{_show(a[0], _ATOM)}[{_show(body, 0)}]"
    if h == "diff":
        name, body = _bound(a[0], t)
        here = "" if a[1].head == "sym" and a[1].data[0] == name else f" at {name}={_show(a[1], 0)}"
        return f"d/d{name}[{_show(body, 0)}{here}]"
    if h == "forall":
        name, body = _bound(a[0], t)
        return f"for all {_ranged(name, a[0].data[1])}: {_show(body, 0)}"
    if h == "ae":
        name, body = _bound(a[1], t)
        return f"for almost all {name} under {_show(a[0], 0)}: {_show(body, 0)}"
    if h == "integrable":
        return _convergence(t)
    if h == "differentiable":
        name, body = _bound(a[0], t)
        return f"{name} -> {_show(body, 0)} is differentiable at {_show(a[1], 0)}"
    if h == "exchange":
        return f"derivative and integral may be exchanged in {_show(a[0], 0)}"
    if h in ("eq", "le", "lt", "ne", "def"):
        sign = {"eq": "=", "le": "<=", "lt": "<", "ne": "!=", "def": ":="}[h]
        return f"{_show(a[0], 0)} {sign} {_show(a[1], 0)}"
    if h == "pdf":
        return f"{_show(a[0], _ATOM)}({_show(a[1], 0)})"
    if h == "KL":
        return f"KL({_show(a[0], 0)} || {_show(a[1], 0)})"
    if h == "matmul":
        return _wrap(" @ ".join(_show(x, _POWER) for x in a), _PRODUCT, around)
    if h == "scale":
        return _wrap(f"{_show(a[0], _PRODUCT)}*{_show(a[1], _POWER)}", _PRODUCT, around)
    if h == "T":
        return f"{_show(a[0], _ATOM)}'"
    if h == "scalar":
        return _show(a[0], around)
    if h in ("diagm", "vec", "categorical", "indep"):
        name, body = _bound(a[0], t)
        word = {"diagm": "diag", "vec": "vec", "categorical": "Categorical", "indep": "prod"}[h]
        return f"{word}_{name}=1..{_size(a[0])}({_show(body, 0)})"
    if h == "density":
        name, body = _bound(a[0], t)
        return f"({name} -> {_show(body, 0)})"
    names = {
        "normal": "N",
        "mvn": "N",
        "bernoulli": "Bernoulli",
        "eye": "I",
        "CE": "H",
        "logdet": "log det",
        "chol": "cholesky",
    }
    if h in ("spd", "invertible"):
        words = {"spd": "symmetric positive definite", "invertible": "invertible"}
        return f"{_show(a[0], 0)} is {words[h]}"
    return f"{names.get(h, h)}({', '.join(_show(x, 0) for x in a)})"


def _negative(t: Term) -> tuple[bool, Term]:
    """Is the term written with a leading minus, and what stands after it?"""
    from vaemath.terms.build import number

    if t.head == "num" and t.data[0] < 0:
        return True, number(Fraction(-t.data[0], t.data[1]))
    lead = t.args[0] if t.head in ("mul", "scale") else None
    if lead is not None and lead.head == "num" and lead.data[0] < 0:
        positive = number(Fraction(-lead.data[0], lead.data[1]))
        if t.head == "scale":
            return True, t.args[1] if positive.data == (1, 1) else make("scale", (positive, t.args[1]))
        rest = t.args[1:] if positive.data == (1, 1) else (positive, *t.args[1:])
        return True, rest[0] if len(rest) == 1 else make("mul", rest)
    return False, t


def _sum(parts: tuple[Term, ...]) -> str:
    out = ""
    for k, p in enumerate(parts):
        minus, rest = _negative(p)
        word = _show(rest, _PRODUCT if minus or rest.head == "add" else _SUM)
        out += (("-" if minus else "") if k == 0 else (" - " if minus else " + ")) + word
    return out


def _product(factors: tuple[Term, ...]) -> tuple[str, int]:
    sign = ""
    top: list[str] = []
    bottom: list[str] = []
    for k, f in enumerate(factors):
        if k == 0 and f.head == "num" and f.data == (-1, 1) and len(factors) > 1:
            sign = "-"
        elif f.head == "num" and f.data[1] != 1 and f.data[0] > 0 and len(factors) > 1:
            bottom.append(str(f.data[1]))
            if f.data[0] != 1:
                top.append(str(f.data[0]))
        elif f.head == "pow" and f.data[0] < 0:
            inverse = f.args[0] if f.data == (-1, 1) else make("pow", f.args, (-f.data[0], f.data[1]))
            bottom.append(_show(inverse, _ATOM if inverse.head != "pow" else _POWER))
        else:
            top.append(_show(f, _POWER))
    s = "*".join(top) or "1"
    if bottom:
        s += "/" + (bottom[0] if len(bottom) == 1 else f"({'*'.join(bottom)})")
    level = _SUM if sign else _ATOM if len(top) == 1 and not bottom and not sign else _PRODUCT
    return sign + s, level
