"""What words do: \\log, \\exp, \\tr, \\mathbb{E}, KL, H, Var, \\mathcal{N}."""

from __future__ import annotations

from lark import Token, Tree

from vaemath.core.terms import Term, close, is_matrix, make
from vaemath.grade import densities
from vaemath.grade.errors import GradeError
from vaemath.grade.evidence import is_group, lowered, split_entries
from vaemath.grade.names import Named, letters, named, words_of
from vaemath.grade.products import Pieces, Taken, argument, product, scripted, word
from vaemath.grade.reading import Reader, determinant, real, short
from vaemath.grade.tex import Shape, text
from vaemath.terms.build import div, exp, log, number, pdf, power, sub


def _powers(n: Named) -> list[Shape | Token]:
    return [Tree("script", [Token("SUP", "^"), p]) for p in n.powers]


@word("log", "ln")
def _log(r: Reader, n: Named, pieces: Pieces, k: int) -> Taken:
    inner, end, above = argument(r, pieces, k, "log")
    value = inner.args[0] if inner.head == "exp" and inner.args[0].head == "logdet" else log(real(inner))
    if n.sub_shapes:
        base = r.value(n.sub_shapes[0])
        value = div(value, log(real(base)))
    return scripted(r, value, [*_powers(n), *above]), end


@word("exp")
def _exp(r: Reader, n: Named, pieces: Pieces, k: int) -> Taken:
    inner, end, above = argument(r, pieces, k, "exp")
    return scripted(r, exp(real(inner)), [*_powers(n), *above]), end


@word("softplus", "sigmoid")
def _special(r: Reader, n: Named, pieces: Pieces, k: int) -> Taken:
    inner, end, above = argument(r, pieces, k, n.base)
    return scripted(r, make(n.base, (real(inner),)), [*_powers(n), *above]), end


@word("tr", "Tr", "trace")
def _trace(r: Reader, n: Named, pieces: Pieces, k: int) -> Taken:
    inner, end, above = argument(r, pieces, k, "tr")
    value = make("tr", (inner,)) if is_matrix(inner) else inner
    return scripted(r, value, above), end


@word("det")
def _det(r: Reader, n: Named, pieces: Pieces, k: int) -> Taken:
    inner, end, above = argument(r, pieces, k, "det")
    if not is_matrix(inner):
        raise GradeError(f"the determinant of `{short(str(inner))}`, which is no matrix")
    return scripted(r, determinant(inner), above), end


@word("N", "Normal")
def _normal(r: Reader, n: Named, pieces: Pieces, k: int) -> Taken:
    group = pieces[k] if k < len(pieces) else None
    if not is_group(group):
        raise GradeError("N without its brackets")
    assert isinstance(group, Tree)
    density, at = densities.normal_of(r, group.children[0])  # type: ignore[arg-type]
    if at is None:
        raise GradeError("N(mean, variance) is a density, not a number; write N(x; mean, variance)")
    return scripted(r, pdf(density, at), list(group.children[1:])), k + 1


@word("KL", "D", "Dkl")
def _divergence(r: Reader, n: Named, pieces: Pieces, k: int) -> Taken:
    group = pieces[k] if k < len(pieces) else None
    if not is_group(group) or (n.base == "D" and "KL" not in "".join(n.subs)):
        raise GradeError(f"`{n.name}` without two densities in brackets behind it")
    assert isinstance(group, Tree)
    entries = [e for _, e in split_entries(group.children[0])]  # type: ignore[arg-type]
    if len(entries) != 2:
        raise GradeError(f"KL of {len(entries)} densities; write KL(q \\| p)")
    p, q = (densities.density(r, e) for e in entries)
    if p.sort != q.sort:
        raise GradeError(f"KL of densities over different spaces: `{p}` and `{q}`")
    return scripted(r, make("KL", (p, q)), [*_powers(n), *group.children[1:]]), k + 1


