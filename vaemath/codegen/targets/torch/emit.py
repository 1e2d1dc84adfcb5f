"""Writes a program as one torch file that stands alone."""

from __future__ import annotations

import ast
from pathlib import Path

from vaemath.codegen.numbers import numbers
from vaemath.codegen.program import Program
from vaemath.codegen.source import (
    LINE,
    call,
    definitions_of,
    joined,
    names_in,
    needed,
    steps,
    total_call,
)
from vaemath.codegen.targets.writing import signature

_WORDS = {
    "half_expm1_parts": "_half_expm1_parts(_0, fine)",
    "difference_parts": "_difference_parts(_0, _1)",
    "standardised": "_standardised(_0, _1, _2)",
    "standardised_parts": "_standardised_parts(_0, _1, _2)",
    "log_gap": "_log_gap(_0, _1, _2, _3, fine)",
    "logistic_parts": "_logistic_parts(_0)",
    "logistic_steps": "_logistic_steps(_0)",
    "half_square_plus": "_half_square_plus(_0, _1)",
    "product_plus": "torch.addcmul(_2, _0, _1)",
    "length": "_length(_0)",
    "positive_part": "torch.clamp(_0, min=0.0)",
    "log": "math.log(_0)",
    "where": "torch.where(_0, _1, _2)",
    "below": "torch.lt(_0, _1)",
    "sum_event": "_sum_event(_0)",
    "half_square_sum": "_half_square_sum(_0)",
    "sum_matrix": "_0.sum((-2, -1))",
    "expand": "torch.zeros_like(_1) + _0",
    "column": "_0[..., None]",
    "flat": "_0[..., 0]",
    "tril": "torch.tril(_0)",
    "strict_tril": "torch.tril(_0, -1)",
    "transpose": "_0.mT",
    "diagonal": "torch.diagonal(_0, dim1=-2, dim2=-1)",
    "diagonal_matrix": "torch.diag_embed(_0)",
    "identity_like": "torch.eye(_0.shape[-1], dtype=_0.dtype, device=_0.device)",
    "solve_lower": "_solve_lower(_0, _1)",
    "solve_lower_refined": "_solve_lower_refined(_0, _1)",
    "solve_lower_transposed": "_solve_lower_transposed(_0, _1)",
    "cholesky": "_cholesky(_0)",
}


def computed(program: Program) -> str:
    """What the frame is around: constants, special functions, `_passes` and `_program`."""
    primitives = definitions_of(Path(__file__).with_name("special.py"), ast.FunctionDef)
    own = [_program_function(program, "fine")]
    if program.in_passes.written != program.written:
        own.insert(0, _program_function(program.in_passes, "False"))
    functions = [primitives[name] for name in needed(names_in("\n".join(own)), primitives)]
    body = joined([*functions, *own])
    return numbers(body) + "\n\n" + body.rstrip("\n")


def _program_function(program: Program, fine: str) -> str:
    """`_program`, for `fine` as it is asked for; or `_passes`, where it is false."""
    lines = [f"{', '.join(a.name for a in program.arguments)} = inputs"]
    if program.options:
        lines.append(f"({', '.join(name for name, _ in program.options)},) = options")
    written = steps(program, lambda node: _word(node, fine))
    first = _needed_for("value", written)
    missing = ", ".join("None" for _ in program.arguments)
    lines += first
    lines += ["if not any(needs):", f"    return value, ({missing})"]
    lines += [line for line in written if line not in first]
    for k, argument in enumerate(program.arguments):
        _prune(lines, f"d_{argument.name}", f"needs[{k}]")
    slopes = ", ".join(f"d_{a.name}" for a in program.arguments)
    parameters = ["inputs: Sequence[Tensor]", "options: tuple[float, ...]", "needs: tuple[bool, ...]"]
    name, says = "_passes", "The same to float32 accuracy, in as few passes over memory."
    if fine == "fine":
        name, says = "_program", "The value and the gradients of its sum, each if it is needed."
        parameters.insert(2, "fine: bool")
    if fine == "fine" and program.in_passes.written != program.written:
        lines = ["if not fine:", "    return _passes(inputs, options, needs)", *lines]
    return (
        signature(name, parameters, "tuple[Tensor, tuple[Tensor | None, ...]]")
        + f'    """{says}"""\n'
        + "".join(f"    {line}\n" for line in lines)
        + f"    return value, ({slopes})\n"
    )


def _word(node: ast.Call, fine: str) -> ast.expr:
    """A function of the closed list as torch does it."""
    name = _name(node)
    if name == "total":
        return total_call(node)
    return call(_WORDS[name].replace("fine)", f"{fine})"), *node.args)


def _needed_for(name: str, lines: list[str]) -> list[str]:
    """The assignments that a name depends on, in their order."""
    wanted, found = {name}, list[str]()
    for line in reversed(lines):
        target = names_in(line.split(" = ", 1)[0].strip())
        if target & wanted:
            wanted |= names_in(line.split(" = ", 1)[1])
            found.insert(0, line)
    return found


def _prune(lines: list[str], name: str, condition: str) -> None:
    """Compute a gradient only on a condition, unless another line uses it."""
    (at,) = (i for i, line in enumerate(lines) if line.startswith(f"{name} = "))
    if name in names_in("\n".join(lines[at + 1 :])):
        return
    _, expression = lines[at].split(" = ", 1)
    line = f"{name} = {expression} if {condition} else None"
    lines[at] = line if len(line) + 4 <= LINE else lines[at]


def _name(node: ast.Call) -> str:
    assert isinstance(node.func, ast.Name)
    return node.func.id
