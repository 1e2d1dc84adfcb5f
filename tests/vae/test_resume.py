"""Broken off anywhere, a run goes on from its checkpoint and ends bit for bit where it would have."""

import json
import multiprocessing
import os
import signal
import sys
import time

import pytest
import torch

from vaemath.errors import VaemathError
from vaemath.vae.checkpoint import load_checkpoint
from vaemath.vae.data import load
from vaemath.vae.metrics import read_metrics
from vaemath.vae.options import ModelOptions, TrainOptions
from vaemath.vae.training import train

INTERRUPTED = 7
MODEL = ModelOptions(hidden=(24,), latent=3)


def options(epochs, **more):
    return TrainOptions(epochs=epochs, checkpoint_seconds=0, evaluate_every=2, **more)


def start(folder, epochs):
    """The run in a process of its own (forked: what it would import is there already)."""
    process = multiprocessing.get_context("fork").Process(target=_child, args=(folder, epochs))
    process.start()
    return process


def _child(folder, epochs):
    data = load("digits", binarisation="dynamic")
    result = train(data, model=MODEL, options=options(epochs), out=folder)
    sys.exit(INTERRUPTED if result.interrupted else 0)


def finish(process):
    process.join(timeout=120)
    return process.exitcode


def same_state(left, right):
    ours, theirs = load_checkpoint(left), load_checkpoint(right)
    assert ours is not None
    assert theirs is not None
    assert ours.tensors.keys() == theirs.tensors.keys()
    return all(torch.equal(t, theirs.tensors[n]) for n, t in ours.tensors.items())


def same_metrics(left, right):
    ours, theirs = (
        [{k: v for k, v in record.items() if k != "seconds"} for record in read_metrics(folder)]
        for folder in (left, right)
    )
    return ours == theirs


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("unbroken")
    train(load("digits", binarisation="dynamic"), model=MODEL, options=options(24), out=folder)
    return folder


def test_the_same_seed_gives_the_same_bits(unbroken, tmp_path):
    data = load("digits", binarisation="dynamic")
    train(data, model=MODEL, options=options(24), out=tmp_path)
    assert same_state(unbroken, tmp_path)
    other = tmp_path / "other"
    train(data, model=MODEL, options=options(24, seed=1), out=other)
    assert not same_state(unbroken, other)


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_a_random_moment(unbroken, tmp_path, seed):
    wait = 0.3 * float(torch.rand(1, generator=torch.Generator().manual_seed(seed)))
    kills = 0
    for _ in range(20):
        process = start(tmp_path, 24)
        began = time.monotonic()
        while not (tmp_path / "metrics.jsonl").exists() and time.monotonic() - began < 60:
            time.sleep(0.01)
        time.sleep(wait)
        process.kill()
        kills += finish(process) == -signal.SIGKILL
        if kills >= 2 or process.exitcode == 0:
            break
    assert kills >= 1
    assert finish(start(tmp_path, 24)) == 0
    assert same_state(unbroken, tmp_path)
    assert same_metrics(unbroken, tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_leaves_a_checkpoint(unbroken, tmp_path, number):
    process = start(tmp_path, 24)
    while len(read_metrics(tmp_path)) < 3:
        assert process.is_alive()
        time.sleep(0.005)
    os.kill(process.pid, number)
    assert finish(process) == INTERRUPTED
    left = load_checkpoint(tmp_path)
    assert left is not None
    assert 3 <= left.meta["epoch"] < 24
    assert finish(start(tmp_path, 24)) == 0
    assert same_state(unbroken, tmp_path)
    assert same_metrics(unbroken, tmp_path)


def test_a_stop_inside_an_epoch_resumes_inside_it(unbroken, tmp_path, monkeypatch):
    from vaemath.vae import training as module

    data, steps = load("digits", binarisation="dynamic"), 0
    step = module._Run._step

    def counted(run, chosen):
        nonlocal steps
        step(run, chosen)
        steps += 1
        if steps == 40:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(module._Run, "_step", counted)
    assert train(data, model=MODEL, options=options(24), out=tmp_path).interrupted
    left = load_checkpoint(tmp_path)
    assert left is not None
    assert (left.meta["epoch"], left.meta["step"]) == (2, 10)
    assert not train(data, model=MODEL, options=options(24), out=tmp_path).interrupted
    assert same_state(unbroken, tmp_path)
    assert same_metrics(unbroken, tmp_path)


def test_a_finished_run_is_left_as_it_is_and_may_go_further(unbroken, tmp_path):
    data = load("digits", binarisation="dynamic")
    constant = options(4, schedule="constant")
    train(data, model=MODEL, options=constant, out=tmp_path)
    before = (tmp_path / "checkpoint.json").read_bytes()
    train(data, model=MODEL, options=constant, out=tmp_path)
    assert (tmp_path / "checkpoint.json").read_bytes() == before
    train(data, model=MODEL, options=options(6, schedule="constant"), out=tmp_path)
    assert [r["epoch"] for r in read_metrics(tmp_path)] == [1, 2, 3, 4, 5, 6]
    straight = tmp_path / "straight"
    train(data, model=MODEL, options=options(6, schedule="constant"), out=straight)
    assert same_state(tmp_path, straight)


@pytest.mark.parametrize(
    ("model", "changes", "binarisation", "named"),
    [
        (ModelOptions(hidden=(25,), latent=3), {}, "dynamic", r"model hidden = \[24\]; expected \[25\]"),
        (ModelOptions(hidden=(24,), latent=4), {}, "dynamic", "model latent = 3; expected 4"),
        (MODEL, {"beta": 2.0}, "dynamic", "training beta = 1.0; expected 2.0"),
        (MODEL, {"seed": 5}, "dynamic", "training seed = 0; expected 5"),
        (MODEL, {}, "fixed", "data binarisation = dynamic; expected fixed"),
    ],
)
def test_a_checkpoint_of_something_else_is_refused(unbroken, model, changes, binarisation, named):
    before = (unbroken / "checkpoint.json").read_bytes()
    with pytest.raises(VaemathError, match=named):
        train(
            load("digits", binarisation=binarisation),
            model=model,
            options=options(24, **changes),
            out=unbroken,
        )
    assert (unbroken / "checkpoint.json").read_bytes() == before


def test_the_metrics_are_json_lines(unbroken):
    lines = (unbroken / "metrics.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    assert [r["epoch"] for r in records] == list(range(1, 25))
    for record in records:
        parts = record["train"]
        assert parts["elbo"] == pytest.approx(-parts["reconstruction"] - parts["kl"])
        assert ("test" in record) == (record["epoch"] % 2 == 0)
