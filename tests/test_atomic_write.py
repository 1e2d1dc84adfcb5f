"""Files are written beside and renamed: whole or not at all."""

from pathlib import Path

import pytest

from vaemath.errors import VaemathError
from vaemath.files import make_directory, write


def test_files_are_written_beside_and_renamed(tmp_path: Path) -> None:
    path = tmp_path / "kernel.py"
    path.write_text("old")
    write(path, "x = 1\n")
    assert path.read_text() == "x = 1\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_gets_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(VaemathError, match="cannot be written"):
        write(tmp_path / "file" / "kernel.py", "x")


def test_a_folder_is_made_with_its_parents_or_refused_in_one_line(tmp_path: Path) -> None:
    make_directory(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_text("")
    with pytest.raises(VaemathError, match=r"cannot be written: .*; what was there is kept"):
        make_directory(tmp_path / "file" / "b")
