"""The value of a term and the truth of a statement, written from `docs/semantics.md` alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import arb, fmpq

from tests.proof.models import gaussians, lines, series
from tests.proof.models import matrices as M
from tests.proof.models import scalars as S
from tests.proof.models.matrices import Matrix
from tests.proof.models.scalars import ONE, ZERO, Undecided, is_number, sgn
from tests.proof.models.spaces import generic, integral, masses
from vaemath.core.terms import Term

Env = tuple[Any, ...]
HALF = fmpq(1, 2)


def value(t: Term, w: Any, env: Env = ()) -> Any:
    """The value of a term in a world; `env` holds the bound variables, innermost first."""
    if t.level:
        return _MEANING[t.head](t, w, env)
    if t.head == "lam":
        return _lam(t, w, env)
    if t not in w.memory:
        try:
            w.memory[t] = _MEANING[t.head](t, w, ())
        except Undecided as e:
            w.memory[t] = e
    found = w.memory[t]
    if isinstance(found, Undecided):
        raise found
    return found


def values(t: Term, w: Any, env: Env) -> list[Any]:
    return [value(a, w, env) for a in t.args]


def body(lam: Term, w: Any, env: Env) -> Callable[[Any], Any]:
    """An abstraction as a function."""
    inside = lam.args[0]
    return lambda x: value(inside, w, (x, *env))


def function(t: Term, w: Any, env: Env) -> Callable[[Any], Any]:
    return body(t, w, env) if t.head == "lam" else value(t, w, env)


# --- real numbers ---


def _lam(t: Term, w: Any, env: Env) -> Any:
    return body(t, w, env)


def _application(t: Term, w: Any, env: Env) -> Any:
    f, *args = values(t, w, env)
    for a in args:
        f = f(a)
    return f


def _add(t: Term, w: Any, env: Env) -> Any:
    first, *rest = values(t, w, env)
    for x in rest:
        first = first + x
    return first


def _mul(t: Term, w: Any, env: Env) -> Any:
    first, *rest = values(t, w, env)
    for x in rest:
        first = first * x
    return first


def _defined(f: Callable[[Any], Any]) -> Callable[[Term, Any, Env], Any]:
    return lambda t, w, env: f(value(t.args[0], w, env))


def _sigmoid(x: Any) -> Any:
    return S.inverse(S.exp(-x) + ONE)


# --- integrals, products, derivatives ---


def _nothing(lam: Term, w: Any, env: Env) -> Any:
    """Zero, of the shape of the values of an abstraction."""
    S.unmeant("a divergent integral", None)
    sort = lam.args[0].sort
    if sort[0] in ("mat", "spd"):
        return M.zeros(w.size(sort[1]), w.size(sort[-1]))
    return ZERO


def _integral(t: Term, w: Any, env: Env) -> Any:
    lam = t.args[0]
    found = integral(lam.data[1], body(lam, w, env), w)
    return _nothing(lam, w, env) if found is None else found


def _between(t: Term, w: Any, env: Env, only_whether: bool = False) -> Any | None:
    low, high = (value(a, w, env) for a in t.args[:2])
    if not (isinstance(low, fmpq) and isinstance(high, fmpq)):
        raise Undecided("bounds that are no rational numbers")
    if low == high:
        return ZERO
    f = body(t.args[2], w, env)
    found = lines.integrate(f, min(low, high), max(low, high), only_whether)
    return found if found is None or low < high else -found


def _interval(t: Term, w: Any, env: Env) -> Any:
    found = _between(t, w, env)
    return S.unmeant("a divergent integral", ZERO) if found is None else found


def weighted(t: Term, w: Any, env: Env) -> Callable[[Any], Any]:
    q, f = value(t.args[0], w, env), body(t.args[1], w, env)

    def at(x: Any) -> Any:
        height, inside = q(x), f(x)
        return inside.scaled(height) if isinstance(inside, Matrix) else height * inside

    return at


def _expectation(t: Term, w: Any, env: Env) -> Any:
    found = integral(t.args[0].sort[1], weighted(t, w, env), w)
    return _nothing(t.args[1], w, env) if found is None else found


_log = S.quiet(
    S.log
)  # a divergence asks that its integral converges, not for each logarithm in it: 0 log 0 = 0


def _divergence(t: Term, w: Any, env: Env) -> Any:
    p, q = values(t, w, env)
    found = integral(t.args[0].sort[1], lambda x: p(x) * (_log(p(x)) - _log(q(x))), w)
    return S.unmeant("a divergent integral", ZERO) if found is None else found


def _information(t: Term, w: Any, env: Env) -> Any:
    p, q = value(t.args[0], w, env), value(t.args[-1], w, env)
    found = integral(t.args[0].sort[1], lambda x: p(x) * -_log(q(x)), w)
    return S.unmeant("a divergent integral", ZERO) if found is None else found


def _over_indices(lam: Term, w: Any, env: Env) -> list[Any]:
    f = body(lam, w, env)
    return [f(fmpq(j)) for j in range(1, w.size(lam.data[1][1]) + 1)]


def _product(t: Term, w: Any, env: Env) -> Any:
    out: Any = ONE
    for x in _over_indices(t.args[0], w, env):
        out = out * x
    return out


def slope(t: Term, w: Any, env: Env) -> Any | None:
    """The derivative of the node's function at its point; None where there is none."""
    f, at = body(t.args[0], w, env), value(t.args[1], w, env)
    if isinstance(at, Matrix):
        columns = at.shape[1]
        shaped = lambda xs: Matrix([xs[k : k + columns] for k in range(0, len(xs), columns)])
        return shaped(series.gradient(lambda xs: f(shaped(xs)), at.entries()))
    try:
        return series.derivative(f, at)
    except Undecided:
        name, x = gaussians.variable()
        whole = f(x)
        return series.slopes(lambda y: gaussians.put(whole, name, y), at)


