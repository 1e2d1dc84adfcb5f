"""Faults: one clear line, nothing lost."""

import errno
import json
import os
import resource
import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from vaemath.errors import FalseError, VaemathError
from vaemath.vae.checkpoint import load_checkpoint
from vaemath.vae.data import load
from vaemath.vae.data.dataset import Dataset
from vaemath.vae.options import ModelOptions, TrainOptions
from vaemath.vae.run import open_run
from vaemath.vae.training import train

MODEL = ModelOptions(hidden=(16,), latent=2)


def options(epochs=2, **more):
    return TrainOptions(epochs=epochs, checkpoint_seconds=0, schedule="constant", **more)


def one_line(error):
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.fixture
def run(tmp_path):
    train(load("digits", binarisation="dynamic"), model=MODEL, options=options(), out=tmp_path)
    return tmp_path


def state_file(folder):
    (path,) = folder.glob("state-*.safetensors")
    return path


def test_a_folder_holds_one_checkpoint_and_no_leftovers(run):
    names = sorted(p.name for p in run.iterdir())
    assert names == ["checkpoint.json", "metrics.jsonl", state_file(run).name]


@pytest.mark.parametrize("part", [0.0, 0.3, 0.999])
def test_truncated_tensors(run, part):
    path = state_file(run)
    content = path.read_bytes()
    path.write_bytes(content[: int(part * len(content))])
    with pytest.raises(FalseError, match="truncated or altered") as error:
        open_run(run)
    assert path.name in one_line(error)


@pytest.mark.parametrize("seed", range(5))
def test_one_altered_byte(run, seed):
    path = state_file(run) if seed % 2 else run / "checkpoint.json"
    content = bytearray(path.read_bytes())
    place = int(torch.randint(len(content), (1,), generator=torch.Generator().manual_seed(seed)))
    content[place] ^= 0x11
    path.write_bytes(bytes(content))
    with pytest.raises(FalseError, match="checkpoint: ") as error:
        load_checkpoint(run)
    one_line(error)


def test_an_edited_number_and_a_missing_tensor_file(run):
    path = run / "checkpoint.json"
    meta = json.loads(path.read_text())
    path.write_text(json.dumps({**meta, "epoch": 1}))
    with pytest.raises(FalseError, match="digest"):
        open_run(run)
    path.write_text(json.dumps(meta))
    state_file(run).unlink()
    with pytest.raises(FalseError, match="No such file"):
        open_run(run)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "other"}'])
def test_json_that_is_no_checkpoint(run, content):
    (run / "checkpoint.json").write_text(content)
    with pytest.raises(FalseError, match=r"checkpoint\.json"):
        open_run(run)


def test_no_checkpoint_and_other_data(run, tmp_path):
    with pytest.raises(VaemathError, match="no checkpoint"):
        open_run(tmp_path / "nowhere")
    with pytest.raises(VaemathError, match="other rows"):
        open_run(run, data=load("digits", binarisation="fixed"))


def test_a_full_disk_keeps_the_old_checkpoint(run, monkeypatch):
    before = {p.name: p.read_bytes() for p in run.iterdir() if p.suffix != ".jsonl"}

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(VaemathError, match="No space left on device") as error:
        train(load("digits", binarisation="dynamic"), model=MODEL, options=options(4), out=run)
    assert "what was there is kept" in one_line(error)
    monkeypatch.undo()
    assert {p.name: p.read_bytes() for p in run.iterdir() if p.suffix != ".jsonl"} == before
    train(load("digits", binarisation="dynamic"), model=MODEL, options=options(4), out=run)
    assert open_run(run).epochs == 4


def test_a_limit_on_file_size_is_met_like_a_full_disk(run):
    script = (
        "import resource, sys\n"
        "from vaemath.errors import VaemathError\n"
        "from vaemath.vae.data import load\n"
        "from vaemath.vae.options import ModelOptions, TrainOptions\n"
        "from vaemath.vae.training import train\n"
        "data = load('digits', binarisation='dynamic')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "options = TrainOptions(epochs=3, checkpoint_seconds=0, schedule='constant')\n"
        "try:\n"
        "    train(data, model=ModelOptions(hidden=(16,), latent=2), options=options, out=sys.argv[1])\n"
        "except VaemathError as error:\n"
        "    print(error)\n"
    )
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    said = subprocess.run(
        [sys.executable, "-c", script, str(run)],
        capture_output=True,
        text=True,
        env={**os.environ, **path},
        check=False,
    )
    assert ": cannot be written: " in said.stdout, said.stderr
    assert len(said.stdout.splitlines()) == 1
    assert open_run(run).epochs == 2
    assert not list(run.glob(".*.part"))


