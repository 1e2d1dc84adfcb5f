"""Line against line: does it follow, is it false, or can neither be said?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from vaemath.core import rules
from vaemath.core.normal import canon
from vaemath.core.terms import POINT, Term, TermError, make
from vaemath.core.theorem import Theorem
from vaemath.errors import VaemathError
from vaemath.explain.judge import agrees, counterexample
from vaemath.explain.near import variants
from vaemath.explain.watch import shown
from vaemath.grade.document import Side, read
from vaemath.grade.parse import declare, parse
from vaemath.grade.scope import Scope
from vaemath.grade.tokens import GradeError
from vaemath.library import instance, theorem
from vaemath.pages.as_text import said
from vaemath.pages.words import hypotheses
from vaemath.pages.write import Writer
from vaemath.proof import chain, tactics
from vaemath.proof.discharge import by_rules, discharge
from vaemath.proof.tactics import Tactic
from vaemath.terms.build import Rational, eq, le, sub, symbol

FOLLOWS, FALSE, UNDECIDED, UNREAD = "follows", "false", "could not decide", "cannot be read"


@dataclass(frozen=True)
class Verdict:
    """What was found about one line.

    Attributes:
        chain: number of the chain in the file; the first is 1.
        line: number of the line in its chain; of the first nothing is said if it can be read.
        source: the line as it stands in the file.
        verdict: "follows", "false", "could not decide" or "cannot be read".
        why: the reason found, the counterexample, or what is not understood.
        near: for a false line, a variant that agrees in every model tried.
    """

    chain: int
    line: int
    source: str
    verdict: str
    why: str
    near: str = ""

    def __str__(self) -> str:
        out = f"  {self.verdict:17} line {self.line}   {self.source}\n{'':21}{self.why}"
        return out + (f"\n{'':21}near: {self.near}" if self.near else "")


@dataclass(frozen=True)
class Graded:
    """All verdicts about a file."""

    path: str
    verdicts: tuple[Verdict, ...]

    @property
    def good(self) -> bool:
        """Does every line follow?"""
        return all(v.verdict == FOLLOWS for v in self.verdicts)

    @property
    def unread(self) -> bool:
        """Is a line outside the vocabulary?"""
        return any(v.verdict == UNREAD for v in self.verdicts)

    def as_json(self) -> dict[str, Any]:
        """The verdicts as plain data."""
        return {**asdict(self), "good": self.good}

    def __str__(self) -> str:
        out: list[str] = []
        for v in self.verdicts:
            if (heading := f"chain {v.chain}") not in out:
                out.append(heading)
            out.append(str(v))
        count = sum(v.verdict == FOLLOWS for v in self.verdicts)
        return "\n".join([*out, f"{count} of {sum(v.line > 1 for v in self.verdicts)} lines follow"])


def grade(path: Path) -> Graded:
    """Check each line of each chain in a Markdown file against the one before it.

    Raises:
        GradeError: the file is missing or has no equations, or a declaration is outside the vocabulary.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise GradeError(
            f"{path}: cannot be read: {getattr(e, 'strerror', None) or 'not UTF-8 text'}"
        ) from None
    document = read(text, path.name)
    scope = Scope()
    for words in document.declarations:
        declare(words, scope)
    out: list[Verdict] = []
    for n, sides in enumerate(document.chains, 1):
        before: Term | None = None
        for number, side in enumerate(sides, 1):
            verdict, before = _line(n, number, side, before, scope)
            out += [verdict] if verdict else []
    return Graded(str(path), tuple(out))


def _line(
    n: int, number: int, side: Side, before: Term | None, scope: Scope
) -> tuple[Verdict | None, Term | None]:
    """What is said of a line, and the line itself if it can be read."""
    try:
        term = parse(side.tokens, scope)
    except GradeError as e:
        return Verdict(n, number, side.source, UNREAD, str(e)), None
    if number == 1:
        return None, term
    if before is None:
        return Verdict(n, number, side.source, UNDECIDED, "the line before it cannot be read"), term
    return _judged(n, number, side.source, side.relation, before, term), term


def _judged(n: int, number: int, source: str, relation: str, before: Term, after: Term) -> Verdict:
    if relation == ">=":
        claim, small, large = _claim(le, after, before), after, before
    else:
        claim, small, large = _claim(eq if relation == "=" else le, before, after), before, after
    why = _proved(before, after) if relation == "=" else _ordered(small, large)
    if why:
        return Verdict(n, number, source, FOLLOWS, why)
    given = _meanings(before, after)
    found = counterexample(claim, given)
    if found is not None:
        said = str(found).replace("on the left", f"on line {number - (relation != '>=')}")
        said = said.replace("on the right", f"on line {number - (relation == '>=')}")
        return Verdict(n, number, source, FALSE, said, _near(before, after, given) if relation == "=" else "")
    tried = "it agrees in every model tried" if agrees(claim, given) else "it could not be evaluated"
    return Verdict(n, number, source, UNDECIDED, f"no rule gives it; {tried}")


