"""What each number of a result takes from each element of the arguments.

A formula is a sum over elements: the symbols mu[b, j] and logvar[b, j] meet in one place. Each element's
share is written with symbols without indices; equal shares are one *block*, with the axes that were
summed over. What mixes elements (a log-sum-exp, a determinant) is kept apart.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from vaemath.check.core import POSITIVE, REAL, Mono, Poly, Term, name_of, plus, substitute, symbol, to_term
from vaemath.check.judge.algebra import normal, without_epsilons

__all__ = ["Block", "Reading", "decompose", "generic", "split_name"]

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Block:
    """One formula, shared by all elements of arguments of `shape`; the result keeps the axes `kept`, and
    each of its numbers adds up `count` elements.
    """

    shape: Shape
    formula: Poly
    kept: tuple[int, ...]
    count: int


@dataclass
class Reading:
    """A part of the result. `mixed` is what belongs to no single element, `trouble` why no blocks."""

    shape: Shape
    blocks: list[Block] = field(default_factory=list)
    constant: Poly = field(default_factory=dict)
    mixed: Poly = field(default_factory=dict)
    epsilons: list[float] = field(default_factory=list)
    trouble: str = ""


def split_name(s: Term) -> tuple[str, Shape]:
    """Name and indices of a symbol `mu|0,1`."""
    name, bar, places = name_of(s).rpartition("|")
    if not bar:
        return name_of(s), ()
    return name, tuple(int(k) for k in places.split(",") if k)


@cache
def generic(name: str, positive: bool = False) -> Term:
    """The symbol of a parameter without indices."""
    return symbol(name, POSITIVE if positive else REAL)


def decompose(terms: Any, shapes: Mapping[str, Shape], positive: Iterable[str] = ()) -> Reading:
    """Read an array of terms. `positive` names parameters that are taken to be so, which splits
    logarithms of products.
    """
    chosen = frozenset(positive)
    out = Reading(tuple(np.shape(terms)))
    shares: dict[
        tuple[Shape, Shape], dict[Shape, Poly]
    ] = {}  # (shape, element) -> number of the result -> share
    constants = []
    sizes: set[float] = set()
    for place in np.ndindex(out.shape):
        t, small = without_epsilons(terms[place])
        sizes.update(small)
        if chosen:
            t = substitute(t, {s: symbol(name_of(s), POSITIVE) for s in t.free if split_name(s)[0] in chosen})
        constant: Poly = {}
        for mono, c in normal(t).items():
            element = _element(mono, shapes)
            if element is None:
                out.mixed = plus(out.mixed, {mono: c})
            elif not element[1]:
                constant[_renamed(mono, ())] = c
            else:
                share = shares.setdefault(element, {}).setdefault(place, {})
                key = _renamed(mono, element[1])
                share[key] = share.get(key, 0) + c
        constants.append(constant)
    out.epsilons = sorted(sizes)
    if any(c != constants[0] for c in constants):
        out.trouble = "its numbers differ by constants"
    out.constant = constants[0] if constants else {}
    _blocks(out, shares)
    return out


def _element(mono: Mono, shapes: Mapping[str, Shape]) -> tuple[Shape, Shape] | None:
    """The shape and index that all symbols of a monomial share; None if they are of several elements."""
    found: list[tuple[Shape, Shape]] = []
    for atom, _ in mono:
        for s in atom.free:
            name, index = split_name(s)
            if index:
                found.append((shapes.get(name, ()), index))
    if not found:
        return (), ()
    own = [f for f in found if f[0]] or found
    shape, index = max(own, key=lambda f: len(f[1]))
    for _, other in found:
        if other == index or other == index[: len(other)] or other == index[len(index) - len(other) :]:
            continue
        if len(other) > len(index) and other[len(other) - len(index) :] == index:
            continue  # one of several draws for the element
        return None
    return shape or tuple(-1 for _ in index), index


def _renamed(mono: Mono, index: Shape) -> Mono:
    def new(s: Term) -> Term:
        name, own = split_name(s)
        if len(own) > len(index):
            name += "#" + ",".join(map(str, own[: len(own) - len(index)]))
        elif own and len(own) < len(index):
            name += "~"  # shared along an axis
        return symbol(name, s.sort)

    return tuple(sorted(((substitute(a, {s: new(s) for s in a.free}), e) for a, e in mono), key=_order))


def _order(pair: tuple[Term, Any]) -> str:
    from vaemath.check.core import key

    return key(pair[0])


def _blocks(out: Reading, shares: dict[tuple[Shape, Shape], dict[Shape, Poly]]) -> None:
    by_shape: dict[Shape, dict[Shape, dict[Shape, Poly]]] = {}
    for (shape, element), by_place in shares.items():
        by_shape.setdefault(shape, {})[element] = by_place
    known = [s for s in by_shape if -1 not in s]
    for shape in [s for s in by_shape if -1 in s]:  # draws alone: they belong to arguments of as many axes
        for home in known:
            if len(home) == len(shape):
                for element, by_place in by_shape.pop(shape).items():
                    for place, share in by_place.items():
                        mine = by_shape[home].setdefault(element, {})
                        mine[place] = plus(mine.get(place, {}), share)
                break
    for shape, elements in by_shape.items():
        formulas = {to_term(share): share for by_place in elements.values() for share in by_place.values()}
        if any(len(by_place) > 1 for by_place in elements.values()):
            out.trouble = _why(out.shape, shape, {e: tuple(p) for e, p in elements.items()})
            return
        if len(formulas) != 1:
            out.trouble = "it treats elements differently"
            return
        (formula,) = formulas.values()
        places = {element: tuple(sorted(by_place)) for element, by_place in elements.items()}
        kept = _kept(out.shape, shape, places)
        if kept is None:
            out.trouble = _why(out.shape, shape, places)
            return
        count = round(len(places) / max(int(np.prod(out.shape)), 1)) or 1
        out.blocks.append(Block(shape, formula, kept, count))


def _kept(result: Shape, shape: Shape, places: dict[Shape, Any]) -> tuple[int, ...] | None:
    """The axes of the arguments that the result keeps, if that is what it does."""
    wide = [k for k, n in enumerate(result) if n != 1]
    full = -1 in shape or len(places) == int(np.prod(shape))
    if not full:
        return None
    for axes in itertools.combinations(range(len(shape)), len(wide)):
        if all(
            len(p) == 1 and tuple(p[0][k] for k in wide) == tuple(e[a] for a in axes)
            for e, p in places.items()
        ):
            return axes
    flat = int(np.prod(result)) == len(places) and len(wide) == 1
    if flat and len({p[0] for p in places.values() if len(p) == 1}) == len(places):
        return tuple(range(len(shape)))  # reshaped
    return None


def _why(result: Shape, shape: Shape, places: dict[Shape, Any]) -> str:
    counted = [len(p) for p in places.values()]
    if max(counted) > 1:
        return f"broadcasting: a sample counts {max(counted)} times in a result of shape {list(result)}"
    if len(places) < int(np.prod(shape)):
        return "it leaves out some of the elements"
    return f"a result of shape {list(result)} mixes the samples"
