"""Writes a program as one C file that stands alone: elements, then loops over them.

The steps of a program fall apart by event axis: what is done to each entry of an axis is one function
(`NAME_each`, or one for each letter), in float and in double. The loops around them are the same text
in every file.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from vaemath.codegen.c.elements import Element, elements
from vaemath.codegen.c.frame import frame
from vaemath.codegen.c.numbers import DOUBLE, FLOAT, REALS, Real, integers, literal, scalars, tuples
from vaemath.codegen.c.self_test import c_self_test
from vaemath.codegen.header import header
from vaemath.codegen.numbers import exact_scalars
from vaemath.codegen.program import Program

_PARTS = Path(__file__).parent / "primitives.c"
_NARROW = {"half_expm1_parts", "logistic_parts", "half_square_plus", "positive_part"}
_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


def emit_c(program: Program) -> str:
    """The source of the C kernel."""
    parts = elements(program)
    bodies: list[str] = []
    used: dict[Real, list[str]] = {FLOAT: [], DOUBLE: []}
    own: list[str] = []
    for real in REALS:
        for element in parts:
            if real is FLOAT and not narrow(element):
                continue
            text = _element(program, element, real)
            own.append(text)
            used[real].append(text)
    constants: list[str] = []
    for real in REALS:
        functions = _needed(real, "\n".join(used[real]))
        constants += _constants(real, "\n".join([*functions, *used[real]]))
        bodies += functions
    loops = frame(program, parts, {e.letter: narrow(e) for e in parts})
    comment = "".join(
        f" *{line[1:]}\n" if line != "#" else " *\n" for line in header(program, "c").splitlines()
    )
    return (
        "/*\n"
        + comment
        + " */\n\n#include <math.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <string.h>\n\n"
        + "#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0\n"
        + '#error "float and double must be rounded to their own precision"\n#endif\n'
        + "#if defined(__GNUC__)\n#define INLINE static inline __attribute__((always_inline))\n"
        + "#else\n#define INLINE static inline\n#endif\n\n"
        + "".join(constants)
        + "\n"
        + "\n\n".join([*bodies, *own, *loops])
        + "\n\n"
        + c_self_test(program)
    )


def narrow(element: Element) -> bool:
    """Whether float32 arguments are computed in float; else in double."""
    return not element.options and element.calls <= _NARROW


def template() -> dict[str, str]:
    """The functions of the template by name, with the comment above each, in order."""
    text = _PARTS.read_text(encoding="utf-8")
    found = {}
    for chunk in text.split("\n\n/* ")[1:]:
        name = re.search(r"^INLINE \w+ (\w+)\(", chunk, re.MULTILINE)
        assert name is not None
        found[name[1]] = "/* " + chunk.strip("\n")
    return found


def _needed(real: Real, start: str) -> list[str]:
    """The template's functions that the text calls, filled in for a type, polynomials before them."""
    sources = template()
    wanted: set[str] = set()
    waiting = [n for n in sources if re.search(rf"\b{n}_{real.suffix}\(", start)]
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += [n for n in sources if re.search(rf"\b{n}\(", sources[name]) and n != name]
    bodies = [filled(real, sources[n]) for n in sources if n in wanted]
    text = "\n".join(sources[n] for n in wanted)
    polynomials = [_polynomial(real, n) for n in tuples(real) if f"HORNER({n}," in text]
    return polynomials + bodies


def filled(real: Real, text: str) -> str:
    """A function of the template for one type."""
    names = set(template())
    text = re.sub(r"HORNER\((\w+), ", lambda m: f"{m[1].lower()}_{real.suffix}(", text)

    def put(match: re.Match[str]) -> str:
        word = match[0]
        if word == "real":
            return real.ctype
        if word == "word":
            return real.word
        if word in ("trunc", "fabs"):
            return word + real.mark
        if word[0].isdigit():
            return word + real.mark
        if word in names or word in scalars(real) or word in integers(real):
            return f"{word}_{real.suffix}"
        return word

    head, body = text.split("*/\n", 1)
    return head + "*/\n" + re.sub(r"\b[A-Za-z_]\w*\b|\b\d+\.\d+\b", put, body)


def _polynomial(real: Real, name: str) -> str:
    count = len(tuples(real)[name])
    c = f"{name}_{real.suffix}"
    lines = [f"    {real.ctype} sum = {c}[{count - 1}];"]
    lines += [f"    sum = sum * x + {c}[{k}];" for k in reversed(range(count - 1))]
    return (
        f"/* The polynomial with coefficients {c}, by Horner's rule. */\n"
        f"INLINE {real.ctype} {name.lower()}_{real.suffix}(const {real.ctype} x)\n{{\n"
        + "\n".join(lines)
        + "\n    return sum;\n}"
    )


def _constants(real: Real, text: str) -> list[str]:
    made = []
    for name, values in tuples(real).items():
        if f"{name}_{real.suffix}" in text:
            numbers = "".join(f"    {literal(real, v)},\n" for v in values)
            made.append(f"static const {real.ctype} {name}_{real.suffix}[{len(values)}] = {{\n{numbers}}};\n")
    for name, value in scalars(real).items():
        if re.search(rf"\b{name}_{real.suffix}\b", text):
            made.append(f"static const {real.ctype} {name}_{real.suffix} = {literal(real, value)};\n")
    for name, word in integers(real).items():
        if re.search(rf"\b{name}_{real.suffix}\b", text):
            made.append(f"static const {real.word} {name}_{real.suffix} = {word:#x};\n")
    if real is DOUBLE:
        made += [
            f"static const double {n} = {v!r};\n"
            for n, v in exact_scalars().items()
            if re.search(rf"\b{n}\b", text)
        ]
    return made


def _element(program: Program, element: Element, real: Real) -> str:
    """What is done to one entry of an axis."""
    inputs = [f"const {real.ctype} {name}" for name in (*element.arguments, *element.options)]
    outputs = [f"{real.ctype} *to_{name}" for name in element.outputs]
    name = f"{program.name}_{element.name}_{real.suffix}"
    lines = []
    for targets, value in element.steps:
        if isinstance(value, ast.Call) and len(targets) > 1:
            assert isinstance(value.func, ast.Name)
            given = ", ".join([_c(a, real) for a in value.args] + [f"&{t}" for t in targets])
            lines.append(f"{real.ctype} {', '.join(targets)};")
            lines.append(f"{value.func.id}_{real.suffix}({given});")
        else:
            lines.append(f"const {real.ctype} {targets[0]} = {_c(value, real)};")
    lines += [f"*to_{name} = {name};" for name in element.outputs]
    where = f"each {element.letter}" if element.letter else "each entry"
    return (
        f"/* {program.name} for {where}: its part of the value, and the gradients by its arguments. */\n"
        f"INLINE void {name}({', '.join(inputs + outputs)})\n{{\n"
        + "".join(f"    {line}\n" for line in lines)
        + "}"
    )


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
        if node.func.id == "log":
            return f"log({given[0]})"
        return f"{node.func.id}_{real.suffix}({', '.join(given)})"
    raise ValueError(f"no C for {ast.unparse(node)}")
