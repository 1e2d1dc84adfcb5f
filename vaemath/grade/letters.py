"""Letters: symbols, members of families, densities at a point, functions of their arguments."""

from __future__ import annotations

from lark import Token, Tree

from vaemath.core.terms import NAT, REAL, Term, close, fits, is_real, make
from vaemath.grade import densities
from vaemath.grade.errors import GradeError
from vaemath.grade.evidence import DENSITY_LETTERS, arguments, is_group, is_parameter, lowered, variable_of
from vaemath.grade.names import INDICES, PARAMETERS, Named, letters
from vaemath.grade.products import Pieces, Taken, product, scripted
from vaemath.grade.reading import Reader, reads, real
from vaemath.grade.scope import plain
from vaemath.grade.tex import Shape, text
from vaemath.terms.build import app, exp, eye, number, pi, symbol


def letter(r: Reader, n: Named, pieces: Pieces, k: int) -> Taken:
    """The value of a letter with its scripts and, for a function or a density, its brackets."""
    following = pieces[k + 1] if k + 1 < len(pieces) else None
    if n.base == "e" and len(n.powers) == 1 and not n.subs and r.scope.find("e", "e") is None:
        return exp(real(r.value(n.powers[0]))), k + 1
    known = r.scope.find(n.base, n.name)
    if is_group(following) and is_density(r, n):
        assert isinstance(following, Tree)
        value = densities.at_point(r, n, following.children[0])  # type: ignore[arg-type]
        return scripted(r, value, [*_powers(n), *following.children[1:]]), k + 2
    coordinate = f"{n.name}^{text(n.powers[0])}" if len(n.powers) == 1 else ""
    if coordinate in r.scope.bound:
        return r.scope.bound[coordinate], k + 1
    family = known is not None and known.sort[:2] == ("fun", NAT)
    parametric = is_group(following) and (
        any(is_parameter(e) for e in _entries(following)) or bool(PARAMETERS & set(n.subs))
    )
    new = known is None and is_group(following) and not n.word and not parametric
    if new and len(_entries(following)) == 1 and only_letters(following):  # type: ignore[arg-type]
        r.unsure(f"`{n.name}` before brackets was not declared; it is read as a factor")
    if (n.word and n.name not in r.scope.names) or (
        (known is None or family or parametric) and is_group(following)
    ):
        function = _function(r, n, known, following)
        if function is not None:
            assert isinstance(following, Tree)
            return scripted(r, function, [*_powers(n), *following.children[1:]]), k + 2
        called = _called(r, n, following)
        if called is not None:
            assert isinstance(following, Tree)
            return scripted(r, called, [*_powers(n), *following.children[1:]]), k + 2
    if known is not None and known.sort[0] == "fun" and is_group(following) and known.sort[1] != NAT:
        assert isinstance(following, Tree)
        of, given = arguments(following.children[0])  # type: ignore[arg-type]
        values = [r.value(e) for e in (*of, *given) if not is_parameter(e)]
        return scripted(r, app(known, *values), [*_powers(n), *following.children[1:]]), k + 2
    if known is not None and n.name in r.scope.names and is_group(following):  # \mathcal{L}(\theta, \phi)
        assert isinstance(following, Tree)
        if only_letters(following):
            written, defined = argument_text(following), r.scope.named_of.get(n.name, "")
            if written != defined:
                raise GradeError(f"`{n.name}({written})`: it was defined as {n.name}({defined})")
            return scripted(r, known, [*_powers(n), *following.children[1:]]), k + 2
    return scripted(r, symbol_of(r, n), _powers(n)), k + 1


def _entries(group: object) -> list[Shape]:
    assert isinstance(group, Tree)
    of, given = arguments(group.children[0])
    return [*of, *given]


def _function(r: Reader, n: Named, known: Term | None, group: object) -> Term | None:
    """f(x) or f'(x) for a function of a number that was not declared."""
    base = n.base.rstrip("'")
    if known is not None or base not in ("f", "g", "h") or n.subs or not is_group(group):
        return None
    assert isinstance(group, Tree)
    of, given = arguments(group.children[0])
    if len(of) != 1 or given or n.base not in (base, base + "'"):
        return None
    at = r.value(of[0])
    if not is_real(at):
        return None
    f = r.scope.symbols.get(base)
    if f is None:
        f = r.scope.declare(base, ("fun", REAL, REAL))
        r.scope.assumed[base] = "a function of a number"
    if base in r.scope.assumed:
        r.unsure(f"{base} was not declared and may be a special function")
    if n.base == base:
        return app(f, at)
    u = symbol("u#f0", REAL)
    return make("diff", (close(u, app(f, u), "u"), at))


def is_density(r: Reader, n: Named) -> bool:
    """Is the letter before brackets a density?"""
    if n.name in r.scope.densities or any(key.startswith(f"{n.name}|") for key in r.scope.densities):
        return True
    return n.base in DENSITY_LETTERS and n.name not in r.scope.symbols and not n.powers


def _powers(n: Named) -> list[Shape | Token]:
    return [Tree("script", [Token("SUP", "^"), p]) for p in n.powers]


