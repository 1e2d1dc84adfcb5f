"""Translation validation accepts every committed kernel and refuses every mutant of one."""

from __future__ import annotations

import ast
import re

import pytest

from vaemath import codegen
from vaemath.codegen.lift.cases import Cases, cases
from vaemath.codegen.lift.errors import LiftError
from vaemath.codegen.lift.unfolding import reflection
from vaemath.codegen.lift.validate import validate_program
from vaemath.codegen.lift.value import Value, lifted
from vaemath.codegen.programs import PROGRAMS
from vaemath.codegen.targets import targets
from vaemath.core.terms import POSITIVE, REAL
from vaemath.library import theorem
from vaemath.terms.build import symbol, term

BY_NAME = {p.name: p for p in PROGRAMS}
FILES = [(name, target) for name in BY_NAME for target in ("numpy", "torch")]


@pytest.mark.parametrize("name", codegen.names())
def test_committed_kernels_compute_their_theorems(name: str) -> None:
    reports = codegen.validate(name)
    assert [r for r in reports if not r.ok] == []
    program = BY_NAME[name.replace("-", "_")]
    outputs = {"value", *(f"d_{a.name}" for a in program.arguments)}
    for target in codegen.targets(name):
        assert outputs <= {r.what for r in reports if r.target == target}


def mutants(text: str, functions: set[str]) -> list[tuple[str, str]]:
    """Each changed in one place of a line that computes: a sign, an operator, a number, a name."""
    found: list[tuple[str, str]] = []
    tree = ast.parse(text)
    lines = text.splitlines(keepends=True)
    wanted = {f.name: f for f in tree.body if isinstance(f, ast.FunctionDef)}
    for name in wanted.keys() & functions:
        first = wanted[name].body[1].lineno if len(wanted[name].body) > 1 else wanted[name].lineno
        for number in range(first - 1, wanted[name].end_lineno or first):
            line = lines[number]
            for pattern, new in (
                (r" \+ ", " - "),
                (r" - ", " + "),
                (r" \* ", " / "),
                (r"= -(?=[a-z(])", "= "),
                (r"\b0\.5\b", "0.25"),
                (r"\b2\.0\b", "3.0"),
                (r"= loc(?=$| if)", "= logvar"),
            ):
                for hit in re.finditer(pattern, line):
                    changed = line[: hit.start()] + new + line[hit.end() :]
                    mutant = "".join([*lines[:number], changed, *lines[number + 1 :]])
                    found.append((f"{name}: {line.strip()} -> {changed.strip()}", mutant))
    return found


# changes that leave every exact result as it is: where a branch is chosen (both compute the same), a
# scaling that cancels, what is nothing but rounding (see test_rounding), a zero that is added, a comment
HARMLESS = ("near =", "lifted =", "small =", "unit =", "rest =", "slip", "body =", "0.0 * u", "# ")
PRIMITIVES = {"_half_expm1_parts", "_expm1_gap", "_log_gap", "_standardised_parts", "_logistic_parts"}


