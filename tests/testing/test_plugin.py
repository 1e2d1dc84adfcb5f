"""The pytest plugin, tried on a project of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KERNELS = """
import numpy as np
import pytest

@pytest.mark.kl_kernel("kl-normal-standard", takes="mu,logvar")
def right(mu, logvar):
    return 0.5 * (mu**2 + np.expm1(logvar) - logvar)

@pytest.mark.kl_kernel("kl-normal-standard", takes="mu,logvar")
def wrong(mu, logvar):
    return 0.5 * (mu**2 + np.exp(logvar) - logvar)
"""


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """pytest in a folder, with the plugin named as its entry point would."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "vaemath.testing.plugin", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, *options], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_a_marked_function_is_run_through_the_battery(tmp_path: Path) -> None:
    (tmp_path / "test_kernels.py").write_text(KERNELS)
    result = run(tmp_path)
    assert result.returncode == 1
    out = result.stdout
    assert "wrong: false: KL(N(0, 1), N(0, 1)) = 0" in out
    assert "mu = 0.0, logvar = 0.0" in out
    assert "KL(p, p)   0.5" in out
    assert "Traceback" not in out
    failed = {line.split("::")[1].split(" ")[0] for line in out.splitlines() if line.startswith("FAILED")}
    assert failed == {"wrong[zero]", "wrong[oracle]", "wrong[monte-carlo]"}
    assert "3 failed, 9 passed" in out


def test_a_function_of_the_command_line_is_run_through_the_battery(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "import numpy as np\n\ndef kl(mu, std):\n    return (mu**2 + std**2 - 1) / 2 - np.log(std)\n"
    )
    result = run(tmp_path, "--vaemath-check", "mine:kl,kl-normal-standard,mu:std")
    assert result.returncode == 0, result.stdout
    assert "6 passed" in result.stdout


def test_a_result_of_a_wrong_shape_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def kl(mu, logvar):\n    return (mu**2 + logvar).mean()\n")
    result = run(tmp_path, "--vaemath-check", "mine:kl")
    assert result.returncode == 1
    assert "kl: returned shape (); expected (1, 1)" in result.stdout
    assert "Traceback" not in result.stdout
    assert "subject.py" not in result.stdout


MARKS = """
import numpy as np
import pytest

def textbook(mu, logvar):
    return 0.5 * (mu**2 + np.exp(logvar) - logvar - 1)

@pytest.mark.kl_kernel("kl-gamma")
def unknown(mu, logvar): ...

@pytest.mark.kl_kernel("kl-normal-standard", libary="torch")
def misspelt(mu, logvar): ...

class TestMine:
    @pytest.mark.kl_kernel("kl-normal-standard", dtype="float32", regime="ordinary", examples=5)
    def kl(self, mu, logvar):
        assert isinstance(self, TestMine) and mu.dtype == np.float32
        return textbook(mu, logvar)

    @staticmethod
    @pytest.mark.kl_kernel("kl-normal-standard", takes="mu,logvar", strict=True, reduction="sum")
    def strictly(mu, logvar):
        return textbook(mu, logvar).sum()
"""


def test_marks_take_options_methods_work_and_a_bad_mark_stops_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "test_marks.py").write_text(MARKS)
    out = run(tmp_path).stdout
    assert "kl_kernel on unknown: against: got 'kl-gamma'; expected one of kl-normal-standard" in out
    assert (
        "kl_kernel on misspelt: got ('kl-normal-standard', libary='torch'); expected one theorem, and" in out
    )
    failed = {line.split("::", 1)[1].split(" ")[0] for line in out.splitlines() if line.startswith("FAILED")}
    assert failed == {"unknown[mark]", "misspelt[mark]", "TestMine::strictly[oracle]"}, out
    assert "units of rounding of the value, float64, ordinary inputs" in out


def test_a_bad_marker_is_one_line(tmp_path: Path) -> None:
    result = run(tmp_path, "--vaemath-check", "nowhere:kl")
    assert result.returncode == 4
    assert "--vaemath-check: No module named 'nowhere'" in result.stderr + result.stdout
