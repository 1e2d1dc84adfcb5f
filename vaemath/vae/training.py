"""Training: one loop, the generated loss, and nothing lost if it is broken off."""

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from vaemath.errors import FalseError
from vaemath.files import make_directory
from vaemath.vae.checkpoint import load_checkpoint, save_checkpoint
from vaemath.vae.data.dataset import Dataset
from vaemath.vae.evaluation import evaluate
from vaemath.vae.interrupt import StopRequest
from vaemath.vae.metrics import Metrics
from vaemath.vae.model import VAE, make_model
from vaemath.vae.objective import Objective, Terms
from vaemath.vae.options import ModelOptions, TrainOptions, expect
from vaemath.vae.process import Process, join
from vaemath.vae.progress import Bar
from vaemath.vae.state import State, new_state


@dataclass(frozen=True)
class Trained:
    """The model after `epochs` epochs, the records of every epoch, and whether it was broken off.

    `leads` is true of the one process that wrote the files.
    """

    model: VAE
    records: list[dict[str, Any]]
    epochs: int
    interrupted: bool
    leads: bool


def train(
    data: Dataset,
    *,
    model: ModelOptions | None = None,
    options: TrainOptions | None = None,
    out: str | Path | None = None,
    progress: bool | None = None,
    tensorboard: bool = False,
) -> Trained:
    """Train a VAE, from the checkpoint in `out` if there is one; `out=None` writes nothing.

    Under `torchrun` every process calls this; gradients are averaged and rank 0 writes. Ctrl-C
    leaves a checkpoint and returns. On a CPU the result depends on the options alone, bit for bit
    (with an equal number of threads), whether or not the run was broken off in between.

    Raises `VaemathError` for a checkpoint of other options or a disk that refuses, `FalseError` for a
    damaged checkpoint and a loss that is not finite (naming term and batch; the last checkpoint is kept).
    """
    network, options = model or ModelOptions(), options or TrainOptions()
    folder = Path(out) if out is not None else None
    process = join(options.device)
    if folder and process.leads:
        make_directory(folder)
    run = _Run(data, network, options, folder, process)
    process.wait()
    shown = progress if process.leads else False
    metrics = Metrics(folder if process.leads else None, epochs=run.state.epoch, tensorboard=tensorboard)
    try:
        with StopRequest() as stop, run.bar(shown) as bar:
            interrupted = run.go(metrics, stop, bar)
    finally:
        metrics.close()
    return Trained(run.state.model, metrics.records, run.state.epoch, interrupted, process.leads)


