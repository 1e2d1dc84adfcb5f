"""Checkpoints: tensors in safetensors, the rest in JSON, on disk whole or not at all.

A checkpoint is `checkpoint.json` and the tensor file it names with its SHA-256. The tensor file is
written first and the JSON renamed into place last, so a process killed at any moment leaves either the old
checkpoint or the new one.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from vaemath.errors import FalseError
from vaemath.files import write

_NAME = "checkpoint.json"
_FORMAT = "vaemath-checkpoint-1"
_MAX_JSON = 1 << 20


@dataclass(frozen=True)
class Checkpoint:
    """What was saved: `meta` is JSON data, `tensors` the state by name."""

    meta: dict[str, Any]
    tensors: dict[str, Tensor]


def save_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Replace the folder's checkpoint; raise `VaemathError` (and keep the old one) if it cannot."""
    content = save_tensors({name: t.contiguous().cpu() for name, t in checkpoint.tensors.items()})
    sha256 = hashlib.sha256(content).hexdigest()
    name = f"state-{sha256[:16]}.safetensors"
    write(folder / name, content)
    meta = {**checkpoint.meta, "format": _FORMAT, "tensors": name, "sha256": sha256}
    meta["digest"] = _digest(meta)
    write(folder / _NAME, json.dumps(meta, indent=1, sort_keys=True) + "\n")
    for stale in folder.glob("state-*.safetensors"):
        if stale.name != name:
            stale.unlink(missing_ok=True)
    for stale in folder.glob(".state-*.part"):
        stale.unlink(missing_ok=True)


def load_checkpoint(folder: Path) -> Checkpoint | None:
    """The folder's checkpoint, or None if it has none.

    Raises `FalseError` if a file is missing, truncated or altered.
    """
    path = folder / _NAME
    if not path.exists():
        return None
    try:
        meta = json.loads(path.read_bytes()[:_MAX_JSON])
    except (OSError, ValueError):
        raise _damaged(path, "not a whole JSON file") from None
    if not isinstance(meta, dict) or meta.get("format") != _FORMAT:
        raise _damaged(path, f"not of format {_FORMAT}")
    if meta.pop("digest", None) != _digest(meta):
        raise _damaged(path, "its digest does not match its content")
    state = folder / Path(meta["tensors"]).name
    try:
        content = state.read_bytes()
    except OSError as error:
        raise _damaged(state, error.strerror or str(error)) from None
    if hashlib.sha256(content).hexdigest() != meta["sha256"]:
        raise _damaged(state, "truncated or altered: its SHA-256 does not match checkpoint.json")
    try:
        return Checkpoint(meta, load_tensors(content))
    except SafetensorError as error:
        raise _damaged(state, str(error)) from None


def _digest(meta: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(meta, sort_keys=True).encode()).hexdigest()


def _damaged(path: Path, why: str) -> FalseError:
    return FalseError(f"checkpoint: {path}: {why}; expected a checkpoint as `train` wrote it")
