"""Targets: found by a registry, another package's like ours, and no wrong word of one is believed."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest

from vaemath.codegen import TARGETS
from vaemath.codegen.lift.validate import Report, validate_program
from vaemath.codegen.programs import PROGRAMS
from vaemath.codegen.targets import targets
from vaemath.codegen.targets.interface import Frame, Target
from vaemath.codegen.targets.numpy import TARGET as NUMPY
from vaemath.library import theorem

BY_NAME = {p.name: p for p in PROGRAMS}


class Toy(type(NUMPY)):  # type: ignore[misc]
    """A target of another package: NumPy's functions in a frame of its own."""

    name = "toy"

    def frame(self, program):  # type: ignore[no-untyped-def]
        return Frame("# a toy\n\nimport numpy as np\n\nArray = np.ndarray\n", "\n")


class _Entry:
    def __init__(self, target: Target) -> None:
        self.target = target

    def load(self) -> Target:
        return self.target


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Target]]:
    """What other packages offer."""
    offered: list[Target] = []
    monkeypatch.setattr(
        import_module("vaemath.codegen.targets"), "entry_points", lambda group: [_Entry(t) for t in offered]
    )
    targets.cache_clear()
    yield offered
    monkeypatch.undo()
    targets.cache_clear()


def refused(reports: list[Report]) -> list[str]:
    return [r.what for r in reports if not r.ok]


def test_the_targets_of_this_package() -> None:
    assert list(targets()) == ["c", "jax", "numpy", "torch"]
    assert tuple(targets()) == TARGETS
    assert all(t.frame_sources and all(s.is_file() for s in t.frame_sources) for t in targets().values())


def test_another_packages_target_goes_through_the_chain(installed: list[Target]) -> None:
    installed.append(Toy())
    program = BY_NAME["kl_normal"]
    text = targets()["toy"].emit(program)
    reports = validate_program(program, "toy", text, theorem)
    assert refused(reports) == []
    (frame,) = (r.detail for r in reports if r.what == "frame")
    assert "not on the list of frames that were read" in frame
    wrong = text.replace("d_loc_q = -d_loc_p", "d_loc_q = d_loc_p")
    assert refused(validate_program(program, "toy", wrong, theorem)) == ["d_loc_q"]


def test_two_targets_of_one_name_are_refused(installed: list[Target]) -> None:
    installed.append(NUMPY)
    with pytest.raises(ValueError, match="two targets are called 'numpy'"):
        targets()


WRONG = {
    "half_square_plus": ("kl_normal_standard", ("+", "-"), ("value",)),
    "product_plus": ("kl_mvn", ("+", "-"), ("d_scale_tril_q",)),
    "sum_event": ("kl_normal_diag", ("", "-"), ("value",)),
    "transpose": ("kl_mvn", ("", "-"), ("d_scale_tril_q",)),
}


@pytest.mark.parametrize("name", ["numpy", "jax"])
@pytest.mark.parametrize("word", WRONG)
def test_a_flipped_sign_in_a_word_is_refused(name: str, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel, (old, new), outputs = WRONG[word]
    words = import_module(f"vaemath.codegen.targets.{name}.emit")._WORDS
    right = words[word]
    monkeypatch.setitem(words, word, right.replace(old, new) if old else f"{new}{right}")
    program, target = BY_NAME[kernel], targets()[name]
    assert set(outputs) <= set(refused(validate_program(program, name, target.emit(program), theorem)))
