"""Kernel files that somebody has changed to compute something else: each is refused for its reason."""

from __future__ import annotations

import ast
import random
from fractions import Fraction

import numpy as np
import pytest

from tests.codegen.mutation import KINDS, refusal, sample
from vaemath import codegen
from vaemath.codegen.lift import frames, limits, pinned
from vaemath.codegen.lift.limits import within
from vaemath.codegen.programs import PROGRAMS
from vaemath.codegen.source import definitions_of
from vaemath.codegen.targets import targets
from vaemath.codegen.targets.numpy import TARGET as NUMPY
from vaemath.errors import VaemathError

BY_NAME = {p.name.replace("_", "-"): p for p in PROGRAMS}


def said(name: str, target: str, text: str) -> str:
    """What is said of a file, in one line."""
    found = refusal(BY_NAME[name], target, text)
    assert "\n" not in found
    return found


STEP = "    d_loc_q = "
INSIDE = [  # (what stands before a step of kl_normal in NumPy, or in its place; the reason)
    (
        f"    if loc_p.shape == (3,):\n        return loc_p, ()\n{STEP}",
        "a kernel may ask `not fine` and `not any(needs)`",
    ),
    (f"    if loc_p.dtype == np.float64:\n        return loc_p, ()\n{STEP}", "a kernel may ask `not fine`"),
    (
        f"    if isinstance(loc_p, np.ndarray):\n        return loc_p, ()\n{STEP}",
        "a kernel may ask `not fine`",
    ),
    (f"    if hasattr(loc_p, 'strides'):\n        return loc_p, ()\n{STEP}", "a kernel may ask `not fine`"),
    ("    d_loc_q = loc_p.ndim * ", "`loc_p.ndim` is none of the forms that a numpy kernel has"),
    ("    d_loc_q = type(loc_p)(1.0) * ", "is none of the forms"),
    ("    d_loc_q = loc_p.__class__ * ", "`loc_p.__class__` is none of the forms"),
    ("    d_loc_q = (y := 1.0) * ", "is none of the forms"),
    ("    d_loc_q = (lambda: 1.0)() * ", "is none of the forms"),
    ("    d_loc_q = np.exp(0.0, dtype=np.float32) * ", "is none of the forms"),
    ("    d_loc_q = [1.0 for _ in loc_p][0] * ", "is none of the forms"),
    (f"    np = loc_p\n{STEP}", "`np` has a meaning in the frame or in Python already"),
    (f"    sum = loc_p\n{STEP}", "`sum` has a meaning in the frame or in Python already"),
    (f"    _log_gap = loc_p\n{STEP}", "`_log_gap` is no name that a kernel gives"),
    (f"    inputs = loc_p\n{STEP}", "the argument `inputs` is given another value"),
    (f"    loc_p += 1.0\n{STEP}", "`loc_p += 1.0` is no statement of a kernel"),
    (f"    loc_p[0] = 1.0\n{STEP}", "`loc_p[0]` is no name, nor names"),
    (f"    global np\n{STEP}", "`global np` is no statement of a kernel"),
    (f"    import os\n{STEP}", "`import os` is no statement of a kernel"),
    (f"    while True:\n        pass\n{STEP}", "`while True:` is no statement of a kernel"),
    (f"    class x:\n        y = 1.0\n{STEP}", "`class x:` is no statement of a kernel"),
    (f"    for k in loc_p:\n        y = 1.0\n{STEP}", "is no loop over the numbers of an argument"),
    ("    d_loc_q = 0.0 * (loc_p / (loc_p - loc_p)) + ", "a number is divided by loc_p - loc_p"),
    ("    d_loc_q = loc_p / loc_p * ", "a number is divided by loc_p, which is not known to be other than 0"),
    ("    d_loc_q = 0.0 * np.log(loc_p) + ", "the logarithm is taken of loc_p, which is not known to be > 0"),
    ("    d_loc_q = 1e999 * ", "`1e309` is no number that a kernel has"),
    ("    d_loc_q = 3 ** (10 ** 9) * ", "is no power of 2.0"),
    ("    d_loc_q = 2.0 ** 100000 * ", "has no plain exponent up to 1000"),
    (f"    lo\N{CYRILLIC SMALL LETTER ER} = 1.0\n{STEP}", "a character that is no printable ASCII"),
    (f"    x = 1.0\r{STEP}", "a character that is no printable ASCII"),
    (f"    x = 1.0\x00\n{STEP}", "a character that is no printable ASCII"),
    (
        "".join(f"    c{k} = np.where(loc_p > {k}.5, 1.0, 2.0)\n" for k in range(9)) + STEP,
        "more than 64 cases",
    ),
]


