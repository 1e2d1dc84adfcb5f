"""Commands of the reference VAE: train, evaluate, sample, reconstruct, interpolate, figures."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

RunFolder = Annotated[Path, typer.Argument(help="A folder that `train` wrote.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Device = Annotated[str, typer.Option(help="cpu, cuda, cuda:1, ...")]
Seed = Annotated[int, typer.Option(help="Seed; the same seed gives the same numbers.")]
Picture = Annotated[Path, typer.Option("--out", "-o", help="The PNG to write.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    for command in (train, evaluate, sample, reconstruct, interpolate, figures):
        app.command()(command)


def train(
    out: Annotated[Path, typer.Option(help="Folder of the run.")] = Path("runs/vae"),
    data: Annotated[str, typer.Option(help="digits, linear-gaussian or idx.")] = "digits",
    data_dir: Annotated[Path | None, typer.Option(help="Folder of IDX files (MNIST).")] = None,
    binarisation: Annotated[
        str | None,
        typer.Option(help="none, fixed or dynamic; default dynamic for a Bernoulli decoder."),
    ] = None,
    decoder: Annotated[str, typer.Option(help="bernoulli or gaussian.")] = "bernoulli",
    scale: Annotated[float, typer.Option(help="s of a Gaussian decoder.")] = 1.0,
    learn_scale: Annotated[bool, typer.Option(help="Learn s, from --scale on.")] = False,
    latent: Annotated[int, typer.Option(help="Latent dimensions.")] = 8,
    hidden: Annotated[str, typer.Option(help="Widths, such as 200,200; empty: linear.")] = "256",
    activation: Annotated[str, typer.Option(help="tanh or relu.")] = "tanh",
    epochs: Annotated[int, typer.Option(help="Passes over the training rows.")] = 300,
    batch_size: Annotated[int, typer.Option(help="m, rows in a step.")] = 100,
    samples: Annotated[int, typer.Option(help="V, latent draws per row and step.")] = 1,
    beta: Annotated[float, typer.Option(help="Weight of the KL.")] = 1.0,
    learning_rate: Annotated[float, typer.Option(help="Adam's step.")] = 2e-3,
    adam_eps: Annotated[float, typer.Option(help="Adam's epsilon.")] = 1e-8,
    schedule: Annotated[str, typer.Option(help="constant, cosine or staircase.")] = "cosine",
    seed: Seed = 0,
    device: Device = "cpu",
    dtype: Annotated[str, typer.Option(help="float32 or float64.")] = "float32",
    autocast: Annotated[bool, typer.Option(help="Network in bfloat16, loss in float32.")] = False,
    threads: Annotated[int | None, typer.Option(help="CPU threads; torch's own by default.")] = None,
    evaluate_every: Annotated[int, typer.Option(help="Epochs between test ELBOs.")] = 10,
    checkpoint_seconds: Annotated[float, typer.Option(help="Least time between two.")] = 10.0,
    importance: Annotated[int, typer.Option(help="K of the final bound; 0 for none.")] = 50,
    tensorboard: Annotated[bool, typer.Option(help="Write TensorBoard files too.")] = False,
    as_json: Json = False,
) -> None:
    """Train a VAE with the generated loss; go on from the folder's checkpoint if it has one."""
    from vaemath.vae.command import train_command
    from vaemath.vae.data import load
    from vaemath.vae.options import ModelOptions, TrainOptions, widths

    pixels = binarisation or ("dynamic" if decoder == "bernoulli" else "none")
    network = ModelOptions(
        latent=latent,
        hidden=widths(hidden),
        activation=activation,
        decoder=decoder,
        scale=scale,
        learn_scale=learn_scale,
    )
    options = TrainOptions(
        epochs=epochs,
        batch_size=batch_size,
        samples=samples,
        beta=beta,
        learning_rate=learning_rate,
        adam_eps=adam_eps,
        schedule=schedule,
        seed=seed,
        device=device,
        dtype=dtype,
        autocast=autocast,
        evaluate_every=evaluate_every,
        checkpoint_seconds=checkpoint_seconds,
    )
    name = "idx" if data_dir and data == "digits" else data
    rows = load(name, data_dir=data_dir, binarisation=pixels)
    finished = train_command(
        rows,
        network,
        options,
        out,
        threads=threads,
        importance=importance,
        tensorboard=tensorboard,
    )
    if finished is None:
        return
    if finished.interrupted:
        typer.echo(f"stopped after {finished.epochs} epochs; the same command goes on", err=True)
        raise typer.Exit(130)
    _print({**finished.numbers, "pictures": [str(p) for p in finished.pictures]}, as_json)


