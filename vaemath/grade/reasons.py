"""Why a line may follow: reasons that are tried one after another, the plainest first.

Each is a tactic of :mod:`vaemath.proof.tactics`; what it finds is a theorem that the rules have made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from vaemath.core import rules
from vaemath.core.terms import POINT, Term, make
from vaemath.core.theorem import Theorem
from vaemath.grade.moments import as_expectations, as_traces, folded, second_moments
from vaemath.library import theorem
from vaemath.proof import chain, tactics
from vaemath.proof.tactics import Tactic
from vaemath.terms.build import Normalised, one, symbol

Reason = tuple[str, Tactic]


def reasons(before: Term, after: Term) -> Iterator[Reason]:
    """What may lead from one line to the next; each is made when it is reached."""
    found = frozenset(heads(before) | heads(after))
    names = {s.data[0] for s in before.free | after.free}
    then = tactics.then
    yield "algebra", chain.algebra
    known = bool(found & {"KL", "CE", "H"})
    if known:
        yield "the definition", chain.definition
    if "pdf" in found:
        yield "the densities", chain.log_density
    if found & {"expm1", "softplus", "sigmoid", "log1p"}:
        yield "the definitions of the functions", chain.functions
    if "diff" in found:
        yield "differentiation", then(_named, chain.differentiation)
        yield "differentiation under the expectation", then(chain.leibniz, chain.differentiation, linear)
    if found & {"sum", "prod"}:
        yield "the sums are linear", chain.linear_sums
    if found & {"KL", "CE", "H", "E", "int", "intab"}:
        yield from _averages(found, known)
    if names & {"posterior", "evidence"}:
        yield from _model()
    if "indep" in found or "mvn" in found or "normal" in found or "categorical" in found:
        yield from _library(found)
    if found & {"tr", "logdet", "matmul"}:
        yield "trace and determinant", _theorems("trace-identities", "diagonal", "determinant")


def _averages(heads: frozenset[str], known: bool) -> Iterator[Reason]:
    then = tactics.then
    means = "the definition and linearity" if known else "the expectation is linear"
    yield means, then(chain.definition, linear)
    yield f"{means}, and densities integrate to one", then(chain.definition, linear, totals)
    if heads & {"E", "KL", "CE", "H"}:
        yield "an expectation is an integral", then(chain.definition, tactics.unfolding("E"))
        yield (
            "an expectation is an integral, and integrals are linear",
            then(chain.definition, tactics.unfolding("E"), linear),
        )
    yield (
        "the integral is linear, and densities integrate to one",
        then(chain.definition, linear, integral_totals),
    )
    if heads & {"normal", "indep", "mvn"}:
        yield from _normals(heads)
    if heads & {"int", "intab"}:
        yield "the value of the integral", then(tactics.unfolding("E", "pdf"), chain.integration)
        yield "the values of the integrals", then(chain.definition, linear, chain.integration)


def _normals(heads: frozenset[str]) -> Iterator[Reason]:
    then = tactics.then
    moments = _theorems("gaussian-moments", "total", "mean", "variance", "main")
    if "normal" in heads:
        yield "moments of the normal distribution", moments
        yield "moments of the normal distribution", then(linear, moments)
        yield "the definition and the densities", then(chain.definition, chain.log_density, linear, moments)
        yield (
            "the definition, the densities and the moments, as integrals",
            then(chain.definition, as_expectations, chain.log_density, linear, moments),
        )
    if "mvn" in heads:
        vectors = _theorems("gaussian-quadratic", "total", "mean", "covariance")
        yield "theorem gaussian-quadratic", _theorems("gaussian-quadratic", "main")
        yield "mean and covariance", then(chain.linearity, vectors)
        yield "mean and covariance", then(linear, vectors)
        yield (
            "definition, densities, mean and covariance",
            then(chain.definition, chain.log_density, linear, vectors),
        )
        yield (
            "definition, densities and theorem gaussian-quadratic",
            then(
                chain.definition, chain.log_density, linear, _theorems("gaussian-quadratic", "main"), vectors
            ),
        )
        seconds = second_moments(linear, vectors)
        yield "second moments", then(linear, as_traces, chain.linearity, seconds, vectors)
        yield "second moments", then(as_traces, chain.linearity, seconds, vectors)
    if "indep" in heads:
        yield "independent coordinates", then(chain.definition, linear, chain.independence, moments)
        yield (
            "densities of independent coordinates",
            then(chain.definition, chain.log_density, linear, chain.independence, linear, moments),
        )


def _library(heads: frozenset[str]) -> Iterator[Reason]:
    for id, name in (
        ("kl-normal-standard", "logvar"),
        ("kl-normal-standard", "main"),
        ("kl-normal", "main"),
        ("kl-mvn", "main"),
        ("kl-mvn-standard", "main"),
        ("kl-normal-diag-standard", "main"),
        ("kl-normal-diag", "main"),
        ("normal-cross-entropy", "main"),
        ("normal-entropy", "main"),
        ("normal-cross-entropy", "cross-entropy"),
        ("normal-entropy", "entropy"),
        ("finite-kl", "main"),
        ("finite-kl", "difference"),
        ("finite-kl", "entropy"),
        ("finite-kl", "cross-entropy"),
        ("finite-kl", "uniform"),
        ("reparameterization", "main"),
    ):
        yield f"theorem {id}", _theorems(id, name)
        if id.startswith("kl-") and "E" in heads:
            yield f"theorem {id}", tactics.then(folded, _theorems(id, name))
    finite = tactics.then(
        *(_theorems("finite-kl", n) for n in ("main", "entropy", "cross-entropy")), chain.linear_sums
    )
    if "categorical" in heads:
        yield "theorem finite-kl", finite


def _model() -> Iterator[Reason]:
    """What the model's densities mean: Bayes' rule, and p(x) as an integral."""
    then = tactics.then
    yield "Bayes' rule", posterior_density
    yield "Bayes' rule", then(chain.definition, posterior_density, linear, totals)
    yield "Bayes' rule, as integrals", then(chain.definition, posterior_density, linear, integral_totals)
    yield (
        "p(x) is the integral of p(x|z) p(z)",
        then(tactics.unfolding("E"), _theorems("elbo-decomposition", "evidence")),
    )
    yield (
        "p(x) is the integral of p(x|z) p(z)",
        then(posterior_density, linear, tactics.unfolding("E"), _theorems("elbo-decomposition", "evidence")),
    )
    decomposition = theorem("elbo-decomposition")
    yield "theorem elbo-decomposition", tactics.rewriting(rules.symmetry(decomposition))
    yield "theorem elbo-decomposition", tactics.rewriting(decomposition)
    yield "theorem elbo-routes", _theorems("elbo-routes", "weighted")
    yield (
        "theorem elbo-decomposition",
        then(tactics.rewriting(decomposition), chain.definition, posterior_density, linear, totals),
    )


def _theorems(id: str, *names: str) -> Tactic:
    """Rewriting by theorems of the library, for vectors of any dimension."""

    def tactic(t: Term) -> Theorem:
        return tactics.then(*(_rewriting(id, n, d) for n in names for d in _dimensions(t)))(t)

    return tactic


@cache
def _rewriting(id: str, name: str, dimension: Term | None) -> Tactic:
    known = theorem(id, name)
    own = {d for s in known.statement.free for d in _of_sort(s.sort) if d.head == "sym"}
    if dimension is None or not own:
        return tactics.rewriting(known)
    mapping = {d: dimension for d in own if d != dimension}
    return tactics.rewriting(rules.instantiate(known, mapping=mapping) if mapping else known)


def _dimensions(t: Term) -> list[Term | None]:
    """The dimensions of the vectors and matrices in a term; None stands for none."""
    found = {d for s in t.free for d in _of_sort(s.sort)}
    return sorted(found, key=str) or [None]


def _of_sort(sort: object) -> list[Term]:
    if isinstance(sort, tuple) and sort[0] in ("mat", "spd"):
        return [d for d in sort[1:] if d != one]
    return [d for part in sort for d in _of_sort(part)] if isinstance(sort, tuple) else []


def linear(t: Term) -> Theorem:
    """Everything multiplied out, and expectations, integrals and sums taken apart."""
    return chain.multiplied_out(t)


def _named(t: Term) -> Theorem:
    """Densities and functions written out below derivatives."""
    return tactics.then(chain.functions)(t)


def totals(t: Term) -> Theorem:
    """E[1] = 1 wherever it stands."""
    return tactics.everywhere(_total)(t)


def _total(t: Term) -> Theorem | None:
    if t.head != "E" or t.args[1].args[0] != one:
        return None
    return _of_one(t.args[0], t)


def _of_one(q: Term, t: Term) -> Theorem | None:
    if q.head == "normal":
        return _theorems("gaussian-moments", "total")(t)
    if q.head == "mvn":
        return _theorems("gaussian-quadratic", "total")(t)
    if q.head == "indep":
        return rules.independence(term=t)
    first = rules.definition(term=t)
    whole = normalised(q)
    return rules.transitivity(
        rules.transitivity(first, rules.algebra(left=first.rhs, right=whole.lhs)), whole
    )


def normalised(q: Term) -> Theorem:
    """That a density integrates to one: proved for the posterior, assumed for others."""
    if q.head == "app" and q.args[0].data and q.args[0].data[0] == "posterior" and q.args[0].sort[1] == POINT:
        x = symbol("x", POINT)
        known = theorem("elbo-decomposition", "posterior-normalised")
        return known if q.args[1] == x else rules.instantiate(known, mapping={x: q.args[1]})
    if q.head == "categorical":
        k, f = q.args
        return rules.assume(statement=make("eq", (make("sum", (one, k, f)), one)))
    return rules.assume(statement=Normalised(q))


def integral_totals(t: Term) -> Theorem:
    """E[1] = 1, and the integral of a density is one, wherever they stand."""

    def local(s: Term) -> Theorem | None:
        found = _total(s)
        if found is not None or s.head != "int":
            return found
        body = s.args[0].args[0]
        if body.head == "pdf" and body.args[1].head == "bv" and body.args[0].level == 0:
            q = body.args[0]
            if q.head in ("normal", "mvn"):
                known = theorem(
                    "gaussian-moments" if q.head == "normal" else "gaussian-quadratic", "normalised"
                )
                return tactics.rewriting(known)(s)
            whole = normalised(q)
            return whole if whole.lhs == s else None
        return None

    return tactics.then(tactics.unfolding("E"), linear, tactics.everywhere(local))(t)


def posterior_density(t: Term) -> Theorem:
    """p(z|x) = p(x|z) p(z) / p(x) wherever the density stands at a point."""
    decomposition = theorem("elbo-decomposition")
    meanings = {h.args[0]: h.args[1] for h in decomposition.hypotheses if h.head == "def"}
    name = next((n for n in meanings if n.data[0] == "posterior"), None)
    if name is None or name not in t.free:
        return tactics.reflexive(t)

    def local(s: Term) -> Theorem | None:
        if s.head != "pdf" or s.args[0].head != "app" or s.args[0].args[0] != name:
            return None
        known = rules.define(name=name, meaning=meanings[name], at=s.args[0].args[1:])
        step = rules.congruence(known, term=s, path=(0,), names=())
        return rules.transitivity(step, rules.definition(term=step.rhs))

    return tactics.everywhere(local)(t)


def heads(t: Term) -> set[str]:
    """The heads that occur in a term."""
    seen: set[Term] = set()
    out: set[str] = set()

    def visit(s: Term) -> None:
        if s in seen:
            return
        seen.add(s)
        out.add(s.head)
        for a in s.args:
            visit(a)

    visit(t)
    return out


__all__ = ["Callable", "Reason", "reasons"]
