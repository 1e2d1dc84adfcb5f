"""Certificates: a derivation's proofs as JSON, and their replay without the script.

    {"format": 1, "id", "title", "sources",
     "terms": [[head, data, [arguments]], ...],
     "steps": [{"rule", "premises", "params", "statement"}, ...],
     "blocks": [{"name", "title", "lines": [{"step", "reason"}], "step", "hypotheses", "oracles"}],
     "hash": "<sha256 of all the rest>"}

Terms refer to terms, steps to earlier steps, by position. Reading builds terms through the one maker
(which checks every sort), runs every rule again, and compares each conclusion with the recorded one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from vaemath.errors import FalseError, VaemathError
from vaemath.proof.chain import Block, Derivation, Line
from vaemath.proof.theorem import RULES, ProofError, Theorem, _conclude, nodes
from vaemath.terms.term import Term, TermError, make

FORMAT = 1


class CertificateError(FalseError):
    """A certificate is damaged, was edited, or does not prove what it says."""


@dataclass(frozen=True)
class Proof:
    """A replayed certificate: the theorems of one derivation by name."""

    id: str
    title: str
    sources: tuple[str, ...]
    blocks: tuple[Block, ...]
    hash: str

    def theorem(self, name: str = "main") -> Theorem:
        """The theorem of that name.

        Raises:
            CertificateError: there is none.
        """
        for b in self.blocks:
            if b.name == name:
                return b.theorem
        names = ", ".join(b.name for b in self.blocks)
        raise CertificateError(f"{self.id}: no theorem `{name}`; it has {names}")


class _Writer:
    def __init__(self) -> None:
        self.terms: list[Any] = []
        self.steps: list[dict[str, Any]] = []
        self._term: dict[int, int] = {}
        self._step: dict[int, int] = {}

    def term(self, t: Term) -> int:
        if id(t) not in self._term:
            args = [self.term(a) for a in t.args]
            node = [t.head, [self.data(d) for d in t.data], args]
            self._term[id(t)] = len(self.terms)
            self.terms.append(node)
        return self._term[id(t)]

    def data(self, d: Any) -> Any:
        if isinstance(d, Term):
            return {"term": self.term(d)}
        return [self.data(x) for x in d] if isinstance(d, tuple) else d

    def param(self, v: Any) -> Any:
        if isinstance(v, Term):
            return {"term": self.term(v)}
        if isinstance(v, Mapping):
            pairs = sorted(v.items(), key=lambda kv: str(kv[0].data[0]))
            return {"map": [[self.term(k), self.term(x)] for k, x in pairs]}
        if isinstance(v, tuple):
            return [self.param(x) for x in v]
        return v

    def step(self, theorem: Theorem) -> int:
        for t in nodes(theorem):
            if id(t) not in self._step:
                self._step[id(t)] = len(self.steps)
                params = {k: self.param(v) for k, v in t.params.items()}
                premises = [self._step[id(p)] for p in t.premises]
                self.steps.append(
                    {
                        "rule": t.rule,
                        "premises": premises,
                        "params": params,
                        "statement": self.term(t.statement),
                    }
                )
        return self._step[id(theorem)]


def to_json(d: Derivation) -> dict[str, Any]:
    """The certificate of a finished derivation."""
    w = _Writer()
    blocks = []
    for b in d.blocks:
        lines = [{"step": w.step(line.step), "reason": line.reason} for line in b.lines]
        step = w.step(b.theorem)
        hyps = sorted(b.theorem.hypotheses, key=str)
        blocks.append(
            {
                "name": b.name,
                "title": b.title,
                "lines": lines,
                "step": step,
                "hypotheses": [w.term(h) for h in hyps],
                "oracles": sorted(b.theorem.oracles),
            }
        )
    body = {
        "format": FORMAT,
        "id": d.id,
        "title": d.title,
        "sources": list(d.sources),
        "terms": w.terms,
        "steps": w.steps,
        "blocks": blocks,
    }
    return {**body, "hash": content_hash(body)}


def content_hash(body: Mapping[str, Any]) -> str:
    """The hash of everything in a certificate but the hash."""
    rest = {k: v for k, v in body.items() if k != "hash"}
    packed = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(packed.encode()).hexdigest()


def dumps(certificate: Mapping[str, Any]) -> str:
    """One term, step and block a line, so that a change shows as a small diff."""
    out = []
    for k, v in certificate.items():
        if k in ("terms", "steps", "blocks"):
            rows = ",\n  ".join(json.dumps(x, separators=(",", ":")) for x in v)
            out.append(f'"{k}": [\n  {rows}\n]')
        else:
            out.append(f'"{k}": {json.dumps(v)}')
    return "{\n" + ",\n".join(out) + "\n}\n"


def read(text: str, what: str) -> dict[str, Any]:
    """Parse a certificate and compare its hash; `what` names it in messages.

    Raises:
        CertificateError: it is not JSON of this format, or its content does not have the recorded hash.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as e:
        raise CertificateError(f"{what}: not a certificate: {e}") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise CertificateError(f"{what}: expected a certificate of format {FORMAT}")
    found = content_hash(data)
    if data.get("hash") != found:
        recorded = str(data.get("hash"))[:12]
        raise CertificateError(f"{what}: edited or damaged: it hashes to {found[:12]}, recorded {recorded}")
    return data


