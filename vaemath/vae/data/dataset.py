"""A data set in memory: training and test rows, and how they are made binary."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from vaemath.errors import VaemathError

_BINARISATIONS = ("none", "fixed", "dynamic")
_TEST_SEED = 20150901


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """Rows of D numbers; `source` is the folder that they were read from, if any.

    `binarisation` says how intensities in [0, 1] become pixels: `none` leaves them; `fixed` draws each
    pixel once; `dynamic` draws a training pixel anew at every presentation. Under `fixed` and
    `dynamic` the test pixels are drawn once, from a seed of their own, so that results can be compared.
    """

    name: str
    train: Tensor
    test: Tensor
    shape: tuple[int, int] | None
    binarisation: str = "none"
    source: str | None = None
    labels: Tensor | None = None
    test_labels: Tensor | None = None

    @property
    def dim(self) -> int:
        """D, the numbers in a row."""
        return self.train.shape[-1]

    @property
    def title(self) -> str:
        """The name with its binarisation, as every result says it."""
        name = f"{self.name} {Path(self.source).name}" if self.source else self.name
        how = "no" if self.binarisation == "none" else self.binarisation
        return f"{name}, {how} binarisation"

    def digest(self) -> str:
        """SHA-256 of the rows and the binarisation: what a checkpoint was trained on."""
        digest = hashlib.sha256(self.binarisation.encode())
        for rows in (self.train, self.test):
            digest.update(str(tuple(rows.shape)).encode())
            digest.update(rows.cpu().numpy().tobytes())
        return digest.hexdigest()

    def to(self, *, device: str | torch.device, dtype: torch.dtype) -> "Dataset":
        """The same rows on another device, in another dtype."""
        train, test = (rows.to(device=device, dtype=dtype) for rows in (self.train, self.test))
        return replace(self, train=train, test=test)

    def present(self, rows: Tensor, generator: torch.Generator) -> Tensor:
        """Training rows as the network sees them this time."""
        if self.binarisation != "dynamic":
            return rows
        noise = torch.empty_like(rows).uniform_(generator=generator)
        return (noise < rows).to(rows.dtype)


def binarised(dataset: Dataset, binarisation: str) -> Dataset:
    """The data set with a binarisation; raise `VaemathError` unless it is one of the three names."""
    if binarisation not in _BINARISATIONS:
        expected = ", ".join(_BINARISATIONS)
        raise VaemathError(f"binarisation: got {binarisation!r}; expected {expected}")
    if binarisation == "none":
        return replace(dataset, binarisation="none")
    if dataset.train.min() < 0 or dataset.train.max() > 1:
        raise VaemathError(
            f"binarisation: got {binarisation} for {dataset.name}; expected intensities in [0, 1]"
        )
    generator = torch.Generator().manual_seed(_TEST_SEED)
    test = torch.bernoulli(dataset.test, generator=generator)
    train = dataset.train
    if binarisation == "fixed":
        train = torch.bernoulli(train, generator=generator)
    return replace(dataset, train=train, test=test, binarisation=binarisation)
