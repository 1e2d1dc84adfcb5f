"""Densities: as things (in KL, H and below an expectation) and at a point, p(x|z) or N(x; mu, sigma^2)."""

from __future__ import annotations

from fractions import Fraction

from lark import Token, Tree

from vaemath.core.terms import NAT, POINT, Term, fits, is_matrix, make
from vaemath.grade import model
from vaemath.grade.errors import GradeError
from vaemath.grade.evidence import (
    DENSITY_LETTERS,
    arguments,
    is_greek,
    is_parameter,
    lowered,
    split_entries,
    variable_of,
)
from vaemath.grade.names import PARAMETERS, Named, base_of, letters, named
from vaemath.grade.reading import Reader, short
from vaemath.grade.scope import plain
from vaemath.grade.tex import Shape, text
from vaemath.terms.build import Categorical, Indep, Normal, app, exp, mul, number, pdf, sqrt, symbol, vec

NORMAL = ("N", "Normal")


def random_entries(group: Shape) -> tuple[list[Shape], list[Shape]]:
    """What a density is of and what it is given, parameters left out."""
    of, given = arguments(group)
    named_ = [e for e in given if variable_of(e) and not is_parameter(e) and not is_greek(variable_of(e))]
    if any(not variable_of(e) and not is_parameter(e) for e in given):
        raise GradeError(f"the condition in `{short(text(group))}` is no letter")
    return [e for e in of if not is_parameter(e)], named_


def at_point(r: Reader, n: Named, group: Shape) -> Term:
    """A named density at a point: p(x), p(x|z), p(x, z).

    Raises:
        GradeError: it is none that was declared or that can be read from its letters.
    """
    of, given = random_entries(group)
    if not of:
        raise GradeError(f"`{n.name}` of nothing")
    declared = concrete(r, n, of, given)
    if declared is not None:
        return pdf(declared, point(r, of[0], declared))
    names = [lowered(variable_of(e)) for e in of]
    if not all(names):
        raise GradeError(
            f"`{short(text(group))}`: the argument of a density is a letter, with or without an index"
        )
    if len(of) == 2 and not given and model.folded(n.name) == "p":
        values = {name: point_of(r, e) for name, e in zip(names, of, strict=True)}
        if len(values) != 2 or r.model.latent not in values:
            raise GradeError(f"`p({', '.join(names)})`: the latent variable of the two is not known")
        return model.joint(r.model, r.scope, values)
    if len(of) > 1:
        raise GradeError(f"`{n.name}({', '.join(names)} | ...)`: a joint density is read as p(x, z) only")
    value = point_of(r, of[0])
    return pdf(abstract(r, n, names[0], given, parameters_of(n, group)), value)


def abstract(r: Reader, n: Named, of: str, given: list[Shape], parameters: set[str]) -> Term:
    """An abstract density of one variable; the parameters that it is written with are noted."""
    if n.base not in DENSITY_LETTERS:
        raise GradeError(f"`{n.name}` is no density that was declared")
    if len(given) > 1:
        raise GradeError(f"`{n.name}({of} | ...)`: only one condition can be read")
    conditions = {lowered(variable_of(e)): point_of(r, e) for e in given}
    found = model.density(r.model, r.scope, n.name, of, conditions)
    r.scope.carries.setdefault(found.args[0] if found.head == "app" else found, set()).update(parameters)
    return found


def parameters_of(n: Named, group: Shape) -> set[str]:
    """The parameters that a density is written with: p_\\theta(x), p(x | \\theta)."""
    of, given = arguments(group)
    inside = {base_of(t) for e in (*of, *given) if is_parameter(e) for t in letters(e)}
    return {s.lower() for s in (inside | set(n.subs)) & PARAMETERS}


def concrete(r: Reader, n: Named, of: list[Shape], given: list[Shape]) -> Term | None:
    """The declared density of that name, or of that name and these variables."""
    key = "|".join([n.name, *(lowered(variable_of(e)) for e in (*of, *given))])
    found = r.scope.densities.get(key)
    if found is not None or given or len(of) > 1:
        return found
    found = r.scope.densities.get(n.name)
    swapped = r.scope.densities.get(n.name[:1].swapcase() + n.name[1:])
    here = [o for o in r.scope.evidence.densities if o.name == n.name]
    if found is None and swapped is not None and not any(o.given or len(o.of) > 1 for o in here):
        return swapped  # p(x) where P = N(..) was declared
    return found


