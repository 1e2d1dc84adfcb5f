"""Derivation scripts as an enemy would write them: one line, an exit status, and nothing false as proved."""

import json
import os
import sys

import pytest
from hostile.scripts import FALSE, HEAD, MARK, SCRIPTS, TRUE

from vaemath.cli import main
from vaemath.errors import VaemathError
from vaemath.explain import explain


@pytest.fixture
def command(monkeypatch, capsys):
    """The command line in this process: exit status, what it printed, what it complained of."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["vaemath", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return run


def test_the_kinds_are_many_and_each_is_there_once():
    kinds = [s.kind for s in SCRIPTS]
    assert len(kinds) == len(set(kinds)) >= 90


@pytest.mark.parametrize("hostile", SCRIPTS, ids=lambda s: s.kind)
def test_a_hostile_script_gets_one_line(hostile, command, tmp_path):
    path = tmp_path / hostile.name
    path.write_bytes(hostile.source.encode() if isinstance(hostile.source, str) else hostile.source)
    status, out, err = command("derive", str(path), "--time-limit", str(hostile.seconds))
    assert status == hostile.status, (out, err)
    assert "internal error" not in err
    assert "Traceback" not in err
    assert all(line.isprintable() for line in (out + err).splitlines())
    if hostile.accepted:
        assert hostile.words in out
    else:
        assert "1 = 2" not in out
        assert hostile.words in err, err
        lines = [x for x in err.splitlines() if not x.startswith("script: ")]
        assert len(lines) <= 5, "one line, or the lines around one that does not follow"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda p: os.mkfifo(p), "is a pipe; expected a derivation script"),
        (lambda p: p.mkdir(), "is a directory; expected a derivation script"),
        (lambda p: p.symlink_to("/dev/zero"), "is a device; expected a derivation script"),
        (lambda p: p.symlink_to("/dev/full"), "is a device; expected a derivation script"),
        (lambda p: p.symlink_to(p), "cannot be read: Too many levels of symbolic links"),
        (lambda p: p.symlink_to("nowhere"), "no such file; expected a derivation script"),
        (lambda p: None, "no such file; expected a derivation script"),
    ],
    ids=[
        "a pipe",
        "a directory",
        "a device",
        "a full device",
        "a circle of links",
        "a dangling link",
        "nothing",
    ],
)
@pytest.mark.parametrize("option", [(), ("--explain",)], ids=["derive", "explain"])
def test_what_is_no_file_is_refused(make, words, option, command, tmp_path):
    path = tmp_path / "own.py"
    make(path)
    status, out, err = command("derive", str(path), *option)
    assert (status, out) == (2, "")
    assert words in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("derive", "/proc/self/mem/x.py"), "cannot be read"),
        (("derive", "x" * 5000 + ".py"), "cannot be read: File name too long"),
        (("derive", "gibbs", "--explain"), "--explain: got gibbs; expected a derivation script"),
        (("derive", "\x1b[2J"), r"id: got '\x1b[2J', expected lower-case"),
        (("derive", "../"), "is a directory"),
        (("derive", "own.py", "--time-limit", "nan"), "time-limit"),
        (("derive", "own.py", "--time-limit", "-1"), "time-limit"),
        (("show", "../certificates/gibbs"), "expected lower-case words joined by hyphens"),
        (("show", "/etc/passwd"), "expected lower-case words joined by hyphens"),
        (("show", "gibbs\x1b[2J"), r"got 'gibbs\x1b[2J'"),
        (("cite", "../certificates/gibbs"), "expected lower-case words joined by hyphens"),
        (("cite", "gibbs.json"), "expected lower-case words joined by hyphens"),
        (("verify", "../certificates/gibbs"), "expected lower-case words joined by hyphens"),
        (("verify", ""), "expected lower-case words joined by hyphens"),
        (("verify", "--hash", "../../x"), "8 to 64 hexadecimal digits"),
        (("emit", "../gibbs"), "no kernel"),
        (("emit", "kl-normal", "-o", "/dev/null"), "it is a device"),
        (("emit", "kl-normal", "-o", "/"), "it is a directory"),
        (("show", "gibbs", "-o", "/dev/full"), "it is a device"),
        (("new-derivation", "../own"), "expected lower-case words"),
        (("grade", "/dev/zero"), "/dev/zero"),
    ],
)
def test_a_hostile_word_gets_one_line(words, said, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, out, err = command(*words)
    assert status == 2, (out, err)
    assert said in err
    assert len(err.splitlines()) == 1
    assert err.strip().isprintable()
    assert list(tmp_path.iterdir()) == []


def test_an_explanation_is_not_believed_either(tmp_path):
    """The script says that its line holds; the process that replays it has not heard so."""
    path = tmp_path / "own.py"
    forged = (
        "th = sys.modules[Theorem.__module__]\n"
        "    th.RULES['algebra'] = lambda *, left, right: th.Step(eq(left, right))\n"
    )
    path.write_text(HEAD + MARK + "    " + forged + FALSE)
    with pytest.raises(VaemathError, match=r"the certificate is refused: step \d+: "):
        explain(path)
    for answer in (
        {"findings": [{"verdict": "holds", "number": 2}], "theorems": []},
        {"findings": [{"held": 0, "number": 2}], "theorems": []},
        {"findings": [], "theorems": ["own / main"]},
        {"findings": 7, "theorems": []},
        {},
    ):
        forged = json.dumps({"certificate": None, "stopped": "", **answer}).encode()
        path.write_text(HEAD + MARK + f"    os.write(int(sys.argv[1]), {forged!r})\n    os._exit(0)\n")
        with pytest.raises(VaemathError, match="what is no answer"):
            explain(path)


def test_a_script_in_the_folder_of_the_call_is_not_a_module(command, tmp_path, monkeypatch):
    """Beside the script lie files with the names of modules; no process of ours imports them."""
    for name in ("json", "typing", "hashlib", "vaemath", "sitecustomize", "usercustomize"):
        (tmp_path / f"{name}.py").write_text("import os\nos._exit(0)\n")
    (tmp_path / "own.py").write_text(HEAD + MARK + TRUE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "")
    status, out, _ = command("derive", "own.py")
    assert (status, out) == (0, "own / main: 1 = 1\n")
