"""Writes a program as one NumPy file that stands alone."""

from __future__ import annotations

import ast
import json

from vaemath.codegen.header import header
from vaemath.codegen.numbers import numbers
from vaemath.codegen.program import Program
from vaemath.codegen.self_test import self_test
from vaemath.codegen.source import (
    call,
    definitions_of,
    joined,
    names_in,
    needed,
    option_checks,
    signature,
    steps,
    total_call,
)

_WORDS = {
    "half_expm1_parts": "_half_expm1_parts(_0)",
    "difference_parts": "_difference_parts(_0, _1)",
    "standardised": "_standardised(_0, _1, _2)",
    "standardised_parts": "_standardised_parts(_0, _1, _2)",
    "log_gap": "_log_gap(_0, _1, _2, _3)",
    "logistic_parts": "_logistic_parts(_0)",
    "half_square_plus": "0.5 * _0 * _0 + _1",
    "product_plus": "_0 * _1 + _2",
    "positive_part": "np.maximum(_0, 0.0)",
    "log": "np.log(_0)",
    "length": "_0.shape[-1]",
    "where": "np.where(_0, _1, _2)",
    "below": "np.less(_0, _1)",
    "sum_event": "_0.sum(axis=-1)",
    "sum_matrix": "_0.sum(axis=(-2, -1))",
    "column": "_0[..., None]",
    "flat": "_0[..., 0]",
    "tril": "np.tril(_0)",
    "strict_tril": "np.tril(_0, -1)",
    "transpose": "_transpose(_0)",
    "diagonal": "_diagonal(_0)",
    "diagonal_matrix": "_diagonal_matrix(_0)",
    "identity_like": "np.eye(_0.shape[-1])",
    "solve_lower": "_solve_lower(_0, _1)",
    "solve_lower_refined": "_solve_lower_refined(_0, _1)",
    "solve_lower_transposed": "_solve_lower_transposed(_0, _1)",
}
_CHECKS = {
    "positive": "_require_positive",
    "unit": "_require_unit",
    "factor": "_require_factor",
}


def emit_numpy(program: Program) -> str:
    """The source of the NumPy kernel."""
    primitives = definitions_of("numpy_primitives", ast.FunctionDef)
    edges = definitions_of("numpy_edges", ast.FunctionDef)
    own = [_program_function(program), *_public_functions(program)]
    used = names_in("\n".join(own))
    functions = [primitives[name] for name in needed(used, primitives)]
    functions += [edges[name] for name in needed(used, edges)]
    body = joined([*functions, *own, self_test(program, "numpy")])
    events = json.dumps({a.name: a.event for a in program.arguments})
    return (
        header(program, "numpy")
        + "\nfrom typing import Any\n\nimport numpy as np\nimport numpy.typing as npt\n\n"
        + f'KERNEL = "{program.name}"\nEVENTS = {events}\n'
        + "Array = npt.NDArray[np.float64]\n"
        + numbers(body)
        + "\n\n"
        + body
    )


def _program_function(program: Program) -> str:
    lines = [f"{', '.join(a.name for a in program.arguments)} = inputs"]
    if program.options:
        lines.append(f"({', '.join(name for name, _ in program.options)},) = options")
    lines += steps(program, _rewrite)
    gradients = ", ".join(f"d_{a.name}" for a in program.arguments)
    return (
        signature(
            "_program",
            ["inputs: list[Array]", "options: tuple[float, ...]"],
            "tuple[Array, tuple[Array, ...]]",
        )
        + '    """The value and the gradients of its sum, in float64."""\n'
        + "".join(f"    {line}\n" for line in lines)
        + f"    return value, ({gradients})\n"
    )


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


def _rewrite(node: ast.Call) -> ast.expr:
    assert isinstance(node.func, ast.Name)
    if node.func.id == "total":
        return total_call(node)
    if node.func.id == "cholesky":
        (matrix,) = node.args
        if isinstance(matrix, ast.Name) and matrix.id.startswith("covariance"):
            return call(f"_cholesky('{matrix.id}', _0)", matrix)
        return call("np.linalg.cholesky(_0)", matrix)
    return call(_WORDS[node.func.id], *node.args)
