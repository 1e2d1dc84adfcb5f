"""Under torchrun on two processes (gloo) a run is what it is on one, to rounding."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from vaemath.vae.checkpoint import load_checkpoint
from vaemath.vae.metrics import read_metrics
from vaemath.vae.process import Process

SCRIPT = Path(__file__).with_name("two_processes.py")


def test_shares_cover_every_row_once():
    for world in (1, 2, 3, 7):
        for rows in (1, 5, 20, 101):
            shares = [Process(rank, world, torch.device("cpu")).share(rows) for rank in range(world)]
            assert [row for share in shares for row in range(rows)[share]] == list(range(rows))


def test_two_processes_average_to_one(tmp_path):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node"]
    for count in ("1", "2"):
        (tmp_path / count).mkdir()
        subprocess.run(
            [*launcher, count, str(SCRIPT), str(tmp_path / count)],
            check=True,
            env=environment,
            timeout=120,
            stderr=subprocess.DEVNULL,
        )
    ours, theirs = (load_file(tmp_path / count / "gradient.safetensors") for count in ("1", "2"))
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        assert value.abs().max() > 0
        torch.testing.assert_close(theirs[name], value, rtol=1e-11, atol=1e-13)
    one, two = load_checkpoint(tmp_path / "1"), load_checkpoint(tmp_path / "2")
    assert one is not None
    assert two is not None
    for name, value in one.tensors.items():
        torch.testing.assert_close(two.tensors[name], value, rtol=1e-8, atol=1e-10)
    for left, right in zip(read_metrics(tmp_path / "1"), read_metrics(tmp_path / "2"), strict=True):
        assert left["train"] == pytest.approx(right["train"], rel=1e-10)
