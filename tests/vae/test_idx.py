"""IDX files: read where people keep them, refused with one line where they are damaged."""

import gzip
import struct

import numpy as np
import pytest
import torch

from vaemath.errors import VaemathError
from vaemath.vae.data import load
from vaemath.vae.data.idx import idx_images


def idx_bytes(images, magic=b"\x00\x00\x08\x03"):
    return magic + struct.pack(">3I", *images.shape) + images.tobytes()


def random_images(count, seed=0, side=5):
    return np.random.default_rng(seed).integers(0, 256, (count, side, side - 1), dtype=np.uint8)


def write(folder, *, train=None, test=None, suffix="", dot=False):
    folder.mkdir(parents=True, exist_ok=True)
    for stem, images in (("train-images", train), ("t10k-images", test)):
        images = random_images(7 if stem == "train-images" else 4) if images is None else images
        name = f"{stem}{'.' if dot else '-'}idx3-ubyte{suffix}"
        content = idx_bytes(images)
        (folder / name).write_bytes(gzip.compress(content) if suffix else content)


@pytest.mark.parametrize("below", [".", "MNIST/raw", "data", "raw"])
@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("dot", [False, True])
def test_read_wherever_they_lie(tmp_path, below, suffix, dot):
    write(tmp_path / below, suffix=suffix, dot=dot)
    data = load("idx", data_dir=tmp_path)
    assert data.shape == (5, 4)
    assert (len(data.train), len(data.test), data.dim) == (7, 4, 20)
    expected = torch.tensor(random_images(7).reshape(7, -1) / 255.0, dtype=torch.float32)
    torch.testing.assert_close(data.train, expected, rtol=0, atol=0)


def test_the_binarisation_is_named_and_fair(tmp_path):
    images = np.full((4000, 5, 4), 51, dtype=np.uint8)
    write(tmp_path / "set", train=images, test=images)
    fixed = load("idx", data_dir=tmp_path / "set", binarisation="fixed")
    assert fixed.title == "idx set, fixed binarisation"
    generator = torch.Generator().manual_seed(0)
    assert torch.equal(fixed.present(fixed.train, generator), fixed.train)
    dynamic = load("idx", data_dir=tmp_path / "set", binarisation="dynamic")
    assert dynamic.title == "idx set, dynamic binarisation"
    first, second = (dynamic.present(dynamic.train, generator) for _ in range(2))
    assert not torch.equal(first, second)
    for rows in (fixed.train, first, second, dynamic.test, fixed.test):
        assert set(rows.unique().tolist()) == {0.0, 1.0}
        # 80 000 draws with probability 1/5: six standard deviations, false alarms below 1e-8.
        assert abs(float(rows.mean()) - 0.2) < 6 * (0.16 / 80_000) ** 0.5
    assert torch.equal(dynamic.test, load("idx", data_dir=tmp_path / "set", binarisation="dynamic").test)
    assert dynamic.digest() != fixed.digest()


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "an empty file"),
        (b"\x00\x00\x08\x01" + struct.pack(">3I", 1, 2, 2) + bytes(4), "magic number 00000801"),
        (b"\x00\x00\x0d\x03" + struct.pack(">3I", 1, 2, 2) + bytes(4), "magic number 00000d03"),
        (b"\x00\x00\x08\x03" + struct.pack(">3I", 2, 2, 2) + bytes(5), "truncated"),
        (b"\x00\x00\x08\x03" + struct.pack(">3I", 9_000_000, 4000, 4000) + bytes(9), "truncated"),
        (b"\x00\x00\x08\x03" + struct.pack(">3I", 2**32 - 1, 2, 2) + bytes(5), "sizes 4294967295"),
        (b"\x00\x00\x08\x03" + struct.pack(">3I", 0, 2, 2), "sizes 0"),
        (b"\x00\x00\x08\x03" + struct.pack(">3I", 1, 2, 2) + bytes(9), "bytes after the last image"),
    ],
)
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_damaged_files_are_named(tmp_path, content, named, suffix):
    path = tmp_path / f"train-images-idx3-ubyte{suffix}"
    path.write_bytes(gzip.compress(content) if suffix else content)
    with pytest.raises(VaemathError, match=named) as error:
        idx_images(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_damaged_gzip_stream(tmp_path):
    path = tmp_path / "train-images-idx3-ubyte.gz"
    whole = gzip.compress(idx_bytes(random_images(50)))
    for content in (
        whole[:60],
        whole[:-4],
        b"no gzip at all, but long enough",
        whole[:30] + b"xx" + whole[32:],
    ):
        path.write_bytes(content)
        with pytest.raises(VaemathError, match=r"idx3-ubyte\.gz: got"):
            idx_images(path)


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(VaemathError, match="not a directory"):
        load("idx", data_dir=tmp_path / "nowhere")
    with pytest.raises(VaemathError, match="no train-images-idx3-ubyte"):
        load("idx", data_dir=tmp_path)
    write(tmp_path)
    (tmp_path / "t10k-images-idx3-ubyte").unlink()
    with pytest.raises(VaemathError, match="no t10k-images-idx3-ubyte"):
        load("idx", data_dir=tmp_path)
    write(tmp_path, test=random_images(4, side=6))
    with pytest.raises(VaemathError, match="expected one size"):
        load("idx", data_dir=tmp_path)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"name": "idx"}, "data_dir: got none"),
        ({"name": "digits", "data_dir": "/tmp"}, "data_dir: got /tmp with data digits"),
        ({"name": "letters"}, "data: got 'letters'"),
        ({"binarisation": "threshold"}, "binarisation: got 'threshold'"),
        ({"name": "linear-gaussian", "binarisation": "fixed"}, r"expected intensities in \[0, 1\]"),
    ],
)
def test_what_load_cannot_do(arguments, named):
    with pytest.raises(VaemathError, match=named):
        load(**arguments)
