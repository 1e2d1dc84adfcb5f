"""The normal form behind the rule `algebra`: real terms as generalised polynomials over atoms.

A polynomial is ``{monomial: rational}``; a monomial is a sorted tuple of (atom, rational exponent). The laws
used, and nothing else, each true wherever the obligations of the terms hold: the field laws; x^a x^b =
x^(a+b); (xy)^a = x^a y^a, for non-integer a only where the factors are positive by their form; exp(a+b) =
exp(a) exp(b), exp(c a) = exp(a)^c, exp(log a) = a; log(ab) = log a + log b and log(a^c) = c log a for factors
positive by their form, log(exp a) = a, and the logarithm of a product over j; n equal summands; and, for
traces, the word algebra of :mod:`vaemath.core.words`. Everything else is an atom, whose parts are brought to
normal form in turn, also under binders.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from vaemath.core.heads import exp, log, sign
from vaemath.core.terms import Term, TermError, add, is_matrix, is_real, make, mul, number, power, rebuild

Mono = tuple[tuple[Term, Fraction], ...]
Poly = dict[Mono, Fraction]
LARGEST, HIGHEST = 50_000, 64  # terms of a product, and the power of a sum, that are still multiplied out
LONGEST = 50_000  # bits of a number
_POLY: dict[Term, Poly] = {}
_CANON: dict[Term, Term] = {}
_KEY: dict[Term, str] = {}


def key(t: Term) -> str:
    """A total order on terms that depends on their content alone."""
    if t not in _KEY:
        data = ",".join(_data_key(d) for d in (t.data[1:] if t.head == "lam" else t.data))
        _KEY[t] = f"{t.head}[{data}]({','.join(map(key, t.args))})"
    return _KEY[t]


def _data_key(d: object) -> str:
    if isinstance(d, Term):
        return key(d)
    return "<" + ",".join(map(_data_key, d)) + ">" if isinstance(d, tuple) else str(d)


def _order(m: Mono) -> list[tuple[str, Fraction]]:
    return [(key(a), e) for a, e in m]


def constant(c: Fraction | int) -> Poly:
    return {(): Fraction(c)} if c else {}


def plus(*polys: Poly) -> Poly:
    out: Poly = {}
    for p in polys:
        for m, c in p.items():
            out[m] = out.get(m, Fraction(0)) + c
    return {m: c for m, c in out.items() if c}


def times(*polys: Poly) -> Poly:
    out = constant(1)
    for p in polys:
        if len(out) * len(p) > LARGEST:
            raise TermError(f"a product of {len(out)} by {len(p)} terms is too large to multiply out")
        products = [(_mono((*m, *n)), c * d) for m, c in out.items() for n, d in p.items()]
        out = plus(*(_expanded(m, c) for m, c in products))
    return out


def _mono(parts: Iterable[tuple[Term, Fraction]]) -> Mono:
    exps: dict[Term, Fraction] = {}
    for atom, e in parts:
        exps[atom] = exps.get(atom, Fraction(0)) + e
    return tuple(sorted(((a, e) for a, e in exps.items() if e), key=lambda ae: key(ae[0])))


def _expanded(mono: Mono, c: Fraction) -> Poly:
    """Multiply out the sums that stand with an exponent >= 1, and whole powers of numbers."""
    whole = [
        (a, Fraction(e.numerator // e.denominator))
        for a, e in mono
        if (a.head == "add" and e >= 1) or (a.head == "num" and not 0 < e < 1)
    ]
    if not whole:
        return {mono: c}
    rest: Poly = {_mono((*mono, *((a, -k) for a, k in whole))): c}
    return times(rest, *(raised(poly(a), k) for a, k in whole))


def atom_poly(t: Term, e: Fraction = Fraction(1)) -> Poly:
    return {((t, e),): Fraction(1)}


def to_term(p: Poly) -> Term:
    """The canonical term of a polynomial."""
    parts = [_mono_term(m, c) for m, c in sorted(p.items(), key=lambda mc: _order(mc[0]))]
    return add(*parts) if parts else number(0)


def _mono_term(m: Mono, c: Fraction) -> Term:
    factors = [a if e == 1 else power(a, e) for a, e in m]
    return mul(*([number(c)] if c != 1 or not factors else []), *factors)


def canon(t: Term) -> Term:
    """The canonical form of a term of any sort; binders are entered."""
    if t not in _CANON:
        from vaemath.core import words

        if t.head == "lam":
            _CANON[t] = make("lam", (canon(t.args[0]),), ("", t.data[1]))
        elif is_matrix(t):
            _CANON[t] = words.to_matrix(words.words(t), t)
        else:
            _CANON[t] = to_term(poly(t)) if is_real(t) else rebuild(t, tuple(map(canon, t.args)))
    return _CANON[t]


def poly(t: Term) -> Poly:
    """The normal form of a real term."""
    if t not in _POLY:
        _POLY[t] = _poly(t)
    return _POLY[t]


def _poly(t: Term) -> Poly:
    match t.head:
        case "num":
            return constant(Fraction(*t.data))
        case "add":
            return plus(*map(poly, t.args))
        case "mul":
            return times(*map(poly, t.args))
        case "pow":
            return raised(poly(t.args[0]), Fraction(*t.data))
        case "exp":
            return _exp(poly(t.args[0]))
        case "log":
            return _log(poly(t.args[0]))
        case "tr" | "scalar" | "logdet":
            from vaemath.core import words

            return words.scalar_poly(t)
        case "int" if t.args[0].data[1][0] == "fin":
            body = canon(t.args[0].args[0])
            if body.level == 0:  # n equal summands
                return times(poly(t.args[0].data[1][1]), poly(body))
    return atom_poly(rebuild(t, tuple(map(canon, t.args))).core)


def raised(p: Poly, r: Fraction) -> Poly:
    """p^r, multiplied out for natural r; a sum under another exponent becomes an atom."""
    if not p:
        if r <= 0:
            raise TermError("a power of zero with an exponent <= 0")
        return p
    if len(p) == 1:
        ((mono, c),) = p.items()
        if r.denominator == 1:
            if abs(r) * (c.numerator.bit_length() + c.denominator.bit_length()) > LONGEST:
                raise TermError(f"the power {r} of {c} is too long a number")
            return times(constant(c ** int(r)), {_mono((a, e * r) for a, e in mono): Fraction(1)})
        if c < 0 or any(sign(a) != ">" for a, _ in mono):
            return atom_poly(to_term(p), r)
        return times(
            {_mono((a, e * r) for a, e in mono): Fraction(1)}, *(_prime(n, k * r) for n, k in _primes(c))
        )
    if r.denominator == 1 and r >= 0:
        if r > HIGHEST:
            raise TermError(f"the power {r} of a sum is too large to multiply out")
        return times(*[p] * int(r))
    lead = p[min(p, key=_order)]
    content = lead if r.denominator == 1 else abs(lead)
    return times(raised(constant(content), r), atom_poly(to_term({m: c / content for m, c in p.items()}), r))


def _prime(n: int, r: Fraction) -> Poly:
    """n^r, with the integer part of r multiplied out."""
    whole = r.numerator // r.denominator
    return {((number(n), r - whole),) if r != whole else (): Fraction(n) ** whole}


def _primes(c: Fraction) -> list[tuple[int, int]]:
    """Factors and exponents of a positive rational: small primes, and what is left as one."""
    out = []
    for n, s in ((c.numerator, 1), (c.denominator, -1)):
        d = 2
        while d * d <= n and d < 2000:
            while n % d == 0:
                out.append((d, s))
                n //= d
            d += 1
        out += [(n, s)] * (n > 1)
    return out


def _exp(p: Poly) -> Poly:
    out = []
    for mono, c in p.items():
        if len(mono) == 1 and mono[0][0].head == "log" and mono[0][1] == 1:
            out.append(raised(poly(mono[0][0].args[0]), c))  # exp(c log a) = a^c
        else:
            out.append(atom_poly(exp(_mono_term(mono, Fraction(1))), c))
    return times(*out)


def _log(p: Poly) -> Poly:
    if len(p) != 1:
        lead = abs(p[min(p, key=_order)]) if p else Fraction(1)
        return plus(_log_number(lead), atom_poly(log(to_term({m: c / lead for m, c in p.items()}))))
    ((mono, c),) = p.items()
    if c < 0 or any(sign(a) != ">" for a, _ in mono):
        return atom_poly(log(to_term(p)))
    return plus(_log_number(c), *(times(constant(e), _log_atom(a)) for a, e in mono))


def _log_atom(a: Term) -> Poly:
    if a.head == "exp":
        return poly(a.args[0])
    if a.head == "prod":  # the logarithm of a product of positive factors
        return poly(make("int", (make("lam", (canon(log(a.args[0].args[0])),), a.args[0].data),)))
    return _log_number(Fraction(*a.data)) if a.head == "num" else atom_poly(log(a))


def _log_number(c: Fraction) -> Poly:
    return plus(*(times(constant(k), atom_poly(log(number(n)))) for n, k in _primes(c)))


def residual(a: Term, b: Term) -> Term:
    """Zero exactly when the laws above make a = b; else what is left of a - b over a common denominator."""
    p = plus(poly(a), times(constant(-1), poly(b)))
    while lowest := {atom: e for m in p for atom, e in m if atom.head == "add" and e < 0}:
        atom = min(lowest, key=key)  # a denominator, which differs from zero by the obligations of a or b
        k = max(-(e // 1) for m in p for x, e in m if x == atom and e < 0)
        p = plus(*(_expanded(_mono((*m, (atom, Fraction(k)))), c) for m, c in p.items()))
    return to_term(p)
