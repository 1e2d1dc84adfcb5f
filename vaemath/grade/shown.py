"""Terms as they were read, in the student's own letters."""

from __future__ import annotations

from collections.abc import Iterable

from vaemath.core.terms import Term, make, open_with, substitute
from vaemath.core.theorem import Theorem
from vaemath.grade.model import Model
from vaemath.grade.reading import Extremum
from vaemath.grade.scope import Scope
from vaemath.pages.as_text import said
from vaemath.pages.densities import Label
from vaemath.pages.unicode import unicode
from vaemath.pages.words import hypotheses
from vaemath.pages.write import Writer

_ROLES = ("prior", "evidence", "likelihood", "posterior")


def shown(value: Term | Extremum, scope: Scope, model: Model) -> str:
    """One line of text."""
    if isinstance(value, Extremum):
        return f"{value.kind} over {value.over} of {shown(value.objective, scope, model)}"
    return unicode(_writer(scope).write(_renamed(value, model)))


def assumptions(proof: Theorem, model: Model, scope: Scope) -> tuple[str, ...]:
    """The hypotheses of a proof in words, but for what p(x) and p(z|x) mean."""
    left = sorted((h for h in proof.hypotheses if h.head != "def"), key=str)
    w = _writer(scope)
    return tuple(said(p) for p in hypotheses(w, [_renamed(h, model) for h in left]))


def _writer(scope: Scope) -> Writer:
    names = {d: Label(key) for key, d in scope.densities.items() if "|" not in key and d.head != "sym"}
    return _Own(names)


class _Own(Writer):
    """Bound variables by the letters that were written."""

    def opened(self, lam: Term, around: Term) -> tuple[str, Term]:
        hint = lam.data[0].split("#")[0]
        taken = {s.data[0].split("#")[0] for s in lam.free | around.free}
        if hint and hint not in taken:
            return hint, open_with(lam, make("sym", (), (hint, lam.data[1])))
        return super().opened(lam, around)


def _renamed(t: Term, model: Model) -> Term:
    """p(y|w) for a model whose variables are not x and z."""
    used = [s for s in t.free if s.data[0] in _ROLES]
    if not used or model.latent in ("z", ""):
        return t
    return substitute(t, {s: make("sym", (), ("p", s.sort)) for s in used})


def listed(scope: Scope) -> Iterable[str]:
    """What undeclared letters were taken for."""
    return [f"{name}: {what}" for name, what in sorted(scope.assumed.items()) if not name.startswith("#")]
