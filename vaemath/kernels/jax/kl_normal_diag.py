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
# assumes   scale_p finite and > 0, NaN elsewhere; scale_q finite and > 0, NaN elsewhere; loc_p, loc_q finite:
#           anything else propagates as NaN
# shapes    loc_p (..., d); scale_p (..., d); loc_q (..., d); scale_q (..., d); result (...), batch shapes
#           broadcast
# types     promoted as JAX does; computed in float64, whether or not jax_enable_x64 is set
# below     what falls below the normal numbers of its type is zero, as XLA has it
# made by   vaemath emit kl-normal-diag --target jax  (do not edit)
#
# SPDX-License-Identifier: BSD-3-Clause

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

KERNEL = "kl_normal_diag"
EVENTS = {"loc_p": "d", "scale_p": "d", "loc_q": "d", "scale_q": "d"}
NEEDS: dict[str, str] = {"scale_p": "positive", "scale_q": "positive"}
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
    total = x * coefficients[-1] + coefficients[-2]
    for c in reversed(coefficients[:-2]):
        total = total * x + c
    return total


def _leading(x: Array) -> Array:
    """x without the lower half of its digits: the square of that is exact."""
    return lax.reduce_precision(x, exponent_bits=11, mantissa_bits=25)


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
    lifted = jnp.where(jnp.abs(b) < 1e-150, scale * 2.0**400, scale)
    small = jnp.where(jnp.abs(a) < 1e-150, lifted, scale)
    unit = jnp.where(scale > 1.0, scale * 2.0**-30, small)
    factor = unit / scale
    above, below = _difference_parts(a * factor, b * factor)
    z = above / unit
    high, leading = _leading(z), _leading(unit)
    rest = ((above - high * leading) - high * (unit - leading)) - (z - high) * unit
    size = jnp.abs(z)
    slip = jnp.where(size < 1e150, jnp.where(size < 1e-200, 0.0, (rest + below) / unit), 0.0)
    nearest = z + slip
    return nearest, (z - nearest) + slip


def _standardised(a: Array, b: Array, scale: Array) -> Array:
    """(a - b)/scale for scale > 0, rounded once."""
    return _standardised_parts(a, b, scale)[0]


def _log_gap(t: Array, slip: Array | float, a: Array, b: Array) -> Array:
    """t + slip - log(a/b) for t + slip = (a - b)/b and a, b > 0, where t is its rounding; never negative."""
    near = (t > -0.5) & (t < 1.0)
    x = jnp.where(near, t, 0.0)
    w = x / (2.0 + x)
    v = w * w
    gap = w * (x - 2.0 * (v * _polynomial(ATANH_TAIL, v)))
    middle = (t > -0.99) & (t < 1e6)
    ratio = a / b
    # a quotient below the normal numbers has lost its digits
    log_ratio = jnp.where(ratio > 1e-290, jnp.log(ratio), jnp.log(a) - jnp.log(b))
    far = jnp.where(middle, t - jnp.log1p(t), t - log_ratio)
    return jnp.where(near, gap, far) + slip * jnp.where(middle, t / (1.0 + t), 1.0)


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


def _arguments(*values: Any) -> list[Array]:
    """The arguments in one dtype, promoted as JAX does, and with one common batch shape.

    EVENTS gives the event axes of each argument by letter: axes of one letter have one length.
    """
    kind = jnp.result_type(*values)
    if jnp.issubdtype(kind, jnp.integer):
        kind = jax.dtypes.canonicalize_dtype(float)
    sizes: dict[str, int] = {}
    shapes = {name: jnp.shape(v) for name, v in zip(EVENTS, values, strict=True)}
    for (name, event), v in zip(EVENTS.items(), values, strict=True):
        own, shape = jnp.result_type(v), shapes[name]
        if own == jnp.bool_ or not jnp.issubdtype(kind, jnp.floating):
            raise TypeError(f"{KERNEL}: {name} has dtype {own}; expected real numbers")
        form = f"(..., {', '.join(event)})" if event else "any shape"
        if len(shape) < len(event):
            raise ValueError(f"{KERNEL}: {name} has shape {shape}; expected {form}")
        for letter, length in zip(event, shape[len(shape) - len(event) :], strict=True):
            if sizes.setdefault(letter, length) != length:
                raise ValueError(
                    f"{KERNEL}: {name} has shape {shape}; expected {form} with {letter} = {sizes[letter]}"
                )
    cut = [s[: len(s) - len(e)] for s, e in zip(shapes.values(), EVENTS.values(), strict=True)]
    try:
        batch = jnp.broadcast_shapes(*cut)
    except ValueError:
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ValueError(f"{KERNEL}: the batch shapes do not broadcast: {listed}") from None
    return [
        jnp.broadcast_to(jnp.asarray(v, kind), batch + tuple(sizes[letter] for letter in event))
        for v, event in zip(values, EVENTS.values(), strict=True)
    ]


