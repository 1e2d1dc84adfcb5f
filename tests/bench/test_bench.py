"""The benchmark compares things that compute the same; nothing here is timed."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from vaemath.bench.clock import best
from vaemath.bench.figure import LOOKS, draw
from vaemath.bench.subjects import Pass, covariance, loss, standard
from vaemath.bench.table import Row, groups, markdown


def test_every_subject_has_a_look() -> None:
    names = set(standard((2, 3), compiled=True))
    names |= set(covariance(1, 2, factors=True)) | set(loss((1, 2), "gaussian"))
    assert names - {"torch.distributions"} == set(LOOKS)


def gradients(run: Pass) -> list[torch.Tensor]:
    return [t.grad.clone() for t in run()]  # type: ignore[attr-defined]


def agree(subjects: dict[str, Pass]) -> None:
    expected = gradients(subjects["torch.distributions"])
    for name, run in subjects.items():
        if name != "copy":
            for a, b in zip(gradients(run), expected, strict=True):
                torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-4)


def test_subjects_compute_the_same() -> None:
    torch.manual_seed(0)
    agree(standard((5, 3), compiled=False))
    for name in ("gaussian", "bernoulli"):
        agree(loss((4, 7), name))


@pytest.mark.parametrize("factors", [True, False])
def test_covariance_subjects_compute_the_same(factors: bool) -> None:
    torch.manual_seed(1)
    subjects = covariance(3, 4, factors=factors)
    expected, found = gradients(subjects["torch.distributions"]), gradients(subjects["vaemath"])
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(torch.tril(a), torch.tril(b), rtol=1e-3, atol=1e-3)


def test_the_clock_runs_every_subject() -> None:
    count = dict.fromkeys("ab", 0)

    def subject(name: str) -> Pass:
        def run() -> None:
            count[name] += 1

        return run

    found = best({name: subject(name) for name in count}, seconds=0.0)
    assert all(0.0 < t < 1.0 for t in found.values())
    assert min(count.values()) >= 5


def test_the_table_is_markdown(tmp_path: Path) -> None:
    table = [
        Row("kl_mvn", "64x8", 1, "torch.distributions", 24.6, 1.0),
        Row("kl_mvn", "64x8", 1, "vaemath", 12.3, 2.0),
        Row("kl_mvn", "64x8", 2, "torch.distributions", 24.6, 1.0),
        Row("kl_mvn", "64x8", 2, "vaemath C", 2.0, 12.3),
    ]
    assert markdown(table).splitlines() == [
        "| task | size | threads | torch.distributions, µs | vaemath | vaemath C |",
        "|---|---|---|---|---|---|",
        "| kl_mvn | 64x8 | 1 | 25 | 2 |  |",
        "| kl_mvn | 64x8 | 2 | 25 |  | 12 |",
    ]
    draw(table, tmp_path / "speed.png")
    assert (tmp_path / "speed.png").read_bytes().startswith(b"\x89PNG")


def test_every_task_of_the_table_has_a_reference() -> None:
    tasks = {task for task, _, _ in groups(compiled=False)}
    assert tasks == {"kl_normal_standard", "kl_mvn", "kl_mvn_covariance", "loss_gaussian", "loss_bernoulli"}
