"""The frame of a NumPy file: check, broadcast, reduce, and the public functions."""

from __future__ import annotations

import ast
import json
from pathlib import Path

from vaemath.codegen.header import header
from vaemath.codegen.program import Program
from vaemath.codegen.self_test import self_test
from vaemath.codegen.source import definitions_of, joined, names_in, needed
from vaemath.codegen.targets.interface import Frame
from vaemath.codegen.targets.numpy import TARGET
from vaemath.codegen.targets.writing import option_checks, signature

_CHECKS = {
    "positive": "_require_positive",
    "unit": "_require_unit",
    "factor": "_require_factor",
}


def numpy_frame(program: Program) -> Frame:
    """Head and tail of the file."""
    edges = definitions_of(Path(__file__).with_name("edges.py"), ast.FunctionDef)
    public = _public_functions(program)
    used = names_in("\n".join(public))
    if any(a.needs == "covariance" for a in program.arguments):
        used.add("_cholesky")
    functions = [edges[name] for name in needed(used, edges)]
    events = json.dumps({a.name: a.event for a in program.arguments})
    head = (
        header(program, TARGET)
        + "\nfrom typing import Any\n\nimport numpy as np\nimport numpy.typing as npt\n\n"
        + f'KERNEL = "{program.name}"\nEVENTS = {events}\n'
        + "Array = npt.NDArray[np.float64]\n"
    )
    return Frame(head, "\n\n\n" + joined([*functions, *public, self_test(program, "numpy")]))


def _public_functions(program: Program) -> list[str]:
    names = [a.name for a in program.arguments]
    inputs = ", ".join(names)
    parameters = [f"{name}: npt.ArrayLike" for name in names]
    if program.options:
        parameters += ["*", *(f"{n}: float = {v}" for n, v in program.options)]
    passed = "".join(f", {name}={name}" for name, _ in program.options)
    given = "".join(f"{name}," for name, _ in program.options)
    lines = option_checks(program)
    lines.append(f"wide, kind = _arguments({inputs})")
    lines += [
        f'{_CHECKS[a.needs]}("{a.name}", wide[{i}])'
        for i, a in enumerate(program.arguments)
        if a.needs in _CHECKS
    ]
    value = (
        signature(program.name, parameters, "npt.NDArray[Any]")
        + f'    """{program.summary}."""\n'
        + f"    return {program.name}_and_grad({inputs}{passed})[0]\n"
    )
    gradient = (
        signature(f"{program.name}_and_grad", parameters, "tuple[npt.NDArray[Any], ...]")
        + '    """The value, and the gradient of its sum by each argument in turn."""\n'
        + "".join(f"    {line}\n" for line in lines)
        + '    with np.errstate(all="ignore"):\n'
        + f"        value, gradients = _program(wide, ({given}))\n"
        + f"        return _results(value, gradients, ({inputs}), kind)\n"
    )
    return [value, gradient]
