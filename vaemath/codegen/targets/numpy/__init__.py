"""NumPy: functions of arrays, in float64."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vaemath.codegen.targets.interface import Backend, Frame
from vaemath.codegen.targets.python import PythonTarget

if TYPE_CHECKING:
    from vaemath.codegen.program import Program

_HERE = Path(__file__).parent


class _NumPy(PythonTarget):
    name = "numpy"
    about = "Generated NumPy kernels: NAME is the value, NAME_and_grad the value and its gradients."
    reads_as = "numpy"
    unproved = "the rows of a triangular system: not proved, tried at sizes 1 to 5"
    frame_sources = tuple(_HERE / f"{name}.py" for name in ("__init__", "frame", "edges"))
    special = _HERE / "special.py"

    def frame(self, program: Program) -> Frame:
        from vaemath.codegen.targets.numpy.frame import numpy_frame

        return numpy_frame(program)

    def computed(self, program: Program) -> str:
        from vaemath.codegen.targets.numpy.emit import computed

        return computed(program)

    def public(self, kernel: str) -> list[str]:
        return [kernel, f"{kernel}_and_grad"]

    def missing(self) -> str:
        return ""

    def run(self, kernel: str) -> Backend:
        import numpy as np

        import vaemath.kernels.numpy as kernels

        function = getattr(kernels, f"{kernel}_and_grad")
        return lambda arguments: list(function(*map(np.ascontiguousarray, arguments)))


TARGET = _NumPy()
