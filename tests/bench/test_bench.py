"""The benchmark compares things that compute the same; nothing here is timed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from vaemath.bench.clock import best
from vaemath.bench.figure import LOOKS, draw
from vaemath.bench.subjects import Pass, covariance, loss, standard
from vaemath.bench.table import Row, groups, markdown, rows
from vaemath.errors import VaemathError


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


def test_an_unknown_task_is_named() -> None:
    with pytest.raises(VaemathError, match="task: got 'kl', expected one of kl_normal_standard, kl_mvn_cov"):
        next(rows(task="kl"))


def test_one_task_alone() -> None:
    table = list(rows(threads=(1,), compiled=False, seconds=0.0, task="loss_gaussian"))
    assert {(r.task, r.size) for r in table} == {("loss_gaussian", "128x784"), ("loss_gaussian", "4096x784")}


def test_memory_is_kept_in_a_process_of_its_own() -> None:
    script = "from vaemath.bench.memory import keep_memory; keep_memory(); print(sum(bytearray(1 << 24)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout == "0\n" or "expected glibc" in done.stderr


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