@pytest.mark.parametrize(("change", "reason"), INSIDE)
def test_a_step_that_is_none_is_refused(change: str, reason: str) -> None:
    text = codegen.emit("kl-normal", "numpy")
    assert text.count(STEP) == 1
    found = said("kl-normal", "numpy", text.replace(STEP, change))
    assert reason in found
    assert found.startswith("kl_normal (numpy)")


ALONE = [
    ("def _f(x):\n    return " + "(" * 3000 + "x" + ")" * 3000, "too many nested parentheses"),
    ("def _f(x):\n    return " + "-" * 20000 + "x", "nested too deeply, or a number too long"),
    ("def _f(x):\n    return " + "x + " * 30000 + "x", "nested too deeply, or a number too long"),
    ("def _f(x):\n    return x * " + "9" * 5000, "not Python"),
    ("def _f(x):\n    return x + " + "(x, " * 90 + "x" + ")" * 90, "is none of the forms"),
    ("def _f(x):\n    return _f(x)", "`_f` is no function that stands above"),
    ("def _f(x):\n    return x\n" * 2000, "more than 6000 nodes of syntax"),
    (
        "def _a(x):\n    return x\n"
        + "".join(
            f"def _{chr(98 + k)}(x):\n    return _{chr(97 + k)}(_{chr(97 + k)}(x))\n" for k in range(20)
        ),
        "comes to more than 2000 calls",
    ),
    ("def _f(x: print(1)):\n    return x", "the annotation `print(1)` is none of the kernels'"),
    ("def _f(x) -> __import__('os').system('ls'):\n    return x", "the annotation"),
    ("def _f(x=1):\n    return x", "`_f` has a default"),
    ("def _f(*x):\n    return x", "`_f` has other than plain arguments"),
    ("async def _f(x):\n    return x", "is neither a function nor a constant"),
    ("class _F:\n    pass", "is neither a function nor a constant"),
    ("np.exp = np.expm1", "is no constant with one name"),
    ("_arguments = 1.0", "`_arguments` is no name that a kernel gives"),
    ("def _arguments(x):\n    return x", "`_arguments` has a meaning in the frame or in Python already"),
    ("def kl_normal(x):\n    return x", "`kl_normal` is no name that a kernel gives"),
    ("SIZE = 3.0", "`SIZE` is not what is generated for it"),
    ("LOWEST = True", "is no finite floating-point number"),
    ("'''", "not Python"),
    ("x = 1\n\n\n'''\n", "not Python"),
    ("def _f(x):\n    return x\n\\", "not Python"),
]


@pytest.mark.parametrize(("inside", "reason"), ALONE)
def test_what_is_no_kernel_is_refused_in_one_line(inside: str, reason: str) -> None:
    head, tail = targets()["numpy"].frame(BY_NAME["kl-normal"])
    assert reason in said("kl-normal", "numpy", head + inside + tail)


