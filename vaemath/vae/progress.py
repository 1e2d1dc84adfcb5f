"""A progress bar with ELBO, reconstruction, KL and the time left; silent when not on a terminal."""

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

_REFRESH_SECONDS = 0.2


class Bar:
    """Shows steps done of `total`; does nothing at all unless `show` (default: stderr is a terminal)."""

    def __init__(self, *, total: int, done: int = 0, show: bool | None = None) -> None:
        self._progress: Progress | None = None
        self._last = 0.0
        if sys.stderr.isatty() if show is None else show:
            columns = (
                TextColumn("epoch {task.fields[epoch]}"),
                BarColumn(bar_width=24),
                TextColumn("{task.fields[numbers]}"),
                TimeRemainingColumn(),
            )
            self._progress = Progress(*columns, console=Console(stderr=True))
            self._task = self._progress.add_task("", total=total, completed=done, epoch=0, numbers="")

    def __enter__(self) -> "Bar":
        """Start drawing."""
        if self._progress:
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the last line standing."""
        if self._progress:
            self._progress.stop()

    def due(self) -> bool:
        """Whether the bar would redraw now: only then are the numbers worth fetching."""
        return self._progress is not None and time.monotonic() - self._last > _REFRESH_SECONDS

    def show(self, *, done: int, epoch: int, reconstruction: float, kl: float) -> None:
        """Draw: running means over the epoch, in nats per image (a positive reconstruction is a cost)."""
        if self._progress:
            self._last = time.monotonic()
            numbers = f"ELBO {-(reconstruction + kl):.2f}  recon {reconstruction:.2f}  KL {kl:.2f}"
            self._progress.update(self._task, completed=done, epoch=epoch, numbers=numbers)
