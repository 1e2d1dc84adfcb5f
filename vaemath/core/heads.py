"""The closed list of heads. What is known of a head stands in one entry: the sorts of its arguments and of
its terms, the sign that its form shows, what it needs to be meant, and its meaning where it abbreviates other
terms. The values of all of them: ``docs/semantics.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from vaemath.core import terms
from vaemath.core.terms import (
    BIT,
    NAT,
    POSITIVE,
    PROP,
    REAL,
    Sort,
    Term,
    TermError,
    add,
    close,
    fits,
    is_matrix,
    is_real,
    make,
    mul,
    neg,
    number,
    open_with,
    opened,
    power,
    relation,
    shape,
)

SPECIAL = ("expm1", "log1p", "expm1_minus", "log1p_minus", "sigmoid", "softplus")


@dataclass(frozen=True)
class Head:
    """What is known of a head; `sign` is that of a real term, or of the values of a density.

    `takes` is a pattern for each argument: a sort with names for what may be any (the same name, the same
    thing), ``("lam", space, body)`` for an abstraction, ``("value", name)`` for a real number or a matrix,
    ``("at", name)`` for a point of a space; or a function that gives the sort of the term, where patterns do
    not say it.
    """

    takes: tuple[Any, ...] | Callable[[Term], Sort]
    gives: Sort = REAL
    sign: Callable[[Term], str] = lambda t: ""
    needs: Callable[[Term], Iterable[Term]] = lambda t: ()
    meaning: Callable[[Term], Term] | None = None


def sort_of(t: Term) -> Sort:
    """The sort of a node.

    Raises:
        TermError: the head is not in the list, or arguments or data do not fit.
    """
    head = HEADS.get(t.head)
    if head is None:
        raise TermError(f"unknown node type `{t.head}`")
    if len(t.data) != (2 if t.head in ("sym", "bv", "num", "lam", "pow") else 0):
        raise TermError(f"`{t.head}` carries other data than {t.data!r}")
    if callable(head.takes):
        return head.takes(t)
    env: dict[str, Any] = {}
    _need(len(t.args) == len(head.takes) and all(map(_fills, head.takes, t.args, [env] * len(t.args))), t)
    return _filled(head.gives, env)


def _need(ok: object, t: Term, what: str = "other arguments") -> None:
    if not ok:
        sorts = ", ".join(str(a.sort) for a in t.args)
        raise TermError(f"`{t.head}` expects {what}; got arguments of sort {sorts or 'none'}")


def _fills(pattern: Any, t: Term, env: dict[str, Any]) -> bool:
    match pattern:
        case ("lam", space, body):
            return t.head == "lam" and _matches(space, t.data[1], env) and _fills(body, t.args[0], env)
        case ("value", name):
            env[name] = ("mat", *shape(t)) if is_matrix(t) else REAL
            return is_matrix(t) or is_real(t)
        case ("at", name):
            return terms.belongs(t, env[name])
        case ("mat", *_) if is_matrix(t):
            return _matches(pattern, ("mat", *shape(t)), env)
        case ("real",) | ("nat",):
            return fits(t.sort, pattern)
    return _matches(pattern, t.sort, env)


def _matches(pattern: Any, sort: Any, env: dict[str, Any]) -> bool:
    if isinstance(pattern, tuple) and isinstance(sort, tuple):
        return len(pattern) == len(sort) and all(map(_matches, pattern, sort, [env] * len(sort)))
    if not isinstance(pattern, str) or isinstance(sort, str):
        return bool(pattern == sort)
    return bool(env.setdefault(pattern, sort) == sort)


def _filled(pattern: Any, env: dict[str, Any]) -> Any:
    if isinstance(pattern, tuple):
        return tuple(_filled(p, env) if k or not isinstance(p, str) else p for k, p in enumerate(pattern))
    return env[pattern] if isinstance(pattern, str) else pattern


def sign(t: Term) -> str:
    """``">"``, ``">="`` or ``""``: positive or nonnegative by the form of the term, or not known to be."""
    if fits(t.sort, POSITIVE) or (t.sort[0] == "dist" and t.head in ("sym", "bv", "app")):
        return ">"
    return ">=" if t.sort == BIT else HEADS[t.head].sign(t)


def unfold(t: Term) -> Term:
    """The meaning of a term whose head abbreviates others.

    Raises:
        TermError: it does not.
    """
    meaning = HEADS[t.head].meaning
    if meaning is None:
        raise TermError(f"`{t.head}` is not a defined notion")
    return meaning(t)


def explicit(t: Term) -> Term:
    """The term with the heights of densities written out by their formulas, where they have one."""
    t = terms.rebuild(t, tuple(map(explicit, t.args)))
    return explicit(unfold(t)) if t.head == "pdf" and t.args[0].head in _DENSITY else t


# --- sorts that patterns do not say ---


def _symbol(t: Term) -> Sort:
    _need(not t.args and (t.head == "sym" or (type(t.data[0]) is int and t.data[0] >= 0)), t, "no arguments")
    terms.check_sort(t.data[1])
    return t.data[1]


def _fraction(t: Term) -> Sort:
    if not terms.is_fraction(*t.data):
        raise TermError(f"`{t.head}` expects a fraction in lowest terms, got {t.data!r}")
    if t.head == "pow":
        return _reals(t)
    _need(not t.args, t, "no arguments")
    return REAL if t.data[0] <= 0 else NAT if t.data[1] == 1 else POSITIVE


def _reals(t: Term) -> Sort:
    several = t.head in ("add", "mul")
    _need(all(map(is_real, t.args)) and (len(t.args) > 1 if several else len(t.args) == 1), t, "real numbers")
    return REAL


def _sum(t: Term) -> Sort:
    return _same_shape(t) if t.args and is_matrix(t.args[0]) else _reals(t)


def _same_shape(t: Term) -> Sort:
    ok = len(t.args) > 1 and all(is_matrix(a) and shape(a) == shape(t.args[0]) for a in t.args)
    _need(ok, t, "matrices of one shape")
    return ("mat", *shape(t.args[0]))


def _abstraction(t: Term) -> Sort:
    _need(len(t.args) == 1, t, "a body")
    terms.check_sort(("fun", t.data[1], REAL if t.args[0].sort == PROP else t.args[0].sort))
    return ("fun", t.data[1], t.args[0].sort)


def _application(t: Term) -> Sort:
    _need(len(t.args) > 1, t, "a function and its arguments")
    result = t.args[0].sort
    for a in t.args[1:]:
        _need(result[0] == "fun" and terms.belongs(a, result[1]), t, "a function and its arguments")
        result = result[2]
    return result


def _product(t: Term) -> Sort:
    _need(len(t.args) > 1 and all(map(is_matrix, t.args)), t, "matrices")
    ok = all(shape(a)[1] == shape(b)[0] for a, b in zip(t.args, t.args[1:], strict=False))
    _need(ok, t, "inner dimensions that agree")
    return ("mat", shape(t.args[0])[0], shape(t.args[-1])[1])


def _inverse(t: Term) -> Sort:
    _need(len(t.args) == 1 and _fills(("mat", "n", "n"), t.args[0], {}), t, "a square matrix")
    return t.args[0].sort


def _identity(t: Term) -> Sort:
    _need(len(t.args) == 1 and fits(t.args[0].sort, NAT), t, "a dimension")
    terms.check_sort(("spd", *t.args))
    return ("spd", *t.args)


def _derivative(t: Term) -> Sort:
    over = t.args[0].data[1] if len(t.args) == 2 and t.args[0].head == "lam" else PROP
    ok = (over == REAL or over[0] == "mat") and is_real(t.args[0].args[0]) and fits(t.args[1].sort, over)
    _need(ok, t, "a real function of a real number or a matrix, and a point")
    return PROP if t.head == "differentiable" else over


def _integral(t: Term) -> Sort:
    if t.head == "intab" or (t.head == "integrable" and len(t.args) == 3):
        _need(
            len(t.args) == 3 and all(_fills(REAL, a, {}) for a in t.args[:2]), t, "two bounds and a function"
        )
        _need(_fills(("lam", REAL, REAL), t.args[2], {}), t, "a real function of a real number")
        return REAL
    env: dict[str, Any] = {}
    _need(len(t.args) == 1 and _fills(("lam", "s", ("value", "v")), t.args[0], env), t, "a function")
    _need(terms.is_space(env["s"]), t, "a space with a measure")
    return env["v"]


def _formula(t: Term) -> Sort:
    env: dict[str, Any] = {}
    ok = len(t.args) == 1 and _fills(("lam", "s", REAL), t.args[0], env) and terms.is_space(env["s"])
    _need(ok, t, "a real function on a space with a measure")
    return ("dist", env["s"])


def _related(t: Term) -> Sort:
    _need(len(t.args) == 2, t, "two sides")
    a, b = t.args
    if t.head in ("eq", "ne") and is_matrix(a):
        _same_shape(t)
    elif not (t.head == "eq" and a.sort[0] == "dist" and a.sort == b.sort):
        _need(is_real(a) and is_real(b), t, "real sides")
    return PROP


def _definition(t: Term) -> Sort:
    ok = len(t.args) == 2 and t.args[0].head == "sym" and fits(t.args[1].sort, t.args[0].sort)
    _need(ok, t, "a symbol and its meaning")
    return PROP


def _exchange(t: Term) -> Sort:
    d = t.args[0] if len(t.args) == 1 else t
    ok = d.head == "diff" and d.args[0].args[0].head in ("E", "int", "intab")
    _need(ok, t, "a derivative of an integral")
    return PROP


# --- signs ---


def _of_parts(t: Term) -> str:
    """A sum or product of nonnegative parts; a sum with one positive part, a product of positive ones, is
    positive.
    """
    signs = [sign(a) if is_real(a) else "" for a in t.args]
    if "" in signs:
        return ""
    return ">" if (any if t.head == "add" else all)(s == ">" for s in signs) else ">="


def _of_power(t: Term) -> str:
    base, (p, q) = sign(t.args[0]), t.data
    return ">" if base == ">" else ">=" if base or q > 1 or p % 2 == 0 else ""


def _of_body(t: Term) -> str:
    return sign(t.args[-1].args[0]) if is_real(t) or t.sort[0] == "dist" else ""


def _of_integral(t: Term) -> str:
    """The integral of a positive function over an infinite space may diverge, and is 0 then."""
    return ">=" if _of_body(t) == ">" and t.args[0].data[1][0] not in ("fin", "bit") else _of_body(t)


def _of_expectation(t: Term) -> str:
    return ">=" if sign(t.args[0]) and _of_body(t) else ""


# --- what a head needs ---


def positive(b: Term) -> list[Term]:
    """0 < b: a product is positive when its one factor of unknown sign is, an odd power when its base is."""
    unknown = [f for f in b.args if sign(f) != ">"] if b.head == "mul" else []
    if len(unknown) == 1:
        return positive(unknown[0])
    return (
        positive(b.args[0])
        if b.head == "pow" and b.data[1] == 1 and b.data[0] % 2
        else [relation("lt", zero, b)]
    )


def nonzero(b: Term) -> list[Term]:
    """b != 0: a product is nonzero when each factor is, a power when its base is."""
    if b.head == "mul" or (b.head == "pow" and b.data[1] == 1):
        return [p for f in b.args for p in nonzero(f)]
    return [relation("ne", b, zero)]


def _power_needs(t: Term) -> list[Term]:
    (b,), (p, q) = t.args, t.data
    if q > 1:
        return [relation("lt" if p < 0 else "le", zero, b)]
    return nonzero(b) if p < 0 else []


def _unit(t: Term) -> list[Term]:
    return [relation("lt", zero, p) for p in (t.args[0], add(one, neg(t.args[0])))]


def _above_minus_one(t: Term) -> list[Term]:
    return [relation("lt", zero, add(one, t.args[0]))]


def _definite(t: Term) -> list[Term]:
    return [make("spd", t.args[-1:])]


def _convergent(t: Term) -> list[Term]:
    """That the integral which a term stands for converges absolutely."""
    while t.head not in ("int", "intab"):
        t = unfold(t)
    return [] if t.head == "int" and t.args[0].data[1][0] in ("fin", "bit") else [make("integrable", t.args)]


# --- meanings ---


def log(a: Term) -> Term:
    return make("log", (a,))


def exp(a: Term) -> Term:
    return make("exp", (a,))


def pdf(q: Term, x: Term) -> Term:
    return make("pdf", (q, x))


def _divergence(t: Term) -> Term:
    p, q = t.args
    x = terms.fresh("x", p.sort[1], t.free)
    return make("E", (p, close(x, add(log(pdf(p, x)), neg(log(pdf(q, x)))))))


def _information(t: Term) -> Term:
    x = terms.fresh("x", t.args[0].sort[1], t.free)
    return make("E", (t.args[0], close(x, neg(log(pdf(t.args[-1], x))))))


def _as_integral(t: Term) -> Term:
    q, f = t.args
    x, body = opened(f, q)
    weighted = make("scale", (pdf(q, x), body)) if is_matrix(body) else mul(pdf(q, x), body)
    return make("int", (close(x, weighted, f.data[0]),))


def _pdf(t: Term) -> Term:
    q, x = t.args
    if q.head not in _DENSITY:
        raise TermError("a symbol for a density has no formula")
    return _DENSITY[q.head](q, x)


def _normal(q: Term, x: Term) -> Term:
    m, s = q.args
    square = mul(power(add(x, neg(m)), 2), power(mul(number(2), power(s, 2)), -1))
    return mul(exp(neg(square)), power(mul(power(mul(number(2), make("pi")), Fraction(1, 2)), s), -1))


def _mvn(q: Term, x: Term) -> Term:
    m, s = q.args
    v, half = add(x, make("scale", (number(-1), m))), number(Fraction(1, 2))
    form = make("scalar", (make("matmul", (make("T", (v,)), make("inv", (s,)), v)),))
    norm = add(mul(half, shape(s)[0], log(mul(number(2), make("pi")))), mul(half, make("logdet", (s,))))
    return exp(add(neg(norm), neg(mul(half, form))))


def _bernoulli(q: Term, x: Term) -> Term:
    (p,) = q.args
    return exp(add(mul(x, log(p)), mul(add(one, neg(x)), log(add(one, neg(p))))))


def _coordinates(q: Term, x: Term) -> Term:
    j, factor = opened(q.args[0], q, x)
    return make("prod", (close(j, pdf(factor, make("app", (x, j))), q.args[0].data[0]),))


_DENSITY: dict[str, Callable[[Term, Term], Term]] = {
    "normal": _normal,
    "mvn": _mvn,
    "bernoulli": _bernoulli,
    "indep": _coordinates,
    **dict.fromkeys(("categorical", "density"), lambda q, x: open_with(q.args[0], x)),
}

_SPECIAL: dict[str, Callable[[Term], Term]] = {
    "expm1": lambda x: add(exp(x), number(-1)),
    "log1p": lambda x: log(add(one, x)),
    "expm1_minus": lambda x: add(exp(x), number(-1), neg(x)),
    "log1p_minus": lambda x: add(x, neg(log(add(one, x)))),
    "sigmoid": lambda x: power(add(one, exp(neg(x))), -1),
    "softplus": lambda x: log(add(one, exp(x))),
}


# --- the list ---


def _special(name: str, sign: str = "", needs: Callable[[Term], Iterable[Term]] = lambda t: ()) -> Head:
    return Head((REAL,), REAL, lambda t: sign, needs, lambda t: _SPECIAL[name](*t.args))


_ENTRIES, _SQUARE, _DIST = ("lam", ("fin", "n"), REAL), ("mat", "n", "n"), ("dist", "s")
HEADS: dict[str, Head] = {}
HEADS["num"] = Head(_fraction, sign=lambda t: ">=" if t.data[0] == 0 else "")
zero: Term = number(0)
one: Term = number(1)
HEADS |= {
    "sym": Head(_symbol),
    "bv": Head(_symbol),
    "pi": Head((), POSITIVE),
    "lam": Head(_abstraction),
    "app": Head(_application),
    "add": Head(_sum, sign=_of_parts),
    "mul": Head(_reals, sign=_of_parts),
    "pow": Head(_fraction, sign=_of_power, needs=_power_needs),
    "exp": Head((REAL,), sign=lambda t: ">"),
    "log": Head((REAL,), needs=lambda t: positive(t.args[0])),
    "expm1": _special("expm1"),
    "log1p": _special("log1p", needs=_above_minus_one),
    "expm1_minus": _special("expm1_minus", ">="),
    "log1p_minus": _special("log1p_minus", needs=_above_minus_one),
    "sigmoid": _special("sigmoid", ">"),
    "softplus": _special("softplus", ">"),
    "int": Head(_integral, sign=_of_integral, needs=_convergent),
    "intab": Head(_integral, needs=_convergent),
    "prod": Head((_ENTRIES,), sign=_of_body),
    "diff": Head(_derivative),
    "E": Head((_DIST, ("lam", "s", ("value", "v"))), "v", _of_expectation, _convergent, _as_integral),
    "pdf": Head((_DIST, ("at", "s")), sign=lambda t: sign(t.args[0]), meaning=_pdf),
    "KL": Head((_DIST, _DIST), needs=_convergent, meaning=_divergence),
    "CE": Head((_DIST, _DIST), needs=_convergent, meaning=_information),
    "H": Head((_DIST,), needs=_convergent, meaning=_information),
    "normal": Head(
        (REAL, REAL), ("dist", REAL), lambda t: sign(t.args[1]), lambda t: [relation("lt", zero, t.args[1])]
    ),
    "mvn": Head((("mat", "n", one), _SQUARE), ("dist", ("mat", "n", one)), lambda t: ">", _definite),
    "bernoulli": Head((REAL,), ("dist", BIT), lambda t: ">", _unit),
    "categorical": Head((_ENTRIES,), ("dist", ("fin", "n")), _of_body),
    "density": Head(_formula, sign=_of_body),
    "indep": Head((("lam", ("fin", "n"), _DIST),), ("dist", ("fun", ("fin", "n"), "s")), _of_body),
    "matmul": Head(_product),
    "scale": Head((REAL, ("mat", "r", "c")), ("mat", "r", "c")),
    "T": Head((("mat", "r", "c"),), ("mat", "c", "r")),
    "inv": Head(_inverse, needs=lambda t: [make("invertible", t.args)]),
    "chol": Head((_SQUARE,), _SQUARE, needs=_definite),
    "eye": Head(_identity),
    "diagm": Head((_ENTRIES,), _SQUARE),
    "vec": Head((_ENTRIES,), ("mat", "n", one)),
    "tr": Head((_SQUARE,)),
    "scalar": Head((("mat", one, one),)),
    "logdet": Head((_SQUARE,), needs=_definite),
    **dict.fromkeys(("eq", "ne", "le", "lt"), Head(_related)),
    "def": Head(_definition),
    "forall": Head((("lam", "s", PROP),), PROP),
    "ae": Head((_DIST, ("lam", "s", PROP)), PROP),
    "integrable": Head(lambda t: (_integral(t), PROP)[1]),
    "differentiable": Head(_derivative),
    "exchange": Head(_exchange),
    "spd": Head((_SQUARE,), PROP),
    "invertible": Head((_SQUARE,), PROP),
}
