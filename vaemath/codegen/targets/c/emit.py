"""Writes a program as one C file that stands alone: elements, then loops over them.

The steps of a program fall apart by event axis: what is done to each entry of an axis is one function
(`NAME_each`, or one for each letter), in float and in double. The loops around them are the same text
in every file.
"""

from __future__ import annotations

import ast

from vaemath.codegen.program import Program
from vaemath.codegen.reals import DOUBLE, REALS, Real
from vaemath.codegen.targets.c.elements import Element, constant, elements, narrow
from vaemath.codegen.targets.c.numbers import literal
from vaemath.codegen.targets.c.template import numbers_in, primitives

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def computed(program: Program) -> str:
    """What the frame is around: constants, special functions, and what is done to each entry."""
    parts = elements(program)
    once = constant(program)
    constants, functions, own = "", [], []
    for real in REALS:
        each = [_element(program, e, real) for e in parts if real is DOUBLE or narrow(e)]
        if once is not None and real is DOUBLE:
            each.append(_constant(program, once))
        needed = primitives(real, "\n".join(each))
        constants += numbers_in(real, "\n".join([*needed, *each]))
        functions += needed
        own += each
    return (f"{constants}\n" if constants else "") + "\n\n".join([*functions, *own])


def _element(program: Program, element: Element, real: Real) -> str:
    """What is done to one entry of an axis."""
    inputs = [f"const {real.ctype} {name}" for name in (*element.arguments, *element.options)]
    outputs = [f"{real.ctype} *to_{name}" for name in element.outputs]
    name = f"{program.name}_{element.name}_{real.suffix}"
    lines = [*_steps(element, real), *(f"*to_{name} = {name};" for name in element.outputs)]
    where = f"each {element.letter}" if element.letter else "each entry"
    return (
        f"/* {program.name} for {where}: its part of the value, and the gradients by its arguments. */\n"
        f"INLINE void {name}({', '.join(inputs + outputs)})\n{{\n"
        + "".join(f"    {line}\n" for line in lines)
        + "}"
    )


def _constant(program: Program, once: Element) -> str:
    """What is added once to the value of a sample."""
    inputs = ", ".join(f"const double {name}" for name in (*once.arguments, *once.options))
    return (
        f"/* {program.name}: what is added once to the value of a sample. */\n"
        f"INLINE double {program.name}_constant_f64({inputs})\n{{\n"
        + "".join(f"    {line}\n" for line in _steps(once, DOUBLE))
        + "    return value;\n}"
    )


def _steps(element: Element, real: Real) -> list[str]:
    lines = []
    for targets, value in element.steps:
        if isinstance(value, ast.Call) and len(targets) > 1:
            assert isinstance(value.func, ast.Name)
            given = ", ".join([_c(a, real) for a in value.args] + [f"&{t}" for t in targets])
            lines.append(f"{real.ctype} {', '.join(targets)};")
            lines.append(f"{value.func.id}_{real.suffix}({given});")
        else:
            lines.append(f"const {real.ctype} {targets[0]} = {_c(value, real)};")
    return lines


def _c(node: ast.expr, real: Real) -> str:
    """An expression in C, with the parentheses that it needs."""
    if isinstance(node, ast.BinOp):
        left, right = _c(node.left, real), _c(node.right, real)
        strong = isinstance(node.op, ast.Mult | ast.Div)
        if strong and isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.Add | ast.Sub):
            left = f"({left})"
        weak = isinstance(node.right, ast.BinOp) and (strong or isinstance(node.right.op, ast.Add | ast.Sub))
        if weak and not isinstance(node.op, ast.Add):
            right = f"({right})"
        return f"{left} {_OPERATORS[type(node.op)]} {right}"
    if isinstance(node, ast.UnaryOp):
        inner = _c(node.operand, real)
        return f"-({inner})" if isinstance(node.operand, ast.BinOp) else f"-{inner}"
    if isinstance(node, ast.Constant):
        return literal(real, float(node.value))  # type: ignore[arg-type]
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        given = [_c(a, real) for a in node.args]
        if node.func.id == "half_square_plus":
            a, b = given
            return f"{literal(real, 0.5)} * {a} * {a} + {b}"
        if node.func.id == "positive_part":
            (a,) = given
            return f"(0 > {a} ? 0 : {a})"
        if node.func.id == "expand":
            return given[0]
        if node.func.id == "log":
            return f"log({given[0]})"
        return f"{node.func.id}_{real.suffix}({', '.join(given)})"
    raise ValueError(f"no C for {ast.unparse(node)}")
