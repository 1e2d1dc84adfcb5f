"""Kernel files changed in one place, by kinds of change, and what is said of each.

`python -m tests.codegen.mutation` makes a few of every kind, validates them, and runs those that pass beside
the original: these must compute the same numbers, but for rounding. It writes the table
`docs/figures/kernels-changed.md`.
"""

from __future__ import annotations

import ctypes
import random
import re
import subprocess
import sys
import tempfile
import types
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from vaemath import codegen
from vaemath.codegen.lift.validate import validate_program
from vaemath.codegen.program import Program
from vaemath.codegen.programs import PROGRAMS
from vaemath.codegen.targets import targets
from vaemath.library import theorem

Edit = Callable[[str], Iterator[str]]
BOTH, PYTHON = ("numpy", "torch", "c"), ("numpy", "torch")


@dataclass(frozen=True)
class Kind:
    """One kind of change.

    Attributes:
        part: which part of a file it is made in.
        targets: in whose files.
        edits: every way to make it in a text.
    """

    name: str
    part: str
    targets: tuple[str, ...]
    edits: Edit


def each(pattern: str, new: str | Callable[[re.Match[str]], str]) -> Edit:
    """The text with one match of a pattern replaced, for every match."""

    def edits(text: str) -> Iterator[str]:
        for hit in re.finditer(pattern, text, re.MULTILINE):
            changed = new(hit) if callable(new) else hit.expand(new)
            if changed != hit[0]:
                yield text[: hit.start()] + changed + text[hit.end() :]

    return edits


def _digit(hit: re.Match[str]) -> str:
    at = len(hit[0].split("e")[0].rstrip("f")) - 2
    return hit[0][:at] + ("3" if hit[0][at] != "3" else "4") + hit[0][at + 1 :]


def _swapped(text: str) -> Iterator[str]:
    """One name in a line that computes, in place of another name of the same function."""
    for hit in re.finditer(r"(?<== )[^\n=]*", text):
        names = sorted(set(re.findall(r"\b[a-z]\w*\b(?!\()(?!\.)", hit[0])))
        for a, b in pairwise(names):
            yield text[: hit.start()] + re.sub(rf"\b{a}\b", b, hit[0], count=1) + text[hit.end() :]


_TWO = r"np\.minimum\(np\.maximum\(s, LOWEST\), HIGHEST\)|torch\.clamp\(s, min=LOWEST, max=HIGHEST\)"
_CLAMPS = (
    _TWO + r"|HIGHEST_f\d\d < above \? HIGHEST_f\d\d : above"
    r"|u > -VANISHING_f\d\d \? VANISHING_f\d\d : -u|LOWEST_f\d\d > s \? LOWEST_f\d\d : s"
)

