"""The `__init__` files of the kernel packages."""

from __future__ import annotations

from collections.abc import Iterator

from vaemath.codegen.source import LINE

_TOP = '"""Generated kernels: NumPy and torch, one file each, every file standing alone."""\n'
_DOCS = {
    "numpy": "Generated NumPy kernels: NAME is the value, NAME_and_grad the value and its gradients.",
    "torch": "Generated torch kernels: autograd functions whose backward is the symbolic gradient.",
}


def package_files(kernels: list[str]) -> Iterator[tuple[str, str]]:
    """Path below `kernels/` and text of every package file."""
    yield "__init__.py", _TOP
    for target, doc in _DOCS.items():
        public = {k: [k, f"{k}_and_grad"] if target == "numpy" else [k] for k in sorted(kernels)}
        imports = "".join(_import(f"vaemath.kernels.{target}.{k}", names) for k, names in public.items())
        exported = "".join(f'    "{name}",\n' for names in public.values() for name in names)
        yield f"{target}/__init__.py", f'"""{doc}"""\n\n{imports}\n__all__ = [\n{exported}]\n'


def _import(module: str, names: list[str]) -> str:
    """On one line if it fits, else as `ruff format` breaks it."""
    whole = f"from {module} import {', '.join(names)}"
    if len(whole) <= LINE:
        return whole + "\n"
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")\n"
