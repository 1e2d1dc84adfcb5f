"""What a kernel computes: a straight-line program in a form in which nothing cancels.

The steps are assignments in a neutral notation: arithmetic, and the closed list of functions of
`FUNCTIONS`. Emitters write them in a target's words; the lifter reads the emitted file back.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace
from textwrap import dedent

from vaemath.codegen.errors import Errors

PRIMITIVES = frozenset(
    {
        "half_expm1_parts",
        "difference_parts",
        "standardised",
        "standardised_parts",
        "log_gap",
        "logistic_parts",
        "logistic_steps",
    }
)
FUNCTIONS = PRIMITIVES | {
    "half_square_plus",
    "product_plus",
    "positive_part",
    "log",
    "length",
    "where",
    "below",
    # the last one or two axes are the event
    "sum_event",
    "half_square_sum",
    "total",
    "sum_matrix",
    "column",
    "flat",
    "tril",
    "strict_tril",
    "transpose",
    "diagonal",
    "diagonal_matrix",
    "identity_like",
    "solve_lower",
    "solve_lower_refined",
    "solve_lower_transposed",
    "cholesky",
}

LEAST_OPTION, LARGEST_OPTION = 1e-18, 1e18  # squares and their reciprocals are then float32 numbers


@dataclass(frozen=True, kw_only=True)
class Argument:
    """A tensor argument of a kernel.

    Attributes:
        name: as in torch.distributions.
        event: its event axes, one letter each ("" for an elementwise kernel).
        needs: what is checked: "", "positive", "unit", "factor" or "covariance".
        data: seldom differentiated, so that a kernel may be asked to leave its gradient out.
    """

    name: str
    event: str = ""
    needs: str = ""
    data: bool = False


@dataclass(frozen=True, kw_only=True)
class Program:
    """A kernel: the theorem it computes, its arguments and its steps.

    Attributes:
        name: of the kernel, its file and its function.
        theorem: id of the theorem.
        block: which of its statements the value is the right side of.
        symbols: the argument that each symbol of that statement stands for; a covariance may stand
            for the square of a factor.
        summary: one line of mathematics.
        arguments: the tensor arguments, in order.
        options: keyword-only positive numbers between LEAST_OPTION and LARGEST_OPTION, with defaults.
        steps: the program; assigns `value` and `d_NAME` for every argument.
        errors: measured error bounds.
        note: shapes and conventions that the summary leaves open.
        passes: the steps for float32 where every operation is a pass over memory, if others reach their
            accuracy faster there.
    """

    name: str
    theorem: str
    block: str
    symbols: Mapping[str, str]
    summary: str
    arguments: tuple[Argument, ...]
    steps: str
    errors: Errors
    options: tuple[tuple[str, float], ...] = ()
    note: str = ""
    passes: str = ""

    @property
    def elementwise(self) -> bool:
        return not any(a.event for a in self.arguments)

    def parsed(self) -> ast.Module:
        """The steps as a syntax tree, checked to be a straight line over the closed list."""
        tree = ast.parse(dedent(self.steps))
        for statement in tree.body:
            if not isinstance(statement, ast.Assign):
                raise SyntaxError(f"{self.name}: not an assignment: {ast.unparse(statement)}")
            for node in ast.walk(statement.value):
                if isinstance(node, ast.Call):
                    called = node.func.id if isinstance(node.func, ast.Name) else None
                    if called not in FUNCTIONS:
                        raise ValueError(f"{self.name}: unknown function in {ast.unparse(node)}")
        return tree

    @property
    def in_passes(self) -> Program:
        """The program as torch computes it in float32."""
        return replace(self, steps=self.passes, passes="") if self.passes else self

    def calls(self) -> set[str]:
        """The functions of the closed list that the program uses."""
        return {
            node.func.id
            for node in ast.walk(self.parsed())
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
