"""The commands: what they print, what they write, and how they say no."""

import json
import sys

import pytest
import torch
import typer
from typer.testing import CliRunner

from vaemath.cli.vae import register
from vaemath.errors import VaemathError
from vaemath.vae.metrics import Metrics
from vaemath.vae.options import TrainOptions, widths
from vaemath.vae.progress import Bar


@pytest.fixture(scope="module")
def app():
    application = typer.Typer()
    register(application)
    return application


def call(app, *arguments):
    result = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def run(app, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    arguments = ("--epochs", 12, "--hidden", "32", "--latent", 3, "--importance", 5, "--threads", 1)
    out = call(app, "train", "--out", folder, *arguments, "--json")
    return folder, json.loads(out)


def test_train_reports_and_draws(run):
    folder, numbers = run
    assert numbers["data"] == "digits, dynamic binarisation"
    assert numbers["epochs"] == 12
    assert numbers["elbo"] == pytest.approx(-numbers["reconstruction"] - numbers["kl"])
    assert sum(numbers["kl_by_dimension"]) == pytest.approx(numbers["kl"])
    assert numbers["importance"]["samples"] == 5
    written = {p.name for p in folder.iterdir()}
    assert {"report.json", "metrics.jsonl", "learning-curve.png", "samples.png"} <= written
    assert json.loads((folder / "report.json").read_text())["elbo"] == numbers["elbo"]


def test_evaluate_agrees_with_train(app, run):
    folder, numbers = run
    again = json.loads(call(app, "evaluate", folder, "--importance", 5, "--json"))
    assert again == {k: v for k, v in numbers.items() if k != "pictures"}
    text = call(app, "evaluate", folder, "--importance", 5)
    assert f"{numbers['elbo']:.4f}" in text
    assert "aggregate.hole" in text


@pytest.mark.parametrize(
    ("command", "more"),
    [("sample", ("--seed", 3)), ("reconstruct", ()), ("interpolate", ("--first", 2, "--last", 5))],
)
def test_pictures(app, run, tmp_path, command, more):
    path = tmp_path / "picture.png"
    assert call(app, command, run[0], "--out", path, *more).strip() == str(path)
    assert path.read_bytes().startswith(b"\x89PNG")
    again = tmp_path / "again.png"
    call(app, command, run[0], "--out", again, *more)
    assert again.read_bytes() == path.read_bytes()


def test_a_linear_gaussian_run_has_no_images(app, tmp_path):
    arguments = ("--data", "linear-gaussian", "--decoder", "gaussian", "--hidden", "", "--learn-scale")
    more = ("--epochs", 2, "--latent", 2, "--dtype", "float64", "--importance", 0)
    numbers = json.loads(call(app, "train", "--out", tmp_path, *arguments, *more, "--json"))
    assert numbers["data"] == "linear-gaussian, no binarisation"
    assert "importance" not in numbers
    with pytest.raises(VaemathError, match="which are not images"):
        call(app, "sample", tmp_path, "--out", tmp_path / "picture.png")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("train", "--hidden", "10,x"), "hidden: got '10,x'"),
        (("train", "--data", "letters"), "data: got 'letters'"),
        (("train", "--threads", "0"), "threads: got 0"),
        (("train", "--data", "linear-gaussian", "--binarisation", "none"), "bernoulli decoder"),
        (("evaluate", "nowhere"), "no checkpoint"),
        (("figures", "unknown"), "name: got 'unknown'"),
    ],
)
def test_bad_usage_is_named(app, tmp_path, monkeypatch, arguments, named):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(VaemathError, match=named) as error:
        call(app, *arguments)
    assert "\n" not in str(error.value)


def test_interpolate_names_a_row_that_is_not_there(app, run, tmp_path):
    with pytest.raises(VaemathError, match="last: got 360; expected a test row, 0 to 359"):
        call(app, "interpolate", run[0], "--last", 360, "--out", tmp_path / "p.png")


def test_a_picture_that_cannot_be_written(app, run, tmp_path):
    with pytest.raises(VaemathError, match="cannot be written"):
        call(app, "sample", run[0], "--out", tmp_path / "nowhere" / "p.png")


def test_the_bar_is_quiet_unless_on_a_terminal(capfd):
    with Bar(total=3) as bar:
        assert not bar.due()
        bar.show(done=1, epoch=1, reconstruction=3.0, kl=1.0)
    assert capfd.readouterr() == ("", "")


def test_the_bar_shows_elbo_and_parts(capfd):
    with Bar(total=3, show=True) as bar:
        assert bar.due()
        bar.show(done=1, epoch=2, reconstruction=3.0, kl=1.0)
    shown = capfd.readouterr().err
    assert "epoch 2" in shown
    assert "ELBO -4.00  recon 3.00  KL 1.00" in shown


def test_tensorboard_is_an_extra(tmp_path, monkeypatch):
    for name in ("tensorboard", "torch.utils.tensorboard"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(VaemathError, match=r"pip install 'vaemath\[tensorboard\]'"):
        Metrics(tmp_path, tensorboard=True)


def test_metrics_drop_what_a_crash_left(tmp_path):
    metrics = Metrics(tmp_path)
    for epoch in (1, 2, 3):
        metrics.add({"epoch": epoch, "train": {"elbo": -1.0}})
    with open(tmp_path / "metrics.jsonl", "a") as file:
        file.write('{"epoch": 4, "tra')
    again = Metrics(tmp_path, epochs=2)
    again.add({"epoch": 3, "train": {"elbo": -2.0}})
    lines = (tmp_path / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2, 3]
    assert json.loads(lines[-1])["train"]["elbo"] == -2.0


def test_widths_and_schedules():
    assert widths("200, 100") == (200, 100)
    assert widths(" ") == ()
    paper = TrainOptions(epochs=3280, learning_rate=1e-3, schedule="staircase")
    rates = torch.tensor([paper.learning_rate_at(epoch) for epoch in range(3280)], dtype=torch.float64)
    values, counts = torch.unique(rates, return_counts=True)
    assert counts.flip(0).tolist() == [3**i for i in range(8)]
    expected = torch.tensor([1e-3 * 10 ** (-i / 7) for i in range(8)], dtype=torch.float64)
    torch.testing.assert_close(values.flip(0), expected)
    cosine = TrainOptions(epochs=10, learning_rate=1.0, schedule="cosine")
    assert cosine.learning_rate_at(0) == 1.0
    assert 0 < cosine.learning_rate_at(9) < 0.05