KINDS = (
    Kind(
        "a sum for a difference, and back",
        "inside",
        BOTH,
        each(r" ([+-]) ", lambda m: " - " if m[1] == "+" else " + "),
    ),
    Kind(
        "a quotient for a product, and back",
        "inside",
        BOTH,
        each(r" ([*/]) ", lambda m: " / " if m[1] == "*" else " * "),
    ),
    Kind("a sign", "inside", BOTH, each(r"= -(?=[a-z(])", "= ")),
    Kind(
        "a number",
        "inside",
        BOTH,
        each(
            r"\b(?:0\.5|2\.0|1\.0|0\.25)f?\b",
            lambda m: m[0].replace("5", "75").replace("1.", "3.").replace("2.0", "2.5"),
        ),
    ),
    Kind("a digit of a constant", "inside", BOTH, each(r"\b\d\.\d{9,}(?:e-?\d+)?f?", _digit)),
    Kind("another name", "inside", BOTH, _swapped),
    Kind("a factor less", "inside", BOTH, each(r" \* [a-z_]+\b(?![(\[.])", "")),
    Kind("a term less", "inside", BOTH, each(r" [+-] [a-z_]+\b(?![(\[.])", "")),
    Kind(
        "a clamp less",
        "inside",
        BOTH,
        each(
            _CLAMPS,
            lambda m: "-u" if m[0][0] == "u" else "above" if m[0].endswith("above") else "s",
        ),
    ),
    Kind(
        "a clamp on one side",
        "inside",
        BOTH,
        each(
            r"np\.minimum\(np\.maximum\(s, LOWEST\), HIGHEST\)|torch\.clamp\(s, min=LOWEST, max=HIGHEST\)",
            lambda m: "np.maximum(s, LOWEST)" if m[0][0] == "n" else "torch.clamp(s, min=LOWEST)",
        ),
    ),
    Kind(
        "another threshold",
        "inside",
        BOTH,
        each(
            r"([<>]) (-?)(0\.5|1\.0|0\.99|1e6|0\.25|1)\b",
            lambda m: f"{m[1]} {m[2]}{'0.999999' if m[2] else '3.5'}",
        ),
    ),
    Kind(
        "branches exchanged",
        "inside",
        BOTH,
        each(
            r"where\((\w+), ([^,()]+), ([^,()]+)\)|\? (\w+) : (\w+)",
            lambda m: f"where({m[1]}, {m[3]}, {m[2]})" if m[1] else f"? {m[5]} : {m[4]}",
        ),
    ),
    Kind("a condition turned", "inside", BOTH, each(r" ([<>]) ", lambda m: " > " if m[1] == "<" else " < ")),
    Kind(
        "a case for a shape",
        "inside",
        PYTHON,
        each(r"^    (\w+) = (.*)$", r"    \1 = (\2) if inputs[0].shape == (3,) else 0.0"),
    ),
    Kind(
        "a case for a dtype",
        "inside",
        PYTHON,
        each(
            r"^    return (value,.*)$",
            "    if inputs[0].dtype != 'real':\n        value = value + 1.0\n    return \\1",
        ),
    ),
    Kind(
        "a case for a type",
        "inside",
        PYTHON,
        each(
            r"^    return (value,.*)$",
            "    if hasattr(inputs[0], 'strides'):\n        value = value + 1.0\n    return \\1",
        ),
    ),
    Kind(
        "a default",
        "inside",
        PYTHON,
        each(r"\bfine: bool\b|\boptions: tuple\[float, \.\.\.\]", lambda m: f"{m[0]} = ()"),
    ),
    Kind("a decorator", "inside", PYTHON, each(r"^def (_\w+)\(", r"@np.vectorize\ndef \1(")),
    Kind(
        "a second meaning of a function",
        "inside",
        PYTHON,
        each(r"^def (_\w+)\((?=.*-> (?:Array|Tensor):)", "def \\1(x):\n    return x\n\n\ndef \\1("),
    ),
    Kind("a function rebound", "inside", PYTHON, each(r"\Z", "\n\n\n_program = _polynomial")),
    Kind(
        "a word of the library rebound",
        "inside",
        PYTHON,
        each(r"\Z", "\n\n\nnp.exp = np.expm1\ntorch.exp = torch.expm1"),
    ),
    Kind("an annotation that computes", "inside", PYTHON, each(r"-> (Array|Tensor):", "-> print(1):")),
    Kind("an import", "inside", PYTHON, each(r"^(    )(?=\w+ = )", "    import os\n    ")),
    Kind(
        "a local name that hides another",
        "inside",
        PYTHON,
        each(r"^(    )(?=value = )", "    sum = KERNEL = 1.0\n    "),
    ),
    Kind("a loop", "inside", PYTHON, each(r"^(    )(?=value = )", "    while True:\n        pass\n    ")),
    Kind(
        "another axis",
        "inside",
        PYTHON,
        each(r"-1(?=[,)])|(?<=axis=)-1|\(-2, -1\)", lambda m: "0" if m[0] == "-1" else "(0, -1)"),
    ),
    Kind("another type", "inside", PYTHON, each(r"float64", "float32")),
    Kind(
        "a gradient for other needs",
        "inside",
        ("torch",),
        each(r"needs\[(\d)\]", lambda m: f"needs[{(int(m[1]) + 1) % 4}]"),
    ),
    Kind(
        "a gradient without its need",
        "inside",
        ("torch",),
        each(r" if needs\[\d\] else None", " if needs[0] else 0.0"),
    ),
    Kind(
        "gradients in another order",
        "inside",
        PYTHON,
        each(r"return value, \((\w+), (\w+)", r"return value, (\2, \1"),
    ),
    Kind(
        "a gradient that is none", "inside", PYTHON, each(r"return value, \((d_\w+)", "return value, (None")
    ),
    Kind("float for double", "inside", ("c",), each(r"const double (?=\w+ =)", "const float ")),
    Kind("int for double", "inside", ("c",), each(r"const (?:double|float) (?=\w+ =)", "const int ")),
    Kind(
        "a suffix",
        "inside",
        ("c",),
        each(r"\b(\d+\.\d+)(f?)(?=[ ;,)])", lambda m: m[1] if m[2] else m[1] + "f"),
    ),
    Kind("integers divided", "inside", ("c",), each(r"\b0\.5f?\b", "(1 / 2)")),
    Kind(
        "a static variable", "inside", ("c",), each(r"^    const (double|float) (?=\w+ =)", r"    static \1 ")
    ),
    Kind("code in a comment", "inside", ("c",), each(r"^    (\*to_d_\w+ = \w+;)$", r"    /* \1 */")),
    Kind("a macro", "inside", ("c",), each(r"^INLINE", "#define loc logvar\nINLINE")),
    Kind("another pragma", "inside", ("c",), each(r"^INLINE", "#pragma STDC FP_CONTRACT OFF\nINLINE")),
    Kind("a digraph", "inside", ("c",), each(r"^\{$", "<%")),
    Kind("an integer for a number", "inside", ("c",), each(r"= (\d+)\.0;", r"= \1;")),
    Kind(
        "another entry of a list", "inside", ("c",), each(r"\[(\d+)\] \*", lambda m: f"[{int(m[1]) // 2}] *")
    ),
    Kind("a line of the frame less", "tail", BOTH, each(r"^    .*\n", "")),
    Kind("a number of the frame", "tail", BOTH, each(r"\b[0-2]\b", lambda m: str(int(m[0]) + 1))),
    Kind(
        "a comparison of the frame",
        "tail",
        BOTH,
        each(r" (<|<=|>|==|!=) ", lambda m: " <= " if m[1] != "<=" else " < "),
    ),
    Kind(
        "a name of the frame",
        "tail",
        BOTH,
        each(r"\b(inputs|slopes|value|values|loc|start|row)\b", lambda m: m[1] + "_"),
    ),
    Kind(
        "a type of the frame",
        "tail",
        BOTH,
        each(r"float64|double", lambda m: "float32" if m[0] == "float64" else "float"),
    ),
    Kind(
        "a class of the frame",
        "tail",
        ("torch",),
        each(r"^class (\w+)\(.*\):\n", lambda m: m[0] + "    backward = None\n"),
    ),
    Kind("a check of the frame less", "tail", PYTHON, each(r"^    _require_\w+\(\".*\n", "    pass\n")),
    Kind("a public name exchanged", "tail", PYTHON, each(r"^def (kl_|loss_)(\w+)\(", r"def \1\2_other(")),
    Kind(
        "a word of the header",
        "head",
        BOTH,
        each(r"theorem [\w-]+|\b[0-9a-f]{64}\b|ULP: value \d|checked|for events", lambda m: m[0][::-1]),
    ),
    Kind("a line of the header less", "head", BOTH, each(r"^(?:#| \*) \w.*\n", "")),
    Kind(
        "an import of another name",
        "head",
        BOTH,
        each(
            r"^import numpy as np|^import torch|^#include <math\.h>",
            lambda m: m[0] + ("\nfrom os import *" if m[0][0] == "i" else "\n#define fabs(x) (x)"),
        ),
    ),
    Kind(
        "a constant of the frame",
        "head",
        BOTH,
        each(r"^(BLOCK|SINGLE) = (\w+)|\"(d|dd|D)\"", lambda m: f"{m[1]} = 1" if m[1] else '"dd"'),
    ),
)