def point_of(r: Reader, entry: Shape) -> Term:
    """The point at which a density is taken: x, x_i, or k in Y = k."""
    if len(entry.children) == 3 and isinstance(entry.children[2], Tree):  # Y = k: the value that Y takes
        last: Shape | Token = entry.children[2]
        inner = last.children[0].children[0] if len(last.children) == 1 else None  # type: ignore[union-attr]
        n = named(inner) if isinstance(inner, Tree) and inner.data == "factor" else None
        if n is None:
            raise GradeError(f"the value `{short(text(last))}` of a random variable is no letter")
        if n.name in r.scope.bound:
            return r.scope.bound[n.name]
        variable = lowered(variable_of(entry))
        if variable in r.scope.bound and not n.subs:  # E_Y[... p(Y = k) ...]: k is the value that Y takes
            return r.scope.bound[variable]
        if n.subs:
            from vaemath.grade.letters import symbol_of

            return symbol_of(r, n)
        return symbol(plain(n.name), r.scope.space(lowered(variable_of(entry))))
    return r.value(entry)


def point(r: Reader, entry: Shape, density: Term) -> Term:
    """The point at which a declared density is taken; an undeclared letter is of its space."""
    name = lowered(variable_of(entry))
    if name and r.scope.find(name, name) is None and len(entry.children) == 1:
        return symbol(plain(name), density.sort[1])
    return point_of(r, entry)


def density(r: Reader, entry: Shape | Token) -> Term:
    """A density as a thing: p, q(z|x), N(mu, sigma^2).

    Raises:
        GradeError: it is none.
    """
    inner: Shape | Token = entry
    while isinstance(inner, Tree) and inner.data in ("entry", "sum", "items", "brace", "arg"):
        kids = [c for c in inner.children if not (isinstance(c, Token) and c.type in ("LBRACE", "RBRACE"))]
        if len(kids) != 1:
            raise GradeError(f"`{short(text(entry))}` is no density")
        inner = kids[0]
    if isinstance(inner, Token):
        inner = Tree("product", [Tree("factor", [inner])])
    pieces = list(inner.children) if inner.data == "product" else [inner]
    first = pieces[0]
    n = named(first) if isinstance(first, Tree) else None
    if n is None or len(pieces) > 2:
        raise GradeError(f"`{short(text(entry))}` is no density")
    group = pieces[1].children[0] if len(pieces) == 2 else None  # type: ignore[union-attr]
    if n.base in NORMAL and isinstance(group, Tree):
        return normal_of(r, group)[0]
    if isinstance(group, Tree):
        of, given = random_entries(group)
        found = concrete(r, n, of, given) or (concrete(r, n, [], []) if not of else None)
        if found is not None:
            return found
        names = [lowered(variable_of(e)) for e in of]
        if len(of) != 1 or not names[0]:
            raise GradeError(f"`{short(text(entry))}` is no density of one variable")
        return abstract(r, n, names[0], given, parameters_of(n, group))
    return alone(r, n)


def alone(r: Reader, n: Named) -> Term:
    """A density by its letter: declared, a family of probabilities, or the one form in which it is used."""
    scope = r.scope
    swapped = n.name[:1].swapcase() + n.name[1:]
    used = any(o.name == n.name and (o.given or len(o.of) > 1) for o in scope.evidence.densities)
    for name in (n.name, swapped) if not used else (n.name,):
        if name in scope.densities:
            return scope.densities[name]
    for key, value in scope.densities.items():
        if key.split("|")[0] == n.name:
            return value
    if scope.evidence.indexed(n.name) and n.base in DENSITY_LETTERS:
        family = scope.find(n.base, n.name) or scope.guess(n.base, n.name)
        return Categorical(count(r, n.name), lambda j: app(family, j))
    if n.base not in DENSITY_LETTERS:
        variable = lowered(n.base)
        if variable in scope.laws:
            return scope.laws[variable]
        if scope.evidence.has(variable, "point") or n.base in "XYZ":
            return model.density(r.model, scope, "p", variable, {})
        raise GradeError(
            f"`{n.name}` is no density; write $ {n.name} = \\mathcal{{N}}(\\mu, \\sigma^2) $ above"
        )
    forms = r.model.forms.get(model.folded(n.name), frozenset())
    conditional = [f for f in forms if f[1] and len(f[0]) == 1]
    plain = [f for f in forms if not f[1] and len(f[0]) == 1]
    if len(plain) == 1 or (not conditional and not plain):
        of = plain[0][0][0] if plain else _usual(r, n)
        return model.density(r.model, scope, n.name, of, {})
    if len(plain) > 1:
        latent = r.model.latent
        if any(f[0][0] == latent for f in plain) and n.base.lower() == "p" and not n.subs:
            return model.density(r.model, scope, n.name, latent, {})
        raise GradeError(f"`{n.name}` alone: it is used as a density of several variables")
    if len(conditional) == 1:
        (of,), (given,) = conditional[0]
        value = scope.find(given, given) or scope.guess(given, given)
        return model.density(r.model, scope, n.name, of, {given: value})
    raise GradeError(f"`{n.name}` alone: it is used in several ways")