def evaluate(
    run: RunFolder,
    samples: Annotated[int, typer.Option(help="Latent draws per row for the ELBO.")] = 20,
    importance: Annotated[int, typer.Option(help="K of the weighted bound; 0 for none.")] = 50,
    seed: Seed = 0,
    device: Device = "cpu",
    as_json: Json = False,
) -> None:
    """Measure a run on its test rows: ELBO, its parts, active units, bounds, prior against posterior."""
    from vaemath.vae.run import open_run, report

    opened = open_run(run, device=device)
    _print(report(opened, samples=samples, importance=importance, seed=seed), as_json)


def sample(
    run: RunFolder,
    out: Picture = Path("samples.png"),
    seed: Seed = 0,
) -> None:
    """Draw new images: z from the prior, then the decoder."""
    from vaemath.vae.figures.run import draw_samples
    from vaemath.vae.figures.style import save
    from vaemath.vae.run import open_run

    opened = open_run(run)
    save(draw_samples(opened.model, opened.data, seed=seed), out)
    typer.echo(out)


def reconstruct(run: RunFolder, out: Picture = Path("reconstructions.png")) -> None:
    """Draw test images and what the network makes of them."""
    from vaemath.vae.figures.run import draw_reconstructions
    from vaemath.vae.figures.style import save
    from vaemath.vae.run import open_run

    opened = open_run(run)
    save(draw_reconstructions(opened.model, opened.data), out)
    typer.echo(out)


def interpolate(
    run: RunFolder,
    first: Annotated[int, typer.Option(help="Row of the test set to start from.")] = 0,
    last: Annotated[int, typer.Option(help="Row of the test set to end at.")] = 1,
    out: Picture = Path("interpolation.png"),
) -> None:
    """Draw the straight line between two test images' posterior means, decoded."""
    from vaemath.vae.figures.run import draw_interpolation
    from vaemath.vae.figures.style import save
    from vaemath.vae.run import open_run

    opened = open_run(run)
    save(draw_interpolation(opened.model, opened.data, first=first, last=last), out)
    typer.echo(out)


def figures(
    names: Annotated[list[str] | None, typer.Argument(help="Experiments; all by default.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for pictures and captions.")] = Path("figures"),
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Run the experiments: for each a picture, a caption with its numbers, and the numbers as JSON."""
    from vaemath.vae.experiments import run_experiments

    results: dict[str, Any] = {}
    for result in run_experiments(names or [], out=out, seed=seed):
        results[result.name] = result.numbers
        if not as_json:
            typer.echo(f"{result.picture}  ({result.seconds:.1f} s)\n  {result.caption}\n")
    if as_json:
        typer.echo(json.dumps(results, indent=1))


def _print(numbers: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(numbers, indent=1))
        return
    for name, value in _flat(numbers):
        shown = f"{value:.4f}" if isinstance(value, float) else str(value)
        typer.echo(f"{name:28} {shown}")


def _flat(numbers: dict[str, Any], prefix: str = "") -> list[tuple[str, object]]:
    lines: list[tuple[str, object]] = []
    for name, value in numbers.items():
        if isinstance(value, dict):
            lines += _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list | tuple):
            shown = (f"{v:.3f}" if isinstance(v, float) else str(v) for v in value)
            lines.append((prefix + name, "  ".join(shown)))
        else:
            lines.append((prefix + name, value))
    return lines
