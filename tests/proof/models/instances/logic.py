"""Equality, instances, assumptions, definitions."""

from __future__ import annotations

from random import Random

from tests.proof.models import terms as G
from tests.proof.models.instances.registry import INSTANCES, Unsuitable, makes
from vaemath.core import rules
from vaemath.core.terms import BIT, POSITIVE, REAL, Term, close, fits, make, open_with, opened, substitute
from vaemath.core.theorem import Theorem
from vaemath.terms.build import *
from vaemath.terms.build import app, div, mul, power, symbol, zero

OTHERS = (
    "algebra",
    "definition",
    "signed",
    "log_tangent",
    "differentiate",
    "linearity",
    "congruence",
    "assume",
    "monotone",
)


def assumed(r: Random, *heads: str) -> Theorem:
    while True:
        st = G.statement(r)
        if not heads or st.head in heads:
            return rules.assume(statement=st)


def some(r: Random, *names: str) -> Theorem:
    """A theorem of one of some rules."""
    return r.choice(INSTANCES[r.choice(names or OTHERS)])(r)


def equation(r: Random, more: tuple[Term, ...] = ()) -> Theorem:
    """An equation, about the variables of `more` too."""
    a = G.real(r, 1, more)
    kind = r.randrange(6)
    if kind == 5:
        b = G.leaf(r, more)
        return rules.algebra(left=sqrt(b**2), right=b)
    if kind == 0:
        return rules.assume(statement=eq(a, G.real(r, 1, more)))
    if kind == 1:
        return rules.assume(statement=eq(G.leaf(r, more), G.leaf(r, more)))
    if kind == 2:
        return rules.algebra(left=div(mul(a, a), a), right=a)
    if kind == 3:
        return rules.algebra(left=power(power(a, half), 2), right=a)
    b = G.leaf(r, more)
    return rules.algebra(left=exp(log(b)), right=b)


@makes("assume")
def _(r: Random) -> Theorem:
    return rules.assume(statement=G.statement(r))


@makes("symmetry")
def _(r: Random) -> Theorem:
    t = some(r, "algebra", "definition", "assume", "differentiate", "linearity")
    return rules.symmetry(t)


@makes("transitivity")
def _(r: Random) -> Theorem:
    heads = ("eq", "le", "lt")
    a, b, c = (G.real(r, 1) for _ in range(3))
    return rules.transitivity(*(rules.assume(statement=make(r.choice(heads), ab)) for ab in ((a, b), (b, c))))


@makes("transitivity")
def _(r: Random) -> Theorem:
    t = some(r, "algebra", "definition", "signed", "log_tangent", "monotone")
    b, c = t.statement.args[1], G.any_term(r, 2)
    return rules.transitivity(t, rules.assume(statement=make(r.choice(("eq", "le", "lt")), (b, c))))


@makes("transitivity")
def _(r: Random) -> Theorem:
    """Premises that do not meet, most of the time."""
    sides = [r.choice([G.x, G.y, one, zero, G.p]) for _ in range(4)]
    pairs = (sides[:2], sides[2:])
    return rules.transitivity(
        *(rules.assume(statement=make(r.choice(("eq", "le", "lt")), tuple(ab))) for ab in pairs)
    )


@makes("antisymmetry")
def _(r: Random) -> Theorem:
    a, b = (r.choice([G.x, G.y, G.p, G.s, one, G.real(r, 1)]) for _ in range(2))
    return rules.antisymmetry(rules.assume(statement=le(a, b)), rules.assume(statement=le(b, a)))


def _places(
    e: Term, wanted: Term, names: tuple[Term, ...] = ()
) -> list[tuple[tuple[int, ...], tuple[Term, ...]]]:
    """Paths to a term, with a name for each binder on the way."""
    if e == wanted:
        return [((), names)]
    if e.head == "lam":
        name, body = opened(e, wanted, *names)
        return [((0, *path), ns) for path, ns in _places(body, wanted, (*names, name))]
    return [((k, *path), ns) for k, a in enumerate(e.args) for path, ns in _places(a, wanted, names)]


def _around(r: Random, a: Term, depth: int = 2, under: tuple[Term, ...] = ()) -> Term:
    """A term with a somewhere inside, some of the variables of `under` bound on the way."""
    e, left = a, list(under)
    for _ in range(depth):
        e = _step(r, e)
        if left:
            e = _bound(r, e, left.pop())
    while left:
        e = _bound(r, e, left.pop())
    return e


def _step(r: Random, e: Term) -> Term:
    other = G.leaf(r)
    return G.one_of(
        r,
        lambda: e + other,
        lambda: mul(other, e),
        lambda: exp(e),
        lambda: log(e),
        lambda: power(e, r.choice(G.EXPONENTS)),
        lambda: app(r.choice([G.f, G.h]), e),
        lambda: tr(make("scale", (e, G.matrix(r, 0)))),
        lambda: pdf(Normal(e, 1), other),
        lambda: H(Normal(0, e)),
    )


