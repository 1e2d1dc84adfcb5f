"""The command line as a user meets it: exit statuses, one line for bad input, nothing half-written."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vaemath import library

ROOT = Path(__file__).parent.parent.parent


def vaemath(*args, cwd=ROOT):
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", "vaemath", *args], capture_output=True, text=True, cwd=cwd, env=env
    )


def one_line(result, status):
    assert result.returncode == status, result.stderr
    assert "Traceback" not in result.stderr
    lines = [x for x in result.stderr.splitlines() if x.strip()]
    assert len(lines) == 1, result.stderr
    return lines[0]


@pytest.mark.parametrize("command", [("list",), ("show", "kl-mvn"), ("emit", "kl-mvn", "--target", "torch")])
def test_reading_needs_neither_sympy_nor_torch(command):
    code = (
        "import sys; sys.argv = ['vaemath', *sys.argv[1:]]\n"
        "from vaemath.cli import main\n"
        "try: main()\n"
        "except SystemExit as e: assert not e.code, e.code\n"
        "assert not {'sympy', 'torch', 'numpy', 'flint'} & set(sys.modules), 'heavy import'"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_list_shows_every_theorem_with_what_it_rests_on():
    done = vaemath("list", "--json")
    assert done.returncode == 0, done.stderr
    rows = {row["id"]: row for row in json.loads(done.stdout)}
    assert set(rows) == set(library.ids())
    for id in ("kl-normal", "gibbs", "kl-mvn"):
        want = library.proof(id).theorem()
        assert set(rows[id]["oracles"]) == want.oracles
        assert bool(rows[id]["hypotheses"]) == bool(want.hypotheses)


def test_derive_one():
    done = vaemath("derive", "kl-normal")
    assert done.returncode == 0
    assert "KL(N(mu_1, sigma_1) || N(mu_2, sigma_2)) = log(sigma_2/sigma_1)" in done.stdout


HOMEWORK = """
from vaemath.derive import *

@derivation("homework", title="KL of two normals")
def homework(d):
    mu_1, mu_2 = d.reals("mu_1 mu_2")
    s_1, s_2 = d.positives("sigma_1 sigma_2")
    p, q = Normal(mu_1, s_1), Normal(mu_2, s_2)
    d.start(KL(p, q))
    d.to(E(p, lambda x: log(pdf(p, x)) - log(pdf(q, x))), definition, "KL is the expected log-ratio")
    d.to(E(p, lambda x: log(s_2 / s_1) + (x - mu_2)**2 / s_2**2 - (x - mu_1)**2 / (2 * s_1**2)),
         log_density, "the densities")
    d.qed()
"""


def test_a_slip_in_line_3_is_refused_at_line_3_with_a_counterexample(tmp_path):
    script = tmp_path / "homework.py"
    script.write_text(HOMEWORK)
    done = vaemath("derive", str(script))
    assert done.returncode == 1
    assert 'homework.py:11: line 3 does not follow from line 2 by "the densities"' in done.stderr
    assert "false:" in done.stderr
    assert "mu_1 = " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("args", "status", "words"),
    [
        (("show", "kl-cauchy"), 2, "no theorem `kl-cauchy`"),
        (("verify", "kl-cauchy"), 2, "no theorem `kl-cauchy`"),
        (("derive", "kl-cauchy"), 2, "no derivation `kl-cauchy`"),
        (("derive", "missing.py"), 2, "missing.py: no such file"),
        (("emit", "gibbs"), 2, "no kernel"),
        (("emit", "kl-normal", "--target", "fortran"), 2, "target: got 'fortran'"),
        (("emit", "kl-normal", "--target"), 2, "requires an argument"),
        (("show",), 2, "vaemath show: Missing argument"),
        (("lsit",), 2, "No such command 'lsit'"),
    ],
)
def test_bad_input_gets_one_line(args, status, words):
    assert words in one_line(vaemath(*args), status)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("x = 1\n", "defines no derivation"),
        ("1/0\n", "does not load: ZeroDivisionError"),
        ("def f(:\n", "does not load: SyntaxError"),
        (
            "from vaemath.derive import *\n@derivation('a', title='a')\ndef a(d):\n    1/0\n",
            "raises ZeroDivisionError",
        ),
        (
            "from vaemath.derive import *\n@derivation('a', title='a')\ndef a(d):\n    pass\n",
            "proves nothing",
        ),
        (
            "from vaemath.derive import *\n@derivation('a', title='a')\ndef a(d):\n    d.start(exp(0.5))\n",
            "expected a term, an integer or a Fraction, got 0.5",
        ),
    ],
)
def test_a_script_that_does_not_work_gets_one_line(tmp_path, script, words):
    path = tmp_path / "mine.py"
    path.write_text(script)
    done = vaemath("derive", str(path))
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode in (1, 2)


def test_an_unwritable_target_leaves_nothing_behind(tmp_path):
    line = one_line(vaemath("emit", "kl-normal", "-o", str(tmp_path / "no" / "such" / "kl.py")), 2)
    assert "cannot be written" in line
    assert list(tmp_path.iterdir()) == []


def test_the_emitted_file_is_the_committed_kernel(tmp_path):
    out = tmp_path / "kl.py"
    assert vaemath("emit", "kl-normal-standard", "--target", "torch", "-o", str(out)).returncode == 0
    assert out.read_text() == (ROOT / "vaemath/kernels/torch/kl_normal_standard.py").read_text()


def test_the_table_of_groups_names_every_command_where_it_is():
    from importlib import import_module

    import typer

    from vaemath.cli.app import GROUPS

    for group, commands in GROUPS.items():
        alone = typer.Typer()
        import_module(f"vaemath.cli.{group}").register(alone)
        found = {c.name or c.callback.__name__.replace("_", "-") for c in alone.registered_commands}
        assert found == set(commands)
