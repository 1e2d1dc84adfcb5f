"""Gradients are derived from the value: every rule is right, and a wrong one is refused by the proof."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from vaemath.codegen import program as programs_module
from vaemath.codegen.lift.validate import validate_program
from vaemath.codegen.primitive import Primitive
from vaemath.codegen.primitives import PRIMITIVES
from vaemath.codegen.program import Argument, Program
from vaemath.codegen.programs import PROGRAMS
from vaemath.codegen.targets.numpy import TARGET as NUMPY
from vaemath.kernels.numpy import kl_mvn_covariance_and_grad
from vaemath.library import theorem

BY_NAME = {p.name: p for p in PROGRAMS}
KL_MVN = BY_NAME["kl_mvn_covariance"]
MADE = {name: p for name, p in PRIMITIVES.items() if p.pullback}


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Programs derived again after a primitive was changed, and not kept."""
    programs_module.derived.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    programs_module.derived.cache_clear()


def proved(program: Program) -> list[str]:
    """What of the NumPy kernel is not proved."""
    return [r.what for r in validate_program(program, "numpy", NUMPY.emit(program), theorem) if not r.ok]


def flipped(primitive: Primitive, argument: str) -> Primitive:
    """The primitive with a minus before one of its slopes."""
    text, count = re.subn(rf"(?m)^(\s*d_{argument} = )(.*)$", r"\1-(\2)", primitive.pullback)
    assert count == 1
    return replace(primitive, pullback=text)


SLOPES = [(name, a) for name, p in MADE.items() for a in re.findall(r"(?m)^\s*d_(\w+) =", p.pullback)]


def test_no_program_writes_a_gradient() -> None:
    assert not [p.name for p in PROGRAMS if re.search(r"\bd_", p.steps)]
    with pytest.raises(ValueError, match="kl_normal: the steps assign `d_loc_p`; gradients are derived"):
        _ = replace(BY_NAME["kl_normal"], steps="d_loc_p = 1.0\nvalue = loc_p").written


# the arguments of a primitive where they are not all vectors, and what is done to its results
CALLS = {
    "solve_lower": ("L", "m"),
    "solve_lower_refined": ("L", "m"),
    "solve_lower_transposed": ("L", "m"),
    "cholesky": ("S",),
    "covariance_gap": ("S", "Q"),
    "half_mahalanobis": ("a", "b", "S"),
    "flat": ("column(a * b)",),
    "where": ("below(a, b)", "a", "b"),
    "log_gap": ("(a - b) / b", "0.0", "a", "b"),
    "log": ("a",),
    **dict.fromkeys(
        ("tril", "strict_tril", "transpose", "symmetric", "diagonal", "sum_matrix", "half_squares"),
        ("m @ transpose(L)",),
    ),
}
# these have no word of their own in NumPy
PASSES = {"logistic_steps", "half_square_sum"}


def toy(primitive: Primitive) -> Program:
    """A program that calls a primitive and makes one number of its results."""
    given = CALLS.get(primitive.name, ("a", "b", "p")[: len(primitive.arguments)])
    outputs = [f"out_{k}" for k in range(len(primitive.outputs))]
    lines = [f"{', '.join(outputs)} = {primitive.name}({', '.join(given)})"]
    matrix = any(g[0] in "LSQm" for g in given)
    axes = (2 if matrix or primitive.name == "flat" else 1) + primitive.adds_axes
    parts = []
    for k, (output, name) in enumerate(zip(outputs, primitive.outputs, strict=True)):
        if name in ("slip", "positive"):
            continue
        lines.append(f"square_{k} = {1 + k}.0 * {output} * {output}")
        parts.append({0: "square_{}", 1: "sum_event(square_{})", 2: "sum_matrix(square_{})"}[axes].format(k))
    lines.append(f"value = {' + '.join(parts)}")
    vectors = [Argument(name=n, event="d", needs="positive") for n in "abp"]
    matrices = [Argument(name="m", event="dd"), Argument(name="L", event="dd", needs="factor")]
    matrices += [Argument(name=n, event="dd", needs="covariance") for n in "SQ"]
    return replace(
        KL_MVN, name="toy", arguments=(*vectors, *matrices), options=(), steps="\n".join(lines), symbols={}
    )


