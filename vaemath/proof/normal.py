"""The normal form behind the rule `algebra`: real terms as generalised polynomials over atoms.

A polynomial is ``{monomial: rational}``; a monomial is a sorted tuple of (atom, rational exponent). The
laws used, and nothing else: the field laws; x^a x^b = x^(a+b), and (xy)^a = x^a y^a for non-integer a
only where the factors are positive by their form; exp(a+b) = exp(a) exp(b), exp(c a) = exp(a)^c,
exp(log a) = a; log(ab) = log a + log b and log(a^c) = c log a for factors that are positive by their
form, log(exp a) = a, the logarithm of a product over j; a sum of n equal summands; and, for traces, the
word algebra of :mod:`vaemath.proof.words`. Everything else is an atom, whose parts are brought to
normal form in turn, also under binders. That denominators differ from zero and logarithms have positive
arguments is not decided here: each theorem carries it (:func:`vaemath.proof.sign.obligations`).
"""

from __future__ import annotations

from fractions import Fraction

from vaemath.proof.sign import sign
from vaemath.proof.theorem import ProofError
from vaemath.terms.build import add, exp, log, number, one, power
from vaemath.terms.signature import is_matrix, is_real
from vaemath.terms.term import NAT, Term, fits, make, rebuild

Mono = tuple[tuple[Term, Fraction], ...]
Poly = dict[Mono, Fraction]
LARGEST = 50_000  # terms of a product that are still multiplied out
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


def constant(c: Fraction | int) -> Poly:
    return {(): Fraction(c)} if c else {}


def plus(*polys: Poly) -> Poly:
    out: Poly = {}
    for p in polys:
        for m, c in p.items():
            out[m] = out.get(m, Fraction(0)) + c
    return {m: c for m, c in out.items() if c}


def times(a: Poly, b: Poly) -> Poly:
    if len(a) * len(b) > LARGEST:
        raise ProofError(f"algebra: a product of {len(a)} by {len(b)} terms is too large to multiply out")
    out: Poly = {}
    sums = False
    for m, c in a.items():
        for n, d in b.items():
            exps = dict(m)
            for atom, e in n:
                exps[atom] = exps.get(atom, Fraction(0)) + e
            mono = _mono(exps)
            sums = sums or any(_ripe(x, e) for x, e in mono)
            out[mono] = out.get(mono, Fraction(0)) + c * d
    out = {m: c for m, c in out.items() if c}
    return plus(*(_expand(m, c) for m, c in out.items())) if sums else out


def _mono(exps: dict[Term, Fraction]) -> Mono:
    return tuple(sorted(((a, e) for a, e in exps.items() if e), key=lambda ae: key(ae[0])))


def _ripe(atom: Term, e: Fraction) -> bool:
    """Can a whole power of the atom be multiplied out?"""
    return (atom.head == "add" and e >= 1) or (atom.head == "num" and not 0 < e < 1)


