"""The comment that a generated file opens with."""

from __future__ import annotations

import json
import textwrap
from importlib import resources

from vaemath.codegen.program import Program
from vaemath.codegen.source import LINE
from vaemath.codegen.targets.interface import Target

_NEEDS = {
    "positive": "{} finite and > 0",
    "unit": "{} in [0, 1]",
    "factor": "{} lower triangular, diagonal > 0",
    "covariance": "{} symmetric positive definite",
}


def header(program: Program, target: Target) -> str:
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
        ("assumes", _assumptions(program, target.unmet)),
        ("shapes", target.shapes(program)),
    ]
    if program.note:
        fields.append(("note", program.note))
    fields += target.notes
    fields.append(("made by", f"vaemath emit {name} --target {target.name}  (do not edit)"))
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


def _proved(program: Program, target: Target) -> str:
    sizes = "" if program.elementwise else ", for events of every size"
    text = (
        f"value and gradients{sizes}: by running {target.runs} of this file on terms; "
        "the special functions: their error of approximation, by ball arithmetic"
    )
    if target.unproved and any(len(a.event) == 2 for a in program.arguments):
        text += f"; {target.unproved}"
    return text


def _assumptions(program: Program, unmet: str) -> str:
    conditions = [f"{_NEEDS[a.needs].format(a.name)}, {unmet}" for a in program.arguments if a.needs]
    free = [a.name for a in program.arguments if not a.needs]
    conditions.append(f"{', '.join(free)} finite: anything else propagates as NaN")
    return "; ".join(conditions)