class _Run:
    """One call of `train`."""

    def __init__(
        self,
        data: Dataset,
        network: ModelOptions,
        options: TrainOptions,
        folder: Path | None,
        process: Process,
    ) -> None:
        dtype = getattr(torch, options.dtype)
        self.options, self.folder, self.process = options, folder, process
        expect(bool(data.train.isfinite().all()), "data", data.name, "rows of finite numbers")
        if network.decoder == "bernoulli":
            fits = bool((data.train >= 0).all() and (data.train <= 1).all())
            expect(fits, "data", data.name, "rows in [0, 1] with a bernoulli decoder")
        self.original = data
        self.data = data.to(device=process.device, dtype=dtype)
        average = data.train.mean(0)
        model = make_model(network, average=average, seed=options.seed, dtype=dtype, device=process.device)
        self.state: State = new_state(model, options)
        checkpoint = load_checkpoint(folder) if folder else None
        if checkpoint:
            self.state.restore(checkpoint, data=data, options=options)
        self.objective: nn.Module = process.wrap(
            Objective(model, fidelity=options.fidelity, beta=options.beta, autocast=options.autocast)
        )
        self.batches = math.ceil(len(self.data.train) / options.batch_size)
        self.saved_at = time.monotonic()

    def bar(self, show: bool | None) -> Bar:
        """The progress bar, at this run's place."""
        done = self.state.epoch * self.batches + self.state.step
        return Bar(total=self.options.epochs * self.batches, done=done, show=show)

    def go(self, metrics: Metrics, stop: StopRequest, bar: Bar) -> bool:
        """Train to the last epoch; True if it was broken off before."""
        while self.state.epoch < self.options.epochs:
            began = time.monotonic()
            if not self._epoch(stop, bar):
                self._save()
                return True
            metrics.add(self._record(time.monotonic() - began))
            self.state.totals.zero_()
            flag = torch.tensor(float(stop.raised), device=self.process.device)
            stopped = bool(self.process.total(flag))
            due = time.monotonic() - self.saved_at >= self.options.checkpoint_seconds
            if due or stopped or self.state.epoch == self.options.epochs:
                self._save()
            if stopped:
                return self.state.epoch < self.options.epochs
        return False

    def _epoch(self, stop: StopRequest, bar: Bar) -> bool:
        """The rest of one epoch; False if a single process was asked to stop on the way."""
        state, size = self.state, self.options.batch_size
        rows = len(self.data.train)
        for group in state.optimiser.param_groups:
            group["lr"] = self.options.learning_rate_at(state.epoch)
        if len(state.order) == 0:
            device = self.data.train.device
            state.order = torch.randperm(rows, generator=state.generator, device=device)
        while state.step < self.batches:
            if stop.raised and self.process.world == 1:
                return False
            self._step(state.order[state.step * size : (state.step + 1) * size])
            state.step += 1
            if bar.due():
                done = state.epoch * self.batches + state.step
                mine = min(state.step * size, rows) / self.process.world
                reconstruction, kl = (state.totals / mine).tolist()
                bar.show(done=done, epoch=state.epoch + 1, reconstruction=reconstruction, kl=kl)
        state.epoch, state.step, state.order = state.epoch + 1, 0, state.order[:0]
        return True

    def _step(self, chosen: Tensor) -> None:
        """One step, in nats per image; stops the run if the loss is not finite."""
        state = self.state
        x = self.data.present(self.data.train[chosen], state.generator)
        noise = torch.empty(
            (self.options.samples, len(chosen), state.model.options.latent),
            dtype=x.dtype,
            device=x.device,
        ).normal_(generator=state.generator)
        share = self.process.share(len(chosen))
        terms: Terms = self.objective(x[share], noise[:, share])
        loss = terms.objective.sum() * (self.process.world / len(chosen))
        if not math.isfinite(loss.item()):
            raise self._not_finite(terms)
        state.optimiser.zero_grad()
        torch.autograd.backward(loss)
        state.optimiser.step()
        state.totals += torch.stack((terms.reconstruction.sum(), terms.kl.sum()))

    def _not_finite(self, terms: Terms) -> FalseError:
        for name, value in (("KL", terms.kl), ("reconstruction", terms.reconstruction)):
            bad = (~torch.isfinite(value)).nonzero()
            if len(bad):
                row = int(bad[0])
                what = f"the {name} of row {row} is {float(value[row])}"
                break
        else:
            what = "the weighted loss is not finite"
        return FalseError(
            f"training stopped: {what} in batch {self.state.step + 1} of epoch "
            f"{self.state.epoch + 1}; the last good checkpoint is kept"
        )

    def _record(self, seconds: float) -> dict[str, Any]:
        state, options = self.state, self.options
        reconstruction, kl = (self.process.total(state.totals.clone()) / len(self.data.train)).tolist()
        record: dict[str, Any] = {
            "epoch": state.epoch,
            "learning_rate": options.learning_rate_at(state.epoch - 1),
            "seconds": round(seconds, 3),
            "train": {"elbo": -(reconstruction + kl), "reconstruction": reconstruction, "kl": kl},
        }
        due = state.epoch % options.evaluate_every == 0 or state.epoch == options.epochs
        if due and self.process.leads:
            result = evaluate(state.model, self.data.test)
            record["test"] = {
                "elbo": result.elbo,
                "reconstruction": result.reconstruction,
                "kl": result.kl,
            }
        return record

    def _save(self) -> None:
        if self.folder and self.process.leads:
            checkpoint = self.state.checkpoint(data=self.original, options=self.options)
            save_checkpoint(self.folder, checkpoint)
            self.saved_at = time.monotonic()
