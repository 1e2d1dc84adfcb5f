"""Statements in a model: true, false, or not decided, with the distance between the sides of an equation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flint import arb

from vaemath.audit.binders import under_a_density
from vaemath.audit.code import Env, code
from vaemath.audit.matrices import is_spd
from vaemath.audit.values import BeyondError, UndefinedError, Value, gap, size, spread
from vaemath.core import rules
from vaemath.core.terms import Sort, Term, is_matrix, is_real, make

TOLERANCE = 1e-20
COARSE = 1e-9  # values known less exactly than this decide nothing


@dataclass(frozen=True)
class Verdict:
    """What a model says about a statement.

    `truth` is None where the evaluator cannot tell; `undefined` says that a part has no value.
    `deviation` is the distance of the two sides, relative to the larger of one and their size.
    """

    truth: bool | None
    deviation: float = 0.0
    left: Value = None
    right: Value = None
    undefined: bool = False
    note: str = ""


TRUE, FALSE = Verdict(True), Verdict(False)


def judge(t: Term, m: Any, env: Env = ()) -> Verdict:
    """Evaluate a statement; a part without a value gives a verdict, never an exception."""
    if env:
        return _judged(t, m, env)
    key = ("judged", t)
    if key not in m.memory:
        m.memory[key] = _judged(t, m, env)
    found: Verdict = m.memory[key]
    return found


def _judged(t: Term, m: Any, env: Env) -> Verdict:
    try:
        return _JUDGES[t.head](t, m, env)
    except UndefinedError as e:
        return Verdict(None, undefined=True, note=str(e))
    except BeyondError as e:
        return Verdict(None, note=str(e))
    except (ArithmeticError, LookupError, TypeError, ValueError) as e:  # a node, not the audit, is at fault
        return Verdict(None, note=f"{type(e).__name__}: {e}")


def _equation(t: Term, m: Any, env: Env) -> Verdict:
    a, b = t.args
    left, right = code(a)(m, env), code(b)(m, env)
    if not (is_real(a) or is_matrix(a)):
        return Verdict(same(left, right, a.sort, m), left=left, right=right)
    scale = max(1.0, size(left), size(right))
    distance, blur = gap(left, right) / scale, (spread(left) + spread(right)) / scale
    if not blur < COARSE:
        return Verdict(None, distance, left, right, note="known too coarsely")
    return Verdict(distance <= TOLERANCE + 2 * blur, distance, left, right)


def _order(t: Term, m: Any, env: Env) -> Verdict:
    left, right = (code(a)(m, env) for a in t.args)
    scale = max(1.0, size(left), size(right))
    excess, blur = float((left - right).mid()) / scale, (spread(left) + spread(right)) / scale
    if not blur < COARSE:
        return Verdict(None, 0.0, left, right, note="known too coarsely")
    slack = TOLERANCE + 2 * blur
    truth = excess <= slack if t.head == "le" else bool(left < right) or excess < -slack
    return Verdict(truth, max(excess, 0.0), left, right)


def _unequal(t: Term, m: Any, env: Env) -> Verdict:
    v = _equation(t, m, env)
    return Verdict(None if v.truth is None else not v.truth, 0.0, v.left, v.right)


def _definition(t: Term, m: Any, env: Env) -> Verdict:
    name, meaning = t.args
    return Verdict(same(code(name)(m, env), code(meaning)(m, env), name.sort, m))


def same(a: Value, b: Value, sort: Sort, m: Any) -> bool:
    """Do two values agree, functions and densities at the samples of a model?"""
    if a is b:
        return True
    if sort[0] == "fun":
        return all(same(a(x), b(x), sort[2], m) for x in m.samples(sort[1]))
    if sort[0] == "dist":
        return all(same(a.height(x), b.height(x), ("real",), m) for x in m.samples(sort[1]))
    if isinstance(a, int):
        return bool(a == b)
    return gap(a, b) <= TOLERANCE * max(1.0, size(a)) + 2 * (spread(a) + spread(b))


def _every(verdicts: Any) -> Verdict:
    worst = TRUE
    for v in verdicts:
        if v.truth is False:
            return Verdict(False, v.deviation, v.left, v.right)
        worst = v if v.truth is None else worst
    return worst


def _forall(t: Term, m: Any, env: Env) -> Verdict:
    lam = t.args[0]
    return _every(judge(lam.args[0], m, (x, *env)) for x in m.samples(lam.data[1]))


def _almost(t: Term, m: Any, env: Env) -> Verdict:
    q, lam = code(t.args[0])(m, env), t.args[1]
    charged = [x for x in m.samples(lam.data[1]) if q.height(x) > 0]
    return _every(judge(lam.args[0], m, (x, *env)) for x in charged)


def _integrable(t: Term, m: Any, env: Env) -> Verdict:
    """An integral that quadrature finds converges; one that it finds to diverge has no value."""
    try:
        under_a_density(t.args[-1].args[0])(m, env)
    except BeyondError:
        code(make("int" if len(t.args) == 1 else "intab", t.args))(m, env)
    return TRUE


def _differentiable(t: Term, m: Any, env: Env) -> Verdict:
    """The functions drawn are smooth: where the derivative has a value, it exists."""
    code(make("diff", t.args))(m, env)
    return TRUE


def _exchange(t: Term, m: Any, env: Env) -> Verdict:
    """The derivative of the integral beside the integral of the derivative."""
    (d,) = t.args
    return judge(rules.leibniz(term=d).statement, m, env) if not env else TRUE


def _definite(t: Term, m: Any, env: Env) -> Verdict:
    return Verdict(is_spd(code(t.args[0])(m, env)))


def _invertible(t: Term, m: Any, env: Env) -> Verdict:
    determinant: arb = code(t.args[0])(m, env).det()
    return Verdict(not determinant.contains(0))


_JUDGES = {
    "eq": _equation,
    "le": _order,
    "lt": _order,
    "ne": _unequal,
    "def": _definition,
    "forall": _forall,
    "ae": _almost,
    "integrable": _integrable,
    "differentiable": _differentiable,
    "exchange": _exchange,
    "spd": _definite,
    "invertible": _invertible,
}
STATEMENTS = frozenset(_JUDGES)
