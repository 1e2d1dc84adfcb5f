"""What a function's own code says: its parameters, and the libraries that it names."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterable
from typing import Any

__all__ = ["libraries", "packages_of", "parameters_of"]


def parameters_of(found: Any) -> list[inspect.Parameter]:
    """The parameters; those of a compiled torch function are in its schema."""
    schema = getattr(found, "schema", None)
    if schema is None:
        return list(inspect.signature(found).parameters.values())
    kind, empty = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.empty
    return [
        inspect.Parameter(a.name, kind, default=a.default_value if a.has_default_value() else empty)
        for a in schema.arguments
    ]


def libraries(found: Any, module: Any) -> set[str]:
    """Which of torch and numpy the function's own code names."""
    said = getattr(found, "__vaemath_libraries__", None)
    if said is not None:
        return set(said)
    plain = inspect.unwrap(found)
    space = getattr(plain, "__globals__", vars(module))
    names = _names(getattr(plain, "__code__", None))
    return packages_of(space[name] for name in names if name in space)


def packages_of(values: Iterable[Any]) -> set[str]:
    return {_package(value) for value in values} & {"torch", "numpy"}


def _names(code: Any) -> set[str]:
    """The global names of a code object and of those inside it."""
    if code is None:
        return set()
    inner = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return set(code.co_names).union(*map(_names, inner))


def _package(value: Any) -> str:
    if isinstance(value, types.ModuleType):
        return value.__name__.split(".")[0]
    return str(getattr(value, "__module__", "") or "").split(".")[0]
