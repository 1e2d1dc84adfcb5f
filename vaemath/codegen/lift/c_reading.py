"""Reading an emitted C file: what computes becomes Python over exact values, the rest must be known.

What computes are the functions of scalars: constants, arithmetic, `?:`, comparisons, calls. Four
functions look at the bits of a number, and the loops look at memory: these are not read back. They must
be the emitter's to the letter, and are tested by running them. Preprocessor lines other than the
emitter's own are refused, for they could change what every other line means.
"""

from __future__ import annotations

import re
from typing import Any

from vaemath.codegen.c.emit import emit_c
from vaemath.codegen.c.self_test import START as SELF_TEST
from vaemath.codegen.coefficients import single
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.frames import inside
from vaemath.codegen.lift.reading import SourceFile
from vaemath.codegen.program import Program

BITS = ("half_power_of_two", "exponent_of", "mantissa_of", "leading")
_TYPES = "typedef unsigned int uint32_t;\ntypedef unsigned long uint64_t;\ntypedef long ptrdiff_t;\n"


def read_c(program: Program, text: str, suffix: str) -> SourceFile:
    """The functions of scalars of one floating-point type, as Python; `suffix` is f32 or f64.

    Names lose the suffix and start with an underscore, outputs by pointer become results.

    Raises:
        LiftError: not C, or something in the file that could change what is read here.
    """
    name = f"{program.name} (c, {suffix})"
    inside(program, "c", text, name)
    fresh = emit_c(program)
    if _preprocessor(text) != _preprocessor(fresh):
        raise LiftError(f"{name}: the lines for the preprocessor are not the emitter's")
    found, known = _parsed(text, name), _parsed(fresh, name)
    lines: list[str] = []
    for node in found.ext:
        kind = type(node).__name__
        if kind == "FuncDef":
            own = node.decl.name
            if own.removesuffix(f"_{suffix}") in BITS or not _scalar(node):
                _same(node, known, name)
            elif own.endswith(f"_{suffix}"):
                lines.append(_function(node, suffix))
        elif kind == "Decl" and "const" in node.quals and "static" in node.storage:
            if node.name.endswith(f"_{suffix}"):
                lines.append(f"{node.name.removesuffix(f'_{suffix}')} = {_number(node.init)}")
            elif not re.search(r"_f(32|64)$", node.name):
                lines.append(f"{node.name} = {_number(node.init)}")
        elif kind != "Typedef":
            raise LiftError(f"{name}: unexpected declaration `{getattr(node, 'name', kind)}`")
    return SourceFile("\n".join(lines), name)


def _preprocessor(text: str) -> list[str]:
    if "\\\n" in text or "??" in text:
        raise LiftError("a C file continues lines or uses trigraphs")
    return [line.strip() for line in _bare(text).splitlines() if line.lstrip().startswith("#")]


def _bare(text: str) -> str:
    """The text without comments and without the self-test."""
    return re.sub(r"/\*.*?\*/", " ", text.split(SELF_TEST)[0], flags=re.DOTALL)


def _parsed(text: str, name: str) -> Any:
    from pycparser import c_parser

    lines = [line for line in _bare(text).splitlines() if not line.lstrip().startswith("#")]
    plain = re.sub(r"\bINLINE\b", "static inline", "\n".join(lines))
    try:
        return c_parser.CParser().parse(_TYPES + plain, name)
    except c_parser.ParseError as e:
        raise LiftError(f"{name}: not C: {e}") from None


def _same(node: Any, known: Any, name: str) -> None:
    """A function that is not read back must be the emitter's."""
    from pycparser import c_generator

    write = c_generator.CGenerator().visit
    own = [k for k in known.ext if type(k).__name__ == "FuncDef" and k.decl.name == node.decl.name]
    if not own or write(own[0]) != write(node):
        raise LiftError(f"{name}: `{node.decl.name}` is not the emitter's")