@pytest.mark.parametrize("below", ["file/run", "/proc/nowhere"])
def test_a_folder_that_cannot_be_written(tmp_path, below):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(VaemathError, match=": cannot be written: ") as error:
        train(load("digits"), model=MODEL, options=options(), out=tmp_path / below)
    one_line(error)


def test_a_loss_that_is_not_finite_names_term_and_batch(run, monkeypatch):
    from vaemath.vae import training as module

    before = (run / "checkpoint.json").read_bytes()
    step, steps = module._Run._step, 0

    def poisoned(self, chosen):
        nonlocal steps
        steps += 1
        if steps == 4:
            with torch.no_grad():
                self.state.model.encoder[-1].bias[0] = float("inf")
        step(self, chosen)

    monkeypatch.setattr(module._Run, "_step", poisoned)
    with pytest.raises(FalseError, match="the KL of row 0 is inf in batch 4 of epoch 3") as error:
        train(load("digits", binarisation="dynamic"), model=MODEL, options=options(4), out=run)
    assert "last good checkpoint is kept" in one_line(error)
    assert (run / "checkpoint.json").read_bytes() == before


def test_a_reconstruction_that_is_not_finite_is_named(tmp_path, monkeypatch):
    from vaemath.vae import training as module

    step = module._Run._step

    def poisoned(self, chosen):
        with torch.no_grad():
            self.state.model.decoder[-1].bias[3] = float("nan")
        step(self, chosen)

    monkeypatch.setattr(module._Run, "_step", poisoned)
    with pytest.raises(FalseError, match="the reconstruction of row 0 is nan in batch 1 of epoch 1"):
        train(load("digits", binarisation="dynamic"), model=MODEL, options=options(), out=tmp_path)


def test_parameters_that_are_not_finite_are_never_saved(run, monkeypatch):
    from vaemath.vae import training as module

    before = (run / "checkpoint.json").read_bytes()
    step = module._Run._step

    def poisoned(self, chosen):
        step(self, chosen)
        if self.state.step == self.batches - 1:
            with torch.no_grad():
                self.state.model.decoder[-1].bias[3] = float("nan")

    monkeypatch.setattr(module._Run, "_step", poisoned)
    with pytest.raises(FalseError, match=r"parameter decoder\.2\.bias is not finite"):
        train(load("digits", binarisation="dynamic"), model=MODEL, options=options(3), out=run)
    assert (run / "checkpoint.json").read_bytes() == before


def test_rows_that_are_not_finite_and_unknown_devices(tmp_path):
    data = load("digits")
    spoiled = data.train.clone()
    spoiled[3, 4] = float("nan")
    with pytest.raises(VaemathError, match="expected rows of finite numbers"):
        train(replace(data, train=spoiled), model=MODEL, options=options())
    with pytest.raises(VaemathError, match="device: got 'nonsense'"):
        train(data, model=MODEL, options=options(device="nonsense"))


def test_a_decoder_for_pixels_refuses_other_data():
    rows = torch.randn(50, 4, generator=torch.Generator().manual_seed(0))
    data = Dataset(name="own", train=rows, test=rows, shape=None)
    with pytest.raises(VaemathError, match=r"expected rows in \[0, 1\] with a bernoulli decoder"):
        train(data, model=MODEL, options=options())


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: ModelOptions(latent=0), "latent: got 0"),
        (lambda: ModelOptions(hidden=(3, -1)), "hidden: "),
        (lambda: ModelOptions(decoder="poisson"), "decoder: got 'poisson'"),
        (lambda: ModelOptions(activation="step"), "activation: "),
        (lambda: ModelOptions(scale=0.0), "scale: got 0.0"),
        (lambda: ModelOptions(learn_scale=True), "decoder: got 'bernoulli'"),
        (lambda: TrainOptions(epochs=0), "epochs: got 0"),
        (lambda: TrainOptions(batch_size=True), "batch_size: "),
        (lambda: TrainOptions(beta=-1.0), "beta: got -1.0"),
        (lambda: TrainOptions(learning_rate=float("nan")), "learning_rate: "),
        (lambda: TrainOptions(seed=-1), "seed: "),
        (lambda: TrainOptions(dtype="float16"), "dtype: "),
        (lambda: TrainOptions(dtype="float64", autocast=True), "dtype: "),
        (lambda: TrainOptions(schedule="linear"), "schedule: "),
    ],
)
def test_bad_options_are_named(make, named):
    with pytest.raises(VaemathError, match=named) as error:
        make()
    one_line(error)
