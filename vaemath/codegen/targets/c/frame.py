"""The frame of a C file: header and preprocessor lines, then the loops and the self-test."""

from __future__ import annotations

from vaemath.codegen.header import header
from vaemath.codegen.program import Program
from vaemath.codegen.targets.c import TARGET
from vaemath.codegen.targets.c.elements import elements, narrow
from vaemath.codegen.targets.c.loops import frame as loops
from vaemath.codegen.targets.c.self_test import c_self_test
from vaemath.codegen.targets.interface import Frame

_PREAMBLE = """#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if FLT_EVAL_METHOD != 0
#error "float and double must be rounded to their own precision"
#endif
#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif
"""


def c_frame(program: Program) -> Frame:
    """Head and tail of the file."""
    parts = elements(program)
    around = loops(program, parts, {e.letter: narrow(e) for e in parts})
    tail = "\n\n".join(["", *around, c_self_test(program)])
    return Frame(f"{_comment(program)}\n{_PREAMBLE}\n", tail)


def _comment(program: Program) -> str:
    lines = header(program, TARGET).splitlines()
    return "/*\n" + "".join(f" *{line[1:]}\n" for line in lines) + " */\n"