def replay(data: Mapping[str, Any], what: str) -> Proof:
    """Rebuild the theorems from a certificate alone.

    Raises:
        CertificateError: a node type, rule or reference is unknown, a rule refuses, or a conclusion,
            hypothesis or oracle is not the recorded one.
    """
    try:
        return _replay(data)
    except (
        VaemathError,
        KeyError,
        IndexError,
        TypeError,
        ValueError,
        AttributeError,
        ArithmeticError,
        RecursionError,
    ) as e:
        message = str(e) if isinstance(e, VaemathError) else f"malformed ({type(e).__name__}: {e})"
        raise CertificateError(f"{what}: {message}") from None


def _earlier(items: list[Any], k: Any) -> Any:
    if not isinstance(k, int) or isinstance(k, bool) or not 0 <= k < len(items):
        raise CertificateError(f"a reference to {k!r}, where {len(items)} entries stand before")
    return items[k]


def _replay(data: Mapping[str, Any]) -> Proof:
    terms = read_terms(data["terms"])

    def param(v: Any) -> Any:
        if isinstance(v, dict):
            if "map" in v:
                return {_earlier(terms, k): _earlier(terms, x) for k, x in v["map"]}
            return _earlier(terms, v["term"])
        return tuple(map(param, v)) if isinstance(v, list) else v

    steps: list[Theorem] = []
    for k, s in enumerate(data["steps"]):
        if s["rule"] not in RULES:
            raise CertificateError(f"step {k}: unknown rule `{s['rule']}`")
        premises = tuple(_earlier(steps, p) for p in s["premises"])
        try:
            made = _conclude(s["rule"], premises, {name: param(v) for name, v in s["params"].items()})
        except ProofError as e:
            raise CertificateError(f"step {k}: {e}") from None
        if made.statement != _earlier(terms, s["statement"]):
            raise CertificateError(
                f"step {k}: rule `{s['rule']}` gives {made.statement}, recorded {terms[s['statement']]}"
            )
        steps.append(made)
    return Proof(
        data["id"],
        data["title"],
        tuple(data["sources"]),
        tuple(_block(b, terms, steps) for b in data["blocks"]),
        data["hash"],
    )


def _block(b: Mapping[str, Any], terms: list[Term], steps: list[Theorem]) -> Block:
    theorem: Theorem = _earlier(steps, b["step"])
    if {_earlier(terms, h) for h in b["hypotheses"]} != theorem.hypotheses:
        raise CertificateError(f"`{b['name']}`: the recorded hypotheses are not those of the proof")
    if set(b["oracles"]) != theorem.oracles:
        raise CertificateError(f"`{b['name']}`: the recorded oracles are not those of the proof")
    lines = tuple(Line(_earlier(steps, line["step"]), line["reason"]) for line in b["lines"])
    for before, after in pairwise(lines):
        if before.step.rhs != after.step.lhs:
            raise CertificateError(f"`{b['name']}`: a line does not start where the one before it ends")
    if lines and len(lines) > 1 and (lines[0].step.lhs, lines[-1].step.rhs) != (theorem.lhs, theorem.rhs):
        raise CertificateError(
            f"`{b['name']}`: its lines do not lead from one side of the theorem to the other"
        )
    return Block(b["name"], b["title"], lines, theorem)


def read_terms(rows: list[Any]) -> list[Term]:
    """The terms of a certificate, checked node by node.

    Raises:
        CertificateError: an unknown head, a reference forward, or arguments of the wrong sorts.
    """
    terms: list[Term] = []

    def data(d: Any) -> Any:
        if isinstance(d, dict):
            return _earlier(terms, d["term"])
        return tuple(map(data, d)) if isinstance(d, list) else d

    for k, (head, payload, args) in enumerate(rows):
        if head == "sym" and "#b" in str(payload[0]):
            raise CertificateError(f"term {k}: the name {payload[0]!r} is one of those kept for binders")
        try:
            terms.append(make(head, tuple(_earlier(terms, a) for a in args), tuple(map(data, payload))))
        except TermError as e:
            raise CertificateError(f"term {k}: {e}") from None
    return terms