def _called(r: Reader, n: Named, group: object) -> Term | None:
    """A name that was not declared, with brackets that hold only letters: a function of free arguments.

    Arguments that are parameters or free points are left out: \\mu(x_i, \\phi) is the one number \\mu.
    """
    if not is_group(group):
        return None
    assert isinstance(group, Tree)
    if n.word:
        return None
    if not only_letters(group):
        return None
    of, given = arguments(group.children[0])
    entries = [e for e in (*of, *given) if not is_parameter(e)]
    names = [variable_of(e) for e in entries]
    points = [v for v in names if r.scope.evidence.has(lowered(v), "point")]
    plain = len(entries) == len(of) + len(given) and not PARAMETERS & set(n.subs)
    if len(points) != len(names) and plain:
        return None
    if any(lowered(v) in r.scope.bound or v in r.scope.bound for v in names):
        raise GradeError(f"`{n.name}` as a function of a variable that is averaged or integrated over")
    r.note(f"the arguments of `{n.base}` stay the same and are not written")
    return symbol_of(r, n)


def argument_text(group: Shape) -> str:
    """The arguments of a name, parameters left out."""
    of, given = arguments(group.children[0])  # type: ignore[arg-type]
    return ", ".join(text(e) for e in (*of, *given) if not is_parameter(e))


def only_letters(group: Shape) -> bool:
    """Do brackets hold letters and nothing else?"""
    head = group.children[0]
    signs = [
        t
        for t in _tokens(head)
        if t.type not in ("LETTER", "COMMA", "MID", "OPEN", "CLOSE", "SUB", "SEMI", "LBRACE", "RBRACE")
    ]
    return not signs and bool(letters(head))


def _tokens(s: Shape | Token) -> list[Token]:
    if isinstance(s, Token):
        return [s]
    return [t for c in s.children for t in _tokens(c)]


def symbol_of(r: Reader, n: Named) -> Term:
    """The symbol of a letter; an index at its end makes it a member of a family."""
    scope = r.scope
    if n.base == "pi" and not n.subs and "pi" not in scope.symbols:
        return pi
    if n.base == "e" and not n.subs and "e" not in scope.symbols and "e" not in scope.bound:
        return exp(number(1))
    if n.base == "I" and "I" not in scope.symbols and not (n.word and n.subs and n.subs[-1].isdigit()):
        return eye(_size(r, n))
    subs = [s for s in n.subs if s not in PARAMETERS]
    whole = scope.bound.get("_".join([n.base, *subs])) or scope.bound.get("_".join([lowered(n.base), *subs]))
    if whole is not None:
        return whole
    last = subs[-1] if subs else ""
    bound_index = scope.bound.get(last)
    is_index = (bound_index is not None and fits(bound_index.sort, NAT)) or (
        last in INDICES and last not in ("",)
    )
    if is_index:
        name = "_".join([n.base, *subs[:-1]])
        family = scope.find(n.base, name) or scope.find(lowered(n.base), lowered(name))
        if scope.evidence.has(lowered(name), "coordinates"):
            family = symbol(plain(lowered(name)), ("fun", NAT, scope.space(lowered(name))))
        if family is None:
            family = scope.guess(
                n.base, lowered(name) if scope.evidence.has(lowered(name), "point") else name
            )
        if family.sort[:2] == ("fun", NAT):
            return app(family, bound_index if bound_index is not None else index(r, last))
    if n.word and n.base == "I" and last.isdigit() and not scope.names.get(n.name):
        raise GradeError(f"`{n.token}_{last}` is not in the vocabulary")
    if last.isdigit():
        name = "_".join([n.base, *subs[:-1]])
        family = scope.find(n.base, name)
        if scope.evidence.has(lowered(n.base), "point"):
            r.unsure(f"the values of {lowered(n.base)} are not listed")
        if (
            family is not None
            and family.sort[:2] == ("fun", NAT)
            and int(last) > 0
            and n.name not in scope.symbols
        ):
            return app(family, number(int(last)))
    small = lowered(n.name)
    if scope.evidence.has(small, "point") and scope.evidence.indexed(small) and n.name not in scope.symbols:
        r.unsure(f"{n.name} and {small}_i are not told apart")
        return symbol(plain(n.name), scope.space(small))
    found = scope.find(n.base, n.name)
    if found is not None:
        return found
    if n.word:
        raise GradeError(f"`{n.token}` is not in the vocabulary")
    if scope.evidence.has(lowered(n.name), "point") and lowered(n.name) != n.name:
        return scope.find(n.base, lowered(n.name)) or scope.guess(n.base, lowered(n.name))
    return scope.guess(n.base, n.name)


def index(r: Reader, name: str) -> Term:
    """An index that no sum binds: any whole number."""
    found = r.scope.symbols.get(name)
    if found is not None and fits(found.sort, NAT):
        return found
    return r.scope.declare(name, NAT) if found is None else found


def _size(r: Reader, n: Named) -> Term:
    if n.sub_shapes:
        return r.value(n.sub_shapes[0])
    return r.scope.dimension()


@reads("TOP", "NABLA", "PARTIAL", "FORALL", "ARROW", "TIMES", "SIGN")
def _sign(r: Reader, t: Token) -> Term:
    raise GradeError(f"`{t}` cannot be read here")


__all__ = ["REAL", "index", "is_density", "letter", "product", "symbol_of", "text"]
