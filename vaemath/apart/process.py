"""A Python process of its own, with limits: on time, on memory, on what it may say."""

from __future__ import annotations

import contextlib
import os
import resource
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MEMORY = 4 << 30  # bytes of address space
SAID = 1 << 20  # bytes that a process may print
ANSWER = 16 << 20  # bytes that it may hand back
_PACKAGE = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Limits:
    """What a process may use: seconds of the clock, bytes of memory."""

    seconds: float
    memory: int = MEMORY


def hold_to(memory: int, *, writing: bool) -> None:
    """Called by the process itself, first of all: what is set here it cannot undo."""
    with contextlib.suppress(ValueError, OSError):  # a stricter limit is there already
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not writing:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


class Apart:
    """A running module of this package in a new interpreter.

    Its search path is that of the installation, never the folder that the command was called in, where a
    script of somebody's may have the name of a module. `answer`, where asked for, is a pipe beside the
    standard ones; its number is the first word that the module gets.
    """

    def __init__(self, module: str, *words: str, answer: bool = False) -> None:
        self.said: dict[str, bytearray] = {"out": bytearray(), "err": bytearray(), "answer": bytearray()}
        self._selector = selectors.DefaultSelector()
        inherited: tuple[int, ...] = ()
        if answer:
            mine, theirs = os.pipe()
            inherited = (theirs,)
            words = (str(theirs), *words)
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-B", "-m", module, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=inherited,
            env=_environment(),
            start_new_session=True,
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._watch(self.process.stdout.fileno(), "out")
        self._watch(self.process.stderr.fileno(), "err")
        if answer:
            os.close(theirs)
            self._answer = os.fdopen(mine, "rb")
            self._watch(mine, "answer")

    def _watch(self, descriptor: int, name: str) -> None:
        os.set_blocking(descriptor, False)
        self._selector.register(descriptor, selectors.EVENT_READ, name)

    def read(self, seconds: float, until: Callable[[], bool] = lambda: False) -> str:
        """Take in what it says until it ends or `until` holds; "" then, else which limit it broke."""
        deadline = time.monotonic() + seconds
        ended = False
        while not until():
            left = deadline - time.monotonic()
            if left <= 0:
                return f"ran longer than {seconds:g} s"
            ready = self._selector.select(0 if ended else min(left, 0.05)) if self._selector.get_map() else []
            for key, _ in ready:
                got = os.read(key.fd, 1 << 16)
                if not got:
                    self._selector.unregister(key.fd)
                    continue
                said = self.said[key.data]
                said += got
                if len(said) > (ANSWER if key.data == "answer" else SAID):
                    return f"said more than {len(said) >> 20} MiB"
            if not ready:
                if ended:
                    return ""
                ended = self.process.poll() is not None
                if not ended and not self._selector.get_map():
                    time.sleep(0.005)  # it closed all that could be read, and still runs
        return ""

    def end(self) -> int:
        """End it with all that it started, and its exit status (minus the signal that ended it)."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        status = self.process.wait()
        self._selector.close()
        for stream in (self.process.stdout, self.process.stderr, getattr(self, "_answer", None)):
            if stream is not None:
                stream.close()
        return status


def _environment() -> dict[str, str]:
    """Our own without what steers the interpreter, with the place of this package first in the path."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    path = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if os.path.isabs(p)]
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join([str(_PACKAGE), *path]),
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
    }
