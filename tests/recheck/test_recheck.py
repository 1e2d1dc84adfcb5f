"""The two checkers agree: on every certificate, on hostile files, and on mutants of files and of steps.

A sample on every run; the campaign with ``VAEMATH_CAMPAIGN=1 pytest tests/recheck``.
"""

import ast
import json
import os
import random
import sys
from pathlib import Path

import pytest
from hostile.certificates import BASE, FORMED, PROOFS
from hostile.mutations import KINDS as FILES
from hostile.mutations import mutant

from recheck.both import Both
from recheck.mutants import KINDS as STEPS
from vaemath import library
from vaemath import recheck as module
from vaemath.proof.certificate import replay
from vaemath.proof.stored import CertificateError, read
from vaemath.recheck import main, recheck

CAMPAIGN = bool(os.environ.get("VAEMATH_CAMPAIGN"))
SMALL = ("fair-die", "bayes", "kl-asymmetry", "log-order", "trace-identities", "binary-entropy")
FEW = ("jensen-log", "reparameterization", "trace-identities")


@pytest.fixture(autouse=True)
def deep():
    """Terms of mutants may be deep."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(8000)
    yield
    sys.setrecursionlimit(before)


def test_it_shares_no_code_with_the_first():
    tree = ast.parse(Path(module.__file__).read_text())
    names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert not [n for n in names if n.startswith("vaemath")]


@pytest.mark.parametrize("id", library.ids())
def test_every_certificate_is_accepted(id):
    report = recheck(library.path_of(id))
    assert report.accepted, report.why
    proof = library.proof(id)
    assert report.theorems == tuple(b.name for b in proof.blocks)
    assert set(report.oracles) == set().union(*(b.theorem.oracles for b in proof.blocks))


@pytest.mark.parametrize("id", library.ids() if CAMPAIGN else FEW)
def test_every_step_has_the_same_statement_and_hypotheses(id):
    assert Both(id).steps


@pytest.mark.parametrize("hostile", FORMED + PROOFS, ids=lambda h: h.kind)
def test_a_hostile_certificate_is_refused_with_one_line(hostile, tmp_path):
    path = tmp_path / f"{BASE}.json"
    path.write_bytes(hostile.make())
    report = recheck(path)
    assert not report.accepted
    assert report.why.isprintable()
    assert len(report.why) < 300


def judge(id, data, tmp_path):
    """What each says of a certificate: a reason, or nothing."""
    text, path = json.dumps(data), tmp_path / f"{id}.json"
    path.write_text(text)
    try:
        replay(read(text, path.name, id=id), path.name)
        first = ""
    except CertificateError as e:
        first = str(e)
    return first, recheck(path).why


@pytest.mark.parametrize("name", FILES)
def test_both_say_the_same_of_a_changed_file(name, tmp_path):
    for k, id in enumerate(library.ids() if CAMPAIGN else SMALL[:2]):
        for seed in range(3 if CAMPAIGN else 1):
            data = mutant(id, name, 100 * k + seed)
            if data is not None:
                first, second = judge(id, data, tmp_path)
                assert bool(first) == bool(second), f"{id} {seed}: first {first!r}, second {second!r}"


@pytest.mark.parametrize("id", library.ids() if CAMPAIGN else FEW)
def test_both_say_the_same_of_changed_steps(id):
    both, r = Both(id), random.Random(id)
    for _ in range(500 if CAMPAIGN else 50):
        step = r.choice(STEPS)(r, both)
        if step is not None:
            both.step(*step, keep=r.random() < 0.3)


def test_the_work_is_bounded():
    assert "work" in recheck(library.path_of("kl-mvn"), seconds=0.1).why


def test_from_the_command_line(capsys, tmp_path):
    good = library.path_of("fair-die")
    assert main([str(good)]) == 0
    assert capsys.readouterr().out == f"{good}: holds: 4 theorems, 12 steps\n"
    bad = tmp_path / "fair-die.json"
    bad.write_text(good.read_text().replace("fair", "four", 1))
    assert main([str(good), str(bad)]) == 1
    assert f"{bad}: refused: " in capsys.readouterr().out
    assert main([]) == 2
