"""What a kernel computes: a straight-line program in a form in which nothing cancels.

The steps are assignments in a neutral notation: arithmetic, and calls of primitives. Their gradients are
derived, emitters write both in a target's words, and the lifter reads the emitted file back.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from vaemath.codegen.errors import Errors
from vaemath.codegen.reverse import traced
from vaemath.codegen.written import written

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
        steps: the program; assigns `value`. The gradients follow from it.
        errors: measured error bounds.
        note: shapes and conventions that the summary leaves open.
        fine: whether primitives are made of their own steps, or of those in few passes.
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
    fine: bool = True

    @property
    def elementwise(self) -> bool:
        return not any(a.event for a in self.arguments)

    @property
    def written(self) -> str:
        """The steps in words of the targets, with those of the gradients.

        Raises:
            ValueError: an unknown function or name, or a gradient that has no rule.
            SyntaxError: a step that is no assignment.
        """
        arguments = tuple((a.name, len(a.event), a.needs) for a in self.arguments)
        options = tuple(name for name, _ in self.options)
        try:
            return derived(self.steps, arguments, options, self.fine)
        except (ValueError, SyntaxError) as e:
            raise type(e)(f"{self.name}: {e}") from None

    def parsed(self) -> ast.Module:
        """Value and gradients as a syntax tree, a straight line over the words of the targets."""
        return ast.parse(self.written)

    @property
    def in_passes(self) -> Program:
        """The program as torch computes it in float32: every operation is a pass over memory there."""
        return replace(self, fine=False)

    def calls(self) -> set[str]:
        """The words that value and gradients use."""
        return {
            node.func.id
            for node in ast.walk(self.parsed())
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }


@cache
def derived(
    steps: str, arguments: tuple[tuple[str, int, str], ...], options: tuple[str, ...], fine: bool
) -> str:
    """The steps with those of the gradients; kept, for it is asked for many times."""
    return written(traced(steps, arguments, options, fine=fine))
