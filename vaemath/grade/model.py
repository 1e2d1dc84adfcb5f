"""The abstract densities of a file: p(x|z), q(z), ... as primitives and what follows from them.

A density of two variables is a model: one variable is latent, p(z) and p(x|z) are any densities, p(x, z) is
their product, p(x) its integral and p(z|x) their quotient. A density of one variable is any over its space.
"""

from __future__ import annotations

from dataclasses import dataclass

from vaemath.core.terms import Term
from vaemath.grade.errors import GradeError
from vaemath.grade.evidence import Occurrence
from vaemath.grade.scope import Scope
from vaemath.terms.build import app, mul, pdf, symbol


@dataclass(frozen=True)
class Model:
    """The variables of the densities of each name, and which one is latent."""

    variables: dict[str, tuple[str, ...]]
    latent: str
    forms: dict[str, frozenset[tuple[tuple[str, ...], tuple[str, ...]]]]

    def component(self, name: str, variable: str) -> tuple[str, ...]:
        """The variables that a density of this name connects with one of them."""
        found = {variable}
        groups = [{*o, *g} for o, g in self.forms.get(name, ())]
        while more := {v for g in groups if g & found for v in g} - found:
            found |= more
        known = self.variables.get(name, ())
        if len(found) == 1 and len(known) == 2:  # the other one is connected elsewhere in the file
            return known if variable in known and self.latent in known else (variable,)
        return tuple(v for v in known if v in found) or (variable,)


def folded(name: str) -> str:
    """P is p, and Q is q."""
    return name[:1].lower() + name[1:]


def model_of(here: list[Occurrence], everywhere: list[Occurrence]) -> Model:
    """Which densities some lines use; what they leave open is looked up in the whole file."""
    variables: dict[str, list[str]] = {}
    forms: dict[str, set[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for o in here:
        name = folded(o.name)
        known = variables.setdefault(name, [])
        known += [v for v in (*o.of, *o.given) if v not in known]
    for name, known in variables.items():
        pairs = {
            frozenset((*o.of, *o.given))
            for o in everywhere
            if folded(o.name) == name and len({*o.of, *o.given}) == 2 and set(known) <= {*o.of, *o.given}
        }
        if len(known) == 1 and len(pairs) == 1:
            known += sorted(next(iter(pairs)) - set(known))
    for o in (*here, *everywhere):
        name = folded(o.name)
        if o in here or not any(folded(h.name) == name for h in here):
            forms.setdefault(name, set()).add((tuple(sorted(o.of)), o.given))
    latent = ""
    for o in (*here, *everywhere):  # q(z|x) says it best
        if folded(o.name) == "q" and len(o.of) == len(o.given) == 1:
            latent = latent or o.of[0]
    p = variables.get("p", [])
    conditional = [o for o in here if folded(o.name) == "p" and len(o.of) == len(o.given) == 1]
    if latent not in p:
        latent = (
            "z" if "z" in p else conditional[0].given[0] if conditional else p[-1] if len(p) > 1 else latent
        )
    return Model(
        {n: tuple(v) for n, v in variables.items()}, latent, {n: frozenset(f) for n, f in forms.items()}
    )


def density(m: Model, scope: Scope, name: str, of: str, given: dict[str, Term]) -> Term:
    """The density of one variable, given the value of another or of none.

    Raises:
        GradeError: it is a density of three variables, or of none that occur.
    """
    name = folded(name)
    variables = m.component(name, of)
    if len(variables) > 2:
        raise GradeError(f"{name} is a density of {', '.join(variables)}: only two variables can be read")
    space = scope.space(of)
    conditionals = {(o, g) for o, g in m.forms.get(name, ()) if g}
    if name != "p":
        if not given:
            joined = any(len(o) > 1 for o, g in m.forms.get(name, ()))
            if joined:
                raise GradeError(f"{name}({', '.join(variables)}): a joint density is read for p only")
            label = name if len(variables) == 1 or not conditionals else f"{name}_{of}"
            return symbol(label, ("dist", space))
        ((other, value),) = given.items()
        if len({o for o, g in conditionals}) > 1:
            raise GradeError(f"{name} is conditioned both ways: this is read for p only")
        return app(symbol(name, ("fun", scope.space(other), ("dist", space))), value)
    if not given and len(variables) == 1 and not _paired(m, of):
        return symbol("p", ("dist", space))
    latent = m.latent if m.latent in variables or len(variables) == 1 else ""
    if not given:
        return symbol("prior" if of == latent else "evidence", ("dist", space))
    ((other, value),) = given.items()
    role = "posterior" if of == latent else "likelihood"
    return app(symbol(role, ("fun", scope.space(other), ("dist", space))), value)


def _paired(m: Model, of: str) -> bool:
    """Is the one variable of p that of a model whose other half is q(z|x), or one of x and z?"""
    q = m.variables.get("q", ())
    return len(q) == 2 and of in q


def joint(m: Model, scope: Scope, values: dict[str, Term]) -> Term:
    """p(x, z) as the likelihood times the prior."""
    latent = m.latent
    (seen,) = (v for v in values if v != latent)
    likelihood = density(m, scope, "p", seen, {latent: values[latent]})
    return mul(pdf(likelihood, values[seen]), pdf(density(m, scope, "p", latent, {}), values[latent]))