@word("H")
def _entropy(r: Reader, n: Named, pieces: Pieces, k: int) -> Taken:
    group = pieces[k] if k < len(pieces) else None
    if not is_group(group):
        raise GradeError("H without a density in brackets")
    assert isinstance(group, Tree)
    entries = [e for _, e in split_entries(group.children[0])]  # type: ignore[arg-type]
    found = [densities.density(r, e) for e in entries]
    if len(found) not in (1, 2):
        raise GradeError(f"H of {len(found)} densities")
    value = make("H" if len(found) == 1 else "CE", tuple(found))
    return scripted(r, value, [*_powers(n), *group.children[1:]]), k + 1


@word("E")
def _expectation(r: Reader, n: Named, pieces: Pieces, k: int) -> Taken:
    body, end, above = _body(r, pieces, k)
    density, name = _under(r, n, body)
    with r.scope.binding(name, density.sort[1]) as var:
        inner = product(r, body)
    r.scope.laws["#last"] = density
    if not is_matrix(inner):
        real(inner)
    value = make("E", (density, close(var, inner, name)))
    return scripted(r, value, [*_powers(n), *above]), end


def _body(r: Reader, pieces: Pieces, k: int) -> tuple[Pieces, int, list[Shape | Token]]:
    """What an expectation is of: brackets, or all factors behind it."""
    if k >= len(pieces):
        raise GradeError("an expectation of nothing")
    group = pieces[k]
    if is_group(group):
        assert isinstance(group, Tree)
        entries = split_entries(group.children[0])  # type: ignore[arg-type]
        if len(entries) != 1 or len(entries[0][1].children) != 1:
            raise GradeError(
                f"an expectation of `{short(text(group))}`: only one without a condition can be read"
            )
        return [Tree("factor", [group.children[0]])], k + 1, list(group.children[1:])
    rest = pieces[k:]
    if len(rest) > 1:
        r.note("the expectation is of all factors behind it")
    return rest, len(pieces), []


def _under(r: Reader, n: Named, body: Pieces) -> tuple[Term, str]:
    """The density of an expectation and the name of its variable."""
    if not n.sub_shapes:
        return _unsaid(r, body)
    sub_ = n.sub_shapes[0]
    entry = _entry(sub_)
    if entry is not None and len(entry.children) == 3 and str(entry.children[1]) in (r"\sim", "∼"):
        name = "_".join(words_of(entry.children[0]))
        with r.scope.binding(
            lowered(name) if "_" not in name else name, r.scope.space(lowered(name.split("_")[0]))
        ):
            density = densities.density(r, entry.children[2])
        return density, lowered(name) if "_" not in name else name
    plain = words_of(sub_)
    only = plain[0] if len(plain) == 1 else ""
    if only and only not in r.scope.densities and not _is_density_letter(r, only):
        return _of_variable(r, only), lowered(only)
    if entry is not None and len(entry.children) == 1:
        density = densities.density(r, entry.children[0])
        return density, _variable(r, entry.children[0], density, body)
    density = densities.density(r, sub_)
    return density, _variable(r, sub_, density, body)


def _is_density_letter(r: Reader, name: str) -> bool:
    from vaemath.grade.evidence import DENSITY_LETTERS

    return name in DENSITY_LETTERS


def _of_variable(r: Reader, name: str) -> Term:
    """The density of a variable that alone stands below an expectation: E_z."""
    variable = lowered(name)
    if variable in r.scope.laws:
        return r.scope.laws[variable]
    for key, value in r.scope.densities.items():
        if "|" in key and key.split("|")[1] == variable:
            return value
    from vaemath.grade import model

    q = r.model.forms.get("q", frozenset())
    name_ = "q" if any(variable in f[0] for f in q) else "p"
    forms = [f for f in r.model.forms.get(name_, ()) if f[0] == (variable,)]
    given = next((f[1] for f in forms if f[1]), ()) if name_ == "q" else ()
    conditions = {}
    for g in given:
        conditions[g] = r.scope.find(g, g) or r.scope.guess(g, g)
    r.note(f"E_{name} is the expectation under {name_}({variable}{'|' if given else ''}{''.join(given)})")
    return model.density(r.model, r.scope, name_, variable, conditions)


