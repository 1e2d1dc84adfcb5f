"""C: one file that stands alone, elements and loops over them, for programs that treat entries one by one.

elements    a program taken apart by event axis
emit        what is computed for each entry
frame       header, loops, self-test
template    the special functions, for float and double
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vaemath.codegen.targets.interface import Backend, Frame, Read, Target

if TYPE_CHECKING:
    from vaemath.codegen.program import Program

_HERE = Path(__file__).parent


class _C(Target):
    name = "c"
    suffix = ".c"
    runs = "the functions for each entry"
    unmet = "not checked here"
    notes = (
        ("compile", "with -O3 -march=native -ffp-contract=fast -fno-math-errno -fno-trapping-math -fopenmp"),
        ("self-test", "cc -O2 -DSELF_TEST FILE.c -lm && ./a.out"),
    )
    frame_sources = tuple(_HERE / f"{name}.py" for name in ("__init__", "frame", "loops", "self_test"))

    def takes(self, program: Program) -> bool:
        from vaemath.codegen.targets.c.elements import by_entries

        return by_entries(program)

    def shapes(self, program: Program) -> str:
        if program.elementwise:
            return "n entries one after the other; nothing overlaps"
        axes = " and ".join(dict.fromkeys(a.event for a in program.arguments))
        return f"rows samples of length {axes}, one after the other; one value a sample; nothing overlaps"

    def frame(self, program: Program) -> Frame:
        from vaemath.codegen.targets.c.frame import c_frame

        return c_frame(program)

    def computed(self, program: Program) -> str:
        from vaemath.codegen.targets.c.emit import computed

        return computed(program)

    def read(self, program: Program, text: str) -> Read:
        from vaemath.codegen.lift.c_program import CFile

        return CFile(program, text)

    def missing(self) -> str:
        from vaemath.native import available

        return "" if available() else "a C compiler"

    def run(self, kernel: str) -> Backend:
        import numpy as np

        import vaemath.native.numpy as kernels

        function = getattr(kernels, f"{kernel}_and_grad")
        return lambda arguments: list(function(*map(np.ascontiguousarray, arguments)))


TARGET = _C()