def _derivative(t: Term, w: Any, env: Env) -> Any:
    found = slope(t, w, env)
    return S.unmeant("no derivative", ZERO) if found is None else found


# --- densities: functions ---


def _normal(t: Term, w: Any, env: Env) -> Any:
    m, s = values(t, w, env)
    rate = S.inverse(S.power(s, 2) * fmpq(2)) * fmpq(-1)
    height = S.inverse(s * (2 * S.pi()).sqrt())
    return lambda x: S.exp(S.power(x - m, 2) * rate) * height


def _mvn(t: Term, w: Any, env: Env) -> Any:
    m, s = values(t, w, env)
    inverse, n = M.inverse_of(s), s.shape[0]
    constant = (2 * S.pi()).log() * fmpq(n, 2) + S.log(M.determinant(s)) * HALF

    def at(x: Any) -> Any:
        v = x + m.scaled(fmpq(-1))
        return S.exp((v.T @ inverse @ v).rows[0][0] * fmpq(-1, 2) - constant)

    return at


def _bernoulli(t: Term, w: Any, env: Env) -> Any:
    p = value(t.args[0], w, env)
    return lambda x: S.exp(x * S.log(p) + (ONE - x) * S.log(ONE - p))


def _independent(t: Term, w: Any, env: Env) -> Any:
    factors = _over_indices(t.args[0], w, env)

    def at(z: Any) -> Any:
        out: Any = ONE
        for j, q in enumerate(factors, 1):
            out = out * q(z(fmpq(j)))
        return out

    return at


# --- matrices ---


def _matrix(f: Callable[..., Any]) -> Callable[[Term, Any, Env], Any]:
    return lambda t, w, env: f(*values(t, w, env))


def _matmul(*ms: Matrix) -> Matrix:
    out = ms[0]
    for m in ms[1:]:
        out = out @ m
    return out


def _cholesky(m: Matrix) -> Matrix:
    found = M.cholesky(m)
    return S.unmeant("no Cholesky factor", M.zeros(*m.shape)) if found is None else found


def _inverse(m: Matrix) -> Matrix:
    return M.inverse_of(m) if M.is_invertible(m) else S.unmeant("no inverse", M.zeros(*m.shape))


def _trace(m: Matrix) -> Any:
    total: Any = ZERO
    for k in range(m.shape[0]):
        total = total + m.rows[k][k]
    return total


def _height(q: Any, x: Any) -> Any:
    return q(x)


