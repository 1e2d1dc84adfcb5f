"""scikit-learn's 1797 handwritten digits, 8 by 8: they come with the package, nothing is fetched."""

import torch
from sklearn.datasets import load_digits

from vaemath.vae.data.dataset import Dataset

_TEST_ROWS = 360
_SPLIT_SEED = 0


def digits() -> Dataset:
    """1437 training and 360 test rows of 64 intensities in [0, 1]; the split never changes."""
    bunch = load_digits()
    rows = torch.tensor(bunch.data / 16.0, dtype=torch.float32)
    labels = torch.tensor(bunch.target)
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(_SPLIT_SEED))
    test, train = order[:_TEST_ROWS], order[_TEST_ROWS:]
    return Dataset(
        name="digits",
        train=rows[train],
        test=rows[test],
        shape=(8, 8),
        labels=labels[train],
        test_labels=labels[test],
    )
