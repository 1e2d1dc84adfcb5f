"""The oracle `sympy.integrate`: what is asked of SymPy, and its answer as a term again."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from vaemath.core.heads import unfold
from vaemath.core.terms import NAT, POSITIVE, REAL, Term, TermError, make, opened
from vaemath.core.theorem import ProofError
from vaemath.terms.build import exp, log, number, pi, power


def to_sympy(t: Term, table: dict[Term, Any]) -> Any:
    """The SymPy expression of an explicit real term; `table` collects the symbols it uses.

    Raises:
        ProofError: the term has an abstract density, a function or a matrix in it.
    """
    import sympy as sp

    if t.head == "num":
        return sp.Rational(*t.data)
    if t.head == "pi":
        return sp.pi
    if t.head == "sym" and t.sort in (REAL, POSITIVE, NAT):
        if t not in table:
            table[t] = sp.Symbol(f"x{len(table)}", real=True, positive=True if t.sort != REAL else None)
        return table[t]
    if t.head in ("add", "mul", "exp", "log", "pow"):
        args = [to_sympy(a, table) for a in t.args]
        if t.head == "pow":
            return sp.Pow(args[0], sp.Rational(*t.data))
        return {"add": sp.Add, "mul": sp.Mul, "exp": sp.exp, "log": sp.log}[t.head](*args)
    try:
        return to_sympy(unfold(t), table)
    except TermError as e:
        raise ProofError(f"SymPy cannot be asked about {t}: {e}") from None


def from_sympy(e: Any, table: dict[Term, Any]) -> Term:
    """The term of a SymPy expression made of numbers, pi, known symbols, +, *, powers, exp and log.

    Raises:
        ProofError: anything else, such as an integral left open or a case distinction.
    """
    import sympy as sp

    back = {v: k for k, v in table.items()}
    if e in back:
        return back[e]
    if e.is_Rational:
        return number(Fraction(int(e.p), int(e.q)))
    if e == sp.pi:
        return pi
    if e.is_Add or e.is_Mul:
        return make("add" if e.is_Add else "mul", tuple(from_sympy(a, table) for a in e.args))
    if isinstance(e, sp.exp) or e == sp.E:
        return exp(from_sympy(e.exp, table) if e != sp.E else 1)
    if isinstance(e, sp.log):
        return log(from_sympy(e.args[0], table))
    if e.is_Pow and e.exp.is_Rational:
        return power(from_sympy(e.base, table), Fraction(int(e.exp.p), int(e.exp.q)))
    raise ProofError(f"SymPy answered with {e}, which is no closed form")


def integral(t: Term) -> Term:
    """The value of a concrete integral, as SymPy finds it."""
    import sympy as sp

    x, body = opened(t.args[-1], t)
    if x.sort != REAL:
        raise ProofError(f"integrate: expected an integral over real numbers, got {t}")
    table: dict[Term, Any] = {}
    var = to_sympy(x, table)
    f = to_sympy(body, table)
    lo, hi = (-sp.oo, sp.oo) if t.head == "int" else (to_sympy(a, table) for a in t.args[:2])
    value = sp.integrate(f, (var, lo, hi))
    return from_sympy(value, table)
