# kl_normal_diag(loc_p, scale_p, loc_q, scale_q): KL(N(loc_p, diag(scale_p^2)) || N(loc_q, diag(scale_q^2)))
#     in nats.
#
# value     theorem kl-normal-diag, certificate
#           48bbea7355f3648b0035d4805ea602ad6065935ad751e91612f5b1208d827813
# gradient  the derivative of its sum by every argument
# proved    value and gradients, for events of every size: by running `_program` of this file on terms; the
#           special functions: their error of approximation, by ball arithmetic
# measured  worst errors of samples, ULP: value 1, gradients 1 (float32); value 4, gradients 4 (float64);
#           d_scale_q of the largest term; each summand; sums of more than 64 in float64
# assumes   scale_p finite and > 0, checked; scale_q finite and > 0, checked; loc_p, loc_q finite: anything
#           else propagates as NaN
# shapes    loc_p (..., d); scale_p (..., d); loc_q (..., d); scale_q (..., d); result (...), batch shapes
#           broadcast
# made by   vaemath emit kl-normal-diag --target numpy  (do not edit)
#
# SPDX-License-Identifier: BSD-3-Clause

from typing import Any

import numpy as np
import numpy.typing as npt

KERNEL = "kl_normal_diag"
EVENTS = {"loc_p": "d", "scale_p": "d", "loc_q": "d", "scale_q": "d"}
Array = npt.NDArray[np.float64]
ATANH_TAIL = (
    0.3333333333333333,
    0.19999999999999762,
    0.1428571428580005,
    0.11111111099118386,
    0.09090909948981357,
    0.07692271982430275,
    0.06667589315724629,
    0.05867139530651599,
    0.05422589197440007,
    0.03746071897775383,
    0.07815288900461426,
)


def _polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    """sum_k coefficients[k] x^k by Horner's rule."""
    total = np.full_like(x, coefficients[-1])
    for c in reversed(coefficients[:-1]):
        total = total * x + c
    return total


def _leading(x: Array) -> Array:
    """x without the lower half of its digits: the square of that is exact."""
    scaled = 134217729.0 * x
    return scaled - (scaled - x)


def _difference_parts(a: Array, b: Array) -> tuple[Array, Array]:
    """a - b, and what rounding took from it."""
    difference = a - b
    back = a - difference
    return difference, (a - (difference + back)) + (back - b)


def _standardised_parts(a: Array, b: Array, scale: Array) -> tuple[Array, Array]:
    """(a - b)/scale for scale > 0, rounded once, and what that took from it where it matters to a square.

    All are first multiplied by a power of two, so that nothing overflows, or falls below the normal
    numbers, unless the quotient does.
    """
    lifted = np.where(np.abs(b) < 1e-150, scale * 2.0**400, scale)
    small = np.where(np.abs(a) < 1e-150, lifted, scale)
    unit = np.where(scale > 1.0, scale * 2.0**-30, small)
    factor = unit / scale
    above, below = _difference_parts(a * factor, b * factor)
    z = above / unit
    high, leading = _leading(z), _leading(unit)
    rest = ((above - high * leading) - high * (unit - leading)) - (z - high) * unit
    size = np.abs(z)
    slip = np.where(size < 1e150, np.where(size < 1e-200, 0.0, (rest + below) / unit), 0.0)
    nearest = z + slip
    return nearest, (z - nearest) + slip


def _standardised(a: Array, b: Array, scale: Array) -> Array:
    """(a - b)/scale for scale > 0, rounded once."""
    return _standardised_parts(a, b, scale)[0]


def _log_gap(t: Array, slip: Array | float, a: Array, b: Array) -> Array:
    """t + slip - log(a/b) for t + slip = (a - b)/b and a, b > 0, where t is its rounding; never negative."""
    near = (t > -0.5) & (t < 1.0)
    x = np.where(near, t, 0.0)
    w = x / (2.0 + x)
    v = w * w
    gap = w * (x - 2.0 * (v * _polynomial(ATANH_TAIL, v)))
    middle = (t > -0.99) & (t < 1e6)
    ratio = a / b
    # a quotient below the normal numbers has lost its digits
    log_ratio = np.where(ratio > 1e-290, np.log(ratio), np.log(a) - np.log(b))
    far = np.where(middle, t - np.log1p(t), t - log_ratio)
    return np.where(near, gap, far) + slip * np.where(middle, t / (1.0 + t), 1.0)


def _program(inputs: list[Array], options: tuple[float, ...]) -> tuple[Array, tuple[Array, ...]]:
    """The value and the gradients of its sum, in float64."""
    loc_p, scale_p, loc_q, scale_q = inputs
    z = _standardised(loc_p, loc_q, scale_q)
    t, slip = _standardised_parts(scale_p, scale_q, scale_q)
    part_1 = 0.5 * z * z + (0.5 * t * t + _log_gap(t, slip, scale_p, scale_q))
    value = part_1.sum(axis=-1)
    sum_over_b = t + 2.0
    d_scale_p = t / scale_p * sum_over_b
    d_loc_p = z / scale_q
    d_loc_q = -d_loc_p
    d_scale_q = -(t / scale_q * sum_over_b + d_loc_p * z)
    return value, (d_loc_p, d_scale_p, d_loc_q, d_scale_q)