def _claim(relation: Any, a: Term, b: Term) -> Term:
    try:
        made: Term = relation(a, b)
    except TermError as e:
        raise GradeError(f"two lines cannot be compared: {e}") from None
    return made


def _near(before: Term, after: Term, given: frozenset[Term]) -> str:
    for slip, variant in variants(after):
        try:
            if agrees(eq(before, variant), given):
                return f"{shown(variant)}   ({slip})"
        except TermError:
            continue
    return ""


def _meanings(*terms: Term) -> frozenset[Term]:
    """What p(x) and p(z|x) stand for, where they occur."""
    names = {s.data[0] for t in terms for s in t.free}
    if not names & {"evidence", "posterior"}:
        return frozenset()
    return theorem("elbo-decomposition", "posterior-normalised").hypotheses


def _proved(before: Term, after: Term) -> str:
    for words, tactic in _attempts():
        try:
            return words + _assuming(tactics.justify(before, after, (tactic,)))
        except (VaemathError, RecursionError):
            continue
    for words, tactic in _model():
        for one, other in ((before, after), (after, before)):
            try:
                return words + _assuming(tactics.justify(one, other, (tactic,)))
            except (VaemathError, RecursionError):
                continue
    return ""


def _ordered(small: Term, large: Term) -> str:
    why = _proved(small, large)
    if why:
        return why
    for words, known in _bounds(small, canon(sub(large, small))):
        try:
            proved = rules.rearrange(known(), statement=le(small, large), factors=(Rational(1),))
            return words + _assuming(proved)
        except VaemathError:
            continue
    return ""


def _bounds(small: Term, gap: Term) -> Iterator[tuple[str, Callable[[], Theorem]]]:
    """Inequalities that may be what a line says."""
    if gap.head == "KL":
        yield (
            "a KL divergence is never negative",
            lambda: instance(theorem("gibbs"), q=gap.args[0], p=gap.args[1]),
        )
    else:
        yield "the difference is never negative", lambda: rules.signed(term=gap)
    yield "theorem elbo-bound", lambda: theorem("elbo-bound")
    if small.head == "E" and small.args[1].args[0].head == "log":
        q, f = small.args
        body = f.args[0]
        inside = make("lam", body.args, f.data)
        yield "Jensen's inequality", lambda: instance(theorem("jensen-log"), q=q, f=inside)


def _assuming(proved: Theorem) -> str:
    """The hypotheses of a line's proof in words, but for definitions and what the rules can discharge."""
    left = [h for h in discharge(proved, by_rules).hypotheses if h.head != "def"]
    return (
        f"; assuming that {'; '.join(said(p) for p in hypotheses(Writer(), sorted(left, key=str)))}"
        if left
        else ""
    )


def _attempts() -> Iterator[tuple[str, Tactic]]:
    """Reasons that are tried, the plainest first; each is made when it is reached."""
    then = tactics.then
    yield "algebra", chain.algebra
    yield "the definition", chain.definition
    yield "the densities", chain.log_density
    yield "the expectation is linear", chain.linearity
    yield "the expectation is linear", chain.multiplied_out
    moments = _theorems("gaussian-moments", "total", "mean", "variance", "main")
    yield "moments of the normal distribution", moments
    yield "moments of the normal distribution", then(chain.multiplied_out, moments)
    yield "the definition and the densities", then(chain.definition, chain.log_density)
    yield (
        "definition, densities and moments",
        then(chain.definition, chain.log_density, chain.multiplied_out, moments),
    )
    yield "the sums are linear", chain.linear_sums
    yield "the definitions of the functions", chain.functions
    yield "an expectation is an integral", tactics.unfolding("E")
    yield "differentiation", chain.differentiation
    vectors = _theorems("gaussian-quadratic", "total", "mean", "covariance")
    yield "theorem gaussian-quadratic", _theorems("gaussian-quadratic", "main")
    yield "mean and covariance", then(chain.linearity, vectors)
    yield "mean and covariance", then(chain.multiplied_out, vectors)
    for id, name in (
        ("kl-normal-standard", "logvar"),
        ("kl-normal-standard", "main"),
        ("kl-normal", "main"),
        ("kl-mvn", "main"),
    ):
        yield f"theorem {id}", _theorems(id, name)


def _model() -> Iterator[tuple[str, Tactic]]:
    """What the model's densities mean, and how its evidence decomposes; read in both directions."""
    decomposition = theorem("elbo-decomposition")
    yield "theorem elbo-decomposition", tactics.rewriting(rules.symmetry(decomposition))
    yield "theorem elbo-routes", _theorems("elbo-routes", "weighted")
    yield "p(x) is a mean over the prior", _theorems("elbo-decomposition", "evidence")
    names = {h.args[0].data[0]: h.args for h in decomposition.hypotheses if h.head == "def"}
    posterior, meaning = names["posterior"]
    known = rules.define(name=posterior, meaning=meaning, at=(symbol("x", POINT),))
    yield "Bayes' rule", tactics.then(tactics.rewriting(known), tactics.unfolding("pdf"))


@cache
def _theorems(id: str, *names: str) -> Tactic:
    return tactics.then(*(tactics.rewriting(theorem(id, n)) for n in names))
