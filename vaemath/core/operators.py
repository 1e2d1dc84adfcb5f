"""The operators that people write terms with. Nothing here is believed: each one only builds a term."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vaemath.core.terms import Term


class Operators:
    """``a + b``, ``a @ b``, ``f(x)``, ``f[j]``: :mod:`vaemath.terms.build` holds what they build."""

    __slots__ = ()

    def __repr__(self) -> str:
        from vaemath.terms.text import text

        return text(self)  # type: ignore[arg-type]

    def __add__(self, other: Any) -> Term:
        return _built("add", self, other)

    def __radd__(self, other: Any) -> Term:
        return _built("add", other, self)

    def __sub__(self, other: Any) -> Term:
        return _built("sub", self, other)

    def __rsub__(self, other: Any) -> Term:
        return _built("sub", other, self)

    def __mul__(self, other: Any) -> Term:
        return _built("mul", self, other)

    def __rmul__(self, other: Any) -> Term:
        return _built("mul", other, self)

    def __truediv__(self, other: Any) -> Term:
        return _built("div", self, other)

    def __rtruediv__(self, other: Any) -> Term:
        return _built("div", other, self)

    def __pow__(self, other: Any) -> Term:
        return _built("power", self, other)

    def __neg__(self) -> Term:
        return _built("neg", self)

    def __matmul__(self, other: Any) -> Term:
        return _built("matmul", self, other)

    def __getitem__(self, index: Any) -> Term:
        return _built("app", self, index)

    def __call__(self, *args: Any) -> Term:
        return _built("app", self, *args)

    @property
    def T(self) -> Term:
        """The transpose of a matrix term."""
        return _built("transpose", self)


def _built(name: str, *args: Any) -> Term:
    from vaemath.terms import build

    made: Term = getattr(build, name)(*args)
    return made
