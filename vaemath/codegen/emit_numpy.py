"""Writes a program as one NumPy file that stands alone."""

from __future__ import annotations

import ast

from vaemath.codegen.frames import frame
from vaemath.codegen.frames.writing import signature
from vaemath.codegen.numbers import numbers
from vaemath.codegen.program import Program
from vaemath.codegen.source import (
    call,
    definitions_of,
    joined,
    names_in,
    needed,
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
    "expand": "np.broadcast_to(_0, _1.shape)",
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


def emit_numpy(program: Program) -> str:
    """The source of the NumPy kernel: what is computed, in the frame of all NumPy kernels."""
    head, tail = frame(program, "numpy")
    return head + computed(program) + tail


def computed(program: Program) -> str:
    """What the frame is around: constants, special functions and `_program`."""
    primitives = definitions_of("numpy_primitives", ast.FunctionDef)
    own = _program_function(program)
    functions = [primitives[name] for name in needed(names_in(own), primitives)]
    body = joined([*functions, own])
    return numbers(body) + "\n\n" + body.rstrip("\n")


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
