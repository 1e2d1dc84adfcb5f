"""The primitives, one file each: a module of this package with a `PRIMITIVE`."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from vaemath.codegen.primitive import Primitive


def _found() -> dict[str, Primitive]:
    made = {}
    for module in iter_modules(__path__):
        primitive = import_module(f"{__name__}.{module.name}").PRIMITIVE
        if primitive.name != module.name:
            raise ValueError(f"primitives/{module.name}.py: its name is {primitive.name!r}")
        made[primitive.name] = primitive
    return made


PRIMITIVES: dict[str, Primitive] = _found()
