"""What a factor follows: the batch, the latent or data dimensions, a count that was given, or nothing.

The function is lifted at two sets of sizes; a factor that is 1/3 at a batch of 3 and 1/2 at one of 2
follows the batch.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Law", "law_of"]


@dataclass(frozen=True)
class Law:
    """A number times powers of sizes."""

    number: Fraction
    powers: tuple[tuple[str, int], ...] = ()

    def power(self, size: str) -> int:
        """The power of one size."""
        return dict(self.powers).get(size, 0)

    def without(self, *sizes: str) -> Law:
        """The law without these sizes."""
        return Law(self.number, tuple((s, p) for s, p in self.powers if s not in sizes))

    def over(self, other: Law) -> Law:
        """The quotient of two laws."""
        powers = {s: self.power(s) - other.power(s) for s in dict([*self.powers, *other.powers])}
        return Law(self.number / other.number, tuple((s, p) for s, p in powers.items() if p))

    def text(self, words: Mapping[str, str]) -> str:
        """Such as 1/2, 1/d, D/d."""
        above = [words.get(s, s) for s, p in self.powers for _ in range(max(p, 0))]
        below = [words.get(s, s) for s, p in self.powers for _ in range(max(-p, 0))]
        n, d = self.number.numerator, self.number.denominator
        if len(str(d)) > 5:
            above, n, d = [f"{float(self.number):.6g}", *above], 1, 1
        top = " ".join([str(n), *above] if n != 1 or not above else above)
        bottom = [str(d), *below] if d != 1 else below
        return (
            top if not bottom else f"{top}/{bottom[0]}" if len(bottom) == 1 else f"{top}/({' '.join(bottom)})"
        )


def law_of(values: list[Fraction], sizes: list[Mapping[str, int]]) -> Law:
    """The simplest law with these values at these sizes; at one set of sizes, or without a law, the number
    alone.
    """
    if len(values) < 2 or not values[0]:
        return Law(values[0])
    names = [n for n in sizes[0] if sizes[0][n] != sizes[1].get(n) and sizes[0][n] > 0]
    options = sorted(
        itertools.product((0, -1, 1), repeat=len(names)), key=lambda p: (sum(map(abs, p)), sum(p))
    )
    for powers in options:
        scaled = []
        for value, at in zip(values, sizes, strict=True):
            out = value
            for n, p in zip(names, powers, strict=True):
                out /= Fraction(at[n]) ** p
            scaled.append(out)
        if len(set(scaled)) == 1:
            return Law(scaled[0], tuple((n, p) for n, p in zip(names, powers, strict=True) if p))
    return Law(values[0])
