"""A certificate proves what it says, or is refused: any edit, hashed anew or not."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vaemath import library
from vaemath.core.theorem import Theorem
from vaemath.proof.certificate import dumps, replay, to_json
from vaemath.proof.replay import replay as replay_theorem
from vaemath.proof.stored import CertificateError, content_hash, read

SMALL = (
    "gaussian-moments",
    "gibbs",
    "jensen-log",
    "trace-identities",
    "reparameterization",
    "elbo-decomposition",
)
PROSE = {"title", "reason", "sources", "id", "name"}


def leaves(node, path=()):
    """The paths of all numbers, strings and flags of a JSON value."""
    if isinstance(node, dict):
        for k, v in node.items():
            yield from leaves(v, (*path, k))
    elif isinstance(node, list):
        for k, v in enumerate(node):
            yield from leaves(v, (*path, k))
    else:
        yield path


def replaced(value, data):
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int):
        return data.draw(
            st.sampled_from([value + 1, value - 1, value + 7, 0, -1]).filter(lambda k: k != value)
        )
    return data.draw(
        st.sampled_from(["add", "mul", "eq", "le", "x", "mu", "algebra", "symmetry", ""]).filter(
            lambda s: s != value
        )
    )


def theorems(proof):
    return [(b.name, b.theorem.statement, b.theorem.hypotheses, b.theorem.oracles) for b in proof.blocks]


@settings(max_examples=80)
@given(st.data())
def test_an_edited_certificate_is_refused_or_states_something_else(data):
    id = data.draw(st.sampled_from(SMALL))
    original = library.certificate(id)
    edited = copy.deepcopy(original)
    *way, last = data.draw(st.sampled_from([p for p in leaves(original) if p != ("hash",)]))
    place = edited
    for k in way:
        place = place[k]
    place[last] = replaced(place[last], data)

    with pytest.raises(CertificateError):
        read(json.dumps(edited), id)  # the hash tells

    edited["hash"] = content_hash(edited)
    try:
        proof = replay(read(json.dumps(edited), id), id)
    except CertificateError:
        return
    # accepted: the rules made every step of it again, and it is another certificate
    assert proof.hash != original["hash"]
    same = theorems(proof) == theorems(library.proof(id))
    prose = {last, *way} & PROSE or edited["terms"] != original["terms"] or "params" in way or "lines" in way
    assert prose or not same, f"edit at {way, last} changed nothing that is stated"
    for b in proof.blocks:
        replay_theorem(b.theorem)


@pytest.mark.parametrize("id", SMALL)
def test_flipping_any_sign_is_refused_or_states_something_else(id):
    original = library.certificate(id)
    for k, (head, payload, _args) in enumerate(original["terms"]):
        if head != "num" or payload[0] == 0:
            continue
        edited = copy.deepcopy(original)
        edited["terms"][k][1][0] = -payload[0]
        edited["hash"] = content_hash(edited)
        try:
            proof = replay(edited, id)
        except CertificateError:
            continue
        assert theorems(proof) != theorems(library.proof(id))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda c: c["terms"].__setitem__(0, ["teapot", [], []]), "unknown node type `teapot`"),
        (lambda c: c["steps"][0].__setitem__("rule", "believe"), "unknown rule `believe`"),
        (lambda c: c["steps"][0].__setitem__("statement", 10**6), "a reference to 1000000"),
        (
            lambda c: c["blocks"][0].__setitem__("oracles", []),
            "the recorded oracles are not those of the proof",
        ),
        (
            lambda c: c["blocks"][0].__setitem__("hypotheses", [0]),
            "the recorded hypotheses are not those of the proof",
        ),
        (lambda c: c.pop("steps"), "malformed (KeyError: 'steps')"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(edit, message):
    certificate = copy.deepcopy(library.certificate("gaussian-moments"))
    edit(certificate)
    certificate["hash"] = content_hash(certificate)
    with pytest.raises(CertificateError) as e:
        replay(certificate, "gaussian-moments.json")
    assert message in str(e.value)
    assert "\n" not in str(e.value)


def test_certificates_are_reproducible_and_survive_the_round_trip():
    shop = library.Workshop(library.scripts())
    for id in SMALL:
        text = dumps(to_json(shop.derive(id)))
        assert text == (library.CERTIFICATES / f"{id}.json").read_text()
        again = replay(read(text, id), id)
        assert theorems(again) == theorems(library.proof(id))


def test_a_forged_theorem_is_found_by_replay():
    honest = library.theorem("kl-normal")
    forged = object.__new__(Theorem)
    for name in Theorem.__slots__:
        object.__setattr__(forged, name, getattr(honest, name))
    object.__setattr__(forged, "statement", library.theorem("kl-normal-standard").statement)
    with pytest.raises(Exception, match=r"replay: rule .* gives another statement"):
        replay_theorem(forged)
