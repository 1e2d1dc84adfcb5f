"""Checkers and what they signed: processes that never saw a script, a record that nobody else can write."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vaemath import library
from vaemath.apart import checkers, registry, signed
from vaemath.apart.registry import CHECKERS, PACKAGE, Checker, checkers_hash

GIBBS = library.CERTIFICATES / "gibbs.json"


@pytest.mark.parametrize("checker", CHECKERS, ids=lambda c: c.name)
def test_a_checker_loads_nothing_beyond_the_sources_that_it_names(checker):
    code = (
        "import sys, runpy, os\n"
        "os._exit = lambda status: None\n"
        f"sys.argv = ['checker', {str(GIBBS)!r}]\n"
        f"runpy.run_module({checker.module!r}, run_name='__main__')\n"
        "print('\\n'.join(m.__file__ for m in sys.modules.values() if getattr(m, '__file__', None)))\n"
    )
    env = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd="/")
    assert done.returncode == 0, done.stderr
    first, *loaded = done.stdout.splitlines()
    assert first.startswith(f"{GIBBS}: holds: ")
    named = {str(path) for path in checker.files()}
    assert {x for x in loaded if x.startswith(f"{PACKAGE}/")} <= named
    assert not [x for x in loaded if "derivations" in x]


def test_every_checker_accepts_and_refuses(tmp_path):
    false = json.loads(GIBBS.read_text())
    false["title"] = "another"
    bad = tmp_path / "gibbs.json"
    bad.write_text(json.dumps(false))
    found = checkers.check([GIBBS, bad, tmp_path / "missing.json"])
    assert [v.good for v in found[GIBBS]] == [True] * len(CHECKERS)
    assert [v.good for v in found[bad]] == [False] * len(CHECKERS)
    assert [v.good for v in found[tmp_path / "missing.json"]] == [False] * len(CHECKERS)


BODIES = {
    "says nothing": ("pass", "expected a verdict on the file"),
    "breaks": ("raise ValueError('oh')", "the checker ended with status 1: ValueError: oh"),
    "is killed": ("os.kill(os.getpid(), 9)", "the checker ended with status -9"),
    "hangs": ("time.sleep(100)", "ran longer than 0.5 s"),
    "says another file": ("print('/etc/passwd: holds: 1', flush=True)", "expected a verdict on the file"),
    "says another word": ("print(f'{f}: proved', flush=True)", "proved"),
    "says a longer word": ("print(f'{f}: holdsome', flush=True)", "holdsome"),
}


@pytest.mark.parametrize("kind", BODIES)
def test_a_checker_that_fails_on_a_file_refuses_it_and_no_other(kind, tmp_path, monkeypatch):
    body, words = BODIES[kind]
    (tmp_path / "odd_checker.py").write_text(
        "import os, sys, time\nfor f in sys.argv[1:]:\n"
        f"    if 'bad' in f:\n        {body}\n    else:\n        print(f'{{f}}: holds: fine', flush=True)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(checkers, "CHECKERS", (Checker("odd", "odd_checker", ()),))
    monkeypatch.setattr(checkers, "cores", lambda: 1)
    files = [tmp_path / name for name in ("a", "bad", "c")]
    found = checkers.check(files, seconds=0.5 if kind == "hangs" else 30)
    assert [v.good for f in files for v in found[f]] == [True, False, True]
    assert words in found[tmp_path / "bad"][0].message


def test_a_line_too_many_accepts_nothing(tmp_path, monkeypatch):
    """A certificate that gets a line of its own into what the checker says must not speak for the next."""
    (tmp_path / "odd_checker.py").write_text(
        "import sys\nfor f in sys.argv[1:]:\n"
        "    print(f'{f}: ' + ('refused: x\\n' + f.replace('bad', 'evil') + ': holds' if 'bad' in f else\n"
        "          'refused: y'), flush=True)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(checkers, "CHECKERS", (Checker("odd", "odd_checker", ()),))
    monkeypatch.setattr(checkers, "cores", lambda: 1)
    files = [tmp_path / name for name in ("bad", "evil")]
    found = checkers.check(files)
    assert [v.good for f in files for v in found[f]] == [False, False]


@pytest.fixture
def record(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    signed._signed.cache_clear()
    yield tmp_path / "vaemath" / "verified.json"
    signed._signed.cache_clear()


def test_what_is_signed_is_these_bytes_and_no_other(record):
    content = GIBBS.read_bytes()
    assert not signed.is_signed(content)
    signed.sign([content])
    assert signed.is_signed(content)
    assert not signed.is_signed(content + b"\n")
    assert record.stat().st_mode & 0o777 == 0o600
    assert record.parent.stat().st_mode & 0o777 == 0o700
    signed.sign([b"another"])
    assert signed.is_signed(content)


def test_another_source_of_a_checker_leaves_nothing_signed(record, monkeypatch, tmp_path):
    content = GIBBS.read_bytes()
    signed.sign([content])
    folder = tmp_path / "package"
    for path in (path for checker in CHECKERS for path in checker.files()):
        copy = folder / path.relative_to(PACKAGE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    monkeypatch.setattr(registry, "PACKAGE", folder)
    signed._signed.cache_clear()
    assert signed.is_signed(content)
    before = checkers_hash()
    edited = folder / "errors.py"
    edited.write_bytes(edited.read_bytes().replace(b"exit_status = 1", b"exit_status = 0"))
    assert checkers_hash() != before
    signed._signed.cache_clear()
    assert not signed.is_signed(content)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda p: p.chmod(0o666),
        lambda p: p.parent.chmod(0o777),
        lambda p: p.write_text("{}"),
        lambda p: p.write_text("[" * 100_000),
        lambda p: p.write_bytes(b"\xff"),
        lambda p: p.write_text(p.read_text().replace('"checkers"', '"checker"')),
        lambda p: (p.rename(p.with_name("x")), p.symlink_to("x")),
        lambda p: (p.unlink(), os.mkfifo(p, 0o600)),
        lambda p: (p.unlink(), p.mkdir(0o700)),
        lambda p: (p.parent.rename(p.parent.with_name("y")), p.parent.symlink_to("y")),
    ],
)
def test_a_record_that_others_could_have_written_is_not_read(spoil, record):
    content = GIBBS.read_bytes()
    signed.sign([content])
    spoil(record)
    signed._signed.cache_clear()
    assert not signed.is_signed(content)


def test_one_bad_certificate_stops_no_other(tmp_path, monkeypatch):
    """`list`, `show` and `verify` of a folder with damaged files: a line for each, all else as it was."""
    from hostile.certificates import BASE, FORMED, PROOFS

    import vaemath.verify as v
    from vaemath.pages.formats import rendered

    for id in ("gibbs", "log-order"):
        (tmp_path / f"{id}.json").write_bytes((PACKAGE / "certificates" / f"{id}.json").read_bytes())
    bad = [f"bad-{k}" for k in range(0, len(FORMED), 12)]
    for id in bad:
        (tmp_path / f"{id}.json").write_bytes(FORMED[int(id[4:])].make())
    (tmp_path / f"{BASE}.json").write_bytes(PROOFS[5].make())
    (tmp_path / "\x1b[2J.json").write_text("{}")
    monkeypatch.setattr(library, "CERTIFICATES", tmp_path)
    assert "Gibbs" in rendered("gibbs", "text")
    monkeypatch.setattr(library, "in_checkout", lambda: False)
    monkeypatch.setattr("vaemath.codegen.stale", lambda: [])
    reports = {r.id: r for r in v.verify()}
    assert {id for id, r in reports.items() if r.good} == {"gibbs", "log-order"}
    assert set(reports) == {"gibbs", "log-order", BASE, *bad, "files"}
    assert reports["files"].failures == [r"certificates/\x1b[2J.json cannot be a certificate"]
    for r in reports.values():
        assert bool(r.failures) == (not r.good)
        assert len(r.failures) <= len(CHECKERS)  # one each
        assert all(f.isprintable() for f in r.failures)


def test_a_certificate_that_takes_too_long_is_refused(tmp_path):
    from hostile.certificates import BASE, slow

    path = tmp_path / f"{BASE}.json"
    path.write_bytes(slow())
    found = checkers.check([path, GIBBS], seconds=2)
    assert found[path][0].message == "ran longer than 2 s"  # another may see at once that t = t
    assert all(v.good for v in found[GIBBS])


def test_listing_goes_on_after_a_bad_certificate(tmp_path, monkeypatch, capsys):
    from hostile.certificates import FORMED, slow

    from vaemath.cli import main

    bad = {f"bad-{k}": h.make() for k, h in enumerate(FORMED) if k % 12 == 0}
    for id, content in {**bad, "fair-die": slow(), "gibbs": GIBBS.read_bytes()}.items():
        (tmp_path / f"{id}.json").write_bytes(content)
    monkeypatch.setattr(library, "CERTIFICATES", tmp_path)
    for words in (["list"], ["list", "--json"]):
        monkeypatch.setattr(sys, "argv", ["vaemath", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 1
        said = capsys.readouterr()
        assert said.err == ""
        assert all(line.isprintable() for line in said.out.splitlines())
        assert said.out.count("not verified") + said.out.count('"verified": false') >= 1
    rows = {r["id"]: r for r in json.loads(said.out)}
    assert {id for id, r in rows.items() if "error" in r} == set(bad)
    assert "Gibbs" in rows["gibbs"]["title"]


def command(*words, env=None):
    env = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), "NO_COLOR": "1", "COLUMNS": "200", **(env or {})}
    return subprocess.run(
        [sys.executable, "-m", "vaemath", *words], capture_output=True, text=True, env=env, cwd="/"
    )


def test_what_nobody_verified_says_so(record):
    listed = command("list", env={"XDG_STATE_HOME": str(record.parent.parent)})
    assert "gibbs   (not verified)" in listed.stdout
    assert "were not verified here: run vaemath verify" in listed.stdout
    signed.sign([GIBBS.read_bytes()])
    listed = command("list", env={"XDG_STATE_HOME": str(record.parent.parent)})
    assert "gibbs\n" in listed.stdout
    assert "gibbs   (not" not in listed.stdout
    from vaemath.pages.formats import rendered

    for format in ("text", "markdown", "latex", "typst", "html"):
        assert "not verified" not in rendered("gibbs", format)
        assert "not verified" in rendered("log-order", format)


def test_the_folder_of_the_state_is_absolute(monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert signed.folder() == Path.home() / ".local" / "state" / "vaemath"
