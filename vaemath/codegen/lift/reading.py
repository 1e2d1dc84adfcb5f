"""Reading what stands between head and tail of a file: functions to be run on terms, numbers checked."""

from __future__ import annotations

import ast
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.numbers import exact_numbers, generated
from vaemath.codegen.lift.pinned import check_text, known
from vaemath.codegen.lift.syntax import Grammar

_BUILTINS = {"any": any, "reversed": reversed}
_ODD = (
    TypeError,
    AttributeError,
    NameError,
    IndexError,
    ValueError,
    ArithmeticError,
    RecursionError,
    MemoryError,
)


_BITS = ("_half_power_of_two", "_exponent_of", "_mantissa_of", "_leading")  # of C, which are not read back


def _unknown(name: str) -> Callable[..., Any]:
    def function(*_: Any) -> Any:
        raise LiftError(f"`{name}` looks at bits, and is called where nothing is known of them")

    return function


class SourceFile:
    """The functions and constants of an emitted file.

    Attributes:
        name: of the file, for messages.
        target: how it is written.
        suffix: of the type, in C; else empty.
        text: what was read.
        functions: by name, in the words of the lifter.
        constants: by name, each what is generated for it.
    """

    def __init__(
        self,
        text: str,
        name: str,
        target: str,
        *,
        above: int = 0,
        reserved: frozenset[str] = frozenset(),
        suffix: str = "",
        lines: Mapping[int, int] | None = None,
    ) -> None:
        self.name, self.target, self.suffix, self.text = name, target, suffix, text
        self._above, self._lines = above, lines
        pinned = frozenset(known(target))
        self._grammar = Grammar(text, name, target, above, reserved)
        self._grammar.read(pinned)
        self.functions = self._grammar.functions
        self.constants = self._grammar.constants
        for function in self.functions:
            if function in pinned:
                check_text(
                    target, function, self.source(function), f"{name}, line {self._line(self._at(function))}"
                )
        for constant, value in self.constants.items():
            if generated(suffix).get(constant) != value:
                raise LiftError(f"{name}: `{constant}` is not what is generated for it")

    def source(self, function: str) -> str:
        """The text of a function."""
        return self._grammar.source(function)

    def takes(self, function: str) -> list[str]:
        """The names of its arguments."""
        return [a.arg for a in self._grammar.original[function].args.args]

    def compiled(
        self, words: Mapping[str, Any], *, replacing: Mapping[str, Any]
    ) -> dict[str, Callable[..., Any]]:
        """The file's functions over these words, some of them replaced."""
        pinned = known(self.target)
        module = ast.Module(body=[f for n, f in self.functions.items() if n not in pinned], type_ignores=[])
        namespace: dict[str, Any] = {"__builtins__": _BUILTINS, **self.constants}
        namespace |= {n: v for n, v in exact_numbers().items() if n in self.constants}
        namespace |= {f"W_{n}": w for n, w in words.items()}
        exec(compile(module, self.name, "exec"), namespace)
        namespace |= {name: _unknown(name) for name in _BITS if self.target == "c" and name in self.functions}
        namespace |= replacing
        return {n: self._located(namespace[n]) for n in self.functions if n in namespace}

    def _located(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function; what goes wrong in it says where."""

        def run(*arguments: Any) -> Any:
            try:
                return function(*arguments)
            except LiftError as e:
                raise LiftError(self._place(e, str(e))) from None
            except _ODD as e:
                raise LiftError(self._place(e, f"cannot be run on terms: {str(e)[:200]}")) from None

        return run

    def _place(self, error: BaseException, what: str) -> str:
        here = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == self.name]
        if what.startswith(self.name) or not here or here[-1] is None:
            return what
        return f"{self.name}, line {self._line(here[-1])}: {what}"

    def _at(self, function: str) -> int:
        return self._grammar.original[function].lineno

    def _line(self, number: int) -> int:
        """The line of the file."""
        return self._above + number if self._lines is None else self._lines.get(number, number)