def _bound(r: Random, e: Term, name: Term) -> Term:
    sort = name.sort
    if sort == POSITIVE:
        y = symbol("y_new", REAL)
        return make(
            "diff",
            (close(y, substitute(e, {name: y})), r.choice([G.p, exp(G.x), one, zero, G.x, Rational(-2)])),
        )
    body = close(name, e)
    if sort == REAL:
        at = r.choice([G.x, G.p, one, zero])
        return G.one_of(
            r,
            lambda: make("diff", (body, at)),
            lambda: make("E", (G.density(r, REAL), body)),
            lambda: make("intab", (zero, G.leaf(r), body)),
            lambda: make("int", (close(name, mul(e, exp(-(name**2)))),)),
        )
    if sort[0] == "fin":
        return G.one_of(
            r, lambda: make("int", (body,)), lambda: make("prod", (body,)), lambda: tr(make("diagm", (body,)))
        )
    return G.one_of(r, lambda: make("int", (body,)), lambda: make("E", (G.density(r, sort), body)))


@makes("congruence", 3)
def _(r: Random) -> Theorem:
    sorts = [
        r.choice([REAL, POSITIVE, BIT, ("fin", G.n), G.point.sort]) for _ in range(r.choice([0, 1, 1, 2]))
    ]
    names = tuple(symbol(f"m{k}", sort) for k, sort in enumerate(sorts))
    t = equation(r, names)
    term = _around(r, t.lhs, r.choice([1, 2]), names)
    return rules.congruence(t, term=term, path=_path(term, t.lhs, names), names=names)


def _path(term: Term, wanted: Term, names: tuple[Term, ...]) -> tuple[int, ...]:
    """The path to a term in which the binders, opened with names from outside in, leave the wanted one."""

    def go(e: Term, left: tuple[Term, ...]) -> tuple[int, ...] | None:
        if e == wanted and not left:
            return ()
        if e.head == "lam":
            if not left or not fits(left[0].sort, e.data[1]):
                return None
            found = go(open_with(e, left[0]), left[1:])
            return None if found is None else (0, *found)
        found = ((k, go(a, left)) for k, a in enumerate(e.args))
        return next(((k, *path) for k, path in found if path is not None), None)

    path = go(term, names)
    if path is None:
        raise Unsuitable("the term is not there")
    return path


@makes("replace", 2)
def _(r: Random) -> Theorem:
    st = G.statement(r)
    target = r.choice([a for a in _parts(st) if not a.level and a.sort[0] in ("real", "positive")] or [G.x])
    t = rules.assume(statement=eq(target, G.real(r, 1)))
    places = _places(st, target)
    if not places:
        raise Unsuitable("the term is not there")
    path, names = r.choice(places)
    return rules.replace(t, rules.assume(statement=st), path=path, names=names)


@makes("replace")
def _(r: Random) -> Theorem:
    name = symbol("m0", r.choice([REAL, ("fin", G.n), BIT]))
    t = equation(r, (name,))
    st = make("forall", (close(name, make(r.choice(["le", "eq", "lt"]), (t.lhs, G.real(r, 1, (name,))))),))
    return rules.replace(t, rules.assume(statement=st), path=(0, 0, 0), names=(name,))


def _parts(t: Term) -> list[Term]:
    return [t, *(p for a in t.args for p in _parts(a))]


@makes("instantiate", 3)
def _(r: Random) -> Theorem:
    t = some(r)
    symbols_ = sorted(t.statement.free, key=str)
    r.shuffle(symbols_)
    mapping = {}
    for a in symbols_[: r.choice([1, 1, 2, 3])]:
        mapping[a] = G.of_sort(r, a.sort, r.choice([0, 1, 1, 2]))
    return rules.instantiate(t, mapping=mapping)


@makes("instantiate")
def _(r: Random) -> Theorem:
    """Two symbols at once, each in the value of the other."""
    t = rules.assume(
        statement=make(r.choice(("eq", "le", "lt", "ne")), (G.x + G.leaf(r), G.y * r.choice([one, G.p])))
    )
    some_value = lambda: r.choice([G.x, G.y, G.x + 1, -G.y, G.x * G.y])
    return rules.instantiate(t, mapping={G.x: some_value(), G.y: some_value()})


@makes("instantiate")
def _(r: Random) -> Theorem:
    t = some(r, "define")
    (name,) = (h.args[0] for h in t.hypotheses if h.head == "def")
    (meaning,) = (h.args[1] for h in t.hypotheses if h.head == "def")
    mapping = (
        {name: meaning} if r.random() < 0.5 else {a: G.of_sort(r, a.sort) for a in list(meaning.free)[:1]}
    )
    return rules.instantiate(t, mapping=mapping)


