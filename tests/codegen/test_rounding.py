"""What is nothing but rounding the proof cannot see: a wrong sign there exceeds an error bound instead.

Compensations are zero in exact arithmetic, so a file with a wrong one still computes its theorem. Here
every such line is changed, and the change must be refused by the proof or measured.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from vaemath import codegen
from vaemath.accuracy.backends import Backend, differentiated, ours
from vaemath.accuracy.matrices import exact_kl, factor_pairs, relative
from vaemath.accuracy.measure import Worst, measure
from vaemath.accuracy.screen import WIDE
from vaemath.codegen.lift.validate import validate_program
from vaemath.codegen.programs import PROGRAMS
from vaemath.library import theorem
from vaemath.native import available, build
from vaemath.native.calls import calls

pytestmark = pytest.mark.skipif(not WIDE, reason="long double is no wider than double")

BY_NAME = {p.name: p for p in PROGRAMS}
PYTHON = {
    "kl_normal_standard": [
        ("lost = leap - (body - head)", "lost = leap + (body - head)"),
        ("(lost - power * c)", "(lost + power * c)"),
        ("body = head + leap", "body = head - leap"),
        ("return scaled - (scaled - x)", "return scaled - (scaled + x)"),
        ("0.5 * h * h + (", "0.5 * r * r + ("),
    ],
    "kl_normal": [
        ("back = a - difference", "back = a + difference"),
        ("+ (back - b)", "- (back - b)"),
        ("- high * (unit - leading)", "+ high * (unit - leading)"),
        ("(rest + below) / unit", "(rest - below) / unit"),
        ("(z - nearest) + slip", "(z - nearest) - slip"),
        ("+ slip * ", "- slip * "),
        ("t / (1.0 + t), 1.0)", "t / (1.0 - t), 1.0)"),
        ("(t > -0.99) & ", "(t > -1.0) & "),
    ],
    "loss_gaussian": [
        ("residual + residual * slip", "residual - residual * slip"),
        ("(a - (difference + back)) + (back - b)", "(a - (difference + back)) - (back - b)"),
        ("(total - (new - back)) + (term - back)", "(total - (new - back)) - (term - back)"),
        ("total + lost, total)", "total - lost, total)"),
    ],
}
C = {
    "kl_normal": [
        ("+ (back - b);", "- (back - b);"),
        ("(rest + below) / unit", "(rest - below) / unit"),
        ("(z - nearest) + part", "(z - nearest) - part"),
        ("(leap * bend + lost)", "(leap * bend - lost)"),
        ("log_ratio = base + leap", "log_ratio = base - leap"),
        ("+ slip * (near", "- slip * (near"),
    ],
    "loss_gaussian": [
        ("residual + residual * slip", "residual - residual * slip"),
        ("+ (back - b);", "- (back - b);"),
    ],
}


def cases(changes: dict[str, list[tuple[str, str]]]) -> list[tuple[str, str, str]]:
    return [(name, old, new) for name, pairs in changes.items() for old, new in pairs]


def changed(name: str, target: str, old: str, new: str) -> str:
    text = codegen.emit(name, target)
    assert old in text
    return text.replace(old, new)


def proved(name: str, target: str, text: str) -> bool:
    return all(r.ok for r in validate_program(BY_NAME[name], target, text, theorem))


def exceeded(name: str, kind: str, worst: list[Worst]) -> bool:
    value, slopes = BY_NAME[name].errors.bounds()[kind]
    assert slopes is not None
    return any(not w.ulp <= (slopes if w.output else value) for w in worst)


def run_of(name: str, target: str, text: str, *, gradients: bool = True) -> Backend:
    module = types.ModuleType("changed")
    exec(compile(text, "changed", "exec"), module.__dict__)  # our own file with one sign changed
    if not gradients:
        wide = torch.tensor if target == "torch" else np.asarray
        return lambda arguments: [getattr(module, name)(*map(wide, arguments))]
    if target == "torch":
        return differentiated(getattr(module, name))
    function = getattr(module, f"{name}_and_grad")
    return lambda arguments: list(function(*arguments))


@pytest.mark.parametrize("target", ["numpy", "torch"])
@pytest.mark.parametrize(("name", "old", "new"), cases(PYTHON))
def test_a_wrong_compensation_is_refused_or_measured(name: str, old: str, new: str, target: str) -> None:
    text = changed(name, target, old, new)
    if proved(name, target, text):
        found = measure(name, run_of(name, target, text), np.float64, samples=200_000, seed=5)
        assert exceeded(name, "float64", found), found


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """Whatever is compiled in a test, from a cache of its own and not kept."""
    monkeypatch.setenv("VAEMATH_CACHE", str(tmp_path))
    for kept in (build.library, calls):
        kept.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    for kept in (build.library, calls):
        kept.cache_clear()


@pytest.mark.skipif(not available(), reason="no C compiler")
@pytest.mark.parametrize(("name", "old", "new"), cases(C))
def test_a_wrong_compensation_in_c_is_refused_or_measured(
    name: str, old: str, new: str, compiled: pytest.MonkeyPatch
) -> None:
    text = changed(name, "c", old, new)
    if proved(name, "c", text):
        compiled.setattr(build, "read", lambda *_: text)
        found = {
            kind: measure(name, ours(name, "C"), np.dtype(kind), samples=200_000, seed=5)
            for kind in ("float32", "float64")
        }
        assert any(exceeded(name, kind, worst) for kind, worst in found.items()), found


@pytest.mark.parametrize("target", ["numpy", "torch"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("solution + _solve_lower(factor", "solution - _solve_lower(factor"),
        ("_coarse(factor, -1), ", "factor, "),
    ],
)
def test_a_wrong_refinement_is_refused_or_measured(old: str, new: str, target: str) -> None:
    text = changed("kl_mvn", target, old, new)
    if proved("kl_mvn", target, text):
        kernel = run_of("kl_mvn", target, text, gradients=False)
        bound, _ = BY_NAME["kl_mvn"].errors.bounds()["float64"]
        pairs = [p for p in factor_pairs(np.random.default_rng(3), np.float64, 1e7) if p.condition > 1e5]
        found = [relative(float(kernel(p.arguments)[0]), exact_kl(p, factors=True)) for p in pairs]
        assert max(found) > bound


def test_a_wrong_function_is_refused_after_the_right_one_was_proved() -> None:
    name = "kl_normal_standard"
    assert proved(name, "numpy", codegen.emit(name, "numpy"))
    assert not proved(name, "numpy", changed(name, "numpy", "0.5 * h * h + (", "0.25 * h * h + ("))
