"""KL divergences between multivariate normals: fitted in the theorem's own terms, then proved.

The theorem's right side is a combination of a trace, a quadratic form, two log-determinants and the
dimension. The combination that a function is comes from plain calls; that it is the theorem is then
shown on symbols, for matrices of size 2.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np

from vaemath.check.core import (
    POSITIVE,
    REAL,
    Term,
    add,
    log,
    mul,
    number,
    residual,
    sub,
    substitute,
    symbol,
    to_term,
    zero,
)
from vaemath.check.judge.algebra import normal
from vaemath.check.judge.conventions import WORDS, misused
from vaemath.check.judge.decide import Opinion
from vaemath.check.judge.part import Finding
from vaemath.check.lift import arrays as A  # noqa: N812
from vaemath.check.lift.arrays import Sym
from vaemath.check.report.verdict import Cause, Counterexample

__all__ = ["opinion"]

PARTS = ("the trace", "the quadratic form", "log det of the first", "log det of the second", "the dimension")
RIGHT = (Fraction(1, 2), Fraction(1, 2), Fraction(-1, 2), Fraction(1, 2), Fraction(-1, 2))
CALLS = 12


def opinion(run: Any, finding: Finding) -> Opinion:
    """What is said of a part when arguments are matrices."""
    names = [n for n, k in run.lifted.kinds.items() if k in ("matrix", "tril")]
    locs = [
        n
        for n in run.lifted.shapes
        if n not in names and run.readings[n].role in ("loc", "unknown", "x", "z")
    ]
    two = len(names) > 1
    out = Opinion(finding)
    out.subject = f"the KL divergence {'between two multivariate normals' if two else 'to N(0, I)'}"
    out.theorem = "kl-mvn" if two else "kl-mvn-standard"
    points = [p for k in range(CALLS) if (p := run.other(plain=True, point=k + 1)) is not None]
    points = [p for p in points if finding.part.name in p.parts]
    if not points or not names or len(names) > 2:
        return out
    fits = _fits(run, finding, points, names, locs)
    if not fits or _distance(fits[0][3]) > 2:
        points = [
            p for k in range(CALLS) if (p := run.other(plain=True, point=k + 1, diagonal=True)) is not None
        ]
        fits = _fits(run, finding, points, names, locs)
        if fits and _distance(fits[0][3]) == 0:
            out.status = "wrong"
            out.causes = [
                Cause(
                    "wrong-term",
                    "it is right for diagonal matrices only: an elementwise product of matrices?",
                )
            ]
        return out
    order, used, said, fit = fits[0]
    _say(run, out, order, used, said, fit, names)
    if out.status != "wrong":
        _prove(run, out, order, locs, used, fit)
    return out


def _fits(run: Any, finding: Finding, points: list[Any], names: list[str], locs: list[str]) -> list[Any]:
    """Every reading of the matrices under which the function is a combination of the theorem's terms."""
    fits = []
    for order in itertools.permutations(names):
        said = [_said(run, n) for n in order]
        for used in itertools.product(("covariance", "scale_tril", "precision_matrix"), repeat=len(names)):
            if len(set(used)) > 1 and len(set(said)) == 1:
                continue
            fit = _fit(finding, points, order, locs, used)
            if fit is not None:
                fits.append((order, used, said, fit))
    return sorted(fits, key=lambda f: (_distance(f[3]), f[1] != tuple(f[2]), _backwards(run, f[0], names)))


def _said(run: Any, name: str) -> str:
    reading = run.readings[name]
    if run.lifted.kinds[name] == "tril":
        return "scale_tril"
    return reading.conventions[0] if reading.role == "matrix" else "covariance"


def _backwards(run: Any, order: Any, names: list[str]) -> bool:
    if len(order) < 2:
        return False
    groups = [run.readings[n].group for n in order]
    return groups[0] == "prior" or (groups[1] != "prior" and list(order) != names)


def _covariance(m: Any, used: str) -> Any:
    if used == "scale_tril":
        return m @ np.swapaxes(m, -1, -2)
    return np.linalg.inv(m) if used == "precision_matrix" else m