def _expand(mono: Mono, c: Fraction) -> Poly:
    """Multiply out the sums that stand with an exponent >= 1, and whole powers of numbers."""
    whole = {a: e.numerator // e.denominator for a, e in mono if _ripe(a, e)}
    out: Poly = {_mono({a: e - whole.get(a, 0) for a, e in mono}): c}
    for atom, k in whole.items():
        out = times(out, raised(poly(atom), Fraction(k)))
    return out


def atom_poly(t: Term, e: Fraction = Fraction(1)) -> Poly:
    return {((t, e),): Fraction(1)}


def to_term(p: Poly) -> Term:
    """The canonical term of a polynomial."""
    parts = [_mono_term(m, c) for m, c in sorted(p.items(), key=lambda mc: [(key(a), e) for a, e in mc[0]])]
    return add(*parts) if parts else number(0)


def _mono_term(m: Mono, c: Fraction) -> Term:
    factors = [a if e == 1 else power(a, e) for a, e in m]
    if c != 1 or not factors:
        factors.insert(0, number(c))
    return factors[0] if len(factors) == 1 else make("mul", tuple(factors))


def canon(t: Term) -> Term:
    """The canonical form of a term of any sort; binders are entered."""
    if t not in _CANON:
        if t.head == "lam":
            _CANON[t] = make("lam", (canon(t.args[0]),), ("", *t.data[1:]))
        elif is_real(t):
            _CANON[t] = to_term(poly(t))
        elif is_matrix(t):
            from vaemath.proof import words

            _CANON[t] = words.to_matrix(words.words(t), t)
        else:
            _CANON[t] = rebuild(t, tuple(canon(a) for a in t.args))
    return _CANON[t]


def poly(t: Term) -> Poly:
    """The normal form of a real term."""
    if t not in _POLY:
        _POLY[t] = _poly(t)
    return _POLY[t]


def _poly(t: Term) -> Poly:
    if t.head == "num":
        return constant(Fraction(*t.data))
    if t.head == "add":
        return plus(*map(poly, t.args))
    if t.head == "mul":
        out = constant(1)
        for a in t.args:
            out = times(out, poly(a))
        return out
    if t.head == "pow":
        return raised(poly(t.args[0]), Fraction(*t.data))
    if t.head == "exp":
        return _exp(poly(t.args[0]))
    if t.head == "log":
        return _log(poly(t.args[0]))
    if t.head in ("tr", "scalar", "logdet"):
        from vaemath.proof import words

        return words.scalar_poly(t)
    if t.head == "sum" and t.args[0] == one and fits(t.args[1].sort, NAT):
        body = canon(t.args[2].args[0])
        if body.level == 0:  # n equal summands
            return times(poly(t.args[1]), poly(body))
    return atom_poly(rebuild(t, tuple(canon(a) for a in t.args)).core)


def raised(p: Poly, r: Fraction) -> Poly:
    """p^r, multiplied out for natural r; a sum under another exponent becomes an atom."""
    if not p:
        if r <= 0:
            raise ProofError("algebra: a power of zero with an exponent <= 0")
        return constant(0)
    if len(p) == 1:
        ((mono, c),) = p.items()
        if r.denominator == 1:
            out = constant(c ** int(r))
            return times(out, {_mono({a: e * r for a, e in mono}): Fraction(1)})
        if c > 0 and all(sign(a) == ">" for a, _ in mono):
            out = {_mono({a: e * r for a, e in mono}): Fraction(1)}
            for prime, k in _primes(c).items():
                out = times(out, _prime_power(prime, k * r))
            return out
        return atom_poly(to_term(p), r)
    if r.denominator == 1 and r >= 0:
        if r > 64:
            raise ProofError(f"algebra: the power {r} of a sum is too large to multiply out")
        out = constant(1)
        for _ in range(int(r)):
            out = times(out, p)
        return out
    lead = p[min(p, key=lambda m: [(key(a), e) for a, e in m])]
    content = lead if r.denominator == 1 else abs(lead)
    inner = {m: c / content for m, c in p.items()}
    return times(raised(constant(content), r), atom_poly(to_term(inner), r))


def _prime_power(prime: int, r: Fraction) -> Poly:
    """prime^r, with the integer part of r multiplied out."""
    whole = r.numerator // r.denominator
    rest = r - whole
    out = constant(Fraction(prime) ** whole)
    return times(out, atom_poly(number(prime), rest)) if rest else out


def _primes(c: Fraction) -> dict[int, int]:
    """The prime factorisation of a positive rational; a large remainder counts as one prime."""
    out: dict[int, int] = {}
    for n, s in ((c.numerator, 1), (c.denominator, -1)):
        d = 2
        while d * d <= n and d < 2000:
            while n % d == 0:
                out[d] = out.get(d, 0) + s
                n //= d
            d += 1
        if n > 1:
            out[n] = out.get(n, 0) + s
    return out


def _exp(p: Poly) -> Poly:
    out = constant(1)
    for mono, c in p.items():
        if len(mono) == 1 and mono[0][0].head == "log" and mono[0][1] == 1:
            out = times(out, raised(poly(mono[0][0].args[0]), c))  # exp(c log a) = a^c
        else:
            out = times(out, atom_poly(exp(_mono_term(mono, Fraction(1))), c))
    return out


def _log(p: Poly) -> Poly:
    if not p:
        return atom_poly(log(number(0)))
    if len(p) > 1:
        lead = abs(p[min(p, key=lambda m: [(key(a), e) for a, e in m])])
        inner = to_term({m: c / lead for m, c in p.items()})
        return plus(_log_number(lead), atom_poly(log(inner)))
    ((mono, c),) = p.items()
    if c < 0 or any(sign(a) != ">" for a, _ in mono):
        return atom_poly(log(to_term(p)))
    out = _log_number(c)
    for a, e in mono:
        out = plus(out, times(constant(e), _log_atom(a)))
    return out


def _log_atom(a: Term) -> Poly:
    if a.head == "exp":
        return poly(a.args[0])
    if a.head == "prod":  # the logarithm of a product of positive factors
        lo, hi, factor = a.args
        body = make("lam", (canon(log(factor.args[0])),), factor.data)
        return atom_poly(make("sum", (lo, hi, body)))
    if a.head == "num":
        return _log_number(Fraction(*a.data))
    return atom_poly(log(a))


def _log_number(c: Fraction) -> Poly:
    return plus(*(times(constant(k), atom_poly(log(number(n)))) for n, k in _primes(c).items()))


def residual(a: Term, b: Term) -> Term:
    """Zero exactly when the laws above make a = b; else what is left of a - b over a common denominator."""
    p = plus(poly(a), times(constant(-1), poly(b)))
    while True:
        lowest: dict[Term, Fraction] = {}
        for mono in p:
            for atom, e in mono:
                if atom.head == "add" and e < 0:
                    lowest[atom] = min(e, lowest.get(atom, Fraction(0)))
        if not lowest:
            return to_term(p)
        atom = min(lowest, key=key)
        # the denominator `atom` differs from zero: an obligation of every term it stands in
        k = -(lowest[atom] // 1)
        p = plus(
            *(_expand(_mono({**dict(m), atom: dict(m).get(atom, Fraction(0)) + k}), c) for m, c in p.items())
        )
