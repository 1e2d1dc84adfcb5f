"""One certificate in both checkers, step by step: rows of terms and steps are given to both, and compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import vaemath.core.rules  # noqa: F401 (registers the rules)
from vaemath import recheck as second
from vaemath.core import terms
from vaemath.core import theorem as first
from vaemath.errors import VaemathError
from vaemath.library import CERTIFICATES
from vaemath.proof.stored import read_terms

MALFORMED = (KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
FIRST_REFUSES = (VaemathError, *MALFORMED)
SECOND_REFUSES = (second.Refused, *MALFORMED)


class Disagreement(AssertionError):
    """The two checkers do not say the same."""


class Both:
    """The terms and theorems of a certificate as both checkers have them."""

    def __init__(self, name: str, folder: Path = CERTIFICATES) -> None:
        self.data: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
        second.fresh(seconds=3600.0)
        self.rows: list[Any] = list(self.data["terms"])
        self.left = read_terms(self.rows)
        self.table = second.Terms(self.rows)
        self.known = {json.dumps(r): k for k, r in enumerate(self.rows)}
        self.index: dict[int, int] = {}
        self.steps: list[tuple[first.Theorem, second.Theorem]] = []
        for s in self.data["steps"]:
            if self.step(s["rule"], s["premises"], s["params"], s["statement"]) is None:
                raise AssertionError(f"{name}: a step is refused")

    def row(self, head: str, data: list[Any], args: list[int]) -> int | None:
        """The number of a row that is added to the terms; None when both refuse it."""
        key = json.dumps([head, data, args])
        if key in self.known:
            return self.known[key]
        one: Any = None
        two: Any = None
        why: list[str] = []
        try:
            resolved = [self._data(d) for d in data]
            one = terms.make(head, tuple(self.left[a] for a in args), tuple(resolved))
        except FIRST_REFUSES as e:
            why.append(f"first: {e}")
        try:
            two = self.table.row(head, data, args)
        except SECOND_REFUSES as e:
            why.append(f"second: {e}")
        if len(why) == 1:
            raise Disagreement(f"row {head} {data} {[str(self.left[a]) for a in args]}: {why}")
        if why:
            return None
        self.rows.append([head, data, args])
        self.left.append(one)
        self.table.terms.append(two)
        self.known[key] = len(self.rows) - 1
        return len(self.rows) - 1

    def _data(self, d: Any) -> Any:
        if isinstance(d, dict):
            return self.left[d["term"]]
        return tuple(map(self._data, d)) if isinstance(d, list) else d

    def of_first(self, t: terms.Term) -> int:
        """The row of a term of the first checker, added where it is new."""
        if id(t) not in self.index:
            args = [self.of_first(a) for a in t.args]
            found = self.row(t.head, [self._written(d) for d in t.data], args)
            if found is None:
                raise Disagreement(f"a term that the first checker made is none: {t}")
            self.index[id(t)] = found
        return self.index[id(t)]

    def _written(self, d: Any) -> Any:
        if isinstance(d, terms.Term):
            return {"term": self.of_first(d)}
        return [self._written(x) for x in d] if isinstance(d, tuple) else d

    def param(self, v: Any) -> Any:
        """A parameter as the first checker takes it."""
        if isinstance(v, dict):
            if "map" in v:
                return {self.left[k]: self.left[x] for k, x in v["map"]}
            return self.left[v["term"]]
        return tuple(map(self.param, v)) if isinstance(v, list) else v

    def shown(self, rule: str, premises: list[int], params: dict[str, Any]) -> str:
        """A step for a message."""
        try:
            given = [repr(self.steps[p][0]) for p in premises]
            return f"{rule} of {given} with { {n: str(self.param(v)) for n, v in params.items()} }"
        except VaemathError:
            return f"{rule} {premises} {params}"

    def step(
        self,
        rule: str,
        premises: list[int],
        params: dict[str, Any],
        said: int | None = None,
        keep: bool = True,
    ) -> first.Theorem | None:
        """The theorem that both make, or None when both refuse.

        Raises:
            Disagreement: they do not say the same.
        """
        one: first.Theorem | None = None
        why = ""
        try:
            values = {n: self.param(v) for n, v in params.items()}
            one = first.conclude(rule, tuple(self.steps[p][0] for p in premises), values)
        except FIRST_REFUSES as e:
            why = f"{type(e).__name__}: {e}"
        recorded = self.of_first(one.statement) if one else said or 0
        two: second.Theorem | None = None
        try:
            read = {n: self.table.param(v) for n, v in params.items()}
            two = second.conclude(
                rule, tuple(self.steps[p][1] for p in premises), read, self.table.terms[recorded]
            )
        except SECOND_REFUSES as e:
            other = f"{type(e).__name__}: {e}"
        if one is None and two is None:
            return None
        shown = self.shown(rule, premises, params)
        if one is None:
            raise Disagreement(f"only the second accepts {shown}: {why}")
        if two is None:
            raise Disagreement(f"only the first accepts {shown}: {other}")
        if two.statement is not self.table.terms[recorded]:
            raise Disagreement(f"other statements: {shown}: {one.statement}")
        given = {self.table.terms[self.of_first(h)] for h in one.hypotheses}
        if given != two.given:
            mine = [second.text(h)[:300] for h in two.given - given]
            theirs = [second.text(h)[:300] for h in given - two.given]
            raise Disagreement(f"other hypotheses: {shown}: only second {mine}, only first {theirs}")
        if one.oracles != two.oracles:
            raise Disagreement(f"other oracles: {shown}")
        if keep:
            self.steps.append((one, two))
        return one
