"""KL divergences between finite distributions: the same identities, and the closed form by its
definition.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from mpmath import fsum, log, mpf, workdps
from numpy.typing import NDArray

from vaemath.testing.falsified import Falsified
from vaemath.testing.search import fixed_examples
from vaemath.testing.strategies import Regime, finite_distributions

__all__ = ["assert_finite_kl_identities", "finite_kl"]

Array = NDArray[np.float64]


def finite_kl(p: Array, q: Array) -> Array:
    """sum_i p_i log(p_i / q_i) over the last axis, in high precision, rounded; p and q are
    normalised first.
    """
    out = np.empty(p.shape[:-1])
    for index in np.ndindex(out.shape):
        with workdps(50):
            a, b = ([mpf(float(x)) for x in v[index]] for v in (p, q))
            total_a, total_b = fsum(a), fsum(b)
            out[index] = float(
                fsum(x / total_a * log(x / total_a * total_b / y) for x, y in zip(a, b, strict=True))
            )
    return out


def assert_finite_kl_identities(
    kl: Callable[[Array, Array], Any], *, regime: Regime = "ordinary", examples: int = 30, ulps: float = 256.0
) -> None:
    """Raise `Falsified` if `kl(p, q)`, on probabilities along the last axis, breaks an identity.

    KL(p, p) = 0; KL >= 0; the value is the definition's; order of the outcomes does not matter; KL
    of products is the sum; merging outcomes never increases it.
    """

    @fixed_examples(examples)
    @given(st.integers(2, 4).flatmap(lambda n: st.tuples(*[finite_distributions((2, n), regime=regime)] * 2)))
    def body(pair: tuple[Array, Array]) -> None:
        p, q = pair
        size = 1 + np.abs(np.log(p)).max(-1) + np.abs(np.log(q)).max(-1)
        allowed = ulps * float(np.finfo(np.float64).eps) * size
        got = np.asarray(kl(p, q), dtype=np.float64)
        name = getattr(kl, "__name__", "kl")
        if got.shape != p.shape[:-1]:
            got_shape, wanted = str(got.shape), str(p.shape[:-1])
            raise Falsified(
                function=name,
                identity="one number per distribution",
                inputs={"p": p, "q": q},
                left=("got shape", got_shape),
                right=("expected shape", wanted),
            )
        products = [np.einsum("bi,bj->bij", v, v).reshape(len(v), -1) for v in (p, q)]
        merged = [np.concatenate([v[:, :1] + v[:, 1:2], v[:, 2:]], axis=-1) for v in (p, q)]
        excess = np.maximum(np.asarray(kl(*merged)) - got, 0.0)
        zero = np.zeros_like(got)
        for identity, left, right in (
            ("KL(p, p) = 0", np.asarray(kl(p, p)), zero),
            ("KL(p, q) >= 0", np.minimum(got, 0.0), zero),
            ("KL(p, q) = sum p log(p/q)", got, finite_kl(p, q)),
            ("KL does not depend on the order of the outcomes", np.asarray(kl(p[:, ::-1], q[:, ::-1])), got),
            ("KL of independent pairs is the sum", np.asarray(kl(*products)), 2 * got),
            ("KL does not grow when outcomes are merged", excess, zero),
        ):
            bad = ~(np.abs(left - right) <= 4 * allowed)
            if bad.any():
                k = int(np.argmax(bad))
                raise Falsified(
                    function=name,
                    identity=identity,
                    inputs={"p": p[k], "q": q[k]},
                    left=("got", left[k]),
                    right=("expected", right[k]),
                )

    try:
        body()
    except Falsified as found:
        found.__notes__ = []
        raise found from None