def _entry(s: Shape | Token) -> Shape | None:
    while isinstance(s, Tree) and s.data in ("arg", "brace", "items"):
        kids = [c for c in s.children if not (isinstance(c, Token) and c.type in ("LBRACE", "RBRACE"))]
        if len(kids) != 1:
            return None
        s = kids[0]
    return s if isinstance(s, Tree) and s.data == "entry" else None


def _variable(r: Reader, shape: Shape | Token, density: Term, body: Pieces) -> str:
    """The variable of an expectation that does not name it."""
    written = letters(shape)
    inside = [t for t in written[1:] if lowered(str(t)) in r.scope.evidence.uses]
    groups = text(shape).split("(")
    if len(groups) > 1 and inside:
        return lowered(str(inside[0])) if not str(inside[0]).startswith("\\") else str(inside[0]).lstrip("\\")
    numbers = {
        low
        for p in body
        for t in letters(p)
        if (low := lowered(str(t).lstrip("\\"))) in "xyzuw"
        and low not in r.scope.bound
        and r.scope.evidence.uses.get(low, set()) & {"arith", "vector"}
    }
    head = density.args[0] if density.head == "app" else density
    if head.head == "sym":
        name = {"prior": "p", "evidence": "p", "posterior": "p", "likelihood": "p"}.get(
            head.data[0], head.data[0]
        )
        forms = r.model.forms.get(name, frozenset())
        singles = [f[0][0] for f in forms if len(f[0]) == 1]
        chosen = singles[0] if singles and len(set(singles)) == 1 else r.model.latent
        if chosen and numbers and chosen not in numbers:
            other = sorted(numbers)[0]
            raise GradeError(f"the expectation does not say over what; write E_{{{other} \\sim ...}}")
        if chosen:
            return chosen
    for t in (x for p in body for x in letters(p)):
        low = lowered(str(t).lstrip("\\"))
        if (
            low in "xyzuw"
            and low not in r.scope.bound
            and (low not in r.scope.symbols or low in r.scope.assumed)
        ):
            return low
    return "x"


def _unsaid(r: Reader, body: Pieces) -> tuple[Term, str]:
    """An expectation that does not say under which density."""
    seen = list(dict.fromkeys(lowered(str(t).lstrip("\\")) for p in body for t in letters(p)))
    for v in seen:
        if v in r.scope.laws:
            return r.scope.laws[v], v
    variables = [v for v in seen if v in "xyzuw" and v not in r.scope.bound]
    if not variables:
        raise GradeError("an expectation that does not say under which density; write E_p[...]")
    name = variables[0]
    last = r.scope.laws.get("#last")
    concrete = {d for key, d in r.scope.densities.items()}
    if last is not None and last.sort[1] == r.scope.space(name):
        r.note("E is the expectation under the density that was used last")
        r.unsure("E does not say under which density")
        return last, name
    if len(concrete) == 1:
        return next(iter(concrete)), name
    from vaemath.terms.build import symbol

    r.note(f"{name} has any density")
    r.unsure("E does not say under which density")
    return symbol(f"p_{name}", ("dist", r.scope.space(name))), name


@word("Var", "var", "Cov", "cov", "Variance")
def _variance(r: Reader, n: Named, pieces: Pieces, k: int) -> Taken:
    group = pieces[k] if k < len(pieces) else None
    if not is_group(group):
        raise GradeError(f"`{n.base}` without its brackets")
    body, end, above = _body(r, pieces, k)
    density, name = _under(r, n, body)
    with r.scope.binding(name, density.sort[1]) as var:
        inner = product(r, body)
    mean = make("E", (density, close(var, inner, name)))
    if is_matrix(inner):
        away = make("add", (inner, make("scale", (number(-1), mean))))
        square = make("matmul", (away, away.T))
    else:
        square = power(sub(inner, mean), 2)
    return scripted(r, make("E", (density, close(var, square, name))), [*_powers(n), *above]), end


@word("diag")
def _diag(r: Reader, n: Named, pieces: Pieces, k: int) -> Taken:
    group = pieces[k] if k < len(pieces) else None
    if not is_group(group):
        raise GradeError("diag without its brackets")
    raise GradeError("diag of a vector; write the entries with an index")


__all__ = ["named"]
