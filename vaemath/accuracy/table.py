"""The accuracy table: our kernels beside what others offer, on the same samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from vaemath.accuracy.backends import others, ours
from vaemath.accuracy.exact import EXACT
from vaemath.accuracy.matrices import covariance_pairs, exact_kl, factor_pairs, relative
from vaemath.accuracy.measure import measure


@dataclass(frozen=True)
class Row:
    """The worst errors of one implementation of one kernel.

    Attributes:
        kernel, dtype, implementation: what was measured.
        unit: `ULP`, or `relative` for the full-covariance kernels.
        value, gradient: the worst error of the value and of any gradient; inf where a representable
            result came out as inf or NaN.
        negative: values below zero of a quantity that cannot be.
        samples: how many arguments were tried.
    """

    kernel: str
    dtype: str
    implementation: str
    unit: str
    value: float
    gradient: float | None
    negative: int
    samples: int


def rows(*, samples: int = 300_000, seed: int = 0, thin: int = 1) -> Iterator[Row]:
    """The rows of the table, one at a time as they are measured.

    `samples` arguments for each elementwise kernel; every `thin`-th pair of matrices.
    """
    for kernel in EXACT:
        for kind in ("float32", "float64"):
            backends = {
                "vaemath numpy": ours(kernel, "numpy"),
                "vaemath torch": ours(kernel, "torch"),
                "vaemath C": ours(kernel, "C"),
                **others(kernel),
            }
            for name, backend in backends.items():
                worst = measure(kernel, backend, np.dtype(kind), samples=samples, seed=seed)
                gradient = max(w.ulp for w in worst[1:])
                yield Row(kernel, kind, name, "ULP", worst[0].ulp, gradient, worst[0].negative, samples)
    for kind in ("float32", "float64"):
        yield from _matrices(kind, seed, thin, factors=True)
    yield from _matrices("float64", seed, thin, factors=False)


def _matrices(kind: str, seed: int, thin: int, *, factors: bool) -> Iterator[Row]:
    import torch

    import vaemath.kernels.numpy as numpy_kernels
    import vaemath.kernels.torch as torch_kernels

    kernel, keyword = ("kl_mvn", "scale_tril") if factors else ("kl_mvn_covariance", "covariance_matrix")
    make, top = (factor_pairs, 1e7) if factors else (covariance_pairs, 1e6)
    worst: dict[str, float] = {}
    negative: dict[str, int] = {}
    D = torch.distributions
    count = 0
    for pair in islice(make(np.random.default_rng(seed), np.dtype(kind), top), 0, None, thin):
        count += 1
        exact = exact_kl(pair, factors=factors)
        a, b, c, d = map(torch.tensor, pair.arguments)
        found = {
            "vaemath numpy": float(getattr(numpy_kernels, kernel)(*pair.arguments)),
            "vaemath torch": float(getattr(torch_kernels, kernel)(a, b, c, d)),
        }
        try:
            p = D.MultivariateNormal(a, **{keyword: b}, validate_args=False)
            q = D.MultivariateNormal(c, **{keyword: d}, validate_args=False)
            found["torch.distributions"] = float(D.kl_divergence(p, q))
        except RuntimeError:  # a Cholesky factorisation in float32 that does not exist
            found["torch.distributions"] = float("nan")
        for name, value in found.items():
            error = relative(value, exact) if np.isfinite(value) else float("inf")
            worst[name] = max(error, worst.get(name, 0.0))
            negative[name] = negative.get(name, 0) + (value < 0)
    for name, error in worst.items():
        yield Row(kernel, kind, name, "relative", error, None, negative[name], count)


def markdown(table: Iterable[Row]) -> str:
    """The table for the documentation."""
    lines = [
        "| kernel | dtype | implementation | value | gradients | unit | negative | samples |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for r in table:
        gradient = "" if r.gradient is None else _number(r.gradient)
        cells = (r.kernel, r.dtype, r.implementation, _number(r.value), gradient, r.unit)
        lines.append(f"| {' | '.join(cells)} | {r.negative} | {r.samples} |")
    return "\n".join(lines) + "\n"


def _number(error: float) -> str:
    return "inf or NaN" if error == float("inf") else f"{error:.2g}"
