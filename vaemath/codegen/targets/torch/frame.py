"""The frame of a torch file: check, broadcast, run in blocks, differentiate, and the public function."""

from __future__ import annotations

import ast
import json
from pathlib import Path

from vaemath.codegen.header import header
from vaemath.codegen.program import Program
from vaemath.codegen.self_test import self_test
from vaemath.codegen.source import definitions_of, joined, names_in, needed
from vaemath.codegen.targets.interface import Frame
from vaemath.codegen.targets.torch import TARGET
from vaemath.codegen.targets.writing import option_checks, signature

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
_REGULAR = {"factor": "torch.tril(_0)", "covariance": "0.5 * (_0 + _0.mT)"}


# functions of the frame that the mathematics calls
_FROM_FRAME = {
    "half_expm1_parts": "_traced",
    "length": "_length",
    "solve_lower": "_solve",
    "solve_lower_refined": "_solve",
    "solve_lower_transposed": "_solve",
}


def torch_frame(program: Program) -> Frame:
    """Head and tail of the file."""
    source = Path(__file__).with_name("edges.py")
    edges, classes = definitions_of(source, ast.FunctionDef), definitions_of(source, ast.ClassDef)
    for replaced in ("_program", "_validate"):
        del edges[replaced]
    own = [_validate_function(program)]
    if any(a.needs in _REGULAR for a in program.arguments):
        del edges["_regular"]
        own.append(_regular_function(program))
    public = _public_function(program)
    used = names_in("\n".join([*own, *classes.values(), public]))
    used |= {word for call, word in _FROM_FRAME.items() if call in program.calls()}
    functions = [edges[name] for name in needed(used, edges)]
    body = [*own, *functions, *classes.values(), public, self_test(program, "torch")]
    events = json.dumps({a.name: a.event for a in program.arguments})
    single = program.in_passes.calls() <= _SINGLE
    block = _BLOCK_COVARIANCE if "cholesky" in program.calls() else _BLOCK[single]
    head = (
        header(program, TARGET)
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


def _regular_function(program: Program) -> str:
    read = [_REGULAR.get(a.needs, "_0").replace("_0", a.name) for a in program.arguments]
    return (
        "def _regular(inputs: Sequence[Tensor]) -> Sequence[Tensor]:\n"
        '    """The arguments as they are read: a gradient by a matrix is triangular, or symmetric."""\n'
        f"    {', '.join(a.name for a in program.arguments)} = inputs\n"
        f"    return [{', '.join(read)}]\n"
    )


def _public_function(program: Program) -> str:
    inputs = ", ".join(a.name for a in program.arguments)
    parameters = [f"{a.name}: Tensor" for a in program.arguments]
    lines = option_checks(program)
    if program.options:
        parameters += ["*", *(f"{n}: float = {v}" for n, v in program.options)]
    given = "".join(f"{name}," for name, _ in program.options)
    lines.append(f"return _apply(({given}), True, {inputs})")
    return (
        signature(program.name, parameters, "Tensor")
        + f'    """{program.summary}."""\n'
        + "".join(f"    {line}\n" for line in lines)
    )
