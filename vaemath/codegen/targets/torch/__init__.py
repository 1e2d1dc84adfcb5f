"""torch: autograd functions, in as few passes over memory as float32 allows, carefully in float64."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from vaemath.codegen.targets.interface import Backend, Frame
from vaemath.codegen.targets.python import PythonTarget

if TYPE_CHECKING:
    from vaemath.codegen.program import Program

_HERE = Path(__file__).parent


class _Torch(PythonTarget):
    name = "torch"
    about = "Generated torch kernels: autograd functions whose backward is the symbolic gradient."
    reads_as = "torch"
    frame_sources = tuple(_HERE / f"{name}.py" for name in ("__init__", "frame", "edges"))
    special = _HERE / "special.py"

    def frame(self, program: Program) -> Frame:
        from vaemath.codegen.targets.torch.frame import torch_frame

        return torch_frame(program)

    def computed(self, program: Program) -> str:
        from vaemath.codegen.targets.torch.emit import computed

        return computed(program)

    def missing(self) -> str:
        return "" if find_spec("torch") else "torch"

    def run(self, kernel: str) -> Backend:
        import vaemath.kernels.torch as kernels
        from vaemath.accuracy.backends import differentiated

        return differentiated(getattr(kernels, kernel))


TARGET = _Torch()
