"""Functions that are not read back: each must be, to the letter, a text that somebody has read.

They look at the bits of a number, take a matrix row by row, or round what any rounding would do for. What
they mean is said beside them; that substitution row by row solves a triangular system is tried at sizes 1 to
5 in the tests. `python -m vaemath.codegen.lift.pinned` prints the hashes of what is emitted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache

from vaemath.codegen.lift.errors import LiftError

TEXTS: dict[str, dict[str, str]] = {
    "numpy": {
        "_half_power_of_two": "4ab0b397509976022fd0129c9e9b05d6",
        "_solve_lower": "919ffa7d52d1c1a5ac4b1733645c3984",
        "_coarse": "a112c282adf1c5765cd39cb76c5e7198",
        "_solve_lower_transposed": "5fa868c743b95d4d06961f002185efcc",
        "_diagonal_matrix": "fca89999ca5ba7d5d1e56983cd5754c2",
    },
    "jax": {
        "_leading": "d364292ea6ffbe94ced247a20583cf9c",
        "_half_power_of_two": "b32c62240b16499ca1aa3c1363a6408b",
        "_coarse": "c050d5355e5ff7a95b5bccff4ab270ee",
        "_diagonal_matrix": "ae29ca57e28ce365db3fb8093a8419c2",
    },
    "torch": {
        "_half_power_of_two": "859555d523f781c4ddb028255c4c782d",
        "_solve_lower": "ace8ca2db4459e45bbc4465bb6da3666",
        "_coarse": "0f22c86c14256d51f6e97791255aa502",
        "_solve_lower_transposed": "9eeae4b20b3847646cdce0e6f075eb0d",
    },
    "c": {
        "half_power_of_two_f32": "651839b339dd872905a115db89e8154a",
        "exponent_of_f32": "b3700c0852ddb973751eec840886935f",
        "mantissa_of_f32": "6b07d2744f442651b8d5aaa31239ec07",
        "leading_f32": "b7ec15d3f215ab17095e633f8ace5752",
        "half_power_of_two_f64": "77e3bb3416068854c464baa011b59919",
        "exponent_of_f64": "32ff6fbdd958689c8f281e5bf37d0410",
        "mantissa_of_f64": "f2f27d8a35757d205621e4fc93e170b7",
        "leading_f64": "d2a55a54abcc0d2636e26b225d130377",
    },
}


def known(target: str) -> dict[str, str]:
    """The hash of the text of every such function of a target, by name."""
    return TEXTS[target]


def check_text(target: str, name: str, text: str, place: str) -> None:
    """Raise unless a function is the text that was read.

    Raises:
        LiftError: it is another.
    """
    if TEXTS[target][name] != _hash(text):
        raise LiftError(f"{place}: `{name}` is not the text that was read; it cannot be proved, only known")


@cache
def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _emitted() -> Iterator[tuple[str, str, str]]:
    """Target, name and text of every function that is emitted today and may stand on the list."""
    import ast

    from vaemath.codegen.reals import REALS
    from vaemath.codegen.source import definitions_of
    from vaemath.codegen.targets import targets
    from vaemath.codegen.targets.c.template import filled, template
    from vaemath.codegen.targets.python import PythonTarget

    names = ("_half_power_of_two", "_solve_lower", "_solve_lower_transposed", "_coarse", "_diagonal_matrix")
    for target in targets().values():
        if isinstance(target, PythonTarget):
            for name, text in definitions_of(target.special, ast.FunctionDef).items():
                looks = target.reads_as == "jax" and name == "_leading"
                if looks or (name in names and "linalg" not in text):
                    yield target.reads_as, name, text
    for real in REALS:
        for name in ("half_power_of_two", "exponent_of", "mantissa_of", "leading"):
            yield "c", f"{name}_{real.suffix}", filled(real, template()[name])


if __name__ == "__main__":
    for target, name, text in _emitted():
        print(f'{target} "{name}": "{_hash(text)}",')