_MEANING: dict[str, Callable[[Term, Any, Env], Any]] = {
    "sym": lambda t, w, env: w.symbol(t),
    "bv": lambda t, w, env: env[t.data[0]],
    "num": lambda t, w, env: fmpq(*t.data),
    "pi": lambda t, w, env: arb.pi(),
    "lam": _lam,
    "app": _application,
    "add": _add,
    "mul": _mul,
    "pow": lambda t, w, env: S.power(value(t.args[0], w, env), *t.data),
    "exp": _defined(S.exp),
    "log": _defined(S.log),
    "expm1": _defined(lambda x: S.exp(x) - ONE),
    "log1p": _defined(lambda x: S.log(x + ONE)),
    "expm1_minus": _defined(lambda x: S.exp(x) - ONE - x),
    "log1p_minus": _defined(lambda x: x - S.log(x + ONE)),
    "sigmoid": _defined(_sigmoid),
    "softplus": _defined(lambda x: S.log(S.exp(x) + ONE)),
    "int": _integral,
    "intab": _interval,
    "prod": _product,
    "diff": _derivative,
    "E": _expectation,
    "pdf": _matrix(_height),
    "KL": _divergence,
    "CE": _information,
    "H": _information,
    "normal": _normal,
    "mvn": _mvn,
    "bernoulli": _bernoulli,
    "categorical": lambda t, w, env: body(t.args[0], w, env),
    "density": lambda t, w, env: body(t.args[0], w, env),
    "indep": _independent,
    "matmul": _matrix(_matmul),
    "scale": _matrix(lambda c, m: m.scaled(c)),
    "T": _matrix(lambda m: m.T),
    "inv": _matrix(_inverse),
    "chol": _matrix(_cholesky),
    "eye": lambda t, w, env: M.identity(w.size(t.args[0])),
    "diagm": lambda t, w, env: M.diagonal(_over_indices(t.args[0], w, env)),
    "vec": lambda t, w, env: Matrix([[x] for x in _over_indices(t.args[0], w, env)]),
    "tr": _matrix(_trace),
    "scalar": _matrix(lambda m: m.rows[0][0]),
    "logdet": _matrix(lambda m: S.log(M.determinant(m))),
}


# --- statements ---


def true(t: Term, w: Any, env: Env = ()) -> bool:
    """Is a statement true? Of functions of a variable: for every value of it, or for almost every one.

    Raises:
        Undecided: it is not known.
    """
    return _TRUTH[t.head](t, w, env)


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, Matrix):
        return all(_same(x, y) for x, y in zip(a.entries(), b.entries(), strict=True))
    if is_number(a) and is_number(b):
        return S.equal(a, b)
    gap = a - b
    if isinstance(gap, lines.Line | gaussians.Gauss):
        return gap.is_zero()
    raise Undecided("an equation of another kind of values")


def _equal(t: Term, w: Any, env: Env) -> bool:
    a, b = t.args
    sort = a.sort
    if sort[0] == "dist":
        p, q = function(a, w, env), function(b, w, env)
        return everywhere(sort[1], lambda x: _same(p(x), q(x)), w)
    if sort[0] == "fun":
        return _same_function(a.sort, value(a, w, env), value(b, w, env), w)
    if sort[0] == "point":
        return bool(value(a, w, env) == value(b, w, env))
    return _same(value(a, w, env), value(b, w, env))


def _same_function(sort: Any, f: Any, g: Any, w: Any) -> bool:
    if f is g:
        return True
    if sort[0] == "dist":
        return everywhere(sort[1], lambda x: _same(f(x), g(x)), w)
    if sort[0] == "fun":
        return everywhere(sort[1], lambda x: _same_function(sort[2], f(x), g(x), w), w)
    return bool(f == g) if sort[0] == "point" else _same(f, g)


def _defined_so(t: Term, w: Any, env: Env) -> bool:
    return t in w.definitions or _equal(t, w, env)


def _gap(t: Term, w: Any, env: Env) -> Any:
    a, b = values(t, w, env)
    return b - a


def _at_most(t: Term, w: Any, env: Env) -> bool:
    gap = _gap(t, w, env)
    if is_number(gap) and not isinstance(gap, fmpq) and gap.contains(0):
        return S.close_to_zero(gap)
    return sgn(gap) >= 0


def _less(t: Term, w: Any, env: Env) -> bool:
    return sgn(_gap(t, w, env)) > 0


def _differs(t: Term, w: Any, env: Env) -> bool:
    a, b = values(t, w, env)
    if isinstance(a, Matrix):
        return not _same(a, b)
    return sgn(a - b) != 0


