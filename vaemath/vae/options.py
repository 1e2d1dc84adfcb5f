"""What a run can be told: the network, and how it is trained; validated once, here."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from vaemath.errors import VaemathError

_ACTIVATIONS = ("tanh", "relu")
_DECODERS = ("bernoulli", "gaussian")
_SCHEDULES = ("constant", "cosine", "staircase")
_DTYPES = ("float32", "float64")


def expect(condition: bool, argument: str, came: object, expected: str) -> None:
    """Raise a one-line `VaemathError` that names the argument unless the condition holds."""
    if not condition:
        raise VaemathError(f"{argument}: got {came!r}; expected {expected}")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_positive(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and value > 0


def _is_weight(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and value >= 0


@dataclass(frozen=True, kw_only=True)
class ModelOptions:
    """Sizes of the network; `scale` is the decoder's s (Gaussian only), learned if asked for."""

    latent: int = 8
    hidden: tuple[int, ...] = (256,)
    activation: str = "tanh"
    decoder: str = "bernoulli"
    scale: float = 1.0
    learn_scale: bool = False

    def __post_init__(self) -> None:
        """Raise `VaemathError` for a size, a name or a scale that makes no network."""
        expect(_is_count(self.latent), "latent", self.latent, "a whole number >= 1")
        for width in self.hidden:
            expect(_is_count(width), "hidden", self.hidden, "whole numbers >= 1")
        for name, names in (("activation", _ACTIVATIONS), ("decoder", _DECODERS)):
            expect(getattr(self, name) in names, name, getattr(self, name), " or ".join(names))
        expect(_is_positive(self.scale), "scale", self.scale, "a finite number > 0")
        if self.learn_scale:
            expect(self.decoder == "gaussian", "decoder", self.decoder, "gaussian with learn_scale")


@dataclass(frozen=True, kw_only=True)
class TrainOptions:
    """How to train.

    `samples` is V of document 000, eq. 25: draws of the latent per image and step. The objective of a
    step is the mean over its m images of fidelity * reconstruction + beta * KL (nats), which is
    1/n times the n/m-scaled sum of document 000, eq. 24. `fidelity` and `beta` are 1 in a VAE.
    """

    epochs: int = 300
    batch_size: int = 100
    samples: int = 1
    fidelity: float = 1.0
    beta: float = 1.0
    learning_rate: float = 2e-3
    adam_eps: float = 1e-8
    schedule: str = "cosine"
    seed: int = 0
    device: str = "cpu"
    dtype: str = "float32"
    autocast: bool = False
    evaluate_every: int = 10
    checkpoint_seconds: float = 10.0

    def __post_init__(self) -> None:
        """Raise `VaemathError` for a value outside its range."""
        for name in ("epochs", "batch_size", "samples", "evaluate_every"):
            expect(_is_count(getattr(self, name)), name, getattr(self, name), "a whole number >= 1")
        for name in ("learning_rate", "adam_eps"):
            expect(_is_positive(getattr(self, name)), name, getattr(self, name), "a number > 0")
        for name in ("fidelity", "beta", "checkpoint_seconds"):
            expect(_is_weight(getattr(self, name)), name, getattr(self, name), "a number >= 0")
        for name, names in (("schedule", _SCHEDULES), ("dtype", _DTYPES)):
            expect(getattr(self, name) in names, name, getattr(self, name), " or ".join(names))
        seed_fits = isinstance(self.seed, int) and 0 <= self.seed < 2**63
        expect(seed_fits, "seed", self.seed, "a whole number in [0, 2^63)")
        if self.autocast:
            expect(self.dtype == "float32", "dtype", self.dtype, "float32 with autocast")

    def learning_rate_at(self, epoch: int) -> float:
        """Learning rate in `epoch` (from 0): a function of the epoch alone, so that it resumes.

        staircase: eight stages i = 0..7 of lengths in the ratio 3^i at learning_rate * 10^(-i/7),
        the schedule of Burda, Grosse and Salakhutdinov (2015); 3280 epochs give their own lengths.
        """
        if self.schedule == "cosine":
            return self.learning_rate * (1 + math.cos(math.pi * epoch / self.epochs)) / 2
        if self.schedule == "staircase":
            position = epoch / self.epochs * 3280
            stage = sum(position >= (3**i - 1) // 2 for i in range(1, 8))
            return float(self.learning_rate * 10 ** (-stage / 7))
        return self.learning_rate


def widths(text: str) -> tuple[int, ...]:
    """Layer widths from text such as `200,200`; an empty text gives a linear network."""
    parts = [part.strip() for part in text.split(",")] if text.strip() else []
    for part in parts:
        expect(part.isascii() and part.isdigit(), "hidden", text, "widths such as 200,200")
    return tuple(int(part) for part in parts)


def as_json(options: ModelOptions | TrainOptions) -> dict[str, Any]:
    """The options as a JSON object."""
    fields = dataclasses.asdict(options)
    return {name: list(v) if isinstance(v, tuple) else v for name, v in fields.items()}


def model_options(fields: dict[str, Any]) -> ModelOptions:
    """The inverse of `as_json` for the network."""
    return ModelOptions(**{**fields, "hidden": tuple(fields["hidden"])})