CLAMP = "np.minimum(np.maximum(s, LOWEST), HIGHEST)"
CHANGED = [  # a kernel, a target, what is replaced by what, the reason
    (
        "kl-normal-standard",
        "numpy",
        CLAMP,
        "s",
        "s is reduced and has no bound below; expected it clamped before",
    ),
    ("kl-normal-standard", "numpy", CLAMP, "np.maximum(s, LOWEST)", "s is reduced and has no bound above"),
    (
        "kl-normal-standard",
        "numpy",
        CLAMP,
        "np.minimum(np.maximum(s, -800.0), HIGHEST)",
        "beyond the normal numbers",
    ),
    (
        "kl-normal-standard",
        "numpy",
        CLAMP,
        "np.minimum(np.maximum(s, LOWEST), 720.0)",
        "beyond the normal numbers",
    ),
    (
        "kl-normal-standard",
        "numpy",
        "_expm1_gap(r, h)\n",
        "_expm1_gap(y, h)\n",
        "expected what the reduction leaves",
    ),
    (
        "kl-normal-standard",
        "torch",
        "torch.clamp(s, min=LOWEST, max=HIGHEST)",
        "s",
        "s is reduced and has no bound below",
    ),
    ("kl-normal", "numpy", "(t < 1.0)", "(t < 1.5)", "_log_gap differs from its contract by"),
    (
        "kl-normal",
        "c",
        "t > -0.5 && t < 1",
        "t > -0.75 && t < 1",
        "log_gap uses its near form from -3/4 to 1",
    ),
    (
        "loss-bernoulli",
        "c",
        "HIGHEST_f64 < above ? HIGHEST_f64 : above",
        "above",
        "s is reduced and has no bound above",
    ),
    (
        "loss-bernoulli",
        "c",
        "u > -VANISHING_f32 ? VANISHING_f32 : -u",
        "-u",
        "u is reduced and has no bound below",
    ),
    (
        "loss-bernoulli",
        "c",
        "exp_minus_f64(fabs(logits))",
        "exp_minus_f64(-logits)",
        "which is not known to be >= 0",
    ),
    (
        "kl-normal-diag",
        "numpy",
        ".sum(axis=-1)",
        ".sum(axis=0)",
        "is none of the forms that a numpy kernel has",
    ),
    ("loss-gaussian", "numpy", "x.shape[-1] *", "loc.shape[-1] *", "differs from the theorem by"),
    ("loss-gaussian", "numpy", "x.shape[-1] *", "3.0 *", "differs from the theorem by"),
    ("loss-gaussian", "torch", "needs[2]", "needs[1]", "d_loc is None for needs = "),
    (
        "kl-mvn",
        "torch",
        "torch.tril(torch.diag_embed(t / diagonal_p) + back_2)",
        "torch.diag_embed(t / diagonal_p) + back_2",
        "has an upper triangle",
    ),
    (
        "kl-mvn",
        "torch",
        "diag_embed(t / diagonal_p) + back_2) if",
        "diag_embed(t / diagonal_p) + back_2, -1) if",
        "lacks its diagonal",
    ),
    ("kl-mvn", "numpy", "min(factor", "min(factor", ""),
    (
        "kl-mvn",
        "numpy",
        "range(factor.shape[-1]):\n        known",
        "range(min(factor.shape[-1], 3)):\n        known",
        "is not the text that was read",
    ),
    ("kl-mvn-covariance", "torch", "None], b, 0.0", "None], b, 1.0", "expected a matrix or zero"),
    (
        "kl-mvn-covariance",
        "torch",
        "torch.tril(c, -1)",
        "torch.tril(c)",
        "of which a triangle or the diagonal was taken",
    ),
    (
        "kl-normal",
        "c",
        "exponent_of_f64(b);",
        "exponent_of_f64(t);",
        "the bits of t are looked at; expected a or b",
    ),
    (
        "kl-normal",
        "c",
        "*to_d_loc_q = d_loc_q;",
        "/* *to_d_loc_q = d_loc_q; */",
        "`/*` stands in what computes",
    ),
    ("kl-normal", "c", "*to_d_loc_q = d_loc_q;", "// *to_d_loc_q = d_loc_q;", "`//` stands in what computes"),
    ("kl-normal", "c", "*to_d_loc_q = d_loc_q;", "", "does not write each of its outputs once"),
    (
        "kl-normal",
        "c",
        "scale_q, &t, &slip);",
        "scale_q, &t, &t);",
        "expected each result in a name of its own",
    ),
    (
        "kl-normal",
        "c",
        "*to_value = value;",
        "*to_value = leading_f64(value);",
        "looks at bits, and is called where",
    ),
    ("kl-normal", "c", "*to_value = value;", "*to_value = value + 1 / 2;", "`/` of two integers"),
    ("kl-normal", "c", "*to_value = value;", "*to_value = value + 0.1f;", "`0.1f` is no literal of double"),
    ("kl-normal", "c", "*to_value = value;", "*to_value = value + 010;", "`010` is no literal of double"),
    ("kl-normal", "c", "*to_value = value;", "*to_value = value + 1u;", "`1u` is no literal of double"),
    ("kl-normal", "c", "*to_value = value;", "*to_value = value + 'a';", "stands in what computes"),
    (
        "kl-normal",
        "c",
        "*to_value = value;",
        "*to_value = value, 1;",
        "a ExprList is no statement of a kernel",
    ),
    (
        "kl-normal",
        "c",
        "*to_value = value;",
        "*to_value = *to_d_loc_p;",
        "is no part of what a kernel computes",
    ),
    ("kl-normal", "c", "const double z =", "const float z =", "`z` is float, expected double"),
    ("kl-normal", "c", "const double z =", "static double z =", "is no plain number"),
    ("kl-normal", "c", "const double z =", "volatile const double z =", "is not const"),
    (
        "kl-normal",
        "c",
        "const double z =",
        "const double log = 1;\n    const double z =",
        "`log` has a meaning already",
    ),
    (
        "kl-normal",
        "c",
        "static const double LN2_LOW_f64 =",
        "static const float LN2_LOW_f64 =",
        "is no constant of its type",
    ),
    (
        "kl-normal",
        "c",
        "static const double LN2_LOW_f64 =",
        "static double LN2_LOW_f64 =",
        "is no constant of its type",
    ),
    (
        "kl-normal",
        "c",
        "/* a - b, and",
        "#define loc_p loc_q\n/* a - b, and",
        "is no function under its comment",
    ),
    ("kl-normal", "c", "/* a - b, and", "/* a - b \\\n, and", "is no function under its comment"),
    ("kl-normal", "c", "\n/* a - b, and", "\n/* */ /* a - b, and", "is no function under its comment"),
    ("kl-normal", "c", "i < n; i++", "i <= n; i++", "(tail of the frame)"),
    ("kl-normal", "c", "#pragma omp simd\n", "#pragma omp simd safelen(1)\n", "(tail of the frame)"),
    ("kl-normal", "c", "#include <math.h>", "#include <tgmath.h>", "(head of the frame)"),
    (
        "kl-normal",
        "torch",
        "ctx.save_for_backward(*inputs",
        "ctx.save_for_backward(*reversed(inputs)",
        "(tail of the frame)",
    ),
    ("kl-normal", "torch", '    _require_positive("scale_p", inputs[1])\n', "", "(tail of the frame)"),
    (
        "kl-normal",
        "torch",
        "    def backward(",
        "    saved = []\n\n    @staticmethod\n    def backward(",
        "(tail of the frame)",
    ),
    ("kl-normal", "numpy", '    _require_positive("scale_p", wide[1])\n', "", "(tail of the frame)"),
    (
        "kl-normal",
        "numpy",
        "import numpy as np\n",
        "import numpy as np\nnp.exp = np.expm1\n",
        "(head of the frame)",
    ),
    ("kl-normal", "numpy", "theorem kl-normal,", "theorem kl-mvn,", "(head of the frame)"),
    (
        "kl-normal",
        "numpy",
        "value 4, gradients 4 (float64)",
        "value 1, gradients 1 (float64)",
        "(head of the frame)",
    ),
]
CHANGED = [c for c in CHANGED if c[2] != c[3]]