def _arguments(*values: npt.ArrayLike) -> tuple[list[Array], Any]:
    """The arguments as float64 arrays with one common batch shape, and the dtype of the result.

    EVENTS gives the event axes of each argument by letter: axes of one letter have one length.
    """
    arrays = {name: np.asarray(v) for name, v in zip(EVENTS, values, strict=True)}
    events = EVENTS.values()
    sizes: dict[str, int] = {}
    for (name, array), event in zip(arrays.items(), events, strict=True):
        if array.dtype.kind not in "fiu":
            raise TypeError(f"{KERNEL}: {name} has dtype {array.dtype}; expected real numbers")
        shape = f"(..., {', '.join(event)})" if event else "any shape"
        if array.ndim < len(event):
            raise ValueError(f"{KERNEL}: {name} has shape {array.shape}; expected {shape}")
        for letter, length in zip(event, array.shape[array.ndim - len(event) :], strict=True):
            if sizes.setdefault(letter, length) != length:
                raise ValueError(
                    f"{KERNEL}: {name} has shape {array.shape}; "
                    f"expected {shape} with {letter} = {sizes[letter]}"
                )
    batches = [a.shape[: a.ndim - len(e)] for a, e in zip(arrays.values(), events, strict=True)]
    try:
        batch = np.broadcast_shapes(*batches)
    except ValueError:
        shapes = ", ".join(f"{name} {a.shape}" for name, a in arrays.items())
        raise ValueError(f"{KERNEL}: the batch shapes do not broadcast: {shapes}") from None
    typed = [v if np.isscalar(v) else a for v, a in zip(values, arrays.values(), strict=True)]
    kind = np.result_type(*typed)
    if kind.kind != "f":
        kind = np.dtype(np.float64)
    wide = [
        np.broadcast_to(a.astype(np.float64), batch + tuple(sizes[letter] for letter in event))
        for a, event in zip(arrays.values(), events, strict=True)
    ]
    return wide, kind


def _require(name: str, ok: npt.NDArray[np.bool_], values: Array, expected: str) -> None:
    """Raise for the first entry that is not ok."""
    if not ok.all():
        where = tuple(int(i) for i in np.argwhere(~ok)[0])
        raise ValueError(f"{KERNEL}: {name} is {values[where]} at {where}; expected {expected}")


def _require_positive(name: str, values: Array) -> None:
    _require(name, (values > 0.0) & (values < np.inf), values, "a finite number > 0")


def _results(
    value: Array, gradients: tuple[Array, ...], inputs: tuple[npt.ArrayLike, ...], kind: Any
) -> tuple[npt.NDArray[Any], ...]:
    """Value and gradients in the result's dtype, each gradient in its argument's shape."""
    reduced = [_reduced(g, np.shape(i)) for g, i in zip(gradients, inputs, strict=True)]
    return tuple(np.asarray(a, kind) for a in (value, *reduced))


def _reduced(gradient: Array, shape: tuple[int, ...]) -> Array:
    """The gradient summed over the axes along which its argument was broadcast."""
    total = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))
    stretched = tuple(i for i, n in enumerate(shape) if n == 1 and total.shape[i] != 1)
    return np.asarray(total.sum(axis=stretched, keepdims=True))


def kl_normal_diag(
    loc_p: npt.ArrayLike, scale_p: npt.ArrayLike, loc_q: npt.ArrayLike, scale_q: npt.ArrayLike
) -> npt.NDArray[Any]:
    """KL(N(loc_p, diag(scale_p^2)) || N(loc_q, diag(scale_q^2))) in nats."""
    return kl_normal_diag_and_grad(loc_p, scale_p, loc_q, scale_q)[0]


def kl_normal_diag_and_grad(
    loc_p: npt.ArrayLike, scale_p: npt.ArrayLike, loc_q: npt.ArrayLike, scale_q: npt.ArrayLike
) -> tuple[npt.NDArray[Any], ...]:
    """The value, and the gradient of its sum by each argument in turn."""
    wide, kind = _arguments(loc_p, scale_p, loc_q, scale_q)
    _require_positive("scale_p", wide[1])
    _require_positive("scale_q", wide[3])
    with np.errstate(all="ignore"):
        value, gradients = _program(wide, ())
        return _results(value, gradients, (loc_p, scale_p, loc_q, scale_q), kind)


if __name__ == "__main__":
    values = ([0.3, -0.7], [0.5, 1.2], [-0.2, 0.4], [0.9, 0.6])
    example = [np.array(a) for a in values]
    _, *slopes = kl_normal_diag_and_grad(*example)
    for k, slope in enumerate(slopes):
        ones = np.ones_like(example[k])
        step = 1e-6 * ones
        moved = [[a + s * step if i == k else a for i, a in enumerate(example)] for s in (1, -1)]
        up, down = (kl_normal_diag(*arguments).sum() for arguments in moved)
        assert abs(float(up - down - 2.0 * (slope * step).sum())) < 1e-12
    print("kl_normal_diag: the gradients agree with central differences")
