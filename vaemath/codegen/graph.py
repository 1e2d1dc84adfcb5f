"""Expressions of programs as a graph: what is computed twice is one node.

The constructors of `Graph` simplify; only what rounds nothing is done: zero, one and signs, powers of
two. A program's own text is kept as it stands, with `make` alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from vaemath.codegen.primitive import Primitive
from vaemath.codegen.primitives import PRIMITIVES

NUMBER = -1  # the axes of a plain number


@dataclass(frozen=True, eq=False)
class Node:
    """An expression: a name, a number, an operation or a result of a primitive.

    Attributes:
        op: `name`, `number`, `neg`, one of + - * / @, or a primitive.
        args: what it is applied to.
        data: the name or the number; of a primitive, which of its results.
        axes: the number of event axes; NUMBER for a plain number.
        index: nodes are numbered as they are made, arguments before what uses them.
    """

    op: str
    args: tuple[Node, ...]
    data: str | float
    axes: int
    index: int


class Graph:
    """The nodes of one program."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[object, ...], Node] = {}

    def make(
        self, op: str, args: tuple[Node, ...] = (), data: str | float = 0, axes: int | None = None
    ) -> Node:
        """The node, as it stands."""
        key = (op, tuple(a.index for a in args), type(data), data)
        if key not in self.nodes:
            if axes is None:
                axes = max(a.axes for a in args)
            self.nodes[key] = Node(op, args, data, axes, len(self.nodes))
        return self.nodes[key]

    def name(self, name: str, axes: int) -> Node:
        """An argument, an option or a constant."""
        return self.make("name", data=name, axes=axes)

    def number(self, value: float) -> Node:
        return self.make("number", data=float(value), axes=NUMBER)

    def call(self, primitive: Primitive, args: tuple[Node, ...], output: int) -> Node:
        """One of the results of a primitive, simplified where it is linear."""
        name, k = primitive.name, primitive.linear
        if k is not None:
            of = args[k]
            if _is(of, 0.0):
                return of
            if primitive.keeps_numbers and of.axes == NUMBER:
                return of
            if of.op == "neg":
                return self.neg(self.call(primitive, (*args[:k], of.args[0], *args[k + 1 :]), output))
            if _scaled(of):
                rest = self.call(primitive, (*args[:k], of.args[1], *args[k + 1 :]), output)
                return self.mul(of.args[0], rest)
            if primitive.projection:
                args = (*args[:k], self._without(name, of), *args[k + 1 :])
        if name == "where" and args[1] is args[2]:
            return args[1]
        return self.word(primitive, args, output)

    def word(self, primitive: Primitive, args: tuple[Node, ...], output: int) -> Node:
        """One of the results of a primitive, as it stands."""
        axes = max((a.axes for a in args), default=NUMBER)
        axes = NUMBER if primitive.number or axes == NUMBER else axes + primitive.adds_axes
        return self.make(primitive.name, args, output, axes)

    def _without(self, name: str, of: Node) -> Node:
        """The node without a projection that is done anyway."""
        if of.op == name:
            return of.args[0]
        if of.op == "+":
            return self.add(*(self._without(name, a) for a in of.args))
        if of.op == "-":
            return self.sub(*(self._without(name, a) for a in of.args))
        return self.neg(self._without(name, of.args[0])) if of.op == "neg" else of

    def neg(self, a: Node) -> Node:
        if a.op == "number":
            return self.number(-float(a.data))
        if a.op == "neg":
            return a.args[0]
        if a.op == "-":
            return self.sub(a.args[1], a.args[0])
        return self.make("neg", (a,))

    def add(self, a: Node, b: Node) -> Node:
        if _is(a, 0.0):
            return b
        if _is(b, 0.0):
            return a
        if a is b:
            return self.mul(self.number(2.0), a)
        if a.op == "neg" and b.op == "neg":
            return self.neg(self.add(a.args[0], b.args[0]))
        if b.op == "neg":
            return self.sub(a, b.args[0])
        if a.op == "neg":
            return self.sub(b, a.args[0])
        if _scaled(a) and _scaled(b) and a.args[0] is b.args[0]:
            return self.mul(a.args[0], self.add(a.args[1], b.args[1]))
        for outer, rest in ((a, b), (b, a)):
            if outer.op == "*" and outer.args[1].op == "transpose":  # in one pass
                return self.word(PRIMITIVES["product_plus"], (*outer.args, rest), 0)
        return self.make("+", (a, b))

    def sub(self, a: Node, b: Node) -> Node:
        if _is(b, 0.0):
            return a
        if _is(a, 0.0):
            return self.neg(b)
        if b.op == "neg":
            return self.add(a, b.args[0])
        if a.op == "neg":
            return self.neg(self.add(a.args[0], b))
        return self.make("-", (a, b))

    def mul(self, a: Node, b: Node) -> Node:
        factors = [self._unsigned(f) for f in (a, b)]
        product = self._product(*sorted((f for _, f in factors), key=lambda f: f.op != "number"))
        return self.neg(product) if factors[0][0] != factors[1][0] else product

    def _unsigned(self, a: Node) -> tuple[bool, Node]:
        """Whether a minus stands before the node, and the node without it."""
        if a.op == "neg":
            return True, a.args[0]
        if a.op == "number" and float(a.data) < 0.0:
            return True, self.number(-float(a.data))
        return False, a

    def _product(self, a: Node, b: Node) -> Node:
        if "expand" in (a.op, b.op):
            wide, other = (a, b) if a.op == "expand" else (b, a)
            if not _thin(other) and other.op != "expand":
                return self.mul(wide.args[0], other)
            if other.op == "number":
                return self.word(PRIMITIVES["expand"], (self.mul(other, wide.args[0]), wide.args[1]), 0)
        if a.op == "number":
            if _is(a, 0.0) or _is(b, 1.0):
                return a
            if _is(a, 1.0):
                return b
            inner = b.args[0] if b.op == "*" else b
            if inner.op == "number" and (_power_of_two(a) or _power_of_two(inner)):
                folded = self.number(float(a.data) * float(inner.data))
                return folded if inner is b else self.mul(folded, b.args[1])
        return self.make("*", (a, b))

    def div(self, a: Node, b: Node) -> Node:
        if a.op == "expand" and not _thin(b):
            a = a.args[0]
        if _is(a, 0.0) or _is(b, 1.0):
            return a
        if a.op == "neg":
            return self.neg(self.div(a.args[0], b))
        return self.neg(self.div(a, b.args[0])) if b.op == "neg" else self.make("/", (a, b))

    def matmul(self, a: Node, b: Node) -> Node:
        if a.op == "neg":
            return self.neg(self.matmul(a.args[0], b))
        if b.op == "neg":
            return self.neg(self.matmul(a, b.args[0]))
        if b.op == "transpose" and _one_column(b.args[0]):
            return self.mul(a, b)  # entry by entry, which broadcasts
        return self.make("@", (a, b))


def _is(a: Node, value: float) -> bool:
    return a.op == "number" and a.data == value


def _power_of_two(a: Node) -> bool:
    return math.frexp(float(a.data))[0] == 0.5


def _thin(a: Node) -> bool:
    """Whether an expression may have length 1 where others are longer."""
    if a.op in ("name", "number", "column"):
        return a.axes == NUMBER or a.op == "column"
    return a.op not in PRIMITIVES and all(map(_thin, a.args))


def _scaled(a: Node) -> bool:
    """Whether a node is a power of two times another."""
    return a.op == "*" and a.args[0].op == "number" and _power_of_two(a.args[0])


def _one_column(a: Node) -> bool:
    """Whether a matrix has one column by its form."""
    if a.op == "column":
        return True
    if PRIMITIVES[a.op].linear == 1 if a.op in PRIMITIVES else False:
        return _one_column(a.args[1])
    return a.op in ("neg", "+", "-") and all(map(_one_column, a.args))
