"""What every JAX kernel does before and after its formulas: check, promote, broadcast, differentiate."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

KERNEL = "kernel"
EVENTS: dict[str, str] = {}
NEEDS: dict[str, str] = {}


def _program(inputs: list[Array], options: tuple[float, ...]) -> tuple[Array, tuple[Array, ...]]:
    raise NotImplementedError


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
