"""Evaluation of numbers, symbols, sums, products, powers, elementary functions and application."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import arb

from vaemath.audit.code import Code, Env, body, code, codes, head
from vaemath.audit.values import UndefinedError, Value, ball
from vaemath.core.terms import Term

_DUST = 1e-40  # a radicand this little below zero is zero with its rounding


@head("num")
def _num(t: Term) -> Code:
    value = Fraction(*t.data)
    return lambda m, env: ball(value)


@head("pi")
def _pi(t: Term) -> Code:
    return lambda m, env: arb.pi()


@head("sym")
def _sym(t: Term) -> Code:
    return lambda m, env: m.symbol(t)


@head("bv")
def _bv(t: Term) -> Code:
    k = t.data[0]
    return lambda m, env: env[k]


@head("lam")
def _lam(t: Term) -> Code:
    inner = body(t)
    return lambda m, env: lambda value: inner(m, (value, *env))


@head("app")
def _app(t: Term) -> Code:
    f, *args = codes(t)

    def run(m: Any, env: Env) -> Value:
        value = f(m, env)
        for a in args:
            value = value(a(m, env))
        return value

    return run


@head("add")
def _add(t: Term) -> Code:
    first, *rest = codes(t)

    def run(m: Any, env: Env) -> Value:
        total = first(m, env)
        for c in rest:
            total = total + c(m, env)
        return total

    return run


@head("mul")
def _mul(t: Term) -> Code:
    first, *rest = codes(t)

    def run(m: Any, env: Env) -> Value:
        total = first(m, env)
        for c in rest:
            total = total * c(m, env)
        return total

    return run


@head("pow")
def _pow(t: Term) -> Code:
    base, (p, q) = code(t.args[0]), t.data
    return lambda m, env: power(base(m, env), p, q)


def power(b: arb, p: int, q: int) -> arb:
    """b^(p/q); a root needs b >= 0, a negative power b != 0."""
    if p < 0 and b.contains(0):
        raise UndefinedError("division by zero")
    if q == 1:
        whole = repeated(b, abs(p))
        return 1 / whole if p < 0 else whole
    if not b > 0:
        if p < 0 or float(b.mid()) < -_DUST:
            raise UndefinedError(f"a root of {b.str(8)}")
        highest = b.upper()
        return arb(0) if not highest > 0 else arb(0, highest.root(q) ** p)
    root: arb = b.root(q)
    return root**p


def repeated(b: arb, k: int) -> arb:
    """b^k by multiplication: Arb's own power has no value for a ball around zero."""
    out = arb(1)
    while k:
        if k & 1:
            out = out * b
        b, k = b * b, k >> 1
    return out


def logarithm(x: arb) -> arb:
    """log x for x > 0."""
    if not x > 0:
        raise UndefinedError(f"the logarithm of {x.str(8)}")
    return x.log()


_FUNCTIONS: dict[str, Callable[[arb], arb]] = {
    "exp": lambda x: x.exp(),
    "log": logarithm,
    "expm1": lambda x: x.expm1(),
    "log1p": lambda x: logarithm(1 + x),
    "expm1_minus": lambda x: x.expm1() - x,
    "log1p_minus": lambda x: x - logarithm(1 + x),
    "sigmoid": lambda x: x.exp() / (1 + x.exp()),
    "softplus": lambda x: (1 + x.exp()).log(),
}


@head(*_FUNCTIONS)
def _function(t: Term) -> Code:
    f, inner = _FUNCTIONS[t.head], code(t.args[0])
    return lambda m, env: f(inner(m, env))