@pytest.mark.parametrize(("name", "target", "before", "after", "reason"), CHANGED)
def test_a_changed_kernel_is_refused_for_its_reason(
    name: str, target: str, before: str, after: str, reason: str
) -> None:
    text = codegen.emit(name, target)
    assert before in text
    assert reason in said(name, target, text.replace(before, after))


def test_a_frame_that_nobody_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "FRAMES", {**frames.FRAMES, "numpy": "0" * 64})
    text = codegen.emit("kl-normal", "numpy")
    assert "the frame of the numpy kernels is not the one that was read" in said("kl-normal", "numpy", text)


def test_the_lists_of_what_was_read_are_of_what_is_emitted() -> None:
    assert {t: frames.fingerprint(t) for t in frames.FRAMES} == frames.FRAMES
    emitted = {(t, n): pinned._hash(text) for t, n, text in pinned._emitted()}
    assert emitted == {(t, n): h for t, texts in pinned.TEXTS.items() for n, h in texts.items()}


@pytest.mark.parametrize("size", range(1, 6))
def test_substitution_row_by_row_solves_a_triangular_system(size: int) -> None:
    space: dict[str, object] = {"np": np, "Array": object}
    exec("\n\n".join(definitions_of(NUMPY.special, ast.FunctionDef)[n] for n in SUBSTITUTIONS), space)
    draw = random.Random(size)
    factor = np.array(
        [[[Fraction(draw.randint(1, 9)) * (j <= i) for j in range(size)] for i in range(size)]] * 2
    )
    right = np.array([[[Fraction(draw.randint(-9, 9), 7) for _ in range(3)] for _ in range(size)]] * 2)
    lower, upper = (space[n](factor, right) for n in SUBSTITUTIONS)  # type: ignore[operator]
    assert (factor @ lower == right).all()
    assert (factor.swapaxes(-1, -2) @ upper == right).all()


SUBSTITUTIONS = ("_solve_lower", "_solve_lower_transposed")


def test_what_takes_too_long_ends_in_one_line() -> None:
    text = codegen.emit("kl-normal", "numpy")
    huge = "    huge = 3.0 * loc_p\n" + "    huge = huge * huge\n" * 200 + "    d_loc_q = 0.0 * huge + "
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "SECONDS", 2)
        assert "it takes more than 2 seconds to prove" in said("kl-normal", "numpy", text.replace(STEP, huge))


def test_a_loop_without_end_ends() -> None:
    def endless() -> None:
        with within("x", 1):
            while True:
                pass

    with pytest.raises(VaemathError, match="it takes more than 1 seconds"):
        endless()


def test_a_sample_of_every_kind_of_change_is_refused_or_nothing_but_rounding() -> None:
    kept = {}
    for program, target, kind, text in sample(1, seed=11):
        if not refusal(program, target, text):
            kept[kind.name] = (program.name, target)
    assert len(KINDS) >= 50
    assert kept.keys() <= ROUNDING, kept


# these may change nothing but rounding, or choose between forms that are equal
ROUNDING = {
    "a sum for a difference, and back",
    "a quotient for a product, and back",
    "a number",
    "another name",
    "a factor less",
    "a term less",
    "another threshold",
    "another type",  # in a docstring
    "branches exchanged",
    "a condition turned",
}
