"""Ctrl-C and the request to end, noticed between two steps so that a checkpoint can be left."""

import signal
import threading
from types import FrameType, TracebackType


class StopRequest:
    """A flag that SIGINT and SIGTERM raise inside the `with` block; a second one ends at once."""

    def __init__(self) -> None:
        self.raised = False
        self._previous: dict[int, object] = {}

    def __enter__(self) -> "StopRequest":
        """Install the handlers (in the main thread only: elsewhere Python cannot)."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._previous[number] = signal.signal(number, self._raise)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Put the previous handlers back."""
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _raise(self, number: int, frame: FrameType | None) -> None:
        if self.raised:
            raise KeyboardInterrupt
        self.raised = True