def _fit(
    finding: Finding, points: list[Any], order: Any, locs: list[str], used: Any
) -> list[Fraction] | None:
    """The coefficients of the theorem's terms, if the function is such a combination."""
    rows, values = [], []
    for p in points:
        with np.errstate(all="ignore"):
            first = _covariance(p.inputs[order[0]], used[0])
            n = first.shape[-1]
            second = (
                _covariance(p.inputs[order[1]], used[1])
                if len(order) > 1
                else np.broadcast_to(np.eye(n), first.shape)
            )
            gap = (
                p.inputs[locs[0]] - (p.inputs[locs[1]] if len(locs) > 1 else 0.0)
                if locs
                else np.zeros(first.shape[:-1])
            )
            inverse = np.linalg.inv(second)
            terms = [
                np.trace(inverse @ first, axis1=-2, axis2=-1),
                np.einsum("...i,...ij,...j->...", gap, inverse, gap),
                np.log(np.abs(np.linalg.det(first))),
                np.log(np.abs(np.linalg.det(second))),
                np.full(first.shape[:-2], float(n)),
            ]
        got = p.parts[finding.part.name].values
        columns = np.stack([np.ravel(t) for t in terms], axis=-1)
        if got.size == 1 and columns.shape[0] > 1:
            columns = columns.sum(axis=0, keepdims=True)
        if got.size != columns.shape[0]:
            return None
        rows.append(columns)
        values.append(np.ravel(got))
    a, b = np.concatenate(rows), np.concatenate(values)
    keep = [k for k in range(5) if np.ptp(a[:, k]) > 1e-12 or k == 4]
    solution, *_ = np.linalg.lstsq(a[:, keep], b, rcond=None)
    if np.max(np.abs(a[:, keep] @ solution - b)) > 1e-7 * max(1.0, float(np.max(np.abs(b)))):
        return None
    out = [Fraction(0) if k != 3 else RIGHT[3] for k in range(5)]
    for k, c in zip(keep, solution, strict=True):
        out[k] = Fraction(float(c)).limit_denominator(720)
    if 3 not in keep:
        out[3] = -out[2]
    return out


def _factor(fit: list[Fraction]) -> Fraction:
    ratios = [c / r for c, r in zip(fit, RIGHT, strict=True)]
    return max(sorted(set(ratios), key=lambda r: r != 1), key=ratios.count)


def _distance(fit: list[Fraction]) -> int:
    f = _factor(fit)
    return 9 if not f else sum(c != f * r for c, r in zip(fit, RIGHT, strict=True))


def _say(
    run: Any, out: Opinion, order: Any, used: Any, said: Any, fit: list[Fraction], names: list[str]
) -> None:
    f = _factor(fit)
    out.status = "correct"
    for name, u, s in zip(order, used, said, strict=True):
        if u != s:
            sure = run.readings[name].sure or run.lifted.kinds[name] == "tril"
            if sure:
                out.causes += [Cause(code) for code in misused(s, u)]
            else:
                out.notes.append(f"`{name}` is taken for {WORDS[u]}, which its name does not say")
        out.notes.append(f"`{name}` is {WORDS[u]}")
    if _backwards(run, order, names):
        out.causes.append(Cause("reversed-direction"))
    for part, c, r in zip(PARTS, fit, RIGHT, strict=True):
        if c == f * r:
            continue
        if part == PARTS[4]:
            out.causes.append(Cause("constant"))
        elif not c:
            out.causes.append(Cause("missing-term", f"{part} is missing"))
        elif c == -f * r:
            out.causes.append(Cause("sign-of-term", f"the sign of {part} is wrong"))
        else:
            out.causes.append(
                Cause(
                    "factor-of-term", f"the factor of {part} is wrong: {c / (f * r)} times what it should be"
                )
            )
    out.causes = list({c.code: c for c in out.causes}.values())
    if f < 0:
        out.causes.append(Cause("sign"))
    elif f in (2, Fraction(1, 2)):
        out.causes.append(Cause("factor", f"it is {f} times the KL"))
    elif f != 1:
        batch = run.scene.sizes[0]["batch"]
        if f * batch != 1:
            out.effects.append(Cause("factor", f"it is {f} times the KL"))
    out.status = "wrong" if out.causes else "scaled" if out.effects else "correct"
    words = (
        ["tr(S2^-1 S1)", "d' S2^-1 d", "log det S1", "log det S2", "n"]
        if len(order) > 1
        else ["tr(S)", "m'm", "log det S", "", "n"]
    )
    out.computes = _combination(fit, words)
    if out.status != "correct":
        out.expected = _combination([abs(f) * r if f not in (2, Fraction(1, 2)) else r for r in RIGHT], words)
        if out.expected == out.computes:
            out.expected = ""
    out.reduction = "one number per sample"
    if out.causes:
        out.counterexample = _example(run, out.finding)