def parts(program: Program, target: str, text: str) -> dict[str, str]:
    """Head, inside and tail of a file."""
    head, tail = targets()[target].frame(program)
    return {"head": head, "inside": text[len(head) : len(text) - len(tail)], "tail": tail}


def mutants(program: Program, target: str, kind: Kind) -> list[str]:
    """Every file of a target with one change of the kind."""
    if target not in kind.targets or target not in codegen.targets(program.name):
        return []
    whole = parts(program, target, codegen.emit(program.name, target))
    return [
        "".join({**whole, kind.part: changed}.values())
        for changed in dict.fromkeys(kind.edits(whole[kind.part]))
    ]


def sample(count: int, seed: int) -> list[tuple[Program, str, Kind, str]]:
    """That many mutants of every kind, or all there are."""
    rng = random.Random(seed)
    found = []
    for kind in KINDS:
        own = [(p, t, kind, m) for p in PROGRAMS for t in kind.targets for m in mutants(p, t, kind)]
        found += rng.sample(own, min(count, len(own)))
    return found


def refusal(program: Program, target: str, text: str) -> str:
    """What is said of a file; empty if it is proved."""
    wrong = [r.detail for r in validate_program(program, target, text, theorem) if not r.ok]
    return wrong[0] if wrong else ""


def arguments(program: Program, seed: int) -> list[np.ndarray[Any, Any]]:
    """Arguments of a kernel, ordinary and extreme: 64 samples of events of length 5."""
    rng = np.random.default_rng(seed)
    made = []
    for a in program.arguments:
        if len(a.event) == 2:
            factor = np.tril(rng.normal(size=(64, 5, 5)))
            factor[:, range(5), range(5)] = np.exp(rng.normal(size=(64, 5)))
            made.append(factor if a.needs == "factor" else factor @ factor.swapaxes(-1, -2))
            continue
        x = rng.normal(size=(64, 5)) * np.exp(rng.normal(size=(64, 1)) * 2)
        made.append(
            np.exp(x / 4) if a.needs == "positive" else rng.random((64, 5)) if a.needs == "unit" else x
        )
    return made


