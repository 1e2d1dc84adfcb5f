"""The special functions and constants of a C file, filled in for float or double from `primitives.c`."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from vaemath.codegen.numbers import exact_scalars
from vaemath.codegen.reals import DOUBLE, Real
from vaemath.codegen.targets.c.numbers import integers, literal, scalars, tuples


@cache
def template() -> dict[str, str]:
    """The functions of the template by name, with the comment above each, in order."""
    text = (Path(__file__).parent / "primitives.c").read_text(encoding="utf-8")
    found = {}
    for chunk in text.split("\n\n/* ")[1:]:
        name = re.search(r"^INLINE \w+ (\w+)\(", chunk, re.MULTILINE)
        assert name is not None
        found[name[1]] = "/* " + chunk.strip("\n")
    return found


def primitives(real: Real, start: str) -> list[str]:
    """The template's functions that the text calls, filled in for a type, polynomials before them."""
    sources = template()
    wanted: set[str] = set()
    waiting = [n for n in sources if re.search(rf"\b{n}_{real.suffix}\(", start)]
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += [n for n in sources if re.search(rf"\b{n}\(", sources[name]) and n != name]
    bodies = [filled(real, sources[n]) for n in sources if n in wanted]
    text = "\n".join(sources[n] for n in wanted)
    polynomials = [_polynomial(real, n) for n in tuples(real) if f"POLYNOMIAL({n}," in text]
    return polynomials + bodies


def filled(real: Real, text: str) -> str:
    """A function of the template for one type."""
    names = set(template())
    text = re.sub(r"POLYNOMIAL\((\w+), ", lambda m: f"{m[1].lower()}_{real.suffix}(", text)

    def put(match: re.Match[str]) -> str:
        word = match[0]
        if word == "real":
            return real.ctype
        if word == "word":
            return real.word
        if word in ("trunc", "fabs"):
            return word + real.mark
        if word[0].isdigit():
            return word + real.mark
        if word in names or word in scalars(real) or word in integers(real):
            return f"{word}_{real.suffix}"
        return word

    head, body = text.split("*/\n", 1)
    return head + "*/\n" + re.sub(r"\b[A-Za-z_]\w*\b|\b\d+\.\d+\b", put, body)


def _polynomial(real: Real, name: str) -> str:
    """Pairs of terms, pairs of pairs, and so on: processors compute what does not wait at one time."""
    c = f"{name}_{real.suffix}"
    terms = [f"{c}[{k}]" for k in range(len(tuples(real)[name]))]
    lines, x, degree = [], "x", 1
    while len(terms) > 1:
        if degree > 1:
            lines.append(f"    const {real.ctype} x{degree} = {x} * {x};")
            x = f"x{degree}"
        pairs = [terms[k : k + 2] for k in range(0, len(terms), 2)]
        names = [f"p{degree}_{k}" if len(pairs) > 1 else "sum" for k in range(len(pairs))]
        for k, pair in enumerate(pairs):
            if len(pair) == 1:
                names[k] = pair[0]
            else:
                lines.append(f"    const {real.ctype} {names[k]} = {pair[1]} * {x} + {pair[0]};")
        terms, degree = names, 2 * degree
    return (
        f"/* The polynomial with coefficients {c}. */\n"
        f"INLINE {real.ctype} {name.lower()}_{real.suffix}(const {real.ctype} x)\n{{\n"
        + "\n".join(lines)
        + "\n    return sum;\n}"
    )


def numbers_in(real: Real, text: str) -> str:
    """Definitions of the constants of a type that the text mentions; with double, of irrational ones too."""
    made = []
    for name, values in tuples(real).items():
        if f"{name}_{real.suffix}" in text:
            numbers = "".join(f"    {literal(real, v)},\n" for v in values)
            made.append(f"static const {real.ctype} {name}_{real.suffix}[{len(values)}] = {{\n{numbers}}};\n")
    for name, value in scalars(real).items():
        if re.search(rf"\b{name}_{real.suffix}\b", text):
            made.append(f"static const {real.ctype} {name}_{real.suffix} = {literal(real, value)};\n")
    for name, word in integers(real).items():
        if re.search(rf"\b{name}_{real.suffix}\b", text):
            made.append(f"static const {real.word} {name}_{real.suffix} = {word:#x};\n")
    if real is DOUBLE:
        made += [
            f"static const double {n} = {v!r};\n"
            for n, v in exact_scalars().items()
            if re.search(rf"\b{n}\b", text)
        ]
    return "".join(made)
