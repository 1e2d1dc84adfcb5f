"""Inequalities that a line may say, and proportionality."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from vaemath.core import rules
from vaemath.core.heads import sign
from vaemath.core.normal import canon
from vaemath.core.terms import Term, TermError, is_real, make
from vaemath.core.theorem import Theorem
from vaemath.errors import VaemathError
from vaemath.grade.limit import TooLongError
from vaemath.grade.moments import others
from vaemath.library import instance, theorem
from vaemath.proof import tactics
from vaemath.terms.build import eq, le, lt, mul, one, sub

if TYPE_CHECKING:
    from vaemath.grade.judge import Finding, Value

Equal = Callable[[Term, Term], tuple[str, Theorem] | None]


def ordered(small: Term, large: Term, strict: bool, equal: Equal) -> tuple[str, Theorem] | None:
    """A proof of small <= large (or <)."""
    if not is_real(small) or not is_real(large):
        return None
    claim = (lt if strict else le)(small, large)
    gap = canon(sub(large, small))
    for words, known in _direct(small, large, gap):
        found = _arranged(claim, words, known, ())
        if found is not None:
            return found
    if strict:
        return None
    same = equal(small, large)
    if same is not None:
        return _arranged(claim, same[0], lambda: same[1], ())
    for words, known in _bounds(small, large):
        try:
            bound = known()
            first = equal(small, bound.lhs)
            last = equal(bound.rhs, large) if first is not None else None
        except TooLongError:
            raise
        except (VaemathError, RecursionError):
            continue
        if first is not None and last is not None:
            return _arranged(claim, words, lambda: bound, (first[1], last[1]))
    return None


def _arranged(
    claim: Term, words: str, known: Callable[[], Theorem], more: tuple[Theorem, ...]
) -> tuple[str, Theorem] | None:
    from vaemath.grade.judge import settled

    try:
        premises = (known(), *more)
        proof = rules.rearrange(*premises, statement=claim, factors=(one,) * len(premises))
    except TooLongError:
        raise
    except (VaemathError, RecursionError):
        return None
    return words, settled(proof)


def _direct(small: Term, large: Term, gap: Term) -> Iterator[tuple[str, Callable[[], Theorem]]]:
    """Inequalities whose two sides differ as those of the line do."""
    for t in _parts(gap):
        if t.head == "KL":
            yield "a KL divergence is never negative", lambda t=t: _gibbs(t)  # type: ignore[misc]
    yield "the difference is never negative", lambda: rules.signed(term=sub(large, small))
    yield "the difference is never negative", lambda: rules.signed(term=gap)
    yield "theorem elbo-bound", lambda: theorem("elbo-bound")
    if small.head == "E" and small.args[1].args[0].head == "log":
        yield "Jensen's inequality", lambda: _jensen(small)
    if small.head == "log":
        yield "log u <= u - 1", lambda: rules.log_tangent(term=small.args[0])
    if large.head == "log" or small.head == "log":
        yield from _logs(small, large)


def _logs(small: Term, large: Term) -> Iterator[tuple[str, Callable[[], Theorem]]]:
    if small.head == large.head == "log":
        yield (
            "the logarithm increases",
            lambda: instance(theorem("log-order"), a=small.args[0], b=large.args[0]),
        )


def _bounds(small: Term, large: Term) -> Iterator[tuple[str, Callable[[], Theorem]]]:
    """Inequalities between which and the line equations are left to prove."""
    names = {s.data[0] for s in small.free | large.free}
    if names & {"evidence", "likelihood"}:
        yield "theorem elbo-bound", lambda: theorem("elbo-bound")
        yield "theorem elbo-bound", lambda: theorem("elbo-routes", "jensen")
    if small.head == "E" and small.args[1].args[0].head == "log":
        yield "Jensen's inequality", lambda: _jensen(small)
    for t in (*_parts(small), *_parts(large)):
        if t.head == "CE":
            yield "a KL divergence is never negative", lambda t=t: _gibbs(t)  # type: ignore[misc]
        if t.head == "E":
            for p in others(t):
                pair = make("KL", (t.args[0], p))
                yield "a KL divergence is never negative", lambda t=pair: _gibbs(t)  # type: ignore[misc]
        if t.head == "KL":
            yield "a KL divergence is never negative", lambda t=t: _gibbs(t)  # type: ignore[misc]


def _gibbs(t: Term) -> Theorem:
    if t.args[0].head == "categorical" and t.args[1].head == "categorical":
        return instance(theorem("finite-kl", "nonnegative"), p=t.args[0].args[1], q=t.args[1].args[1])
    return instance(theorem("gibbs"), q=t.args[0], p=t.args[1])


def _jensen(small: Term) -> Theorem:
    q, f = small.args
    return instance(theorem("jensen-log"), q=q, f=make("lam", f.args[0].args, f.data))


def _parts(t: Term) -> Iterator[Term]:
    """The summands of a sum without their numbers."""
    for p in t.args if t.head == "add" else (t,):
        yield p.args[-1] if p.head == "mul" and len(p.args) == 2 and p.args[0].head == "num" else p


def proportional(a: Value, b: Value, equal: Equal) -> Finding:
    """Is one side a positive constant times the other? For p(z|x) a constant is what does not depend on z."""
    from vaemath.grade.judge import Finding
    from vaemath.grade.reading import Extremum
    from vaemath.grade.reasons import posterior_density
    from vaemath.grade.report import FOLLOWS, UNDECIDED

    if isinstance(a, Extremum) or isinstance(b, Extremum) or not (is_real(a) and is_real(b)):
        return Finding(UNDECIDED, "only numbers are proportional")
    varies = a.args[1].free if a.head == "pdf" else a.free & b.free
    try:
        written = tactics.then(posterior_density, _written)(a).rhs
        ratio = canon(mul(written, make("pow", (_written(b).rhs,), (-1, 1))))
        if ratio.free & varies or sign(ratio) != ">":
            return Finding(UNDECIDED, "the quotient of the two sides is not seen to be a positive constant")
        found = equal(a, mul(ratio, b))
    except TooLongError:
        raise
    except (VaemathError, RecursionError):
        found = None
    if found is None:
        return Finding(UNDECIDED, "no rule says that the two sides are proportional")
    return Finding(FOLLOWS, f"equal up to a positive constant factor: {found[0]}", found[1])


def _written(t: Term) -> Theorem:
    """Normal densities written out."""
    return tactics.unfolding("pdf")(t)


__all__ = ["TermError", "eq", "ordered", "proportional"]
