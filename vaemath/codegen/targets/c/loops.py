"""The loops of a C kernel: over the entries of an axis, over the samples, on all threads.

Three functions for each type: NAME_value, NAME_gradients (times the gradient by the value) and
NAME_both (the value and the plain gradients, in one pass: `upstream` is not read). The flags `values`
and `slopes` are constants at every call, so the compiler removes what is not wanted.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from vaemath.codegen.program import Program
from vaemath.codegen.reals import FLOAT, REALS, Real
from vaemath.codegen.targets.c.elements import Element, constant

_BLOCK = 2048  # entries that one thread takes at a time
_CHUNK = 64  # entries summed in float before double: few enough that no digit is lost
_FEW = 32768  # entries for which starting threads does not pay

_TOTAL = """/* The sum of n numbers, rounded once. */
INLINE double total_of(const int n, const double *terms)
{
    double total = 0, lost = 0;
    for (int k = 0; k < n; k++) {
        const double sum = total + terms[k];
        const double back = sum - total;
        lost += (total - (sum - back)) + (terms[k] - back);
        total = sum;
    }
    return total - total == 0 ? total + lost : total;
}"""


def frame(program: Program, parts: tuple[Element, ...], narrow: Mapping[str, bool]) -> list[str]:
    """The functions around the elements, for float and double."""
    made = [] if program.elementwise else [_TOTAL]
    for real in REALS:
        made.append(_inner(program, parts, narrow, real))
        made += [_outer(program, real, what) for what in ("value", "gradients", "both")]
    return made


def _inner(program: Program, parts: tuple[Element, ...], narrow: Mapping[str, bool], real: Real) -> str:
    """All entries of one sample, or one block of entries of an elementwise kernel."""
    T = real.ctype
    flags = ["values", "slopes"]
    flags += ["each"] if program.elementwise else ["data"] if _data(program) else []
    head = _head(
        f"INLINE void {program.name}_{_unit(program)}_{real.suffix}",
        [
            *(f"const int {flag}" for flag in flags),
            *(f"const ptrdiff_t {n}" for n in _lengths(program)),
            *(f"const {T} *{a.name}" for a in program.arguments),
            *(f"const double {name}" for name, _ in program.options),
            f"{T} *value",
            f"const {T} *upstream",
            *(f"{T} *d_{a.name}" for a in program.arguments),
        ],
    )
    sums = {e.letter: [f"{e.letter}_{k + 1}" for k in range(len(e.values))] for e in parts}
    lines = (
        []
        if program.elementwise
        else [f"double {', '.join(f'{n} = 0' for own in sums.values() for n in own)};"]
    )
    for element in parts:
        wide = real is FLOAT and not narrow[element.letter]
        ctype, suffix = ("double", "f64") if wide else (T, real.suffix)
        if program.elementwise:
            lines += _loop(program, element, real, ctype, suffix, "i", "n", [])
        elif ctype == "float":
            few = [f"few_{k + 1}" for k in range(len(element.values))]
            lines += [
                f"for (ptrdiff_t start = 0; start < {element.letter}; start += {_CHUNK}) {{",
                f"    const ptrdiff_t left = {element.letter} - start;",
                f"    const int count = left < {_CHUNK} ? (int)left : {_CHUNK};",
                f"    float {', '.join(f'{n} = 0' for n in few)};",
                *(
                    f"    {x}"
                    for x in _loop(program, element, real, ctype, suffix, "start + i", "count", few)
                ),
                *(f"    {all} += {n};" for all, n in zip(sums[element.letter], few, strict=True)),
                "}",
            ]
        else:
            own = sums[element.letter]
            lines += _loop(program, element, real, ctype, suffix, "i", element.letter, own)
    if not program.elementwise:
        terms = [n for letter in sums.values() for n in letter]
        once = constant(program)
        if once is not None:
            terms.append(f"{program.name}_constant_f64({', '.join((*once.arguments, *once.options))})")
        lines += [
            "if (values) {",
            f"    const double terms[] = {{{', '.join(terms)}}};",
            f"    *value = ({T})total_of({len(terms)}, terms);",
            "}",
        ]
    which = "One block of entries" if program.elementwise else "One sample"
    return f"/* {which}. */\n{head}\n{{\n" + "".join(f"    {line}\n" for line in lines) + "}"


def _loop(
    program: Program,
    element: Element,
    real: Real,
    ctype: str,
    suffix: str,
    at: str,
    bound: str,
    sums: list[str],
) -> list[str]:
    """The loop over the entries of one axis; `sums` are what its values are added to, if they are."""
    given = [f"{name}[{at}]" for name in element.arguments] + list(element.options)
    slopes = [f"slope_{name}" for name in element.arguments]
    parts = [name.replace("value", "part") for name in element.values]
    outputs = [f"&{name}" for name in (*parts, *slopes)]
    cast = f"({real.ctype})" if ctype != real.ctype else ""
    index = "int" if bound == "count" else "ptrdiff_t"
    factor = "upstream[0]" if sums else "each ? upstream[i] : upstream[0]"
    put = [f"{total} += {part};" for total, part in zip(sums, parts, strict=True)] if sums else []
    lines = [
        "#pragma omp simd" + (f" reduction(+ : {', '.join(sums)})" if sums else ""),
        f"for ({index} i = 0; i < {bound}; i++) {{",
        f"    {ctype} {', '.join([*parts, *slopes])};",
        f"    {program.name}_{element.name}_{suffix}({', '.join(given + outputs)});",
        "    if (values) {" if len(put) > 1 else "    if (values)",
        *(f"        {line}" for line in put or [f"value[i] = {cast}part;"]),
        *(["    }"] if len(put) > 1 else []),
        "    if (slopes) {",
        f"        const {ctype} g = values ? 1 : {factor};",
    ]
    data = {a.name for a in program.arguments if a.data}
    for name, slope in zip(element.arguments, slopes, strict=True):
        value = f"{cast}(g * {slope})" if cast else f"g * {slope}"
        stored = f"d_{name}[{at}] = {value};"
        lines += ["        if (data)", f"            {stored}"] if name in data else [f"        {stored}"]
    return [*lines, "    }", "}"]


def _outer(program: Program, real: Real, what: str) -> str:
    T = real.ctype
    values, slopes = what != "gradients", what != "value"
    parameters = [
        "const int threads",
        *(f"const ptrdiff_t {n}" for n in (["n"] if program.elementwise else ["rows", *_lengths(program)])),
        *(f"const {T} *{a.name}" for a in program.arguments),
        *(f"const double {name}" for name, _ in program.options),
        *([f"{T} *value"] if values else []),
        *([f"const {T} *upstream", "const ptrdiff_t each"] if not values else []),
        *([f"{T} *d_{a.name}" for a in program.arguments] if slopes else []),
    ]
    head = _head(f"void {program.name}_{what}_{real.suffix}", parameters)
    upstream = "upstream" if slopes and not values else "NULL"
    lines = ["(void)threads; /* not used without OpenMP */"]
    work = "n" if program.elementwise else f"rows * ({' + '.join(_lengths(program))})"
    lines.append(
        f"#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1 && {work} > {_FEW})"
    )
    if program.elementwise:
        lines += [
            f"for (ptrdiff_t start = 0; start < n; start += {_BLOCK}) {{",
            f"    const ptrdiff_t count = n - start < {_BLOCK} ? n - start : {_BLOCK};",
        ]
        split = ("each", f"{upstream} + start") if upstream == "upstream" else None
    else:
        lines.append("for (ptrdiff_t row = 0; row < rows; row++) {")
        data = _data(program)
        split = (f"d_{data}", upstream) if data and slopes else None
        upstream += " + row * each" if upstream == "upstream" else ""
    if split is None:
        lines += _call(program, real, (values, slopes), upstream, 0)
    else:
        yes = split[1] if program.elementwise else upstream
        lines += [f"    if ({split[0]})", *_call(program, real, (values, slopes), yes, 1)]
        lines += ["    else", *_call(program, real, (values, slopes), upstream, 0)]
    lines.append("}")
    comment = {
        "value": "The value.",
        "gradients": "The gradients times `upstream`, one number for all (each = 0) or for each value (1).",
        "both": "The value and its gradients in one pass.",
    }[what]
    if slopes and _data(program):
        comment += f"\n   With d_{_data(program)} NULL that gradient is left out."
    return f"/* {comment} */\n{head}\n{{\n" + "".join(f"    {line}\n" for line in lines) + "}"


def _call(program: Program, real: Real, flags: tuple[bool, bool], upstream: str, third: int) -> list[str]:
    values, slopes = flags
    offset = {a.name: "start" if a.event == "" else f"row * {a.event}" for a in program.arguments}
    given = [
        str(int(values)),
        str(int(slopes)),
        *([str(third)] if program.elementwise or _data(program) else []),
        *(["count"] if program.elementwise else _lengths(program)),
        *(f"{a.name} + {offset[a.name]}" for a in program.arguments),
        *(name for name, _ in program.options),
        f"value + {'start' if program.elementwise else 'row'}" if values else "NULL",
        upstream,
        *(
            f"d_{a.name} + {offset[a.name]}" if slopes and (third or not a.data) else "NULL"
            for a in program.arguments
        ),
    ]
    name = f"{program.name}_{_unit(program)}_{real.suffix}"
    inside = textwrap.wrap(", ".join(given), 88, break_long_words=False)
    return [
        f"        {name}(",
        *(f"            {line}" for line in inside[:-1]),
        f"            {inside[-1]});",
    ]


def _data(program: Program) -> str:
    """The argument whose gradient may be left out, or nothing."""
    return next((a.name for a in program.arguments if a.data), "")


def _unit(program: Program) -> str:
    return "block" if program.elementwise else "row"


def _lengths(program: Program) -> list[str]:
    if program.elementwise:
        return ["n"]
    return list(dict.fromkeys(a.event for a in program.arguments))


def _head(start: str, parameters: list[str]) -> str:
    return f"{start}(\n" + "".join(
        f"    {p}{',' if k < len(parameters) - 1 else ')'}\n" for k, p in enumerate(parameters)
    ).rstrip("\n")
