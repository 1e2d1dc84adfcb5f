"""JAX kernels: within the bounds, under every transformation, with JAX's types; skipped without JAX."""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")
jnp = jax.numpy

import vaemath.kernels.jax as kernels  # noqa: E402
import vaemath.kernels.numpy as numpy_kernels  # noqa: E402
from vaemath.accuracy.exact import EXACT, evaluate  # noqa: E402
from vaemath.accuracy.measure import ulps  # noqa: E402
from vaemath.accuracy.samples import DRAWS  # noqa: E402
from vaemath.accuracy.screen import worst  # noqa: E402
from vaemath.codegen import emit  # noqa: E402
from vaemath.codegen.lift.validate import validate_program  # noqa: E402
from vaemath.codegen.programs import PROGRAMS  # noqa: E402
from vaemath.codegen.targets import targets  # noqa: E402
from vaemath.library import theorem  # noqa: E402

BY_NAME = {p.name: p for p in PROGRAMS}


@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize("name", EXACT)
def test_errors_are_within_the_bounds_of_all_targets(name: str, kind: str) -> None:
    """Of arguments and results that are normal numbers: XLA takes smaller ones for zero."""
    tiny = float(np.finfo(kind).tiny)
    arguments = DRAWS[name](np.random.default_rng(11), 20_000, kind)
    # far from the ends of the range, so that no intermediate result falls below the normal numbers
    low, high = (1e-12, 1e12) if kind == "float32" else (1e-100, 1e100)
    kept = np.all([(a == 0) | ((abs(a) >= low) & (abs(a) <= high)) for a in arguments], axis=0)
    arguments = tuple(a[kept] for a in arguments)
    assert kept.sum() > 5_000
    given = list(arguments) if BY_NAME[name].elementwise else [a[:, None] for a in arguments]
    outputs = [np.asarray(o).reshape(-1) for o in targets()["jax"].run(name)(given)]
    places = worst(name, arguments, outputs, kind, count=30)
    rows = list(zip(*(map(float, a[places]) for a in arguments), strict=True))
    exact = evaluate(name, rows)
    bounds = BY_NAME[name].errors.bounds()[kind]
    for k, output in enumerate(outputs):
        bound = bounds[1 if k else 0]
        assert bound is not None
        for found, e, row in zip(output[places], exact, rows, strict=True):
            if abs(float(e[k][0].mid())) >= tiny:
                assert ulps(float(found), e[k], kind) <= bound, (k, row)


def examples(name: str) -> list[np.ndarray]:
    """Arguments with a batch of three."""
    rng = np.random.default_rng(3)
    sizes = {"d": 2, "D": 4}
    made = []
    for a in BY_NAME[name].arguments:
        shape = (3, *(sizes[letter] for letter in a.event))
        x = rng.normal(size=shape)
        if a.needs == "positive":
            x = np.exp(x)
        elif a.needs == "unit":
            x = rng.uniform(size=shape)
        elif a.needs:
            x = np.tril(x, -1) + np.eye(2) * np.exp(x)
            x = x if a.needs == "factor" else x @ np.swapaxes(x, -1, -2)
        made.append(x)
    return made


@pytest.mark.parametrize("name", BY_NAME)
def test_value_and_gradients_are_those_of_numpy_under_jit_vmap_grad_and_jvp(name: str) -> None:
    function, given = getattr(kernels, name), examples(name)
    value, *slopes = getattr(numpy_kernels, f"{name}_and_grad")(*given)
    every = tuple(range(len(given)))
    with jax.enable_x64(True):
        given = [jnp.asarray(x) for x in given]
        for run in (function, jax.jit(jax.vmap(function))):
            np.testing.assert_allclose(run(*given), value, rtol=1e-13)
        found = jax.grad(lambda *a: function(*a).sum(), every)(*given)
        single = jax.vmap(jax.grad(lambda *a: function(*a).sum(), every))(*given)
        for a, b, c in zip(found, slopes, single, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13)
            np.testing.assert_allclose(c, b, rtol=1e-11, atol=1e-13)
        tangents = [jnp.ones_like(x) for x in given]
        _, along = jax.jvp(lambda *a: function(*a).sum(), given, tangents)
        np.testing.assert_allclose(along, sum(s.sum() for s in slopes), rtol=1e-11)


