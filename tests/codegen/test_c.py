"""C files: they stand alone, are proved equal to their theorems, and no mutant of one is."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from vaemath import codegen
from vaemath.codegen.coefficients import single
from vaemath.codegen.lift.validate import Report, validate_program
from vaemath.codegen.programs import PROGRAMS
from vaemath.codegen.reals import REALS
from vaemath.codegen.targets.c.elements import by_entries, elements
from vaemath.codegen.targets.c.numbers import scalars
from vaemath.library import theorem

NATIVE = {p.name.replace("_", "-"): p for p in PROGRAMS if by_entries(p)}
COMPILER = shutil.which("cc") or shutil.which("gcc")


def reports(name: str, text: str) -> list[Report]:
    return validate_program(NATIVE[name], "c", text, theorem)


def refused(name: str, text: str) -> str:
    """What is said of a file that must not pass."""
    wrong = [r for r in reports(name, text) if not r.ok]
    assert wrong
    return wrong[0].detail


def test_every_kernel_without_matrices_has_a_c_file() -> None:
    assert [n for n in codegen.names() if "c" in codegen.targets(n)] == sorted(NATIVE)
    assert [n for n in codegen.names() if n not in NATIVE] == ["kl-mvn", "kl-mvn-covariance"]
    with pytest.raises(ValueError, match="not done entry by entry"):
        elements(next(p for p in PROGRAMS if p.name == "kl_mvn"))


@pytest.mark.parametrize("name", NATIVE)
@pytest.mark.parametrize("flags", ["-O0 -std=c99 -pedantic", "-O3 -march=native -ffp-contract=fast -fopenmp"])
def test_a_file_compiles_alone_without_a_warning_and_tests_itself(
    name: str, flags: str, tmp_path: Path
) -> None:
    assert COMPILER, "the tests need a C compiler"
    (tmp_path / "kernel.c").write_text(codegen.emit(name, "c"))
    strict = ["-Wall", "-Wextra", "-Wno-unknown-pragmas", "-Werror", "-DSELF_TEST"]
    command = [COMPILER, *flags.split(), *strict, "kernel.c", "-o", "kernel", "-lm"]
    subprocess.run(command, cwd=tmp_path, check=True)
    out = subprocess.run(["./kernel"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert out == f"{name.replace('-', '_')}: the gradients agree with central differences\n"


def test_the_self_test_of_a_wrong_kernel_fails(tmp_path: Path) -> None:
    assert COMPILER
    text = codegen.emit("kl-normal-standard", "c")
    wrong = text.replace("const double d_logvar = rise;", "const double d_logvar = rise + 1e-6;")
    assert wrong != text
    (tmp_path / "kernel.c").write_text(wrong)
    subprocess.run([COMPILER, "-DSELF_TEST", "kernel.c", "-o", "kernel", "-lm"], cwd=tmp_path, check=True)
    done = subprocess.run(["./kernel"], cwd=tmp_path, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "gradient 1, entry 0 is wrong" in done.stdout


def mutants(text: str) -> list[tuple[str, str]]:
    """Each with one sign, operator, number or name changed in a line that computes."""
    found = []
    lines = text.split("#ifdef SELF_TEST")[0].splitlines(keepends=True)
    rest = text[len("".join(lines)) :]
    for k, line in enumerate(lines):
        if not re.search(r"^    .*( = |return)", line) or "for (" in line:
            continue
        for pattern, new in (
            (r" \+ ", " - "),
            (r" - ", " + "),
            (r" \* ", " / "),
            (r"= -(?=[a-z(])", "= "),
            (r"\b0\.5", "0.25"),
            (r"\b2 \*", "3 *"),
            (r"\[0\]", "[1]"),
            (r"= loc;$", "= logvar;"),
            (r"\? (\w+) : (\w+)", r"? \2 : \1"),
            (r" > ", " < "),
        ):
            for hit in re.finditer(pattern, line):
                changed = line[: hit.start()] + re.sub(pattern, new, hit[0]) + line[hit.end() :]
                if changed != line:
                    mutant = "".join([*lines[:k], changed, *lines[k + 1 :]]) + rest
                    found.append((f"{line.strip()} -> {changed.strip()}", mutant))
    return found


# both branches of the near and the far form compute the same; a scaling that cancels; what is nothing
# but rounding, see test_rounding
HARMLESS = (
    "const int near",
    "small =",
    "factor =",
    "back =",
    "slip",
    "part =",
    "nearest =",
    "body =",
    "log_ratio =",
    "lost",
)


@pytest.mark.parametrize("name", NATIVE)
def test_mutants_of_the_c_are_refused(name: str) -> None:
    every = [m for m in mutants(codegen.emit(name, "c")) if not any(h in m[0] for h in HARMLESS)]
    assert len(every) >= 60
    for what, mutant in every[:: len(every) // 8]:
        assert any(not r.ok for r in reports(name, mutant)), what


def test_a_changed_digit_of_any_constant_is_refused() -> None:
    text = codegen.emit("loss-bernoulli", "c")
    number = r"^(    |static const .* = )-?(\d+\.\d+e?-?\d*|0x[0-9a-f]+)f?[,;]$"
    numbers = list(re.finditer(number, text, re.MULTILINE))
    assert len(numbers) > 50
    for hit in numbers[:: len(numbers) // 16]:
        at = hit.start(2) + len(hit[2].split("e")[0]) - 1
        digit = "3" if text[at] != "3" else "4"
        mutant = text[:at] + digit + text[at + 1 :]
        same = "." in hit[2] and "f" in hit[0] and single(float(hit[2])) == single(float(hit[2][:-1] + digit))
        if not same:
            assert any(not r.ok for r in reports("loss-bernoulli", mutant)), hit[0]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("#include <math.h>", "#include <math.h>\n#define loc logvar", "head of the frame"),
        ("#include <math.h>", "#include <math.h>\n#define trunc(x) (x)", "head of the frame"),
        ("bits <<= FRACTION_BITS_f64;", "bits <<= FRACTION_BITS_f64 - 1;", "is not the text that was read"),
        ("for (ptrdiff_t start = 0;", "for (ptrdiff_t start = 1;", "tail of the frame"),
        ("value[i] = part;", "value[i] = part + 1;", "tail of the frame"),
        ("const double d_loc = loc;", "double d_loc = loc; d_loc += 1;", "`d_loc` is not const"),
        ("const double d_loc = loc;", "const double d_loc = sin(loc);", "calls `sin`"),
        (
            "const double d_loc = loc;",
            "const double d_loc = (int)loc;",
            "a Cast is no part of what a kernel computes",
        ),
        ("const double d_loc = loc;", "const double d_loc = loc", "not C"),
    ],
)
def test_what_could_change_the_meaning_of_a_line_is_refused(before: str, after: str, message: str) -> None:
    text = codegen.emit("kl-normal-standard", "c")
    assert before in text
    assert message in refused("kl-normal-standard", text.replace(before, after, 1))


@pytest.mark.parametrize("suffix", ["f32", "f64"])
@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("x * LOG2_E_S - 0.5", "x * LOG2_E_S - 1.5", "expected what the reduction leaves"),
        ("x * LOG2_E_S - 0.5", "x * LOG2_E_S + 0.5", "expected what the reduction leaves"),
        ("TRUNC(x * LOG2_E_S);", "TRUNC(2 * (x * LOG2_E_S));", "leaves"),
        ("TRUNC(0.5", "TRUNC(7.5", "is rounded; expected"),
        ("half_power_of_two_S(part);", "half_power_of_two_S(n + part);", "expected half of the exponent"),
    ],
)
def test_a_reduction_that_leaves_the_interval_is_refused(
    suffix: str, before: str, after: str, message: str
) -> None:
    text = codegen.emit("loss-bernoulli", "c")
    trunc = "truncf(" if suffix == "f32" else "trunc("
    before, after = (s.replace("_S", f"_{suffix}").replace("TRUNC(", trunc) for s in (before, after))
    assert before in text
    assert message in refused("loss-bernoulli", text.replace(before, after))


def test_log_2_is_split_so_that_its_multiples_are_exact() -> None:
    for real in REALS:
        numbers = scalars(real)
        high, steps = numbers["LN2_HIGH"], -numbers["VANISHING"] / numbers["LN2_HIGH"] + 1
        assert (high * 2**real.split_bits).is_integer()
        assert steps * high * 2**real.split_bits < 2 ** (real.fraction_bits + 1)
        last_digit = abs(numbers["LN2_LOW"]) * 2.0 ** -(real.fraction_bits + 1)
        assert abs(high + numbers["LN2_LOW"] - 0.6931471805599453) <= last_digit + 2.0**-53