def _usual(r: Reader, n: Named) -> str:
    return next(
        (v for v in "xyz" if r.scope.evidence.has(v, "over") or r.scope.evidence.has(v, "arith")), "x"
    )


def count(r: Reader, name: str) -> Term:
    """How many members a family has, where no bound says it."""
    label = f"n_{name}" if "n" in r.scope.symbols else "n"
    known = r.scope.symbols.get("#count")
    if known is not None:
        return known
    made = symbol(label, NAT)
    r.scope.symbols["#count"] = made
    return made


def normal_of(r: Reader, group: Shape) -> tuple[Term, Term | None]:
    """N(mu, Sigma), or N(x; mu, Sigma) with its point.

    Raises:
        GradeError: there are not two or three entries.
    """
    entries = [e for _, e in split_entries(group)]
    at = None
    if len(entries) == 3:
        at, entries = entries[0], entries[1:]
    if len(entries) != 2:
        raise GradeError(f"`N{short(text(group))}`: expected a mean and a variance")
    found = normal(r, r.value(entries[0]), r.value(entries[1]), entries[1])
    if at is None:
        return found, None
    return found, point(r, at, found)


def normal(r: Reader, mean: Term, spread: Term, written: Shape | None = None) -> Term:
    """The density N(mean, spread): a variance for numbers, a covariance for vectors."""
    if mean.sort == ("fun", NAT, ("real",)) and spread.sort == ("fun", NAT, ("positive",)):
        r.note("sigma holds the standard deviations of independent coordinates")
        return Indep(coordinates(r), lambda j: Normal(mean[j], spread[j]))
    if is_matrix(spread) and mean.head == "sym" and mean.data[0] in r.scope.assumed and not is_matrix(mean):
        mean = r.scope.declare(mean.data[0], ("mat", spread.sort[1], number(1)))
        r.scope.assumed[mean.data[0]] = "a vector"
    if is_matrix(spread):
        if spread.head == "eye" and any(
            u
            for name, u in r.scope.evidence.uses.items()
            if name in ("mu", "sigma") and r.scope.evidence.indexed(name)
        ):
            return Indep(coordinates(r), lambda j: Normal(0, 1))
        if not is_matrix(mean):
            if mean.head != "num":
                raise GradeError(f"the mean `{mean}` is a number, the covariance `{spread}` a matrix")
            value = mean
            mean = vec(spread.sort[1], lambda j: value)
        return make("mvn", (mean, spread))
    if is_matrix(mean):
        raise GradeError(f"the mean `{mean}` is a vector, the variance `{spread}` a number; write it with I")
    named_ = spread.head == "sym" and spread.data[0].split("_")[0] in ("sigma", "s", "tau")
    if named_ and not r.doubt("scale"):
        r.note(f"N(.., {spread}) has the standard deviation {spread}")
        return Normal(mean, spread)
    return Normal(mean, root(spread))


def coordinates(r: Reader) -> Term:
    """The number of coordinates of a density of independent ones."""
    if "d" in r.scope.symbols or r.scope.evidence.has("d", "count"):
        return r.scope.find("d", "d") or r.scope.guess("d", "d")
    return r.scope.dimension()


def root(variance: Term) -> Term:
    """The standard deviation of a variance."""
    if variance.head == "pow" and variance.data == (2, 1) and fits(variance.args[0].sort, ("positive",)):
        return variance.args[0]
    if variance.head == "num" and variance.data[1] == 1:
        known = {1: 1, 4: 2, 9: 3, 16: 4, 25: 5}.get(variance.data[0])
        return number(known) if known else sqrt(variance)
    if variance.head == "exp":
        return exp(mul(variance.args[0], number(Fraction(1, 2))))
    return sqrt(variance)


__all__ = ["NORMAL", "PARAMETERS", "POINT", "alone", "at_point", "concrete", "density", "normal", "normal_of"]
