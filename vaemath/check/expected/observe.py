"""Observations: what the function returned, flattened, next to what each model gives for the same
inputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vaemath.check.expected.design import Box, Caller, Point, Sizes, draw

__all__ = ["Failure", "Observations", "gather", "kind_of", "reduced"]

Array = NDArray[np.float64]
CALLS = {"scalar": 26, "sample": 10, "elementwise": 4}


class Failure(Exception):
    """A call raised, or returned something that is not a reduction of its input."""

    def __init__(self, message: str, *, shape: tuple[int, ...] | None = None) -> None:
        super().__init__(message)
        self.shape = shape


@dataclass(frozen=True)
class Observations:
    """Inputs of one size and box, and the flattened outputs."""

    kind: str
    sizes: Sizes
    points: list[Point]
    y: Array
    dtype: str

    @cached_property
    def stacked(self) -> Point:
        """All points as one batch."""
        return {role: np.concatenate([p[role] for p in self.points]) for role in self.points[0]}


def kind_of(shape: tuple[int, ...], sizes: Sizes, *, matrix: bool) -> str:
    """scalar, sample or elementwise. Raises `Failure` for any other shape."""
    if int(np.prod(shape)) == 1 and sizes.batch > 1:
        return "scalar"
    if shape in ((sizes.batch,), (sizes.batch, 1)):
        return "sample"
    if shape == (sizes.batch, sizes.latent) and not matrix:
        return "elementwise"
    expected = f"(), ({sizes.batch},) or ({sizes.batch}, {sizes.latent})"
    raise Failure(
        f"for a batch of {sizes.batch} and {sizes.latent} latent dimensions it returned shape {shape}; "
        f"expected {expected}",
        shape=shape,
    )


def gather(
    caller: Caller,
    rng: np.random.Generator,
    sizes: Sizes,
    box: Box,
    *,
    calls: int | None = None,
    diagonal: bool = False,
) -> Observations:
    """Call the function at random inputs. Raises `Failure` if it raises or if the shape is wrong."""
    first = draw(caller.plan, rng, sizes, box, diagonal=diagonal)
    answer = caller.one(first)
    if answer.error is not None or answer.value is None:
        raise Failure(answer.error or "it returned nothing")
    kind = kind_of(answer.value.shape, sizes, matrix=caller.plan.matrix)
    more = (CALLS[kind] if calls is None else calls) - 1
    points = [draw(caller.plan, rng, sizes, box, diagonal=diagonal) for _ in range(more)]
    answers = caller.many(points)
    values = [answer.value]
    for each in answers:
        if each.error is not None or each.value is None:
            raise Failure(each.error or "it returned nothing")
        if each.value.shape != answer.value.shape:
            raise Failure("it returned different shapes for inputs of one shape")
        values.append(each.value)
    y = np.concatenate([np.ravel(v) for v in values])
    return Observations(kind, sizes, [first, *points], y, answer.dtype)


def reduced(values: Array, observations: Observations) -> Array:
    """Model values over the stacked points, summed to the kind of the observations and flattened."""
    if observations.kind == "elementwise":
        return np.ravel(values)
    per_sample = values if values.ndim == 1 else values.reshape(len(values), -1).sum(axis=1)
    if observations.kind == "sample":
        return per_sample
    return np.asarray(per_sample.reshape(len(observations.points), -1).sum(axis=1))