def _for_all(t: Term, w: Any, env: Env) -> bool:
    lam = t.args[0]
    return everywhere(lam.data[1], lambda x: true(lam.args[0], w, (x, *env)), w)


def everywhere(sort: Any, holds: Callable[[Any], bool], w: Any) -> bool:
    """Does something hold for every value of a sort?"""
    finite = masses(sort, w)
    if finite is not None:
        return _all(holds(x) for x, _ in finite)
    unknown = None
    for x in w.samples(sort):
        try:
            if not holds(x):
                return False
        except Undecided as e:
            unknown = e
    if sort in (("real",), ("positive",), ("nat",)):
        low = {"real": None, "positive": ZERO, "nat": HALF}[sort[0]]
        try:
            parts = lines.pieces(holds, low, None)
        except Undecided:
            if holds(gaussians.variable()[1]):
                return True
            raise
        if not all(ok for _, ok in parts):
            if sort == ("nat",):
                raise Undecided("true of some numbers")
            return False
        ends = [inside.low for inside, _ in parts[1:]]
        return _all(holds(x) for x in ends) if sort != ("nat",) or all(x.q == 1 for x in ends) else True
    if sort[0] in ("mat", "fun") and unknown is None and holds(generic(sort, w)):
        return True
    raise unknown or Undecided("every value of a large sort")


def _all(truths: Any) -> bool:
    """True if all are; false if one is, whatever is known of the others."""
    unknown = None
    it = iter(truths)
    while True:
        try:
            if not next(it):
                return False
        except StopIteration:
            break
        except Undecided as e:
            unknown = e
            break
    if unknown:
        raise unknown
    return True


def _almost(t: Term, w: Any, env: Env) -> bool:
    q, lam = function(t.args[0], w, env), t.args[1]
    space = lam.data[1]
    holds = lambda x: true(lam.args[0], w, (x, *env))
    points = masses(space, w)
    if points is not None:
        return _all(mass == 0 or sgn(q(x)) <= 0 or holds(x) for x, mass in points)
    if space in (("real",), ("positive",)):
        low = None if space == ("real",) else ZERO
        return all(ok for _, ok in lines.pieces(lambda x: sgn(q(x)) <= 0 or holds(x), low, None))
    if sgn(q(generic(space, w))) > 0 and holds(generic(space, w)):
        return True
    raise Undecided("almost every point of a large space")


def _converges(t: Term, w: Any, env: Env) -> bool:
    if len(t.args) == 3:
        return _between(t, w, env, True) is not None
    lam = t.args[0]
    return integral(lam.data[1], body(lam, w, env), w, True) is not None


def _differentiable(t: Term, w: Any, env: Env) -> bool:
    return slope(t, w, env) is not None


def _exchanges(t: Term, w: Any, env: Env) -> bool:
    """The derivative of an integral exists, and is the integral of the derivative."""
    (d,) = t.args
    f, at = d.args
    inner = f.args[0]
    if inner.head not in ("E", "int", "intab"):
        raise Undecided("no derivative of an integral")
    left = slope(d, w, env)
    if left is None:
        return False
    here = value(at, w, env)

    def derived(x: Any) -> Any:
        g = lambda y: value(inner.args[-1].args[0], w, (x, y, *env))
        try:
            found = series.derivative(g, here)
        except Undecided:
            found = None if is_number(x) else series.slopes(g, here)
        return ZERO if found is None else found

    now = (here, *env)
    if inner.head == "intab":
        low, high = (value(a, w, now) for a in inner.args[:2])
        right = lines.integrate(derived, min(low, high), max(low, high))
        right = right if right is None or low <= high else -right
    else:
        weight = value(inner.args[0], w, now) if inner.head == "E" else lambda x: ONE
        space = inner.args[-1].data[1]
        right = integral(space, lambda x: derived(x) * weight(x), w)
    return _same(left, ZERO if right is None else right)


_TRUTH: dict[str, Callable[[Term, Any, Env], bool]] = {
    "eq": _equal,
    "def": _defined_so,
    "le": _at_most,
    "lt": _less,
    "ne": _differs,
    "forall": _for_all,
    "ae": _almost,
    "integrable": _converges,
    "differentiable": _differentiable,
    "exchange": _exchanges,
    "spd": lambda t, w, env: M.is_definite(value(t.args[0], w, env)),
    "invertible": lambda t, w, env: M.is_invertible(value(t.args[0], w, env)),
}