def numbers() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    lower = np.tril(rng.normal(size=(3, 3)) / 4) + np.eye(3)
    other = np.tril(rng.normal(size=(3, 3)) / 4) + np.eye(3)
    vectors = {n: rng.uniform(0.3, 2.0, size=3) for n in "abp"}
    return vectors | {"m": rng.normal(size=(3, 3)), "L": lower, "S": lower @ lower.T, "Q": other @ other.T}


@pytest.mark.parametrize("name", [n for n in MADE if n not in PASSES])
def test_every_rule_agrees_with_central_differences(name: str) -> None:
    program = toy(PRIMITIVES[name])
    module: dict[str, object] = {"np": np, "Array": np.ndarray}
    exec(compile(NUMPY.computed(program), "toy", "exec"), module)  # our own text
    run = module["_program"]
    assert callable(run)
    at = numbers()
    _, slopes = run(list(at.values()), ())
    for (argument, x), slope in zip(at.items(), slopes, strict=True):
        assert slope.shape == x.shape
        for where in np.ndindex(x.shape):
            step = np.zeros_like(x)
            step[where] = 1e-6
            if argument in "SQ":
                step = (step + step.T) / 2
            if argument == "L" and where[0] < where[1]:
                assert slope[where] == 0.0
                continue
            up, down = (run(list((at | {argument: x + s * step}).values()), ())[0] for s in (1, -1))
            expected = (up - down) / 2e-6
            assert slope[where] == pytest.approx(expected, rel=2e-6, abs=2e-7), (argument, where)


def test_cholesky_and_solve_differentiate_to_what_the_proved_kernel_says() -> None:
    """The far form alone, through the factors: both derivatives and the symmetric convention."""
    steps = """
        l_p = cholesky(covariance_p)
        l_q = cholesky(covariance_q)
        n = solve_lower(l_q, l_p - l_q)
        y = solve_lower(l_q, column(loc_p - loc_q))
        gap = sum_event(ratio_gap(diagonal(l_p), diagonal(l_q)))
        value = half_squares(n) + gap + half_squares(y)
    """
    module: dict[str, Any] = {"np": np, "Array": np.ndarray, "_cholesky": lambda _, m: np.linalg.cholesky(m)}
    exec(compile(NUMPY.computed(replace(KL_MVN, steps=steps)), "far", "exec"), module)  # our own text
    at = numbers()
    given = [at["a"], at["S"], at["b"], at["Q"]]
    value, slopes = module["_program"](given, ())
    exact = kl_mvn_covariance_and_grad(*given)
    for found, expected in zip((value, *slopes), exact, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13)


USED = {
    "half_expm1_parts": "kl_normal_standard",
    "half_square_plus": "kl_normal_standard",
    "standardised": "kl_normal",
    "spread_gap": "kl_normal",
    "sum_event": "kl_normal_diag",
    "binary_cross_entropy": "loss_bernoulli",
    "half_square_distance": "loss_gaussian",
    "total": "loss_gaussian",
    "ratio_gap": "kl_mvn",
    "diagonal": "kl_mvn",
    "half_squares": "kl_mvn",
    "column": "kl_mvn",
    "solve_lower_refined": "kl_mvn",
    "covariance_gap": "kl_mvn_covariance",
    "half_mahalanobis": "kl_mvn_covariance",
}


@pytest.mark.parametrize(("name", "argument"), [s for s in SLOPES if s[0] in USED])
def test_a_flipped_sign_in_a_rule_is_refused(name: str, argument: str, changed: pytest.MonkeyPatch) -> None:
    changed.setitem(PRIMITIVES, name, flipped(PRIMITIVES[name], argument))
    assert [what for what in proved(BY_NAME[USED[name]]) if what.startswith("d_")]


def test_every_rule_that_a_kernel_uses_is_tried() -> None:
    called = {n for p in PROGRAMS for n in re.findall(r"(\w+)\(", p.steps)}
    assert called & MADE.keys() <= USED.keys() | {"log"}
