"""The near end of the separate process: requests with a time limit, answers as numpy arrays."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from vaemath.check.calling.target import Target

__all__ = ["Broken", "Process"]


class Broken(Exception):
    """The function cannot be examined: it cannot be loaded, took too long, or ended its process."""


@dataclass
class Process:
    """A worker with one function loaded; use as a context manager.

    `time_limit` is for everything together, in seconds, loading apart.
    """

    target: Target
    time_limit: float = 60.0
    load_limit: float = 60.0
    call: str | None = None
    make: str | None = None
    description: dict[str, Any] = field(default_factory=dict)

    def __enter__(self) -> Process:
        root = str(Path(__file__).resolve().parents[3])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "OMP_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
        }
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", "vaemath.check.calling.worker"],
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
        where |= {"call": self.call, "make": self.make}
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

    def run(self, **request: Any) -> dict[str, Any]:
        """One call of the function, on symbols or on numbers; see `vaemath.check.calling.worker`."""
        return self._ask({"do": "run", **request}, self.time_limit - self._spent)

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
        if request["do"] == "run":
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
