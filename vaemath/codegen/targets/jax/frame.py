"""The frame of a JAX file: check, promote, broadcast, differentiate, and the public function."""

from __future__ import annotations

import ast
import json
from pathlib import Path

from vaemath.codegen.header import header
from vaemath.codegen.program import Program
from vaemath.codegen.source import definitions_of, joined
from vaemath.codegen.targets.interface import Frame
from vaemath.codegen.targets.jax import TARGET
from vaemath.codegen.targets.jax.self_test import jax_self_test
from vaemath.codegen.targets.writing import option_checks, signature


def jax_frame(program: Program) -> Frame:
    """Head and tail of the file."""
    edges = definitions_of(Path(__file__).with_name("edges.py"), ast.FunctionDef)
    del edges["_program"]
    events = json.dumps({a.name: a.event for a in program.arguments})
    needs = json.dumps({a.name: a.needs for a in program.arguments if a.needs})
    head = (
        header(program, TARGET)
        + "\nfrom functools import partial\nfrom typing import Any\n\n"
        + "import jax\nimport jax.numpy as jnp\nfrom jax import Array, lax\n\n"
        + f'KERNEL = "{program.name}"\nEVENTS = {events}\nNEEDS: dict[str, str] = {needs}\n'
    )
    body = [*edges.values(), _public_function(program), jax_self_test(program)]
    return Frame(head, "\n\n\n" + joined(body))


def _public_function(program: Program) -> str:
    inputs = ", ".join(a.name for a in program.arguments)
    parameters = [f"{a.name}: Any" for a in program.arguments]
    lines = option_checks(program)
    if program.options:
        parameters += ["*", *(f"{n}: float = {v}" for n, v in program.options)]
    given = "".join(f"{name}," for name, _ in program.options)
    lines.append(f"return _kernel(({given}), *_arguments({inputs}))")
    return (
        signature(program.name, parameters, "Array")
        + f'    """{program.summary}."""\n'
        + "".join(f"    {line}\n" for line in lines)
    )
