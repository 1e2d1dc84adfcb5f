"""The worked example of CONTRIBUTING.md works: the script proves, the program computes what it proves."""

import re
from pathlib import Path

import pytest

from vaemath.codegen.lift.validate import validate_program
from vaemath.codegen.program import Program
from vaemath.codegen.targets import targets
from vaemath.explain import explain
from vaemath.library import scripts_in

ROOT = Path(__file__).parent.parent
SCRIPT, PROGRAM = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "kl_normal_shift.py"
    path.write_text(SCRIPT)
    return path


def test_every_line_of_the_script_holds(script):
    report = explain(script)
    assert report.good, str(report)
    assert len(report.findings) == 2


def program(source):
    space = {}
    exec(compile(source, "CONTRIBUTING.md", "exec"), space)
    (found,) = (v for v in space.values() if isinstance(v, Program))
    return found


def validated(source, script, monkeypatch):
    (found,) = scripts_in(script)
    proved = {b.name: b.theorem for b in found.run().blocks}
    shift = program(source)
    monkeypatch.setattr("vaemath.library.certificate", lambda id: {"hash": "0" * 64})
    for name in ("numpy", "torch", "jax"):
        target = targets()[name]
        yield from validate_program(shift, name, target.emit(shift), lambda id, name: proved[name])


def test_the_program_is_proved_equal_to_the_theorem(script, monkeypatch):
    reports = list(validated(PROGRAM, script, monkeypatch))
    assert len(reports) >= 8
    assert all(r.ok for r in reports), [r for r in reports if not r.ok]


def test_a_changed_sign_is_found(script, monkeypatch):
    wrong = PROGRAM.replace("(loc_p - loc_q)", "(loc_p + loc_q)")
    assert wrong != PROGRAM
    assert not all(r.ok for r in validated(wrong, script, monkeypatch))