@makes("specialise")
def _(r: Random) -> Theorem:
    sort = r.choice(
        [
            REAL,
            POSITIVE,
            BIT,
            ("fin", G.n),
            G.point.sort,
            ("mat", G.n, G.n),
            ("spd", G.n),
            ("fun", REAL, REAL),
        ]
    )
    t0 = symbol("t", sort)
    body = make(r.choice(["eq", "le", "lt"]), (_of_all(r, t0), _of_all(r, t0)))
    t = rules.assume(statement=make("forall", (close(t0, body),)))
    return rules.specialise(t, value=G.of_sort(r, sort))


@makes("specialise")
def _(r: Random) -> Theorem:
    """What holds for all positive numbers, at a number that may be none: then refused."""
    t0 = symbol("t", POSITIVE)
    a = G.leaf(r)
    body = r.choice(
        [lt(-1, t0), eq(sqrt(t0**2), t0), eq(exp(log(t0)), t0), le(a, a * a + t0 + 1), eq(t0 / t0, 1)]
    )
    return rules.specialise(
        rules.assume(statement=make("forall", (close(t0, body),))), value=r.choice([G.p, G.x, G.n, exp(G.x)])
    )


@makes("specialise")
def _(r: Random) -> Theorem:
    """From what holds only almost everywhere, which is refused."""
    q = r.choice([Density(lambda b: b, BIT), Density(lambda b: 1 - b, BIT), Bernoulli(half)])
    t = rules.assume(statement=AlmostEverywhere(q, lambda b: eq(G.fb(b), r.choice([zero, b]))))
    return rules.specialise(t, value=G.bit)


def _of_all(r: Random, t: Term) -> Term:
    if t.sort[0] == "fun":
        return app(t, G.leaf(r)) + G.leaf(r)
    if t.sort[0] == "spd":
        return r.choice([logdet(t), tr(t), tr(inv(t)), G.leaf(r)])
    return G.real(r, 1, (t,))


@makes("cut", 2)
def _(r: Random) -> Theorem:
    """A hypothesis that is also the conclusion of another theorem, some symbols general in it."""
    proof = some(
        r,
        "algebra",
        "signed",
        "log_tangent",
        "assume",
        "rearrange",
        "differentiate",
        "definition",
        "specialise",
    )
    general = [
        a
        for a in proof.statement.free
        if not any(a in h.free for h in proof.hypotheses) and a.sort in (REAL, POSITIVE)
    ]
    names = tuple(general[: r.choice([0, 1])])
    goal = proof.statement
    for a in reversed(names):
        goal = make("forall", (close(a, goal),)) if a in goal.free else goal
    if goal.head == "eq" and not names and r.random() < 0.5:
        first = rules.congruence(rules.assume(statement=goal), term=exp(goal.args[0]), path=(0,), names=())
    elif goal.head in ("le", "lt", "eq") and not names:
        first = rules.rearrange(
            rules.assume(statement=goal),
            statement=make(goal.head, (goal.args[0] + 1, goal.args[1] + 1)),
            factors=(one,),
        )
    elif goal.head == "forall":
        first = rules.specialise(rules.assume(statement=goal), value=G.of_sort(r, goal.args[0].data[1]))
    else:
        first = rules.assume(statement=goal)
    return rules.cut(first, proof, names=names)


@makes("cut")
def _(r: Random) -> Theorem:
    """What is assumed of one number, cut as if proved for all: refused."""
    st = make(r.choice(("eq", "le", "lt")), (G.x * G.leaf(r), G.leaf(r)))
    for_all = make("forall", (close(G.x, st),))
    return rules.cut(
        rules.specialise(rules.assume(statement=for_all), value=G.leaf(r)),
        rules.assume(statement=st),
        names=(G.x,),
    )


@makes("define")
def _(r: Random) -> Theorem:
    """A density that is defined, and the sign that every density has."""
    named = rules.define(name=G.law, meaning=Density(lambda t: G.real(r, 1, (t,)), REAL), at=())
    height = rules.congruence(named, term=pdf(G.law, G.x), path=(0,), names=())
    value = rules.transitivity(height, rules.definition(term=height.rhs))
    return rules.transitivity(rules.signed(term=pdf(G.law, G.x)), value)


@makes("define")
def _(r: Random) -> Theorem:
    sort = r.choice(
        [
            REAL,
            POSITIVE,
            ("mat", G.n, G.n),
            ("fun", REAL, REAL),
            ("dist", REAL),
            ("fun", ("fin", G.n), REAL),
            ("fun", REAL, POSITIVE),
            ("spd", G.n),
        ]
    )
    name = symbol("named", sort)
    meaning = G.of_sort(r, sort, 2)
    at = (G.of_sort(r, sort[1]),) if sort[0] == "fun" else ()
    return rules.define(name=name, meaning=meaning, at=at)
