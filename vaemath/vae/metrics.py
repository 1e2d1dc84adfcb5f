"""The record of a run: one JSON object per epoch and line, and TensorBoard if asked for."""

import json
from pathlib import Path
from typing import Any

from vaemath.errors import VaemathError
from vaemath.files import cannot_write, write

_NAME = "metrics.jsonl"


class Metrics:
    """Records in memory, and in `metrics.jsonl` of a folder if there is one."""

    def __init__(self, folder: Path | None, *, epochs: int = 0, tensorboard: bool = False) -> None:
        """Keep the first `epochs` records of the folder: what a resumed run already has."""
        self.records: list[dict[str, Any]] = []
        self._path = folder / _NAME if folder else None
        if self._path:
            self.records = _records(self._path)[:epochs]
            lines = "".join(json.dumps(record) + "\n" for record in self.records)
            write(self._path, lines)
        self._board = _summary_writer(folder, epochs) if tensorboard and folder else None

    def add(self, record: dict[str, Any]) -> None:
        """Append one epoch's record; raises `VaemathError` if the disk refuses it."""
        self.records.append(record)
        if self._path:
            try:
                with open(self._path, "a", encoding="utf-8") as file:
                    file.write(json.dumps(record) + "\n")
            except OSError as error:
                raise cannot_write(self._path, error) from None
        if self._board:
            for part in ("train", "test"):
                for name, value in record.get(part, {}).items():
                    self._board.add_scalar(f"{name}/{part}", value, record["epoch"])

    def close(self) -> None:
        """Flush TensorBoard's file."""
        if self._board:
            self._board.close()


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """The records of a finished or broken run."""
    return _records(folder / _NAME)


def _records(path: Path) -> list[dict[str, Any]]:
    """The whole lines of the file; a line cut short by a crash ends them."""
    records: list[dict[str, Any]] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return records
    for line in lines:
        try:
            records.append(json.loads(line))
        except ValueError:
            break
    return records


def _summary_writer(folder: Path, epochs: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise VaemathError(
            "tensorboard: it is not installed; expected pip install 'vaemath[tensorboard]'"
        ) from None
    return SummaryWriter(str(folder / "tensorboard"), purge_step=epochs + 1)
