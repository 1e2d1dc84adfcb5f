"""Data sets by name: `load`."""

from pathlib import Path

from vaemath.errors import VaemathError
from vaemath.vae.data.dataset import Dataset, binarised

__all__ = ["Dataset", "binarised", "load"]


def load(
    name: str = "digits",
    *,
    data_dir: str | Path | None = None,
    binarisation: str = "none",
) -> Dataset:
    """`digits`, `linear-gaussian`, or `idx` with the folder of its files.

    Raises `VaemathError` for an unknown name, a missing folder, or a damaged file.
    """
    if name == "idx":
        if data_dir is None:
            raise VaemathError("data_dir: got none; expected the folder of the IDX files")
        from vaemath.vae.data.idx import idx_dataset

        return binarised(idx_dataset(Path(data_dir)), binarisation)
    if data_dir is not None:
        raise VaemathError(f"data_dir: got {data_dir} with data {name}; expected it with idx only")
    if name == "digits":
        from vaemath.vae.data.digits import digits

        return binarised(digits(), binarisation)
    if name == "linear-gaussian":
        from vaemath.vae.data.linear_gaussian import linear_gaussian

        return binarised(linear_gaussian(), binarisation)
    raise VaemathError(f"data: got {name!r}; expected digits, linear-gaussian or idx")
