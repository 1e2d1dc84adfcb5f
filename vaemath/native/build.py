"""Compiles a kernel once, with the system's C compiler, into a cache.

The cache is keyed by the source, the compiler, its options and the CPU, so that a changed kernel or a
home folder shared between machines never runs the wrong code.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
import warnings
from functools import cache
from pathlib import Path

from vaemath.codegen.files import read

_SAFE = ("-std=c99", "-O3", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast", "-fPIC", "-shared")
_OPTIONS = (  # the first that the compiler takes
    # gcc otherwise computes clamped arguments apart and blends the results: a fifth slower
    ("-march=native", "-fopenmp", "-fno-thread-jumps"),
    ("-march=native", "-fopenmp"),
    ("-mcpu=native", "-fopenmp"),
    ("-march=native",),
    (),
)


def available() -> bool:
    """Whether the C kernels can be compiled and run here."""
    return library("kl_normal_standard") is not None


@cache
def library(kernel: str) -> ctypes.CDLL | None:
    """The compiled kernel, or None where that cannot be had, which is said once."""
    try:
        return ctypes.CDLL(str(_compiled(kernel)))
    except (_NotBuilt, OSError) as e:
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
    source = read(kernel, "c")
    compiler = _compiler()
    key = "\n".join([source, *_version(compiler), *_SAFE, repr(_OPTIONS), _cpu()])
    made = folder() / f"{kernel}-{hashlib.sha256(key.encode()).hexdigest()[:32]}.so"
    if not made.is_file():
        _build(source, compiler, made)
    return made


def folder() -> Path:
    """Where compiled kernels are kept: $VAEMATH_CACHE, or `vaemath` in the user's cache folder."""
    own = os.environ.get("VAEMATH_CACHE")
    if own:
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "vaemath"


def _build(source: str, compiler: str, made: Path) -> None:
    made.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=made.parent) as beside:
        text, out = Path(beside) / "kernel.c", Path(beside) / "kernel.so"
        text.write_text(source, encoding="utf-8")
        for options in _OPTIONS:
            done = _run([compiler, *_SAFE, *options, str(text), "-o", str(out), "-lm"])
            if done.returncode == 0:
                os.replace(out, made)
                return
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
