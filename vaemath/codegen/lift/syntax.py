"""The grammar of what is read back in a Python kernel, and its translation into words.

Constants, and functions of straight lines: assignments of arithmetic, comparisons, calls of functions that
stand above, and the forms of `vaemath.codegen.lift.forms`. One test, `if not fine:`, and one more in
programs, `if not any(needs):`, end in a return. Everything else is refused with its line, as is a name that
could be taken for another: of the frame, of Python, or defined before.
"""

from __future__ import annotations

import ast
import builtins
import re
from typing import NoReturn

from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.forms import filled, matched

_LOCAL = re.compile(r"[a-z][a-z0-9_]*")
_C_LOCAL = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_C_OWN = re.compile(r"_[a-z][A-Za-z0-9_]*")
_OWN = re.compile(r"_[a-z][a-z0-9_]*")
_ANNOTATIONS = frozenset(
    {"Array", "Tensor", "Any", "float", "bool", "Tensor | float", "Array | float", "Tensor | None"}
)
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.MatMult, ast.BitAnd)
_LARGEST_INTEGER = 1024
_MOST_CALLS = 2000
_MOST_NODES = 6000


class Grammar:
    """Reads the statements between the head and the tail of a file.

    Attributes:
        functions: the functions, translated, by name, in order.
        original: the same as they stand in the file.
        calls: what each comes to, in calls.
        constants: numbers and tuples of numbers by name.
    """

    def __init__(self, text: str, name: str, target: str, above: int, reserved: frozenset[str]) -> None:
        self.text, self.name, self.target, self.above = text, name, target, above
        self.reserved = reserved
        self.functions: dict[str, ast.FunctionDef] = {}
        self.original: dict[str, ast.FunctionDef] = {}
        self.constants: dict[str, float | tuple[float, ...]] = {}
        self.calls: dict[str, int] = {}

    def refuse(self, node: ast.AST | int, why: str) -> NoReturn:
        """Say where and why."""
        line = node if isinstance(node, int) else getattr(node, "lineno", 1)
        raise LiftError(f"{self.name}, line {line + self.above}: {why}")

    def read(self, pinned: frozenset[str]) -> None:
        """Read all; functions named in `pinned` are left as they are.

        Raises:
            LiftError: something that is not of the grammar.
        """
        for number, line in enumerate(self.text.split("\n"), 1):
            if not (line.isascii() and line.isprintable()):
                self.refuse(number, "a character that is no printable ASCII")
        try:
            tree = ast.parse(self.text)
        except SyntaxError as e:
            self.refuse(e.lineno or 1, f"not Python: {e.msg}")
        except (ValueError, RecursionError, MemoryError):
            self.refuse(1, "not Python that can be read: nested too deeply, or a number too long")
        if sum(1 for _ in ast.walk(tree)) > _MOST_NODES:
            self.refuse(1, f"more than {_MOST_NODES} nodes of syntax")
        for node in tree.body:
            if isinstance(node, ast.Assign):
                self._constant(node)
            elif isinstance(node, ast.FunctionDef):
                self._new(node.name, node, _OWN if self.target != "c" else _C_OWN)
                self.original[node.name] = node
                self.functions[node.name] = node if node.name in pinned else self._function(node)
            else:
                self.refuse(node, f"{_shown(node)} is neither a function nor a constant")

    def source(self, name: str) -> str:
        """The text of a function."""
        return ast.get_source_segment(self.text, self.original[name]) or ""

    def _new(self, name: str, node: ast.AST, pattern: re.Pattern[str]) -> None:
        if not pattern.fullmatch(name):
            self.refuse(node, f"`{name}` is no name that a kernel gives")
        if name in self.reserved or (self.target != "c" and hasattr(builtins, name)):
            self.refuse(node, f"`{name}` has a meaning in the frame or in Python already")
        if name in self.functions or name in self.constants:
            self.refuse(node, f"`{name}` is defined a second time")

    def local(self, name: str, node: ast.AST) -> None:
        """A name inside a function, which must not be one outside."""
        self._new(name, node, _LOCAL if self.target != "c" else _C_LOCAL)

    def _constant(self, node: ast.Assign) -> None:
        target = node.targets[0]
        if len(node.targets) != 1 or not isinstance(target, ast.Name):
            self.refuse(node, f"{_shown(node)} is no constant with one name")
        self._new(target.id, node, re.compile(r"[A-Z][A-Z0-9_]*"))
        if isinstance(node.value, ast.Tuple) and node.value.elts:
            self.constants[target.id] = tuple(self._number(e) for e in node.value.elts)
        else:
            self.constants[target.id] = self._number(node.value)

    def _number(self, node: ast.expr) -> float:
        inner = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
        if isinstance(inner, ast.Constant) and (
            type(inner.value) is float or (self.target == "c" and type(inner.value) is int)
        ):
            value: float = inner.value
            if value - value == 0:
                return -value if inner is not node else value
        self.refuse(node, f"{_shown(node)} is no finite floating-point number")

    def _function(self, node: ast.FunctionDef) -> ast.FunctionDef:
        a = node.args
        if node.decorator_list:
            self.refuse(node.decorator_list[0], f"`{node.name}` has a decorator")
        if a.defaults or a.kw_defaults:
            self.refuse(node, f"`{node.name}` has a default")
        if a.posonlyargs or a.kwonlyargs or a.vararg or a.kwarg or node.type_comment:
            self.refuse(node, f"`{node.name}` has other than plain arguments")
        kinds: dict[str, str] = {}
        for argument in a.args:
            self.local(argument.arg, argument)
            if argument.arg in kinds:
                self.refuse(argument, f"two arguments are called `{argument.arg}`")
            kinds[argument.arg] = self._annotation(argument.annotation)
        self._annotation(node.returns)
        return _Body(self, node, kinds).translated()

    def _annotation(self, node: ast.expr | None) -> str:
        """An annotation that does nothing when it is evaluated."""
        if node is None:
            return ""
        text = ast.unparse(node)
        plain = re.fullmatch(r"(?:tuple|Sequence|list)\[(.*)\]", text)
        while plain:
            text = plain[1]
            plain = re.fullmatch(r"(?:tuple|Sequence|list)\[(.*)\]", text)
        parts = re.split(r", |(?:tuple|Sequence|list)\[|\]", text)
        if any(p and p != "..." and p not in _ANNOTATIONS for p in parts):
            self.refuse(node, f"the annotation `{ast.unparse(node)[:80]}` is none of the kernels'")
        return ast.unparse(node)