def _scalar(node: Any) -> bool:
    """Whether a function computes with numbers alone: its pointers are outputs, written through `*`."""
    parameters = node.decl.type.args.params
    return (
        not any(type(p.type).__name__ == "PtrDecl" and "const" in p.type.type.quals for p in parameters)
        and (
            type(parameters[0].type).__name__ != "PtrDecl"
            and "ptrdiff_t" not in parameters[0].type.type.names
        )
        and "int" not in parameters[0].type.type.names
    )


def _function(node: Any, suffix: str) -> str:
    """A function of numbers as Python."""

    def own(name: str) -> str:
        if not name.endswith(f"_{suffix}"):
            raise LiftError(f"`{node.decl.name}` calls `{name}`")
        return "_" + name.removesuffix(f"_{suffix}")

    def text(e: Any) -> str:
        kind = type(e).__name__
        if kind == "ID":
            return str(e.name.removesuffix(f"_{suffix}"))
        if kind == "Constant":
            return _literal(e)
        if kind == "UnaryOp" and e.op == "-":
            return f"(-{text(e.expr)})"
        if kind == "BinaryOp" and e.op in ("+", "-", "*", "/", ">", "<"):
            return f"({text(e.left)} {e.op} {text(e.right)})"
        if kind == "BinaryOp" and e.op == "&&":
            return f"({text(e.left)} & {text(e.right)})"
        if kind == "TernaryOp":
            return f"where({text(e.cond)}, {text(e.iftrue)}, {text(e.iffalse)})"
        if kind == "ArrayRef" and type(e.subscript).__name__ == "Constant":
            return f"{text(e.name)}[{e.subscript.value}]"
        if kind == "FuncCall" and e.name.name in ("trunc", "truncf", "fabs", "fabsf", "log"):
            return f"{e.name.name.removesuffix('f')}({', '.join(map(text, e.args.exprs))})"
        if kind == "FuncCall":
            return f"{own(e.name.name)}({', '.join(map(text, e.args.exprs))})"
        raise LiftError(f"`{node.decl.name}`: cannot be read back: {kind}")

    inputs = [p.name for p in node.decl.type.args.params if type(p.type).__name__ != "PtrDecl"]
    outputs = [p.name for p in node.decl.type.args.params if type(p.type).__name__ == "PtrDecl"]
    lines: list[str] = []
    for line in node.body.block_items:
        kind = type(line).__name__
        if kind == "Decl" and line.init is not None:
            lines.append(f"{line.name} = {text(line.init)}")
        elif kind == "Assignment" and line.op == "=":
            target = line.lvalue
            if type(target).__name__ == "UnaryOp" and target.op == "*":
                target = target.expr
            lines.append(f"{target.name} = {text(line.rvalue)}")
        elif kind == "FuncCall":
            given = [a for a in line.args.exprs if not _address(a)]
            results = [a.expr.name for a in line.args.exprs if _address(a)]
            lines.append(f"({', '.join(results)},) = {own(line.name.name)}({', '.join(map(text, given))})")
        elif kind == "Return":
            lines.append(f"return {text(line.expr)}")
        elif kind != "Decl":
            raise LiftError(f"`{node.decl.name}`: cannot be read back: {kind}")
    if outputs:
        lines.append(f"return ({', '.join(outputs)},)")
    name = "_" + node.decl.name.removesuffix(f"_{suffix}")
    return f"def {name}({', '.join(inputs)}):\n" + "".join(f"    {line}\n" for line in lines)


def _address(e: Any) -> bool:
    return type(e).__name__ == "UnaryOp" and e.op == "&"


def _number(node: Any) -> str:
    kind = type(node).__name__
    if kind == "InitList":
        return "(" + "".join(f"{_number(e)}, " for e in node.exprs) + ")"
    if kind == "UnaryOp" and node.op == "-":
        return f"-{_number(node.expr)}"
    if kind == "Constant":
        return _literal(node)
    raise LiftError("a constant of the file is not a number")


def _literal(node: Any) -> str:
    """A number as the type of the literal holds it."""
    value = node.value
    if value.startswith("0x"):
        return str(int(value, 16))
    if value.isdigit():
        return str(int(value))
    return repr(single(float(value[:-1])) if value.endswith("f") else float(value))
