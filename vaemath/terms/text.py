"""Terms as plain text, for messages and the terminal."""

from __future__ import annotations

from fractions import Fraction

from vaemath.terms.term import Term, make, open_with

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
    names = {s.data[0].split("#")[0] for s in lam.free | around.free}
    hint = lam.data[0].split("#")[0] or {"nat": "j", "point": "z", "real": "x"}.get(lam.data[1][0], "x")
    name = hint
    k = 1
    while name in names:
        k += 1
        name = f"{hint}{k}"
    var = make("sym", (), (name, lam.data[1]))
    return name, open_with(lam, var)


def _show(t: Term, around: int) -> str:
    h, a, d = t.head, t.args, t.data
    if h == "num":
        s, level = _fraction(*d)
        return _wrap(s, level, around)
    if h == "sym":
        return str(d[0]).split("#")[0]
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
        if t.args[0].sort[0] == "fun" and t.args[1].sort[0] == "nat":
            return f"{_show(a[0], _ATOM)}[{', '.join(_show(x, 0) for x in a[1:])}]"
        return f"{_show(a[0], _ATOM)}({', '.join(_show(x, 0) for x in a[1:])})"
    if h == "lam":
        name, body = _bound(t, t)
        return f"{name} -> {_show(body, 0)}"
    if h in ("sum", "prod"):
        name, body = _bound(a[2], t)
        word = "sum" if h == "sum" else "prod"
        return f"{word}_{name}={_show(a[0], 0)}..{_show(a[1], 0)} [{_show(body, 0)}]"
    if h == "int":
        name, body = _bound(a[0], t)
        return f"int [{_show(body, 0)}] d{name}"
    if h == "intab":
        name, body = _bound(a[2], t)
        return f"int_{_show(a[0], _ATOM)}^{_show(a[1], _ATOM)} [{_show(body, 0)}] d{name}"
    if h == "E":
        name, body = _bound(a[1], t)
        return f"E_{name}~{_show(a[0], _ATOM)}[{_show(body, 0)}]"
    if h == "diff":
        name, body = _bound(a[0], t)
        here = "" if a[1].head == "sym" and a[1].data[0] == name else f" at {name}={_show(a[1], 0)}"
        return f"d/d{name}[{_show(body, 0)}{here}]"
    if h == "forall":
        name, body = _bound(a[0], t)
        return f"for all {name}: {_show(body, 0)}"
    if h == "ae":
        name, body = _bound(a[1], t)
        return f"for almost all {name} under {_show(a[0], 0)}: {_show(body, 0)}"
    if h == "integrable":
        name, body = _bound(a[1], t)
        return f"E_{name}~{_show(a[0], _ATOM)}[|{_show(body, 0)}|] is finite"
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
        name, body = _bound(a[1], t)
        word = {"diagm": "diag", "vec": "vec", "categorical": "Categorical", "indep": "prod"}[h]
        return f"{word}_{name}=1..{_show(a[0], _ATOM)}({_show(body, 0)})"
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
        word = _show(rest, _PRODUCT if minus else _SUM)
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
