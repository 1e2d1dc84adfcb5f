"""Gradients of a program, by reverse mode: no program writes one.

A program's steps are its value. Each primitive that it calls has a rule that gives the gradient by its
arguments from that by its results; these are followed from the value back to the arguments. What is
zero, one or shared never reaches a kernel. That the result is the derivative is not believed: the lifter
proves it of every file.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from vaemath.codegen import constants
from vaemath.codegen.graph import NUMBER, Graph, Node
from vaemath.codegen.primitive import Primitive, lines_of
from vaemath.codegen.primitives import PRIMITIVES

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@"}
# of a and b, results and their gradients: as for primitives
_SLOPES = {
    "+": ("g", "g"),
    "-": ("g", "-g"),
    "*": ("g * b", "g * a"),
    "/": ("g / b", "-(g / b * (a / b))"),
    "@": ("g @ transpose(b)", "transpose(a) @ g"),
    "neg": ("-g",),
}
_PROJECTIONS = {"factor": "tril", "covariance": "symmetric"}
Names = dict[str, Node]


@dataclass
class _Entry:
    """One operation of the program's own text: how the gradient goes back through it."""

    outputs: dict[str, Node]
    arguments: list[tuple[str, Node]]
    names: Names
    pullback: str


@dataclass
class Traced:
    """A program as a graph.

    Attributes:
        fine: whether the primitives are made of their own steps, or of those in few passes.
        graph: its nodes.
        names: what each name of the program stands for; `value` is one.
        inputs: the names that it does not assign.
        named: the names that the program gave to nodes.
        hints: those that the steps and pullbacks of its primitives gave.
        tape: the operations of the program's own text.
        slopes: the gradient by each argument.
    """

    fine: bool
    graph: Graph = field(default_factory=Graph)
    names: Names = field(default_factory=dict)
    inputs: frozenset[str] = frozenset()
    named: dict[Node, str] = field(default_factory=dict)
    hints: dict[Node, str] = field(default_factory=dict)
    tape: list[_Entry] = field(default_factory=list)
    slopes: Names = field(default_factory=dict)

    @property
    def value(self) -> Node:
        return self.names["value"]


def traced(
    steps: str, arguments: Sequence[tuple[str, int, str]], options: Sequence[str], *, fine: bool
) -> Traced:
    """The program that the steps are, with its gradients.

    Args:
        steps: assign `value`.
        arguments: name, number of event axes and need of each.
        options: names of plain numbers.
        fine: in the primitives' own steps, or in those of few passes.

    Raises:
        ValueError: an unknown function, or a primitive without a derivative on the way to an argument.
    """
    made = Traced(fine)
    for name, axes, _ in arguments:
        made.names[name] = made.graph.name(name, axes)
    for name in (*options, *(n for n in vars(constants) if n.isupper())):
        made.names[name] = made.graph.name(name, NUMBER)
    made.inputs = frozenset(made.names)
    _run(made, steps, made.names)
    cotangents = _backwards(made)
    zero = made.graph.number(0.0)
    for name, axes, needs in arguments:
        of = made.names[name]
        slope = cotangents.get(of, zero)
        if needs in _PROJECTIONS:
            slope = _simple(made, f"{_PROJECTIONS[needs]}(g)", {"g": slope})
        if slope.axes < axes or slope.axes == NUMBER:  # every entry has the same
            slope = made.graph.make("+", (made.graph.make("*", (zero, of)), slope))
        made.slopes[name] = slope
    return made


def _run(made: Traced, steps: str, names: Names, of: Primitive | None = None) -> None:
    """Follow the assignments of the program, or of a primitive; the results go into `names`."""
    for targets, expression in lines_of(steps):
        if of is None and any(t.startswith("d_") for t in targets):
            raise ValueError(f"the steps assign `{targets[0]}`; gradients are derived, never written")
        found = _evaluated(made, expression, names, of is None)
        for target, node in zip(targets, found, strict=True):
            names[target] = node
            if of is not None and target not in of.outputs:
                made.hints.setdefault(node, target)
            if of is None and target != "value":
                made.named.setdefault(node, target)


def _evaluated(made: Traced, e: ast.expr, names: Names, taped: bool) -> tuple[Node, ...]:
    """The results of an expression, as it stands."""
    graph = made.graph

    def inner(a: ast.expr) -> Node:
        (node,) = _evaluated(made, a, names, taped)
        return node

    if isinstance(e, ast.Name):
        if e.id not in names:
            raise ValueError(f"unknown name `{e.id}`")
        return (names[e.id],)
    if isinstance(e, ast.Constant) and isinstance(e.value, int | float):
        return (graph.number(e.value),)
    if isinstance(e, ast.UnaryOp) and isinstance(e.op, ast.USub):
        a = inner(e.operand)
        return (_arithmetic(made, "neg", (a,), taped),)
    if isinstance(e, ast.BinOp) and type(e.op) in _OPERATORS:
        return (_arithmetic(made, _OPERATORS[type(e.op)], (inner(e.left), inner(e.right)), taped),)
    if isinstance(e, ast.Call) and isinstance(e.func, ast.Name) and e.func.id in PRIMITIVES:
        return _called(made, PRIMITIVES[e.func.id], tuple(map(inner, e.args)), taped)
    raise ValueError(f"unknown function or operation in {ast.unparse(e)}")


