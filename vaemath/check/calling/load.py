"""Loading somebody's module as it is found: in a package, in a notebook, with a command line, with
imports that are not installed.
"""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.machinery
import json
import os
import sys
import types
from pathlib import Path
from typing import Any

__all__ = ["load_file", "load_module", "stand_in"]


def load_module(name: str) -> Any:
    """A module by its dotted name."""
    _forget_shadows(os.getcwd())
    sys.path.insert(0, os.getcwd())
    return importlib.import_module(name)


def load_file(place: str) -> Any:
    """A module by its file: within its package if it is in one, statement by statement.

    A statement that raises is left out, and so are loops, calls and `if __name__ == "__main__"` at the
    top: what trains or parses a command line is not needed to call a function.
    """
    path = Path(place).resolve()
    package: list[str] = []
    folder = path.parent
    while (folder / "__init__.py").is_file():
        package.insert(0, folder.name)
        folder = folder.parent
    _forget_shadows(str(folder))
    sys.path.insert(0, str(folder))
    if not package:
        sys.path.insert(0, str(path.parent))
    sys.meta_path.append(_MISSING)
    try:
        for k in range(len(package)):
            _bare_package(".".join(package[: k + 1]), folder.joinpath(*package[: k + 1]))
        name = ".".join([*package, path.stem]) if package else path.stem
        if name in sys.modules and not package:
            name = f"{name}_"
        module = types.ModuleType(name)
        module.__file__ = str(path)
        module.__package__ = ".".join(package)
        sys.modules[name] = module
        source = path.read_text(encoding="utf-8", errors="replace")
        if path.suffix == ".ipynb":
            source = _cells(source)
        _run(ast.parse(source), module, str(path))
    finally:
        sys.meta_path.remove(_MISSING)
    return module


def _run(tree: ast.Module, module: types.ModuleType, place: str) -> None:
    module.__dict__["__vaemath_left_out__"] = left_out = []
    for statement in tree.body:
        if isinstance(statement, ast.For | ast.While | ast.With | ast.AsyncFor) or _is_main(statement):
            continue
        if isinstance(statement, ast.Expr) and not isinstance(statement.value, ast.Constant):
            continue
        code = compile(ast.Module([statement], []), place, "exec")
        try:
            exec(code, module.__dict__)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            left_out.append(f"line {statement.lineno}: {type(error).__name__}: {error}".splitlines()[0])


def _is_main(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test)


def _cells(text: str) -> str:
    """The code of a notebook, without its magic lines."""
    out = []
    for cell in json.loads(text)["cells"]:
        if cell["cell_type"] == "code":
            lines = "".join(cell["source"]).splitlines()
            code = "\n".join("" if line.lstrip().startswith(("%", "!", "?")) else line for line in lines)
            try:
                ast.parse(code)
            except SyntaxError:
                continue
            out.append(code)
    return "\n".join(out)


def _bare_package(name: str, folder: Path) -> None:
    """A package without running its __init__: relative imports find their files."""
    if name not in sys.modules:
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package


def _forget_shadows(folder: str) -> None:
    """numpy and torch are imported first, so that a folder of that name beside the file hides neither."""
    if os.path.isdir(os.path.join(folder, "torch")) or os.path.isdir(os.path.join(folder, "numpy")):
        for name in ("numpy", "torch"):
            importlib.import_module(name)


class _Missing(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands for what is not installed: modules whose names are empty classes."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        top = name.split(".")[0]
        if top in ("torch", "numpy", "scipy", "jax", "vaemath") or not _asked_by_user():
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: Any) -> Any:
        made = types.ModuleType(spec.name)
        made.__path__ = []
        name = spec.name
        made.__dict__["__getattr__"] = lambda key: _absent(name, key)
        return made

    def exec_module(self, module: Any) -> None:
        pass


def _asked_by_user() -> bool:
    """Whether the import is in somebody's own file: libraries try imports that may fail."""
    frame = sys._getframe(2)
    while frame is not None and "importlib" in frame.f_code.co_filename:
        frame = frame.f_back  # type: ignore[assignment]
    place = frame.f_code.co_filename
    return not ("site-packages" in place or place.startswith((sys.base_prefix, "<")))


def _absent(module: str, key: str) -> Any:
    if key.startswith("__"):
        raise AttributeError(key)

    def refuse(self: Any, *a: Any, **k: Any) -> None:
        if type(self).__module__ == module:
            raise ModuleNotFoundError(f"{module} is not installed; it calls {module}.{key}")

    return type(
        key, (), {"__init__": refuse, "__module__": module, "__class_getitem__": classmethod(lambda c, k: c)}
    )


_MISSING = _Missing()


def stand_in(cls: type, auto: Any, call: Any) -> Any:
    """An object of a class without running its `__init__`: an attribute that is not there is asked of
    `auto`; a method that is called gets `call(name, ...)` if it is neither.
    """

    def missing(self: Any, key: str) -> Any:
        if key.startswith("__") or key in ("_parameters", "_buffers", "_modules"):
            raise AttributeError(key)
        return auto(key)

    made = type(cls.__name__, (cls,), {"__init__": lambda self: None, "__getattr__": missing})
    out = made()
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(out, torch.nn.Module):
        torch.nn.Module.__init__(out)
    return out
