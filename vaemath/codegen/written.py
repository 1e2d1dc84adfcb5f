"""A graph as the straight-line steps that emitters read: what is used twice has a name."""

from __future__ import annotations

from collections import Counter

from vaemath.codegen.graph import Node
from vaemath.codegen.primitives import PRIMITIVES
from vaemath.codegen.reverse import Traced

_LONGEST = 72  # of an expression without a name: targets write it longer
_LINE = 84  # of one with a name
_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2, "@": 2, "neg": 3}


def written(traced: Traced) -> str:
    """The steps: those of the value, then those of the gradients alone."""
    return "\n".join(_Writer(traced).lines()) + "\n"


class _Writer:
    def __init__(self, traced: Traced) -> None:
        self.traced = traced
        self.roots = {"value": traced.value, **{f"d_{n}": s for n, s in traced.slopes.items()}}
        self.uses: Counter[Node] = Counter(self.roots.values())
        self.first: set[Node] = set()  # what the value needs
        self.order = self._reachable()
        self.names: dict[Node, str] = {}
        self.texts: dict[Node, str] = {}
        self.made: list[str] = []

    def _reachable(self) -> list[Node]:
        """Every node in use, what the value needs first; and how often each is used."""
        order: list[Node] = []
        seen: set[Node] = set()
        for group in ([self.traced.value], list(self.traced.slopes.values())):
            new: set[Node] = set()
            waiting = list(group)
            while waiting:
                node = waiting.pop()
                if node not in seen:
                    seen.add(node)
                    new.add(node)
                    self.uses.update(node.args)
                    waiting += node.args
            self.first = self.first or new
            order += sorted(new, key=lambda n: n.index)
        return order

    def lines(self) -> list[str]:
        for node in self.order:
            if node.op in ("name", "number") or node in self.names:
                continue
            if node is self.traced.value:
                self._line("value", node)
                continue
            siblings = PRIMITIVES[node.op].outputs if node.op in PRIMITIVES else ()
            if len(siblings) > 1:
                self._several(node, siblings)
                continue
            name = self._wanted(node)
            if name or self.uses[node] > 1 or len(self._text(node)) > _LONGEST:
                self._line(name or "part_1", node)
        for name, root in self.roots.items():
            if self.names.get(root) != name:
                self.made.append(f"{name} = {self._operand(root, 0)}")
        return self.made

    def _wanted(self, node: Node) -> str:
        """What the program calls it, which gradient it is, or what a primitive calls it."""
        if node in self.traced.named:
            return self.traced.named[node]
        if node not in self.first:
            for name, slope in self.traced.slopes.items():
                if node is slope:
                    return f"d_{name}"
        return self.traced.hints.get(node, "")

    def _line(self, name: str, node: Node) -> None:
        while len(self._text(node)) > _LINE:
            inner = [a for a in node.args if a not in self.names and a.op not in ("name", "number")]
            if not inner:
                break
            longest = max(inner, key=lambda a: len(self._text(a)))
            self._line("part_1", longest)
            del self.texts[node]
        name = self._free(name)
        self.made.append(f"{name} = {self._text(node)}")
        self.names[node] = name

    def _several(self, node: Node, outputs: tuple[str, ...]) -> None:
        """All results of a call in one line."""
        results = {
            n.data: n for n in self.traced.graph.nodes.values() if n.op == node.op and n.args == node.args
        }
        targets = []
        for k, output in enumerate(outputs):
            result = results.get(k)
            name = self._free((self._wanted(result) if result else "") or output)
            targets.append(name)
            if result is not None:
                self.names[result] = name
        self.made.append(f"{', '.join(targets)} = {self._call(node)}")

    def _free(self, name: str) -> str:
        """The name, or the next that no line has: `t_2` after `t`."""
        stem, _, count = name.rpartition("_")
        stem, number = (stem, int(count)) if count.isdigit() else (name, 1)
        used = set(self.names.values())
        taken = used | self.traced.inputs | (self.roots.keys() - {name})
        while name in taken:
            number += 1
            name = f"{stem}_{number}"
        return name

    def _operand(self, node: Node, strength: int) -> str:
        """The node inside an expression, in parentheses where it binds less."""
        if node in self.names:
            return self.names[node]
        if node.op == "name":
            return str(node.data)
        if node.op == "number":
            return repr(node.data)
        text = self._text(node)
        return f"({text})" if _STRENGTH.get(node.op, 4) < strength else text

    def _text(self, node: Node) -> str:
        if node not in self.texts:
            self.texts[node] = self._made(node)
        return self.texts[node]

    def _made(self, node: Node) -> str:
        if node.op == "neg":
            (of,) = node.args
            if of.op == "*" and of.args[0].op == "number" and of not in self.names:
                return f"-{self._text(of)}"
            return f"-{self._operand(of, 3)}"
        if node.op in _STRENGTH:
            strong = _STRENGTH[node.op]
            left, right = (self._operand(a, strong + k) for k, a in enumerate(node.args))
            return f"{left} {node.op} {right}"
        return self._call(node)

    def _call(self, node: Node) -> str:
        return f"{node.op}({', '.join(self._operand(a, 0) for a in node.args)})"