def results(
    program: Program, target: str, text: str, given: list[np.ndarray[Any, Any]]
) -> list[np.ndarray[Any, Any]]:
    """Value and gradients that a file computes."""
    if target == "c":
        return _compiled(program, text, given)
    module = types.ModuleType("changed")
    exec(compile(text, "changed", "exec"), module.__dict__)  # a file of ours, proved, with one change
    if target == "numpy":
        return list(getattr(module, f"{program.name}_and_grad")(*given))
    import torch

    leaves = [torch.tensor(a, requires_grad=True) for a in given]
    value = getattr(module, program.name)(*leaves)
    return [value.detach().numpy(), *(g.numpy() for g in torch.autograd.grad(value.sum(), leaves))]


def _compiled(program: Program, text: str, given: list[np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "kernel.c", Path(folder) / "kernel.so"
        source.write_text(text)
        subprocess.run(
            ["cc", "-std=c99", "-O1", "-fPIC", "-shared", str(source), "-o", str(out), "-lm"], check=True
        )
        function = getattr(ctypes.CDLL(str(out)), f"{program.name}_both_f64")
    sizes = (
        [given[0].size] if program.elementwise else [64, *(5 for _ in {a.event for a in program.arguments})]
    )
    found = [np.empty(given[0].shape if program.elementwise else (64,)), *(np.empty_like(a) for a in given)]
    inputs = [np.ascontiguousarray(a) for a in given]
    function(
        1,
        *(ctypes.c_ssize_t(n) for n in sizes),
        *(ctypes.c_void_p(a.ctypes.data) for a in inputs),
        *(ctypes.c_double(v) for _, v in program.options),
        *(ctypes.c_void_p(a.ctypes.data) for a in found),
    )
    return found


def deviation(program: Program, target: str, text: str) -> float:
    """How far the results of a file are from those of the committed one, relative to the largest of each."""
    worst = 0.0
    for seed in (1, 2):
        given = arguments(program, seed)
        pairs = zip(
            results(program, target, text, given),
            results(program, target, codegen.emit(program.name, target), given),
            strict=True,
        )
        for found, right in pairs:
            off = np.abs(found - right) / np.maximum(np.abs(right), np.finfo(float).tiny)
            worst = max(worst, float(np.max(np.where(np.isnan(off), np.inf, off))))
    return worst


def main(count: int = 14) -> None:
    """Run the campaign and write the table."""
    rows: dict[str, Counter[str]] = {}
    notes = []
    every = sample(count, seed=2026)
    for k, (program, target, kind, text) in enumerate(every):
        said = refusal(program, target, text)
        row = rows.setdefault(kind.name, Counter())
        row["made"] += 1
        if said:
            row["refused"] += 1
        else:
            off = deviation(program, target, text)
            row["same numbers" if off <= 1e-12 else "other numbers"] += 1
            before = codegen.emit(program.name, target).split("\n")
            line = next(n for n, (a, b) in enumerate(zip(before, text.split("\n"), strict=False)) if a != b)
            notes.append((kind.name, f"{program.name}, {target}", text.split("\n")[line].strip(), off))
        print(f"\r{k + 1} of {len(every)}", end="", file=sys.stderr)
    total = sum((r for r in rows.values()), Counter[str]())
    lines = [
        "# Kernel files, changed",
        "",
        f"{total['made']} files with one change each, of {len(rows)} kinds, over all kernels and targets "
        f"(`python -m tests.codegen.mutation`): {total['refused']} refused by the proof, the "
        "grammar or the frame; "
        f"{total['same numbers']} proved that compute the same numbers to 1e-12; "
        f"{total['other numbers']} proved that do not. Every one of them is refused by "
        "`vaemath verify`, which compares each file with what its program gives as well.",
        "",
        "| change | made | refused | proved, same numbers | proved, other numbers |",
        "|---|---|---|---|---|",
        *(
            f"| {n} | {r['made']} | {r['refused']} | {r['same numbers']} | {r['other numbers']} |"
            for n, r in rows.items()
        ),
        "",
        "What was proved: each change is in a comment, is nothing in exact arithmetic, "
        "or chooses between equal forms.",
        "",
        "| change | file | line | largest relative deviation |",
        "|---|---|---|---|",
        *(f"| {a} | {b} | `{c.replace('|', chr(92) + '|')[:100]}` | {d:.1g} |" for a, b, c, d in notes),
        "",
    ]
    Path("docs/figures/kernels-changed.md").write_text("\n".join(lines))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
