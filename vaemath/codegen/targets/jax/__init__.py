"""JAX: functions with a custom derivative, for jit, vmap, grad and jvp; computed in float64."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaemath.codegen.targets.interface import Backend, Frame
from vaemath.codegen.targets.python import PythonTarget

if TYPE_CHECKING:
    from vaemath.codegen.program import Program

_HERE = Path(__file__).parent


class _JAX(PythonTarget):
    name = "jax"
    about = "Generated JAX kernels: functions whose derivative is the symbolic gradient."
    reads_as = "jax"
    unmet = "NaN elsewhere"
    notes = (
        ("types", "promoted as JAX does; computed in float64, whether or not jax_enable_x64 is set"),
        (
            "below",
            "what falls below the normal numbers of its type is zero, as XLA has it",
        ),
    )
    frame_sources = tuple(_HERE / f"{name}.py" for name in ("__init__", "frame", "edges", "self_test"))
    special = _HERE / "special.py"

    def frame(self, program: Program) -> Frame:
        from vaemath.codegen.targets.jax.frame import jax_frame

        return jax_frame(program)

    def computed(self, program: Program) -> str:
        from vaemath.codegen.targets.jax.emit import computed

        return computed(program)

    def missing(self) -> str:
        return "" if find_spec("jax") else "jax"

    def run(self, kernel: str) -> Backend:
        import jax
        import numpy as np

        import vaemath.kernels.jax as kernels

        function = getattr(kernels, kernel)

        def backend(arguments: Any) -> list[Any]:
            every = tuple(range(len(arguments)))
            with jax.enable_x64(True):  # or float64 arguments would be rounded before they arrive
                given = [jax.numpy.asarray(a) for a in arguments]
                slopes = jax.grad(lambda *a: function(*a).sum(), every)(*given)
                return [np.asarray(x) for x in (function(*given), *slopes)]

        return backend


TARGET = _JAX()
