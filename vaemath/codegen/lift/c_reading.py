"""Reading an emitted C file: what computes becomes Python over exact values, the rest must be known.

What computes are functions of scalars of one type. Part of their grammar are the types of all names, the
suffix of every literal (0.5f in float, 0.5 in double), that no operation has two integers, that names are
given a value once, and that no result goes to two places. Functions that look at bits are not read back, nor
are the loops over memory: these must be texts that are known (`vaemath.codegen.lift.pinned` and `frames`).
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

from vaemath.codegen.lift import c_layout
from vaemath.codegen.lift.c_layout import Function
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.frames import inside
from vaemath.codegen.lift.pinned import check_text, known
from vaemath.codegen.lift.reading import SourceFile
from vaemath.codegen.program import Program
from vaemath.codegen.reals import REALS, Real

_LIBRARY = {
    "f32": {"truncf": "trunc", "fabsf": "fabs"},
    "f64": {"trunc": "trunc", "fabs": "fabs", "log": "log"},
}
_DEEPEST = 40


def read_c(program: Program, text: str) -> dict[str, SourceFile]:
    """The functions of scalars by floating-point type, as Python.

    Names lose the suffix and start with an underscore, outputs by pointer become results.

    Raises:
        LiftError: something that is not of the grammar, with its line.
    """
    name = f"{program.name} (c)"
    hole = inside(program, "c", text, name)
    for k, line in enumerate(hole.text.split("\n")):
        if not (line.isascii() and line.isprintable()):
            raise LiftError(f"{name}, line {hole.above + 1 + k}: a character that is no printable ASCII")
    start = hole.text.find("\n\n/* ")
    block = hole.text[:start] if start > 0 else ""
    first = hole.above + 1
    constants = dict(c_layout.constants(block, name, first)) if block else {}
    if block and len(constants) != len(re.findall(r"^static", block, re.MULTILINE)):
        raise LiftError(f"{name}, line {first}: a constant is defined a second time")
    rest = hole.text[start + 2 if start > 0 else 1 :]
    where = first + (block.count("\n") + 2 if start > 0 else 1)
    found = list(c_layout.functions(rest, name, where))
    return {real.suffix: _source(name, real, constants, found) for real in REALS}


def _source(name: str, real: Real, constants: dict[str, Any], found: list[Function]) -> SourceFile:
    """The part of a file that is of one type."""
    ending = f"_{real.suffix}"
    other = next(f"_{r.suffix}" for r in REALS if r is not real)
    lines: list[str] = []
    places: dict[int, int] = {}
    own = {}
    for constant, value in constants.items():
        if not constant.endswith(other):
            own[constant] = value
            numbers = f"({', '.join(map(repr, value))},)" if isinstance(value, tuple) else repr(value)
            lines.append(f"{constant.removesuffix(ending)} = {numbers}")
    reader = _Reader(name, real, own)
    for function in found:
        if function.name.endswith(ending):
            for text, line in reader.function(function):
                lines.append(text)
                places[len(lines)] = line
        elif not function.name.endswith(other):
            raise LiftError(f"{name}, line {function.line}: `{function.name}` has no suffix of a type")
    return SourceFile("\n".join(lines), name, "c", suffix=real.suffix, lines=places)


class _Reader:
    """Turns functions of one type into Python, in order."""

    def __init__(self, name: str, real: Real, constants: dict[str, Any]) -> None:
        self.name, self.real, self.constants = name, real, constants
        self.known: dict[str, tuple[int, int]] = {}  # inputs and outputs; -1 outputs: it returns a number
        self.line = 0

    def refuse(self, node: Any, why: str) -> NoReturn:
        """Say where and why."""
        at = getattr(getattr(node, "coord", None), "line", None)
        raise LiftError(f"{self.name}, line {self.line + (at or 1) - 1}: {why}")

    def function(self, f: Function) -> list[tuple[str, int]]:
        """The lines of a function as Python, each with its line in the file."""
        self.line = f.line
        if f.name in self.known or f.name in self.constants:
            self.refuse(None, f"`{f.name}` is defined a second time")
        if f.name in known("c"):
            check_text("c", f.name, f.comment + f.text, f"{self.name}, line {f.line}")
            self.known[f.name] = (1, -1)
            return [
                (f"def _{f.name.removesuffix(f'_{self.real.suffix}')}(x):", f.line),
                ("    return x", f.line),
            ]
        c_layout.check_signs(f, self.name)
        node = self._parsed(f)
        return _Body(self, node).lines(f)

    def _parsed(self, f: Function) -> Any:
        from pycparser import c_parser

        try:
            tree = c_parser.CParser().parse(f.text.replace("INLINE ", "static inline ", 1), "")
        except c_parser.ParseError as e:
            where, _, why = str(e).removeprefix(":").partition(": ")
            number = where.split(":")[0]
            at = f.line + int(number) - 1 if number.isdigit() else f.line
            raise LiftError(f"{self.name}, line {at}: not C: {why[:80]}") from None
        except (RecursionError, ValueError, AssertionError, AttributeError):
            raise LiftError(f"{self.name}, line {f.line}: not C that can be read") from None
        if len(tree.ext) != 1 or _kind(tree.ext[0]) != "FuncDef":
            self.refuse(None, f"expected one function `{f.name}`")
        return tree.ext[0]


def _kind(node: Any) -> str:
    return type(node).__name__


class _Body:
    """One function: its names and what it may say of them."""

    def __init__(self, reader: _Reader, node: Any) -> None:
        self.r, self.node, self.real = reader, node, reader.real
        self.refuse = reader.refuse
        self.inputs: list[str] = []
        self.outputs: list[str] = []
        self.numbers: set[str] = set()  # names with a value
        self.conditions: set[str] = set()
        self.waiting: set[str] = set()  # declared, to be an output of a call

    def lines(self, f: Function) -> list[tuple[str, int]]:
        returned = self._declared()
        written: list[str] = []
        made: list[tuple[str, int]] = []
        items = self.node.body.block_items or []
        for k, item in enumerate(items):
            for text in self._statement(item, written, returned and k == len(items) - 1):
                made.append((f"    {text}", f.line + item.coord.line - 1))
        if written != self.outputs and sorted(written) != sorted(self.outputs):
            self.refuse(self.node, f"`{f.name}` does not write each of its outputs once")
        if self.outputs:
            made.append((f"    return ({', '.join(self.outputs)},)", f.line))
        elif not returned or not items or _kind(items[-1]) != "Return":
            self.refuse(self.node, f"`{f.name}` does not end in a return")
        if self.waiting:
            self.refuse(self.node, f"`{min(self.waiting)}` is never given a value")
        self.r.known[f.name] = (len(self.inputs), len(self.outputs) if self.outputs else -1)
        own = "_" + f.name.removesuffix(f"_{self.real.suffix}")
        return [(f"def {own}({', '.join(self.inputs)}):", f.line), *made]

    def _declared(self) -> bool:
        """Read the head; whether a number is returned."""
        kind = self.node.decl.type
        if _kind(kind.type) != "TypeDecl" or kind.args is None or self.node.decl.storage != ["static"]:
            self.refuse(self.node, "expected a function of numbers")
        returns = kind.type.type.names
        if returns not in ([self.real.ctype], ["void"]) or kind.type.quals:
            self.refuse(self.node, f"returns {' '.join(returns)}, expected {self.real.ctype} or nothing")
        for p in kind.args.params:
            pointer = _kind(p.type) == "PtrDecl" if hasattr(p, "type") else False
            inner = p.type.type if pointer else getattr(p, "type", None)
            plain = inner is not None and _kind(inner) == "TypeDecl" and inner.type.names == [self.real.ctype]
            if not plain or p.storage or getattr(p.type, "quals", []) != ([] if pointer else ["const"]):
                self.refuse(p, f"expected `const {self.real.ctype} NAME` or `{self.real.ctype} *NAME`")
            if pointer and inner is not None and (inner.quals or p.quals):
                self.refuse(p, f"expected `{self.real.ctype} *NAME`")
            if self.outputs and not pointer:
                self.refuse(p, "an input after an output")
            self._new(p.name, p)
            (self.outputs if pointer else self.inputs).append(p.name)
        self.numbers.update(self.inputs)
        if bool(self.outputs) != (returns == ["void"]):
            self.refuse(self.node, "expected one result, or outputs by pointer")
        return not self.outputs

    def _new(self, name: str, node: Any) -> None:
        taken = {*self.inputs, *self.outputs, *self.numbers, *self.conditions, *self.waiting}
        if name in taken:
            self.refuse(node, f"`{name}` is declared a second time")
        library = {n for names in _LIBRARY.values() for n in names}
        if (
            name in library
            or name in self.r.known
            or name in self.r.constants
            or re.search(r"_f(32|64)$", name)
        ):
            self.refuse(node, f"`{name}` has a meaning already")

    def _statement(self, item: Any, written: list[str], last: bool) -> list[str]:
        kind = _kind(item)
        if kind == "Decl":
            return self._declaration(item)
        if (
            kind == "Assignment"
            and item.op == "="
            and _kind(item.lvalue) == "UnaryOp"
            and item.lvalue.op == "*"
        ):
            target = item.lvalue.expr
            if _kind(target) != "ID" or target.name not in self.outputs or target.name in written:
                self.refuse(item, "expected each output to be written once")
            written.append(target.name)
            return [f"{target.name} = {self._number(item.rvalue)}"]
        if kind == "FuncCall":
            return [self._results(item)]
        if kind == "Return" and last:
            return [f"return {self._number(item.expr)}"]
        self.refuse(item, f"a {kind} is no statement of a kernel")

    def _declaration(self, d: Any) -> list[str]:
        if (
            _kind(d.type) != "TypeDecl"
            or d.storage
            or d.funcspec
            or d.bitsize
            or _kind(d.type.type) != "IdentifierType"
        ):
            self.refuse(d, f"`{d.name}` is no plain number")
        names, quals = d.type.type.names, d.quals
        self._new(d.name, d)
        if d.init is None:
            if names != [self.real.ctype] or quals:
                self.refuse(d, f"`{d.name}` is {' '.join(names)}, expected {self.real.ctype}")
            self.waiting.add(d.name)
            return []
        if quals != ["const"]:
            self.refuse(d, f"`{d.name}` is not const")
        if names == ["int"]:
            text = f"{d.name} = {self._condition(d.init)}"
            self.conditions.add(d.name)
            return [text]
        if names != [self.real.ctype]:
            self.refuse(d, f"`{d.name}` is {' '.join(names)}, expected {self.real.ctype}")
        text = f"{d.name} = {self._number(d.init)}"
        self.numbers.add(d.name)
        return [text]

    def _results(self, call: Any) -> str:
        """A call whose results go to names that wait for them."""
        arguments = call.args.exprs if call.args else []
        given = [a for a in arguments if not _address(a)]
        results = [a.expr.name for a in arguments if _address(a) and _kind(a.expr) == "ID"]
        own = self._own(call, len(given), len(results))
        if [_address(a) for a in arguments] != [False] * len(given) + [True] * len(results):
            self.refuse(call, "expected inputs, then addresses of results")
        if len(set(results)) != len(results) or not set(results) <= self.waiting:
            self.refuse(call, "expected each result in a name of its own that waits for it")
        text = f"({', '.join(results)},) = {own}({', '.join(self._number(a) for a in given)})"
        self.waiting -= set(results)
        self.numbers |= set(results)
        return text

    def _own(self, call: Any, inputs: int, outputs: int) -> str:
        name = call.name.name if _kind(call.name) == "ID" else ""
        if name not in self.r.known:
            self.refuse(call, f"calls `{name}`, which is no function of {self.real.ctype} that stands above")
        if self.r.known[name] != (inputs, outputs):
            self.refuse(call, f"`{name}` is called with other arguments than it takes")
        return "_" + str(name).removesuffix(f"_{self.real.suffix}")

    def _number(self, e: Any) -> str:
        """An expression whose value is a number of the type."""
        return self._typed(e, 0)[0]

    def _condition(self, e: Any, depth: int = 0) -> str:
        """A comparison, several, or the name of one."""
        if depth > _DEEPEST:
            self.refuse(e, "nested too deeply")
        kind = _kind(e)
        if kind == "ID" and e.name in self.conditions:
            return str(e.name)
        if kind == "BinaryOp" and e.op == "&&":
            return f"({self._condition(e.left, depth + 1)} & {self._condition(e.right, depth + 1)})"
        if kind == "BinaryOp" and e.op in ("<", ">"):
            left, right = self._typed(e.left, depth + 1), self._typed(e.right, depth + 1)
            if left[1] or right[1]:
                return f"({left[0]} {e.op} {right[0]})"
            self.refuse(e, "two integers are compared")
        self.refuse(e, "expected a comparison")

    def _typed(self, e: Any, depth: int) -> tuple[str, bool]:
        """An expression as Python, and whether it is of the floating-point type, not an integer."""
        if depth > _DEEPEST:
            self.refuse(e, "nested too deeply")
        kind = _kind(e)
        if kind == "ID":
            if e.name in self.numbers:
                return str(e.name), True
            if isinstance(self.r.constants.get(e.name), float):
                return str(e.name).removesuffix(f"_{self.real.suffix}"), True
            self.refuse(e, f"`{e.name}` is no number here")
        if kind == "Constant":
            return self._literal(e)
        if kind == "UnaryOp" and e.op == "-":
            text, real = self._typed(e.expr, depth + 1)
            return f"(-{text})", real
        if kind == "BinaryOp" and e.op in ("+", "-", "*", "/"):
            (a, x), (b, y) = self._typed(e.left, depth + 1), self._typed(e.right, depth + 1)
            if not x and not y:
                self.refuse(e, f"`{e.op}` of two integers")
            return f"({a} {e.op} {b})", True
        if kind == "TernaryOp":
            condition = self._condition(e.cond, depth + 1)
            (a, x), (b, y) = self._typed(e.iftrue, depth + 1), self._typed(e.iffalse, depth + 1)
            return f"where({condition}, {a}, {b})", x or y
        if kind == "ArrayRef" and _kind(e.name) == "ID" and _kind(e.subscript) == "Constant":
            values = self.r.constants.get(e.name.name)
            at = e.subscript.value
            if isinstance(values, tuple) and re.fullmatch(r"0|[1-9]\d?", at) and int(at) < len(values):
                return f"{e.name.name.removesuffix(f'_{self.real.suffix}')}[{at}]", True
            self.refuse(e, "expected an entry of a list of constants")
        if kind == "FuncCall" and _kind(e.name) == "ID":
            given = e.args.exprs if e.args else []
            word = _LIBRARY[self.real.suffix].get(e.name.name)
            if word is None or len(given) != 1:
                word = self._own(e, len(given), -1)
            return f"{word}({', '.join(self._typed(a, depth + 1)[0] for a in given)})", True
        self.refuse(e, f"a {kind} is no part of what a kernel computes")

    def _literal(self, e: Any) -> tuple[str, bool]:
        if e.type == "int" and re.fullmatch(r"0|[1-9]\d{0,3}", e.value):
            return str(e.value), False
        try:
            return repr(c_layout.number(e.value, self.real)), True
        except ValueError:
            self.refuse(e, f"`{e.value}` is no literal of {self.real.ctype}")


def _address(e: Any) -> bool:
    return _kind(e) == "UnaryOp" and e.op == "&"
