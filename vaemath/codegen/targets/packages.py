"""The `__init__` files of the kernel packages."""

from __future__ import annotations

from collections.abc import Iterator

from vaemath.codegen.source import LINE
from vaemath.codegen.targets.interface import Target

_TOP = '"""Generated kernels, one file each, every file standing alone."""\n'


def package_files(target: Target, kernels: list[str]) -> Iterator[tuple[str, str]]:
    """Path below `kernels/` and text of every package file that a target needs."""
    yield "__init__.py", _TOP
    if not target.about:
        return
    public = {k: target.public(k) for k in sorted(kernels)}
    imports = "".join(_import(f"vaemath.kernels.{target.name}.{k}", names) for k, names in public.items())
    exported = "".join(f'    "{name}",\n' for names in public.values() for name in names)
    text = f'"""{target.about}"""\n\n{imports}\n__all__ = [\n{exported}]\n'
    yield f"{target.name}/__init__.py", text


def _import(module: str, names: list[str]) -> str:
    """On one line if it fits, else as `ruff format` breaks it."""
    whole = f"from {module} import {', '.join(names)}"
    if len(whole) <= LINE:
        return whole + "\n"
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")\n"
