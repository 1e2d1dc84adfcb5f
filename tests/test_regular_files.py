"""What is read is a file, what is written replaces a file, and what is private is one's own."""

import os

import pytest

from vaemath.errors import VaemathError
from vaemath.files import private_directory, read, read_text, write


def refused(act) -> str:
    with pytest.raises(VaemathError) as caught:
        act()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_only_regular_files_are_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_bytes(b"abc")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")

    def message(name, **options):
        return refused(lambda: read(tmp_path / name, limit=100, expected="a script", **options))

    assert "is a pipe; expected a script" in message("pipe")
    assert "is a device; expected a script" in message("/dev/zero")
    assert "is a directory; expected a script" in message("")
    assert "no such file; expected a script" in message("missing")
    assert "no such file" in message("dangling")
    assert "cannot be read: Too many levels of symbolic links" in message("circle")
    assert "cannot be read: File name too long" in message("a" * 5000)
    assert "cannot be read: embedded null byte" in message("a\0b")
    assert "is a link; expected a script" in message("link", follow=False)
    assert "cannot be read: Not a directory" in message("file/inside")
    assert read(tmp_path / "link", limit=3, expected="a script") == b"abc"
    assert "larger than 2 bytes" in refused(lambda: read(tmp_path / "file", limit=2, expected="a script"))


def test_text_is_utf8(tmp_path):
    path = tmp_path / "file"
    path.write_bytes("\ufeffσ".encode())
    assert read_text(path, limit=100, expected="text") == "σ"
    path.write_bytes(b"abc\xff")
    assert "byte 3 is not UTF-8" in refused(lambda: read_text(path, limit=100, expected="text"))


def test_what_is_no_file_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "it is a pipe" in refused(lambda: write(tmp_path / "pipe", "x"))
    assert "it is a directory" in refused(lambda: write(tmp_path, "x"))
    (tmp_path / "null").symlink_to("/dev/null")
    assert "it is a device" in refused(lambda: write(tmp_path / "null", "x"))
    (tmp_path / "file").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    write(tmp_path / "link", "new")
    assert (tmp_path / "file").read_text() == "new"
    assert (tmp_path / "link").is_symlink()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "link", "null", "pipe"]


def test_a_private_directory_is_ones_own(tmp_path):
    path = tmp_path / "a" / "b"
    assert private_directory(path) == path
    assert path.stat().st_mode & 0o777 == 0o700
    assert private_directory(path) == path
    path.chmod(0o755)
    assert "others may enter it (mode 0755); expected mode 0700" in refused(lambda: private_directory(path))
    (tmp_path / "link").symlink_to(path)
    assert "is no directory" in refused(lambda: private_directory(tmp_path / "link"))
    (tmp_path / "file").write_text("")
    assert "is no directory" in refused(lambda: private_directory(tmp_path / "file"))
    assert "cannot be written" in refused(lambda: private_directory(tmp_path / "file" / "inside"))
