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

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from vaemath.core.obligations import smallest
from vaemath.core.terms import Term, make
from vaemath.core.theorem import RULES, ProofError, Theorem, conclude
from vaemath.errors import VaemathError
from vaemath.proof.chain import Block, Derivation, Line
from vaemath.proof.replay import nodes
from vaemath.proof.stored import FORMAT, CertificateError, content_hash, earlier, read_terms


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


def _replay(data: Mapping[str, Any]) -> Proof:
    terms = read_terms(data["terms"])

    def param(v: Any) -> Any:
        if isinstance(v, dict):
            if "map" in v:
                return {earlier(terms, k): earlier(terms, x) for k, x in v["map"]}
            return earlier(terms, v["term"])
        return tuple(map(param, v)) if isinstance(v, list) else v

    steps: list[Theorem] = []
    for k, s in enumerate(data["steps"]):
        if s["rule"] not in RULES:
            raise CertificateError(f"step {k}: unknown rule `{s['rule']}`")
        premises = tuple(earlier(steps, p) for p in s["premises"])
        try:
            made = conclude(s["rule"], premises, {name: param(v) for name, v in s["params"].items()})
        except ProofError as e:
            raise CertificateError(f"step {k}: {e}") from None
        if made.statement != earlier(terms, s["statement"]):
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


def _lines_are_the_proof(name: str, lines: tuple[Line, ...], theorem: Theorem) -> None:
    """The lines lead to the theorem, and rest on nothing that it does not say."""
    relations = [line.step.statement.head for line in lines]
    head = next((h for h in ("lt", "le") if h in relations), "eq")
    single = len(lines) == 1 and lines[0].step.statement == theorem.statement
    if not single and (not set(relations) <= {"eq", "le", "lt"} or not lines):
        raise CertificateError(f"`{name}`: expected lines that are equations or inequalities")
    if not single and make(head, (lines[0].step.lhs, lines[-1].step.rhs)) != theorem.statement:
        raise CertificateError(f"`{name}`: its lines do not lead from one side of the theorem to the other")
    for line in lines:
        beyond = smallest(line.step.hypotheses | theorem.hypotheses) - theorem.hypotheses
        if beyond or not line.step.oracles <= theorem.oracles:
            what = min(map(str, beyond)) if beyond else "an oracle"
            raise CertificateError(
                f"`{name}`: the line {line.step.statement} rests on what its theorem does not say: {what}"
            )


def _block(b: Mapping[str, Any], terms: list[Term], steps: list[Theorem]) -> Block:
    theorem: Theorem = earlier(steps, b["step"])
    if {earlier(terms, h) for h in b["hypotheses"]} != theorem.hypotheses:
        raise CertificateError(f"`{b['name']}`: the recorded hypotheses are not those of the proof")
    if set(b["oracles"]) != theorem.oracles:
        raise CertificateError(f"`{b['name']}`: the recorded oracles are not those of the proof")
    lines = tuple(Line(earlier(steps, line["step"]), line["reason"]) for line in b["lines"])
    for before, after in pairwise(lines):
        if len(before.step.statement.args) != 2 or before.step.rhs != after.step.lhs:
            raise CertificateError(f"`{b['name']}`: a line does not start where the one before it ends")
    _lines_are_the_proof(b["name"], lines, theorem)
    return Block(b["name"], b["title"], lines, theorem)
