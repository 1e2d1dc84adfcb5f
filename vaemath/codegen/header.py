"""The comment that a generated file opens with."""

from __future__ import annotations

import json
import textwrap
from importlib import resources

from vaemath.codegen.program import Program
from vaemath.codegen.source import LINE

_NEEDS = {
    "positive": "{} finite and > 0, checked",
    "unit": "{} in [0, 1], checked",
    "factor": "{} lower triangular, diagonal > 0, checked",
    "covariance": "{} symmetric positive definite, checked",
}
_PROGRAM = {False: "`_program`", True: "the functions for each entry"}


def header(program: Program, target: str) -> str:
    """The lines that say what the file computes, why to believe it and how it is made again."""
    arguments = ", ".join(a.name for a in program.arguments)
    options = "".join(f", {name}={default}" for name, default in program.options)
    name = program.name.replace("_", "-")
    star = ", *" if program.options else ""
    fields = [
        ("value", f"theorem {program.theorem}, certificate {certificate_hash(program.theorem)}"),
        ("gradient", "the derivative of its sum by every argument"),
        ("proved", _proved(program, target)),
        ("measured", str(program.errors)),
        ("assumes", _assumptions(program, checked=target != "c")),
        ("shapes", _shapes(program) if target != "c" else _layout(program)),
    ]
    if program.note:
        fields.append(("note", program.note))
    if target == "c":
        flags = "-O3 -march=native -ffp-contract=fast -fno-math-errno -fno-trapping-math -fopenmp"
        fields.append(("compile", f"with {flags}"))
        fields.append(("self-test", "cc -O2 -DSELF_TEST FILE.c -lm && ./a.out"))
    fields.append(("made by", f"vaemath emit {name} --target {target}  (do not edit)"))
    lines = textwrap.wrap(
        f"{program.name}({arguments}{star}{options}): {program.summary}.",
        LINE - 2,
        subsequent_indent="    ",
    )
    lines.append("")
    for name, text in fields:
        lines += textwrap.wrap(
            f"{name:<9} {text}", LINE - 2, subsequent_indent=" " * 10, break_long_words=False
        )
    lines += ["", "SPDX-License-Identifier: BSD-3-Clause"]
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)


def certificate_hash(theorem: str) -> str:
    """The content hash in the theorem's certificate."""
    path = resources.files("vaemath") / "certificates" / f"{theorem}.json"
    if not path.is_file():
        return "not made yet"
    return str(json.loads(path.read_text(encoding="utf-8"))["hash"])


def _proved(program: Program, target: str) -> str:
    sizes = "" if program.elementwise else ", for events of every size"
    text = (
        f"value and gradients{sizes}: by running {_PROGRAM[target == 'c']} of this file on terms; "
        "the special functions: their error of approximation, by ball arithmetic"
    )
    if target == "numpy" and any(len(a.event) == 2 for a in program.arguments):
        text += "; the rows of a triangular system: not proved, tried at sizes 1 to 5"
    return text


def _assumptions(program: Program, *, checked: bool) -> str:
    conditions = [_NEEDS[a.needs].format(a.name) for a in program.arguments if a.needs]
    free = [a.name for a in program.arguments if not a.needs]
    conditions.append(f"{', '.join(free)} finite: anything else propagates as NaN")
    joined = "; ".join(conditions)
    return joined if checked else joined.replace(", checked", ", not checked here")


def _layout(program: Program) -> str:
    if program.elementwise:
        return "n entries one after the other; nothing overlaps"
    axes = " and ".join(dict.fromkeys(a.event for a in program.arguments))
    return f"rows samples of length {axes}, one after the other; one value a sample; nothing overlaps"


def _shapes(program: Program) -> str:
    if program.elementwise:
        return "any that broadcast; the result has the common shape"
    parts = (f"{a.name} (..., {', '.join(a.event)})" for a in program.arguments)
    return "; ".join(parts) + "; result (...), batch shapes broadcast"