@pytest.mark.parametrize("order", ["forward over reverse", "reverse over reverse"])
def test_second_derivatives(order: str) -> None:
    outer = jax.jacfwd if order.startswith("forward") else jax.jacrev
    with jax.enable_x64(True):
        for v in (-3.0, 1e-5, 0.7):
            found = outer(jax.grad(kernels.kl_normal_standard, 1), 1)(jnp.asarray(0.3), jnp.asarray(v))
            np.testing.assert_allclose(found, np.exp(v) / 2, rtol=1e-12)
        sigma = outer(jax.grad(kernels.kl_normal, 1), 1)(*map(jnp.asarray, (0.3, 0.8, -0.2, 1.1)))
        np.testing.assert_allclose(sigma, 1 / 1.1**2 + 1 / 0.8**2, rtol=1e-12)


def test_float32_is_computed_in_float64_without_x64() -> None:
    near = kernels.kl_normal(*(jnp.float32(x) for x in (0.0, 1.0001, 0.0, 1.0)))
    assert near.dtype == jnp.float32
    exact = numpy_kernels.kl_normal(*(np.float32(x) for x in (0.0, 1.0001, 0.0, 1.0)))
    assert float(near) == float(exact)


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (("float32", "float32"), "float32"),
        (("bfloat16", "float32"), "float32"),
        (("bfloat16", "bfloat16"), "bfloat16"),
        (("int32", "int32"), "float32"),
        (("int32", "float16"), "float16"),
    ],
)
def test_types_are_promoted_as_jax_does(types: tuple[str, str], expected: str) -> None:
    arguments = [jnp.ones(2, t) for t in types]
    assert kernels.kl_normal_standard(*arguments).dtype == expected
    assert kernels.kl_normal_standard(arguments[0], 1.0).dtype == jnp.result_type(float, types[0])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((jnp.ones(2), jnp.ones(3)), ValueError, r"kl_normal_standard: the batch shapes do not broadcast"),
        ((jnp.ones(2, complex), jnp.ones(2)), TypeError, r"loc has dtype complex64; expected real numbers"),
        ((jnp.ones(2, bool), jnp.ones(2)), TypeError, r"loc has dtype bool; expected real numbers"),
    ],
)
def test_bad_input_gets_one_line(arguments: tuple, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        kernels.kl_normal_standard(*arguments)


def test_what_is_outside_the_assumptions_is_nan() -> None:
    assert np.isnan(kernels.kl_normal(0.0, jnp.asarray([-1.0, 0.0, np.inf, np.nan]), 0.0, -1.0)).all()
    assert np.isnan(kernels.kl_normal(0.0, jnp.asarray([-1.0, -2.0]), 0.0, 1.0)).all()
    loc, factor = jnp.zeros(2), jnp.eye(2)
    assert np.isnan(kernels.kl_mvn(loc, factor, loc, factor.at[0, 1].set(0.5)))
    assert np.isnan(kernels.kl_mvn_covariance(loc, factor, loc, factor.at[0, 1].set(0.5)))
    assert np.isnan(kernels.kl_mvn_covariance(loc, factor, loc, factor.at[0, 0].set(-1.0)))
    assert np.isnan(kernels.loss_bernoulli(jnp.asarray([1.5]), loc[:1], loc, loc))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("kl_normal_standard", "0.5 * h * h + (", "0.25 * h * h + ("),
        ("kl_normal_standard", "+ jump\n", "- jump\n"),
        ("kl_normal", "(t > -0.5)", "(t > -0.9)"),
        ("kl_normal", "2.0 * (v", "3.0 * (v"),
        ("kl_normal", "jnp.log(a) - jnp.log(b)", "jnp.log(a) + jnp.log(b)"),
        ("kl_normal", "d_loc_q = -d_loc_p", "d_loc_q = d_loc_p"),
        ("loss_bernoulli", "return u - w", "return u + w"),
        ("loss_bernoulli", "low = small * high", "low = 1.0 - small * high"),
        ("kl_mvn", "lower=True, transpose_a=True", "lower=True, transpose_a=False"),
        ("kl_mvn", "left_side=True, lower=True)", "left_side=True, lower=False)"),
        ("kl_mvn", "def _valid(x", "def _valid(y"),
    ],
)
def test_a_wrong_file_is_refused(name: str, old: str, new: str) -> None:
    text = emit(name, "jax")
    assert old in text
    assert any(not r.ok for r in validate_program(BY_NAME[name], "jax", text.replace(old, new), theorem))