def _shown(node: ast.AST) -> str:
    text = ast.unparse(node).split("\n")[0]
    return f"`{text[:80]}`"


class _Body:
    """The statements of one function."""

    def __init__(self, grammar: Grammar, node: ast.FunctionDef, kinds: dict[str, str]) -> None:
        self.g, self.node, self.kinds = grammar, node, kinds
        self.locals = set(kinds)
        self.calls = 1

    def translated(self) -> ast.FunctionDef:
        body = self.node.body
        first = body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            if not isinstance(first.value.value, str):
                self.g.refuse(first, f"{_shown(first)} does nothing")
            body = body[1:]
        if not body or not isinstance(body[-1], ast.Return):
            self.g.refuse(self.node, f"`{self.node.name}` does not end in a return")
        lines = [self._statement(s, last=k == len(body) - 1) for k, s in enumerate(body)]
        self.g.calls[self.node.name] = self.calls
        if self.calls > _MOST_CALLS:
            self.g.refuse(self.node, f"`{self.node.name}` comes to more than {_MOST_CALLS} calls")
        arguments = ast.arguments(
            posonlyargs=[],
            args=[ast.arg(a.arg) for a in self.node.args.args],
            vararg=None,
            kwonlyargs=[],
            kw_defaults=[],
            kwarg=None,
            defaults=[],
        )
        made = ast.FunctionDef(self.node.name, arguments, lines, [], None)
        return ast.fix_missing_locations(ast.copy_location(made, self.node))

    def _statement(self, s: ast.stmt, *, last: bool) -> ast.stmt:
        if isinstance(s, ast.Return) and last and s.value is not None:
            return _placed(ast.Return(self._result(s.value)), s)
        if isinstance(s, ast.Assign) and len(s.targets) == 1:
            return self._assigned(s, s.targets[0], s.value)
        if isinstance(s, ast.AnnAssign) and s.simple and s.value is not None:
            self.g._annotation(s.annotation)
            return self._assigned(s, s.target, s.value)
        if isinstance(s, ast.If) and not s.orelse and not last:
            return self._guard(s)
        if isinstance(s, ast.For) and not s.orelse:
            return self._loop(s)
        self.g.refuse(s, f"{_shown(s)} is no statement of a kernel")

    def _assigned(self, s: ast.stmt, target: ast.expr, value: ast.expr) -> ast.stmt:
        if isinstance(target, ast.Name):
            new = self._conditional(target.id, value) or self._many(value)
        else:
            new = self._many(value)
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        found = [n.id for n in names if isinstance(n, ast.Name)]
        if len(found) != len(names) or len(set(found)) != len(found) or not found:
            self.g.refuse(target, f"{_shown(target)} is no name, nor names")
        for name in found:
            self.g.local(name, target)
            if name in self.kinds:
                self.g.refuse(target, f"the argument `{name}` is given another value")
        self.locals.update(found)
        return _placed(ast.Assign([target], new), s)

    def _conditional(self, name: str, value: ast.expr) -> ast.expr | None:
        """`EXPR if needs[k] else None`, for a gradient."""
        if not isinstance(value, ast.IfExp):
            return None
        test = value.test
        asked = (
            isinstance(test, ast.Subscript)
            and isinstance(test.value, ast.Name)
            and self.kinds.get(test.value.id) == "tuple[bool, ...]"
            and isinstance(test.slice, ast.Constant)
            and type(test.slice.value) is int
        )
        none = isinstance(value.orelse, ast.Constant) and value.orelse.value is None
        if not asked or not none or not name.startswith("d_"):
            self.g.refuse(value, f"{_shown(value)} chooses otherwise than `GRADIENT if needs[K] else None`")
        return ast.IfExp(test, self._expression(value.body), value.orelse)

    def _guard(self, s: ast.If) -> ast.stmt:
        test, kinds = s.test, self.kinds
        inner = test.operand if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) else None
        fine = isinstance(inner, ast.Name) and kinds.get(inner.id) == "bool"
        needs = (
            isinstance(inner, ast.Call)
            and isinstance(inner.func, ast.Name)
            and inner.func.id == "any"
            and len(inner.args) == 1
            and not inner.keywords
            and isinstance(inner.args[0], ast.Name)
            and kinds.get(inner.args[0].id) == "tuple[bool, ...]"
        )
        if not fine and not needs:
            self.g.refuse(s, f"a kernel may ask `not fine` and `not any(needs)`, not {_shown(test)}")
        if not isinstance(s.body[-1], ast.Return):
            self.g.refuse(s, f"what follows {_shown(test)} does not end in a return")
        before = set(self.locals)
        lines = [self._statement(x, last=k == len(s.body) - 1) for k, x in enumerate(s.body)]
        self.locals = before
        return ast.copy_location(ast.If(test, lines, []), s)

    def _loop(self, s: ast.For) -> ast.stmt:
        """Over the coefficients of a polynomial, or the terms of a sum."""
        over = s.iter
        if (
            isinstance(over, ast.Call)
            and isinstance(over.func, ast.Name)
            and over.func.id == "reversed"
            and len(over.args) == 1
            and not over.keywords
        ):
            over = over.args[0]
        if not self._slice(over) or not isinstance(s.target, ast.Name):
            self.g.refuse(s, f"{_shown(s)} is no loop over the numbers of an argument")
        self.g.local(s.target.id, s)
        if s.target.id in self.kinds:
            self.g.refuse(s, f"the argument `{s.target.id}` is given another value")
        self.locals.add(s.target.id)
        lines = []
        for x in s.body:
            if not isinstance(x, ast.Assign):
                self.g.refuse(x, f"{_shown(x)} is no assignment in a loop")
            lines.append(self._statement(x, last=False))
        return ast.copy_location(ast.For(s.target, s.iter, lines, []), s)

    def _slice(self, node: ast.expr) -> bool:
        """`ARGUMENT[a:b]` of an argument that is a tuple."""
        if not (
            isinstance(node, ast.Subscript)
            and isinstance(node.value, ast.Name)
            and self.kinds.get(node.value.id, "").startswith("tuple[")
            and isinstance(node.slice, ast.Slice)
            and node.slice.step is None
        ):
            return False
        return all(end is None or _integer(end) is not None for end in (node.slice.lower, node.slice.upper))

    def _result(self, node: ast.expr) -> ast.expr:
        """What is returned: an expression, None, or a tuple of such."""
        if isinstance(node, ast.Tuple):
            return ast.Tuple([self._result(e) for e in node.elts], ast.Load())
        if isinstance(node, ast.Constant) and node.value is None:
            return node
        return self._many(node)

    def _many(self, node: ast.expr) -> ast.expr:
        """An expression, or several."""
        if isinstance(node, ast.Tuple):
            return ast.Tuple([self._expression(e) for e in node.elts], ast.Load())
        return self._expression(node)

    def _expression(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Name):
            if node.id not in self.locals and node.id not in self.g.constants:
                self.g.refuse(node, f"`{node.id}` is not defined here")
            if self.kinds.get(node.id) in ("bool", "tuple[bool, ...]"):
                self.g.refuse(node, f"`{node.id}` is no number")
            return node
        if isinstance(node, ast.Constant):
            return self._literal(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            return self._power(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, _OPERATORS):
            return ast.BinOp(self._expression(node.left), node.op, self._expression(node.right))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return ast.UnaryOp(node.op, self._expression(node.operand))
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Lt | ast.Gt):
            right = self._expression(node.comparators[0])
            return ast.Compare(self._expression(node.left), node.ops, [right])
        found = matched(node, self.g.target)
        if found is not None:
            meaning, parts = found
            used = {n.id for n in ast.walk(meaning) if isinstance(n, ast.Name)}
            self._names(node, [v for k, v in parts.items() if k not in used], parts)
            return filled(meaning, {k: self._expression(v) for k, v in parts.items() if k in used})
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self._call(node, node.func)
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.value, ast.Call)
            and isinstance(node.value.func, ast.Name)
            and _integer(node.slice) is not None
        ):
            return ast.Subscript(self._call(node.value, node.value.func), node.slice, ast.Load())
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            of_tuple = self.kinds.get(node.value.id, "").startswith("tuple[")
            named = isinstance(self.g.constants.get(node.value.id), tuple)
            if (
                (of_tuple or named)
                and _integer(node.slice) is not None
                and "bool" not in self.kinds.get(node.value.id, "")
            ):
                return node
        self.g.refuse(node, f"{_shown(node)} is none of the forms that a {self.g.target} kernel has")

    def _names(self, node: ast.expr, unused: list[ast.expr], parts: dict[str, ast.expr]) -> None:
        """What a form only names must be the name of the argument beside it."""
        for part in unused:
            given = [v.id for v in parts.values() if isinstance(v, ast.Name)]
            if not isinstance(part, ast.Constant) or given != [part.value]:
                self.g.refuse(node, f"{_shown(node)} names another argument than it takes")

    def _literal(self, node: ast.Constant) -> ast.expr:
        v = node.value
        if type(v) is float and v - v == 0.0:
            return node
        if type(v) is int and abs(v) <= _LARGEST_INTEGER:
            return node
        self.g.refuse(node, f"{_shown(node)} is no number that a kernel has")

    def _power(self, node: ast.BinOp) -> ast.expr:
        base, exponent = node.left, _integer(node.right)
        if not (isinstance(base, ast.Constant) and base.value == 2.0 and type(base.value) is float):
            self.g.refuse(node, f"{_shown(node)} is no power of 2.0")
        if exponent is None or abs(exponent) > 1000:
            self.g.refuse(node, f"{_shown(node)} has no plain exponent up to 1000")
        return node

    def _call(self, node: ast.Call, func: ast.Name) -> ast.expr:
        if func.id not in self.g.functions:
            self.g.refuse(node, f"`{func.id}` is no function that stands above")
        if node.keywords:
            self.g.refuse(node, f"`{func.id}` is called with keywords")
        self.calls += self.g.calls.get(func.id, 1)
        parameters = self.g.original[func.id].args.args
        if len(parameters) != len(node.args):
            self.g.refuse(node, f"`{func.id}` takes {len(parameters)} arguments, got {len(node.args)}")
        given = []
        for p, argument in zip(parameters, node.args, strict=True):
            kind = "" if p.annotation is None else ast.unparse(p.annotation)
            given.append(self._argument(argument, kind))
        return ast.Call(func, given, [])

    def _argument(self, node: ast.expr, kind: str) -> ast.expr:
        """An argument of one of the file's own functions, by what it is declared as."""
        if kind == "bool":
            if isinstance(node, ast.Constant) and type(node.value) is bool:
                return node
            if isinstance(node, ast.Name) and self.kinds.get(node.id) == "bool":
                return node
            self.g.refuse(node, f"{_shown(node)} is handed on as `fine`")
        if kind == "str":
            if isinstance(node, ast.Constant) and type(node.value) is str:
                return node
            self.g.refuse(node, f"{_shown(node)} is no name of an argument")
        if kind == "tuple[bool, ...]" or kind.startswith("Sequence["):
            if isinstance(node, ast.Name) and self.kinds.get(node.id) == kind:
                return node
            self.g.refuse(node, f"{_shown(node)} is handed on as it did not come")
        if isinstance(node, ast.Tuple):
            return ast.Tuple([self._expression(e) for e in node.elts], ast.Load())
        return self._expression(node)


def _placed(made: ast.stmt, s: ast.stmt) -> ast.stmt:
    """The statement, all of it in the line of the one that it translates."""
    for node in ast.walk(ast.copy_location(made, s)):
        if isinstance(node, ast.expr):
            ast.copy_location(node, s)
    return made


def _integer(node: ast.expr) -> int | None:
    inner = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
    if isinstance(inner, ast.Constant) and type(inner.value) is int:
        return -inner.value if inner is not node else inner.value
    return None
