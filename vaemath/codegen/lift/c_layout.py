"""The layout of what stands between head and tail of a C file: constants, then functions under a comment.

Only this layout is read: nothing hides in comments, strings, macros or continued lines, because none of their
signs may stand anywhere but in the one comment above each function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from vaemath.codegen.coefficients import single
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.reals import REALS, Real

_COMMENT = re.compile(r"/\* (?:(?!\*/|/\*)[^\"#\\?])*\*/\n")
_FORBIDDEN = re.compile(r"[\"'#\\?@`$~^|]|//|/\*|\*/|<:|:>|<%|%>|%:")
_SCALAR = re.compile(r"static const (\w+) (\w+) = (\S+);")
_TUPLE = re.compile(r"static const (\w+) (\w+)\[(\d+)\] = \{")


class Function(NamedTuple):
    """A function: its comment and text, and the line of the file where the text starts."""

    name: str
    comment: str
    text: str
    line: int


def number(text: str, real: Real) -> float:
    """A literal of a type: with `f` for float, without for double.

    Raises:
        ValueError: it is written otherwise.
    """
    body = text.removesuffix(real.mark) if real.mark else text
    if not re.fullmatch(r"-?(?:\d+\.\d+(?:e[+-]?\d+)?|\d+e[+-]?\d+)", body) or (real.mark and body == text):
        raise ValueError(text)
    value = float(body)
    if value - value != 0.0:
        raise ValueError(text)
    return single(value) if real.mark else value


def constants(block: str, name: str, first: int) -> Iterator[tuple[str, int | float | tuple[float, ...]]]:
    """The constants by their names with the suffix.

    Raises:
        LiftError: a line that is no constant.
    """
    lines = block.split("\n")
    k = 0
    while k < len(lines):
        try:
            whole = _SCALAR.fullmatch(lines[k])
            several = _TUPLE.fullmatch(lines[k])
            if whole is not None:
                yield whole[2], _scalar(whole[1], whole[2], whole[3])
                k += 1
            elif several is not None:
                count, real = int(several[3]), _of(several[1], several[2])
                rows = lines[k + 1 : k + 1 + count]
                if lines[k + 1 + count] != "};" or any(
                    not r.startswith("    ") or r[-1] != "," for r in rows
                ):
                    raise ValueError
                yield several[2], tuple(number(r[4:-1], real) for r in rows)
                k += count + 2
            else:
                raise ValueError
        except (ValueError, IndexError, OverflowError):
            raise LiftError(
                f"{name}, line {first + k}: `{lines[k].strip()[:80]}` is no constant of its type; expected "
                "`static const TYPE NAME_SUFFIX = NUMBER;`, or numbers in braces, one a line"
            ) from None


def _of(ctype: str, constant: str) -> Real:
    """The floating-point type of a constant; those without a suffix are double."""
    for real in REALS:
        if ctype == real.ctype and (
            constant.endswith(f"_{real.suffix}") or (real.suffix == "f64" and constant[-4:-2] != "_f")
        ):
            return real
    raise ValueError(constant)


def _scalar(ctype: str, constant: str, text: str) -> int | float:
    for real in REALS:
        if ctype == real.word and constant.endswith(f"_{real.suffix}"):
            if not re.fullmatch(r"0x[0-9a-f]{1,16}", text):
                raise ValueError(text)
            return int(text, 16)
    return number(text, _of(ctype, constant))


def functions(text: str, name: str, first: int) -> Iterator[Function]:
    """The functions, each under its comment, a blank line between them.

    Raises:
        LiftError: something else.
    """
    line = first
    for chunk in text.split("\n\n"):
        comment = _COMMENT.match(chunk)
        body = chunk[comment.end() :] if comment else chunk
        start = line + (comment[0].count("\n") if comment else 0)
        head = re.match(r"INLINE (?:double|float|void) (\w+)\([^()]*\)\n\{\n", body)
        if comment is None or head is None or not body.endswith("\n}"):
            raise LiftError(
                f"{name}, line {start}: `{body.split(chr(10))[0][:80]}` is no function under its comment; "
                "expected `INLINE TYPE NAME(...)`, braces on lines of their own"
            )
        yield Function(head[1], comment[0], body, start)
        line += chunk.count("\n") + 2


def check_signs(f: Function, name: str) -> None:
    """Raise for a sign in a function that only what hides code needs.

    Raises:
        LiftError: there is one.
    """
    for k, row in enumerate(f.text.split("\n")):
        bad = _FORBIDDEN.search(row.replace(" ? ", "   "))
        if bad is not None:
            raise LiftError(f"{name}, line {f.line + k}: `{bad[0]}` stands in what computes")
