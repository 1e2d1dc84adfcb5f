"""What a target is: a language or library that kernels are written in.

A target is a package with a `TARGET`: it says how a program is written, how the written file is read back
as mathematics, and how it is compiled and run. A file is `head`, then constants and functions that are read
back and proved, then `tail`; head and tail are its frame. They depend on the program's declarations alone
(name, arguments, options, the functions that it calls), so that they can be compared byte for byte with what
stands in a file; which sources made them is pinned in `vaemath.codegen.lift.frames`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

if TYPE_CHECKING:
    from vaemath.codegen.lift.instance import Instance
    from vaemath.codegen.program import Program

Backend = Callable[[Sequence[Any]], list[Any]]


class Frame(NamedTuple):
    """What a file starts and ends with."""

    head: str
    tail: str


class Read(Protocol):
    """A file as the lifter runs it."""

    name: str

    def runs(self, instance: Instance) -> list[list[Callable[[], dict[str, Any]]]]:
        """What to run on an instance: ways to compute it, each with all gradients and then with fewer."""

    def primitives(self) -> list[str]:
        """The functions of the file that have a contract."""

    def primitive(self, name: str) -> list[str]:
        """What was shown of a special function of the file, in words; raises LiftError if it is wrong."""


class Target(ABC):
    """One target.

    Attributes:
        name: of its package.
        suffix: of its files.
        about: the docstring of a Python package of its files; empty if they are no Python.
        runs: what of its files is run on terms, in words.
        unproved: what of its matrices is not proved, in words.
        unmet: what becomes of an argument outside the assumptions, in words.
        notes: more fields of the comment that its files open with.
        frame_sources: the files that make its frame, beside those that all targets share.
    """

    name: ClassVar[str]
    suffix: ClassVar[str] = ".py"
    about: ClassVar[str] = ""
    runs: ClassVar[str] = "`_program`"
    unproved: ClassVar[str] = ""
    unmet: ClassVar[str] = "checked"
    notes: ClassVar[tuple[tuple[str, str], ...]] = ()
    frame_sources: ClassVar[tuple[Path, ...]] = ()

    def takes(self, program: Program) -> bool:
        """Whether the target has kernels of this kind."""
        return True

    def shapes(self, program: Program) -> str:
        """Which shapes a kernel takes, in words."""
        if program.elementwise:
            return "any that broadcast; the result has the common shape"
        parts = (f"{a.name} (..., {', '.join(a.event)})" for a in program.arguments)
        return "; ".join(parts) + "; result (...), batch shapes broadcast"

    @abstractmethod
    def frame(self, program: Program) -> Frame:
        """What stands around what is computed."""

    @abstractmethod
    def computed(self, program: Program) -> str:
        """What is computed: constants, special functions, the program."""

    def emit(self, program: Program) -> str:
        """The file of a kernel."""
        head, tail = self.frame(program)
        return head + self.computed(program) + tail

    def public(self, kernel: str) -> list[str]:
        """The names that a kernel's file offers."""
        return [kernel]

    @abstractmethod
    def read(self, program: Program, text: str) -> Read:
        """A file of the target, read back.

        Raises:
            LiftError: it cannot be read, or its frame is not the target's.
        """

    @abstractmethod
    def missing(self) -> str:
        """What is not installed here that files of the target need to run; empty if nothing."""

    @abstractmethod
    def run(self, kernel: str) -> Backend:
        """A kernel of this package on NumPy arrays: value and gradients of its sum."""
