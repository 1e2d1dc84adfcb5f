"""Images in IDX files, plain or gzip: the format of MNIST and of Fashion-MNIST."""

import gzip
import struct
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import torch
from numpy.typing import NDArray

from vaemath.errors import VaemathError
from vaemath.vae.data.dataset import Dataset

_FOLDERS = (".", "MNIST/raw", "FashionMNIST/raw", "raw", "data", "package/data")
_MAX_IMAGES, _MAX_SIDE = 10_000_000, 4096


def idx_images(path: Path) -> NDArray[np.uint8]:
    """The images in one IDX file: (n, height, width), intensities 0..255.

    Raises `VaemathError` for a file that is missing, truncated, too long, or of another kind.
    """
    try:
        with _open(path) as file:
            head = file.read(16)
            if len(head) < 16 or head[:4] != b"\x00\x00\x08\x03":
                came = head[:4].hex() or "an empty file"
                raise _bad(path, f"magic number {came}", "00000803 (unsigned bytes, 3 axes)")
            count, height, width = struct.unpack(">3I", head[4:])
            sizes_fit = 0 < count <= _MAX_IMAGES and 0 < height <= _MAX_SIDE
            if not (sizes_fit and 0 < width <= _MAX_SIDE):
                raise _bad(path, f"sizes {count} x {height} x {width}", "a set of images")
            size = count * height * width
            body = _read(file, size)
            if len(body) < size:
                raise _bad(path, f"{len(body)} bytes of pixels", f"{size}: the file is truncated")
            if file.read(1):
                raise _bad(path, "bytes after the last image", f"{size} bytes of pixels")
    except (OSError, EOFError, zlib.error) as error:
        raise _bad(path, f"unreadable: {error}", "an IDX file of images") from None
    return np.frombuffer(body, dtype=np.uint8).reshape(count, height, width)


def idx_dataset(folder: Path) -> Dataset:
    """Train and test images found in a folder, or where torchvision and others put them below it.

    Intensities are bytes / 255. Raises `VaemathError` naming the file that is missing or damaged.
    """
    if not folder.is_dir():
        raise VaemathError(f"data_dir: got {folder}, which is not a directory; expected IDX files")
    train = idx_images(_find(folder, "train-images"))
    test = idx_images(_find(folder, "t10k-images"))
    if train.shape[1:] != test.shape[1:]:
        raise VaemathError(
            f"data_dir: got {train.shape[1:]} training and {test.shape[1:]} test images in {folder}; "
            "expected one size"
        )
    height, width = train.shape[1:]
    return Dataset(
        name="idx",
        source=str(folder.resolve()),
        train=_intensities(train),
        test=_intensities(test),
        shape=(height, width),
    )


def _open(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path, "rb")) if path.suffix == ".gz" else open(path, "rb")


def _read(file: BinaryIO, size: int) -> bytes:
    """Up to `size` bytes, in pieces: a header that promises too much costs no memory."""
    pieces: list[bytes] = []
    while size > 0 and (piece := file.read(min(size, 1 << 24))):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _find(folder: Path, stem: str) -> Path:
    for below in _FOLDERS:
        for name in (f"{stem}-idx3-ubyte", f"{stem}.idx3-ubyte"):
            for suffix in ("", ".gz"):
                path = folder / below / (name + suffix)
                if path.is_file():
                    return path
    raise VaemathError(
        f"data_dir: no {stem}-idx3-ubyte or {stem}-idx3-ubyte.gz in {folder}; expected IDX files"
    )


def _intensities(images: NDArray[np.uint8]) -> torch.Tensor:
    rows = torch.from_numpy(images.reshape(len(images), -1).copy())
    return rows.to(torch.float32) / 255


def _bad(path: Path, came: str, expected: str) -> VaemathError:
    return VaemathError(f"data_dir: {path}: got {came}; expected {expected}")
