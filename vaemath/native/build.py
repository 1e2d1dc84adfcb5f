"""Compiles a kernel once, with the system's C compiler, into a cache.

The cache is keyed by the source, the compiler, its options and the CPU, so that a changed kernel or a
home folder shared between machines never runs the wrong code. Machine code is run as you, so the cache is
a folder that you alone can enter, and a library is loaded only if its bytes have the hash in its name: a
name and the bytes under it are put there by one rename, so that the two never disagree on the way.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import shutil
import stat
import subprocess
import tempfile
import warnings
from functools import cache
from pathlib import Path

from vaemath.codegen.files import read
from vaemath.errors import VaemathError
from vaemath.files import private_directory
from vaemath.files import read as read_bytes

_SAFE = ("-std=c99", "-O3", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast", "-fPIC", "-shared")
_OPTIONS = (  # the first that the compiler takes
    # gcc otherwise computes clamped arguments apart and blends the results: a fifth slower
    ("-march=native", "-fopenmp", "-fno-thread-jumps"),
    ("-march=native", "-fopenmp"),
    ("-mcpu=native", "-fopenmp"),
    ("-march=native",),
    (),
)
_LARGEST = 50_000_000  # bytes of a compiled kernel


def available() -> bool:
    """Whether the C kernels can be compiled and run here."""
    return library("kl_normal_standard") is not None


@cache
def library(kernel: str) -> ctypes.CDLL | None:
    """The compiled kernel, or None where that cannot be had, which is said once."""
    try:
        return ctypes.CDLL(str(_compiled(kernel)))
    except (_NotBuilt, VaemathError, OSError) as e:
        _say(str(e))
        return None


@cache
def _say(reason: str) -> None:
    warnings.warn(
        f"vaemath.native: {reason}; the NumPy and torch kernels do the work", RuntimeWarning, stacklevel=2
    )


class _NotBuilt(Exception):
    """No compiler, or one that cannot compile a kernel."""


def _compiled(kernel: str) -> Path:
    """The library, made if there is none, of the hash that its name records.

    Raises:
        VaemathError: the cache is not private, or a library in it is not what was put there.
    """
    source = read(kernel, "c")
    compiler = _compiler()
    key = "\n".join([source, *_version(compiler), *_SAFE, repr(_OPTIONS), _cpu()])
    start = f"{kernel}-{_hash(key.encode())[:32]}"
    where = _private(folder())
    made = sorted(where.glob(f"{start}-*.so"))
    for path in made:
        found = _hash(read_bytes(path, limit=_LARGEST, expected="a compiled kernel", follow=False))
        if path.name != f"{start}-{found}.so":
            raise VaemathError(
                f"{path}: its bytes have the hash {found[:16]}..., expected the one in its name"
            )
    return made[0] if made else _build(source, compiler, where, start)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _private(path: Path) -> Path:
    """The folder, made where there is none, that its owner alone can enter, and not anybody can replace.

    Raises:
        VaemathError: others can.
    """
    private_directory(path)
    for above in path.resolve().parents:
        mode = above.stat().st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise VaemathError(
                f"{above}: anybody can replace what is in it; expected a cache in a folder of your own"
            )
    return path


def folder() -> Path:
    """Where compiled kernels are kept: $VAEMATH_CACHE, or `vaemath` in the user's cache folder."""
    own = os.environ.get("VAEMATH_CACHE")
    if own:
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "vaemath"


def _build(source: str, compiler: str, where: Path, start: str) -> Path:
    with tempfile.TemporaryDirectory(dir=where) as beside:
        text, out = Path(beside) / "kernel.c", Path(beside) / "kernel.so"
        text.write_text(source, encoding="utf-8")
        for options in _OPTIONS:
            done = _run([compiler, *_SAFE, *options, str(text), "-o", str(out), "-lm"])
            if done.returncode == 0:
                out.chmod(0o600)
                made = where / f"{start}-{_hash(out.read_bytes())}.so"
                os.replace(out, made)
                return made
    lines = done.stderr.strip().splitlines()
    raise _NotBuilt(f"{compiler} cannot compile a kernel ({lines[0] if lines else 'it says nothing'})")


def _compiler() -> str:
    for name in (os.environ.get("CC"), "cc", "gcc", "clang"):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise _NotBuilt("there is no C compiler")


@cache
def _version(compiler: str) -> list[str]:
    return [compiler, *_run([compiler, "--version"]).stdout.splitlines()[:1]]


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except (OSError, subprocess.TimeoutExpired) as e:
        raise _NotBuilt(f"{command[0]} does not run ({e})") from None


@cache
def _cpu() -> str:
    """What of the CPU the compiler may use."""
    known = Path("/proc/cpuinfo")
    if known.is_file():
        for line in known.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith(("flags", "Features")):
                return f"{platform.machine()} {line}"
    return f"{platform.machine()} {platform.processor()}"
