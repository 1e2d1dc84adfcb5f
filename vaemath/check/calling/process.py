"""The near end of the separate process: requests with a time limit, answers as numpy arrays."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaemath.check.calling.target import Target
from vaemath.check.calling.wire import decode, encode

__all__ = ["Answer", "Broken", "Process"]

Array = NDArray[Any]


class Broken(Exception):
    """The function cannot be examined: it cannot be loaded, took too long, or ended its process."""


@dataclass(frozen=True)
class Answer:
    """What one call gave: a value (and gradients), or the exception it raised."""

    value: Array | None = None
    error: str | None = None
    form: str = ""
    dtype: str = ""
    graph: bool | None = None
    gradients: tuple[Array | None, ...] | None = None
    mutated: tuple[int, ...] = ()
    draws: tuple[str, ...] = ()


@dataclass
class Process:
    """A worker with one function loaded; use as a context manager.

    `time_limit` is for everything together, in seconds, loading apart.
    """

    target: Target
    time_limit: float = 60.0
    load_limit: float = 60.0
    description: dict[str, Any] = field(default_factory=dict)

    def __enter__(self) -> Process:
        root = str(Path(__file__).resolve().parents[3])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}
        self._child = subprocess.Popen(
            [sys.executable, "-m", "vaemath.check.calling.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self._spent = 0.0
        try:
            self.switch(self.target)
        except Broken:
            self.__exit__(None, None, None)
            raise
        return self

    def switch(self, target: Target) -> None:
        """Examine this function from now on; a file that was loaded before is not loaded again."""
        self.target = target
        where = {"place": target.place, "name": target.name, "is_file": target.is_file}
        self.description = self._ask({"do": "load", **where}, self.load_limit)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._child.kill()
        self._child.wait()
        for stream in (self._child.stdin, self._child.stdout):
            if stream is not None:
                stream.close()

    def call(
        self,
        calls: Sequence[Sequence[Array]],
        *,
        library: str,
        dtype: str = "float64",
        seed: int | list[int] | None = None,
        gradients: bool = False,
        watch: bool = False,
        options: dict[str, Any] | None = None,
    ) -> list[Answer]:
        """Make calls. With a seed, the global generators are seeded with it before each one; with a
        list of seeds, with one each. `watch` looks for changed inputs and used generators.
        """
        request = {
            "do": "calls",
            "calls": [[encode(a) for a in arguments] for arguments in calls],
            "library": library,
            "dtype": dtype,
            "seed": seed,
            "gradients": gradients,
            "watch": watch,
            "options": options or {},
        }
        reply = self._ask(request, self.time_limit - self._spent)
        return [_answer(a) for a in reply["answers"]]

    def use_source(self, source: str | None) -> None:
        """Call an edited version of the function from now on; None goes back to the original."""
        name = self.target.name.split(".")[-1]
        self._ask({"do": "variant", "source": source, "name": name}, 10.0)

    @property
    def alive(self) -> bool:
        """Whether the worker still runs."""
        return self._child.poll() is None

    def _ask(self, request: dict[str, Any], limit: float) -> dict[str, Any]:
        started = time.monotonic()
        try:
            assert self._child.stdin is not None
            self._child.stdin.write(json.dumps(request) + "\n")
            self._child.stdin.flush()
            line = self._lines.get(timeout=max(limit, 0.1))
        except queue.Empty:
            self._child.kill()
            raise Broken(f"it took longer than {limit:.0f} s") from None
        except (BrokenPipeError, OSError):
            line = ""
        if request["do"] == "calls":
            self._spent += time.monotonic() - started
        if not line:
            raise Broken("it ended the process that it ran in")
        reply: dict[str, Any] = json.loads(line)
        if "failed" in reply:
            raise Broken(reply["failed"])
        return reply

    def _read(self) -> None:
        stream = self._child.stdout
        try:
            while stream is not None:
                line = stream.readline()
                self._lines.put(line)
                if not line:
                    return
        except ValueError:  # closed while reading
            self._lines.put("")


def _answer(message: dict[str, Any]) -> Answer:
    if "error" in message:
        return Answer(error=message["error"])
    gradients = message.get("gradients")
    return Answer(
        value=np.asarray(decode(message["value"]), dtype=np.float64),
        form=message["form"],
        dtype=message["given"],
        graph=message.get("graph"),
        gradients=None
        if gradients is None
        else tuple(None if g is None else decode(g).astype(np.float64) for g in gradients),
        mutated=tuple(message.get("mutated", ())),
        draws=tuple(message.get("draws", ())),
    )