def _example(run: Any, finding: Finding) -> Counterexample | None:
    del run, finding
    return None


def _combination(fit: Any, words: list[str]) -> str:
    from vaemath.check.judge.algebra import text

    return text({((symbol(w, REAL), Fraction(1)),): c for c, w in zip(fit, words, strict=True) if c and w})


def _prove(run: Any, out: Opinion, order: Any, locs: list[str], used: Any, fit: list[Fraction]) -> None:
    """The lifted terms less the theorem's, on symbols: zero, or only measured."""
    terms = out.finding.part.terms
    sample = next(iter(np.ndindex(terms.shape))) if terms.ndim else ()
    try:
        factors = [_symbols(run, n, sample, f"L{k}") for k, n in enumerate(order)]
        n = factors[0][1].shape[-1]
        first = _as_covariance(factors[0][1])
        second = _as_covariance(factors[1][1]) if len(order) > 1 else A.lifted(np.eye(n))
        gap = [_letter(run, locs[0], sample, i) if locs else zero for i in range(n)]
        if len(locs) > 1:
            gap = [sub(g, _letter(run, locs[1], sample, i)) for i, g in enumerate(gap)]
        inverse = A.inverse(second)
        parts = [
            add(*(A.matmul(inverse, first).t[i, i] for i in range(n))),
            add(*(mul(mul(gap[i], inverse.t[i, j]), gap[j]) for i in range(n) for j in range(n))),
            log(A.determinant(first).t[()]),
            log(A.determinant(second).t[()]),
            number(n),
        ]
        change: dict[Term, Term] = {}
        for (given, factor), u in zip(factors, used, strict=True):
            meant = _as_covariance(factor)
            if u == "precision_matrix":
                meant = A.inverse(meant)
            matrix = factor.t if u == "scale_tril" else meant.t
            change |= {given[i]: matrix[i] for i in np.ndindex(given.shape) if given[i].head == "sym"}
        wanted = add(*(mul(number(c), p) for c, p in zip(fit, parts, strict=True)))
        got = substitute(terms[sample], change)
        proved = residual(to_term(normal(got)), to_term(normal(wanted))) == zero
    except Exception:  # too large for the normal form, or not one number per sample: then it stays measured
        proved = False
    if not proved:
        out.finding.part.__dict__["measured"] = f"equal to the theorem at {CALLS} random arguments of size 2"


def _place(run: Any, name: str, sample: Any) -> tuple[int, ...]:
    return (
        tuple(sample)
        if len(run.lifted.shapes[name]) > (2 if run.lifted.kinds[name] in ("matrix", "tril") else 1)
        else ()
    )


def _letter(run: Any, name: str, sample: Any, i: int) -> Term:
    return symbol(f"{name}|{','.join(map(str, (*_place(run, name, sample), i)))}", REAL)


def _symbols(run: Any, name: str, sample: Any, letter: str) -> tuple[Any, Sym]:
    """The symbols that the matrix was given by, and a factor with a positive diagonal to write it with."""
    n = run.lifted.shapes[name][-1]
    given = np.empty((n, n), dtype=object)
    factor = np.empty((n, n), dtype=object)
    tril = run.lifted.kinds[name] == "tril"
    for i, j in np.ndindex(n, n):
        a, b = (i, j) if j <= i else (j, i)
        given[i, j] = (
            zero
            if tril and j > i
            else symbol(f"{name}|{','.join(map(str, (*_place(run, name, sample), a, b)))}", REAL)
        )
        factor[i, j] = zero if j > i else symbol(f"{letter}_{i}{j}", POSITIVE if i == j else REAL)
    return given, Sym(factor, np.tril(np.ones((n, n)) * 0.3) + np.eye(n))


def _as_covariance(factor: Sym) -> Sym:
    return A.matmul(factor, factor.each(lambda m: np.swapaxes(m, -1, -2)))