def refused(name: str, target: str, functions: set[str], most: int) -> None:
    text = codegen.emit(name, target)
    every = [m for m in mutants(text, functions) if not any(h in m[0] for h in HARMLESS)]
    assert len(every) >= 2
    for what, mutant in every[:: -(-len(every) // most)]:
        reports = validate_program(BY_NAME[name], target, mutant, theorem)
        assert any(not r.ok for r in reports), what


@pytest.mark.parametrize(("name", "target"), FILES)
def test_mutants_of_programs_are_refused(name: str, target: str) -> None:
    refused(name, target, {"_program", "_passes", "_half_square_plus", "_half_square_sum"}, most=6)


@pytest.mark.parametrize("target", ["numpy", "torch"])
@pytest.mark.parametrize("name", ["kl_normal_standard", "kl_normal", "loss_bernoulli"])
def test_mutants_of_primitives_are_refused(name: str, target: str) -> None:
    refused(name, target, PRIMITIVES, most=6)


@pytest.mark.parametrize("target", ["numpy", "torch"])
@pytest.mark.parametrize("name", ["kl_normal_standard", "kl_normal", "loss_gaussian"])
def test_changed_coefficients_and_constants_are_refused(name: str, target: str) -> None:
    text = codegen.emit(name, target)
    numbers = re.findall(r"^ {4}(-?\d\.\d+(?:e-\d+)?),$|^HALF_\w+ = (\S+)$", text, re.MULTILINE)
    assert len(numbers) >= 2
    for plain, named in numbers[::4]:
        old = plain or named
        changed = repr(float(old) * (1.0 + 2.0**-50))
        reports = validate_program(BY_NAME[name], target, text.replace(old, changed, 1), theorem)
        assert any(not r.ok for r in reports), old


def test_a_swapped_gradient_is_refused() -> None:
    text = codegen.emit("kl_normal", "numpy").replace("d_loc_p, d_scale_p,", "d_scale_p, d_loc_p,")
    reports = validate_program(BY_NAME["kl_normal"], "numpy", text, theorem)
    assert {r.what for r in reports if not r.ok} == {"d_loc_p", "d_scale_p"}


def test_an_upper_triangle_in_a_factor_gradient_is_refused() -> None:
    text = codegen.emit("kl_mvn", "torch").replace(
        "torch.tril(torch.diag_embed(t / diagonal_p) + back_2)", "torch.diag_embed(t / diagonal_p) + back_2"
    )
    reports = validate_program(BY_NAME["kl_mvn"], "torch", text, theorem)
    assert [r.what for r in reports if not r.ok] == ["d_scale_tril_p"]


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("def _program(:", "not Python"),
        (
            "def _program(inputs, options):\n    import os\n    return 1, ()",
            "line 26: `import os` is no statement of a kernel",
        ),
        ("def _other(x):\n    return x", "no function `_program(inputs, options)`"),
        ("while True:\n    pass", "line 25: `while True:` is neither a function nor a constant"),
        ("if True:\n    pass", "line 25: `if True:` is neither a function nor a constant"),
        ("print(1)", "line 25: `print(1)` is neither a function nor a constant"),
        (
            "def _program(inputs, options):\n    return 1, ()\n\n_program = other",
            "line 28: `_program` is no name that a kernel gives",
        ),
        ("def _f(x):\n    return x\n\ndef _f(x):\n    return 1", "line 28: `_f` is defined a second time"),
        ("@wrong\ndef _program(inputs, options):\n    return 1, ()", "line 25: `_program` has a decorator"),
        ("def _program(inputs, options=1):\n    return 1, ()", "line 25: `_program` has a default"),
    ],
)
def test_a_file_that_is_no_kernel_gets_one_line(inside: str, message: str) -> None:
    head, tail = targets()["numpy"].frame(BY_NAME["kl_normal"])
    (report,) = validate_program(BY_NAME["kl_normal"], "numpy", f"{head}{inside}{tail}", theorem)
    assert not report.ok
    assert message in report.detail
    assert "\n" not in report.detail


def test_floats_are_the_rationals_that_they_are() -> None:
    assert lifted(0.5).term == term(1) / 2
    assert lifted(0.1).term != term(1) / 10


def test_cases_cover_every_combination_of_answers() -> None:
    s, t = Value(symbol("s", REAL)), Value(symbol("t", REAL))

    def run() -> tuple[bool, bool]:
        state: Cases = _running()
        first = state.decide(s > 0)
        return first, state.decide(t > 1) if first else False

    assert sorted(result for result, _ in cases(run)) == [(False, False), (True, False), (True, True)]


def test_signs_known_by_form_split_nothing() -> None:
    u = Value(symbol("u", POSITIVE))
    assert [r for r, _ in cases(lambda: (_running().decide(u > 0), _running().decide(-u > 0)))] == [
        (True, False)
    ]


def _running() -> Cases:
    from vaemath.codegen.lift.cases import running

    return running()


def test_comparing_outside_a_run_is_refused() -> None:
    with pytest.raises(LiftError, match="outside a run"):
        _running()


def test_the_reflection_of_softplus_is_a_theorem_without_oracles() -> None:
    assert not reflection().oracles
    assert not reflection().hypotheses
