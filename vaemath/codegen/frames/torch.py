"""The frame of a torch file: check, broadcast, run in blocks, differentiate, and the public function."""

from __future__ import annotations

import ast
import json

from vaemath.codegen.frames import Frame
from vaemath.codegen.frames.writing import option_checks, signature
from vaemath.codegen.header import header
from vaemath.codegen.program import Program
from vaemath.codegen.self_test import self_test
from vaemath.codegen.source import definitions_of, joined, names_in, needed

# elements of a block: as many as the cache holds with all that is made of them, because each block costs
# a call of every operation
_BLOCK = {True: 131072, False: 65536}  # in float32 and in float64 arithmetic
_BLOCK_COVARIANCE = 16384
# with these functions a program reaches its error bound for float32 in float32 arithmetic
_SINGLE = {
    "half_expm1_parts",
    "logistic_steps",
    "half_square_plus",
    "product_plus",
    "sum_event",
    "half_square_sum",
    "log",
    "length",
}
_CHECKS = {
    "positive": "_require_positive",
    "unit": "_require_unit",
    "factor": "_require_factor",
    "covariance": "_require_covariance",
}


def torch_frame(program: Program) -> Frame:
    """Head and tail of the file."""
    edges = definitions_of("torch_edges", ast.FunctionDef)
    classes = definitions_of("torch_edges", ast.ClassDef)
    for replaced in ("_program", "_validate"):
        del edges[replaced]
    validate, public = _validate_function(program), _public_function(program)
    used = names_in("\n".join([validate, *classes.values(), public]))
    functions = [edges[name] for name in needed(used, edges)]
    body = [validate, *functions, *classes.values(), public, self_test(program, "torch")]
    events = json.dumps({a.name: a.event for a in program.arguments})
    single = program.in_passes.calls() <= _SINGLE
    block = _BLOCK_COVARIANCE if "cholesky" in program.calls() else _BLOCK[single]
    head = (
        header(program, "torch")
        + ("\nimport math" if "log" in program.calls() else "")
        + "\nfrom collections.abc import Sequence\nfrom typing import Any\n\n"
        + "import torch\nfrom torch import Tensor\n\n"
        + f'KERNEL = "{program.name}"\nEVENTS = {events}\nBLOCK = {block}\nSINGLE = {single}\n'
    )
    return Frame(head, "\n\n\n" + joined(body))


def _validate_function(program: Program) -> str:
    lines = [
        f'{_CHECKS[a.needs]}("{a.name}", inputs[{i}])' for i, a in enumerate(program.arguments) if a.needs
    ]
    return (
        "def _validate(inputs: Sequence[Tensor]) -> None:\n"
        '    """Raise for values outside the assumptions."""\n' + "".join(f"    {line}\n" for line in lines)
    )


def _public_function(program: Program) -> str:
    inputs = ", ".join(a.name for a in program.arguments)
    parameters = [f"{a.name}: Tensor" for a in program.arguments]
    lines = option_checks(program)
    if program.options:
        parameters += ["*", *(f"{n}: float = {v}" for n, v in program.options)]
    given = "".join(f"{name}," for name, _ in program.options)
    lines.append(f"return _apply(({given}), {inputs})")
    return (
        signature(program.name, parameters, "Tensor")
        + f'    """{program.summary}."""\n'
        + "".join(f"    {line}\n" for line in lines)
    )