def _arithmetic(made: Traced, op: str, args: tuple[Node, ...], taped: bool) -> Node:
    node = made.graph.make(op, args)
    if taped:
        letters = dict(zip("ab", args, strict=False))
        text = "".join(f"d_{x} = {slope}\n" for x, slope in zip("ab", _SLOPES[op], strict=False))
        _keep(made, {"": node}, list(letters.items()), letters, text)
    return node


def _called(made: Traced, primitive: Primitive, args: tuple[Node, ...], taped: bool) -> tuple[Node, ...]:
    if primitive.variadic:
        return (_variadic(made, primitive, args, taped),)
    if len(args) != len(primitive.arguments):
        raise ValueError(f"{primitive.name}: {len(args)} arguments; expected {len(primitive.arguments)}")
    names = dict(zip(primitive.arguments, args, strict=True))
    steps = primitive.made_of(fine=made.fine)
    if steps:
        _run(made, steps, names, primitive)
    else:
        names |= {o: made.graph.word(primitive, args, k) for k, o in enumerate(primitive.outputs)}
    outputs = {name: names[name] for name in primitive.outputs}
    if taped:
        given = list(zip(primitive.arguments, args, strict=True))
        _keep(made, outputs, given, names, primitive.backwards(fine=made.fine))
    return tuple(outputs.values())


def _variadic(made: Traced, primitive: Primitive, args: tuple[Node, ...], taped: bool) -> Node:
    """A sum rounded once; in few passes, a sum."""
    node = made.graph.word(primitive, args, 0)
    if not made.fine:
        node = args[0]
        for a in args[1:]:
            node = made.graph.make("+", (node, a))
    if taped:
        (each,), (result,) = primitive.arguments, primitive.outputs
        names = {f"{each}_{k}": a for k, a in enumerate(args)}
        text = "".join(f"{primitive.pullback.strip().replace(each, name)}\n" for name in names)
        _keep(made, {result: node}, list(names.items()), names, text)
    return node


def _keep(
    made: Traced, outputs: Names, arguments: list[tuple[str, Node]], names: Names, pullback: str
) -> None:
    known = {node for entry in made.tape for node in entry.outputs.values()}
    if not known.issuperset(outputs.values()):
        made.tape.append(_Entry(outputs, arguments, dict(names), pullback))


def _backwards(made: Traced) -> dict[Node, Node]:
    """The gradient by each node that has one."""
    graph = made.graph
    found = {made.value: graph.number(1.0)}
    for entry in reversed(made.tape):
        given = {name: found.pop(node) for name, node in entry.outputs.items() if node in found}
        if not given:
            continue
        names = dict(entry.names)
        for name in entry.outputs:
            names[f"g_{name}" if name else "g"] = given.get(name, graph.number(0.0))
        for targets, expression in lines_of(entry.pullback):
            node = _simple(made, expression, names)
            names[targets[0]] = node
            if not targets[0].startswith("d_") and node.op != "number":
                made.hints.setdefault(node, targets[0])
        for name, argument in entry.arguments:
            slope = names.get(f"d_{name}")
            if slope is None or argument.axes == NUMBER:
                continue
            if slope.axes > argument.axes:
                raise ValueError(f"the gradient by `{name}` has more axes than it: sum over them")
            before = found.get(argument)
            found[argument] = slope if before is None else graph.add(before, slope)
    return found


def _simple(made: Traced, e: str | ast.expr, names: Names) -> Node:
    """An expression of a pullback, simplified."""
    if isinstance(e, str):
        e = ast.parse(e, mode="eval").body
    graph = made.graph
    if isinstance(e, ast.Name):
        return names[e.id]
    if isinstance(e, ast.Constant) and isinstance(e.value, int | float):
        return graph.number(e.value)
    if isinstance(e, ast.UnaryOp) and isinstance(e.op, ast.USub):
        return graph.neg(_simple(made, e.operand, names))
    if isinstance(e, ast.BinOp):
        left, right = _simple(made, e.left, names), _simple(made, e.right, names)
        by = {ast.Add: graph.add, ast.Sub: graph.sub, ast.Mult: graph.mul, ast.Div: graph.div}
        return by.get(type(e.op), graph.matmul)(left, right)
    assert isinstance(e, ast.Call)
    assert isinstance(e.func, ast.Name)
    primitive = PRIMITIVES[e.func.id]
    args = tuple(_simple(made, a, names) for a in e.args)
    steps = primitive.made_of(fine=made.fine)
    if not steps:
        return graph.call(primitive, args, 0)
    inside = dict(zip(primitive.arguments, args, strict=True))
    for targets, expression in lines_of(steps):
        inside[targets[0]] = _simple(made, expression, inside)
    return inside[primitive.outputs[0]]
