"""Densities as values: their height at a point and expectations under them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from math import prod
from typing import Any

from flint import arb, arb_mat

from vaemath.audit.matrices import cholesky
from vaemath.audit.quadrature import Rule, line_integral, refine, standard_rules
from vaemath.audit.values import BeyondError, Coordinates, UndefinedError, integer

MANY = 2000  # nodes of a rule in several dimensions; with more of them an expectation is not known


class Density(ABC):
    """A density over one space. `exact` says that its first rule is all there is to know."""

    exact = False

    @abstractmethod
    def height(self, x: Any) -> arb:
        """The density at a point."""

    @abstractmethod
    def rules(self, dimension: int = 1) -> Iterator[Rule]:
        """Finer and finer quadrature rules, as one of `dimension` coordinates."""

    def expect(self, f: Callable[[Any], Any]) -> Any:
        """The expectation of f."""
        if self.exact:
            return _weighted(next(self.rules()), f)
        return refine((_weighted(r, f) for r in self.rules()), "an expectation")


def _weighted(rule: Rule, f: Callable[[Any], Any]) -> Any:
    total: Any = None
    for x, w in rule:
        part = f(x) * w
        total = part if total is None else total + part
    return total


class Table(Density):
    """A density over finitely many points with masses."""

    exact = True

    def __init__(self, heights: dict[int, arb], masses: list[tuple[int, arb]]) -> None:
        self.heights, self.masses = heights, masses

    def height(self, x: Any) -> arb:
        return self.heights[integer(x)]

    def rules(self, dimension: int = 1) -> Iterator[Rule]:
        yield [(x, self.heights[x] * mass) for x, mass in self.masses]


class Counted(Density):
    """A distribution on the integers low, ..., high, given by its probabilities."""

    exact = True

    def __init__(self, probability: Callable[[arb], arb], low: int, high: int) -> None:
        self.probability, self.low, self.high = probability, low, high

    def height(self, x: Any) -> arb:
        return self.probability(x)

    def rules(self, dimension: int = 1) -> Iterator[Rule]:
        yield [(arb(x), self.probability(arb(x))) for x in range(self.low, self.high + 1)]


class Scattered(Density):
    """A few matrices with weights: a distribution over matrices that has expectations, but no density."""

    exact = True

    def __init__(self, weighted: Rule) -> None:
        self.weighted = weighted

    def height(self, x: Any) -> arb:
        raise BeyondError("the density of a distribution on a few matrices")

    def rules(self, dimension: int = 1) -> Iterator[Rule]:
        yield self.weighted


class Normal(Density):
    """N(loc, scale^2)."""

    def __init__(self, loc: arb, scale: arb) -> None:
        if not scale > 0:
            raise UndefinedError(f"a scale of {scale.str(8)}")
        self.loc, self.scale = loc, scale

    def height(self, x: arb) -> arb:
        t = (x - self.loc) / self.scale
        return (-t * t / 2).exp() / (self.scale * (2 * arb.pi()).sqrt())

    def rules(self, dimension: int = 1) -> Iterator[Rule]:
        for rule in standard_rules(dimension):
            yield [(self.loc + self.scale * t, w) for t, w in rule]


class Mixture(Density):
    """A weighted sum of normals: what a symbol for any density on the line stands for."""

    def __init__(self, parts: list[tuple[arb, Normal]]) -> None:
        self.parts = parts

    def height(self, x: arb) -> arb:
        return sum((w * p.height(x) for w, p in self.parts), arb(0))

    def rules(self, dimension: int = 1) -> Iterator[Rule]:
        for together in zip(*(p.rules(dimension) for _, p in self.parts), strict=True):
            yield [(x, c * w) for (c, _), rule in zip(self.parts, together, strict=True) for x, w in rule]


class Product(Density):
    """Independent coordinates 1..d."""

    def __init__(self, factors: list[Density]) -> None:
        self.factors = factors
        self.exact = all(f.exact for f in factors)

    def height(self, x: Any) -> arb:
        total = arb(1)
        for j, f in enumerate(self.factors, 1):
            total *= f.height(x(arb(j)))
        return total

    def rules(self, dimension: int = 1) -> Iterator[Rule]:
        per_factor = [_unending(f.rules(len(self.factors)), f.exact) for f in self.factors]
        for together in zip(*per_factor, strict=False):
            out: Rule = []
            for nodes in _grid(together):
                weight = arb(1)
                for _, w in nodes:
                    weight *= w
                out.append((Coordinates(tuple(x for x, _ in nodes)), weight))
            yield out
            if self.exact:
                return


def _grid(rules: Sequence[Rule]) -> Iterator[tuple[tuple[Any, arb], ...]]:
    """The product of rules for single coordinates."""
    if prod(map(len, rules)) > MANY:
        raise BeyondError(f"an expectation over {len(rules)} coordinates")
    return product(*rules)


def _unending(rules: Iterator[Rule], exact: bool) -> Iterator[Rule]:
    for r in rules:
        yield r
    while exact:
        yield r


class MvNormal(Density):
    """N(mean, covariance), as mean + L e with e standard normal."""

    def __init__(self, mean: arb_mat, covariance: arb_mat) -> None:
        self.mean, self.factor = mean, cholesky(covariance)
        self.covariance = covariance

    def height(self, x: arb_mat) -> arb:
        v = x - self.mean
        n = v.nrows()
        form = (v.transpose() * self.covariance.inv() * v)[0, 0]
        return (-form / 2).exp() / ((2 * arb.pi()) ** n * self.covariance.det()).sqrt()

    def rules(self, dimension: int = 1) -> Iterator[Rule]:
        n = self.mean.nrows()
        for rule in standard_rules(n):
            out: Rule = []
            for nodes in _grid([rule] * n):
                weight = arb(1)
                for _, w in nodes:
                    weight *= w
                out.append((self.mean + self.factor * arb_mat(n, 1, [t for t, _ in nodes]), weight))
            yield out


class Given(Density):
    """A density given by a formula, over the abstract points, bits, or the real line."""

    def __init__(self, f: Callable[[Any], arb], space: str, masses: list[tuple[Any, arb]] | None) -> None:
        self.f, self.space, self.masses = f, space, masses
        self.exact = masses is not None

    def height(self, x: Any) -> arb:
        return self.f(x)

    def rules(self, dimension: int = 1) -> Iterator[Rule]:
        if self.masses is None:
            raise BeyondError(f"a product of densities given by formulas over `{self.space}`")
        yield [(x, self.f(x) * mass) for x, mass in self.masses]

    def expect(self, f: Callable[[Any], Any]) -> Any:
        if self.masses is None and self.space == "real":
            return line_integral(lambda x: f(x) * self.f(x))
        return super().expect(f)