def _valid(x: Array, needs: str) -> Array:
    """The argument, NaN where it is outside the assumptions: a traced function cannot raise."""
    if needs == "positive":
        return jnp.where((x > 0.0) & (x < jnp.inf), x, jnp.nan)
    if needs == "unit":
        return jnp.where((x < 0.0) | (x > 1.0), jnp.nan, x)
    if needs == "factor":
        on_diagonal = jnp.eye(x.shape[-1], dtype=bool)
        lower = jnp.tri(x.shape[-1], dtype=bool)
        return jnp.where(jnp.where(on_diagonal, (x > 0.0) & (x < jnp.inf), lower | (x == 0.0)), x, jnp.nan)
    if needs == "covariance":
        size = jnp.abs(x).max(axis=(-2, -1), keepdims=True, initial=0.0)
        return jnp.where(jnp.abs(x - jnp.swapaxes(x, -1, -2)) <= 1e-5 * size, x, jnp.nan)
    return x


@partial(jax.jit, static_argnums=0)
def _evaluated(options: tuple[float, ...], *inputs: Array) -> tuple[Array, ...]:
    """The value and the gradients of its sum: computed in float64, whatever JAX is configured to."""
    kind = inputs[0].dtype
    with jax.enable_x64(True):
        wide = [lax.convert_element_type(x, jnp.float64) for x in inputs]
        wide = [_valid(x, NEEDS.get(name, "")) for x, name in zip(wide, EVENTS, strict=True)]
        value, slopes = _program(wide, options)
        return tuple(lax.convert_element_type(x, kind) for x in (value, *slopes))


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _kernel(options: tuple[float, ...], *inputs: Array) -> Array:
    """The value; its derivative along tangents is that of the theorem."""
    value: Array = _evaluated(options, *inputs)[0]
    return value


@_kernel.defjvp
def _along(options: tuple[float, ...], inputs: tuple[Array, ...], tangents: tuple[Any, ...]) -> Any:
    """The value, and its derivative along the tangents."""
    value, *slopes = _evaluated(options, *inputs)
    along = jnp.zeros_like(value)
    for event, slope, tangent in zip(EVENTS.values(), slopes, tangents, strict=True):
        along += (slope * tangent).sum(axis=tuple(range(-len(event), 0)))
    return value, along


def kl_normal_diag(loc_p: Any, scale_p: Any, loc_q: Any, scale_q: Any) -> Array:
    """KL(N(loc_p, diag(scale_p^2)) || N(loc_q, diag(scale_q^2))) in nats."""
    return _kernel((), *_arguments(loc_p, scale_p, loc_q, scale_q))


if __name__ == "__main__":
    values = ([0.3, -0.7], [0.5, 1.2], [-0.2, 0.4], [0.9, 0.6])
    with jax.enable_x64(True):
        example = [jnp.array(a) for a in values]
        slopes = jax.grad(lambda *a: kl_normal_diag(*a).sum(), tuple(range(len(example))))(*example)
        for k, slope in enumerate(slopes):
            ones = jnp.ones_like(example[k])
            step = 1e-6 * ones
            moved = [[a + s * step if i == k else a for i, a in enumerate(example)] for s in (1, -1)]
            up, down = (kl_normal_diag(*arguments).sum() for arguments in moved)
            assert abs(float(up - down - 2.0 * (slope * step).sum())) < 1e-12
    print("kl_normal_diag: the gradients agree with central differences")
