"""Certificates changed by kinds, as an enemy would: hashed anew, and tidied so that only the change is odd.

Each kind takes the data of a good certificate and a source of chance, and changes it in place, or says
that there is nothing of its kind to change. `judged` says what became of it:

    refused    not read, or not replayed
    differs    replayed: another theorem, which says so in its statement, hypotheses, oracles or name
    prose      replayed: the same theorems, other words (titles, reasons, sources)
    same       replayed: the same theorems by other lines or steps, all of which hold
    HARM       replayed, and something on its page is not so
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any

from vaemath import library
from vaemath.explain.judge import counterexample
from vaemath.proof.certificate import Proof, replay
from vaemath.proof.stored import CertificateError, content_hash, read

Data = dict[str, Any]
Kind = Callable[[Data, random.Random], bool]
KINDS: dict[str, Kind] = {}


def kind(change: Kind) -> Kind:
    """Register a kind under its name; it returns whether it changed anything."""
    KINDS[change.__name__.replace("_", " ")] = change
    return change


# --- terms
_HEADS = (
    ("add", "mul"),
    ("exp", "log"),
    ("eq", "le", "lt", "ne"),
    ("sum", "prod"),
    ("T", "inv"),
    ("tr", "logdet", "scalar"),
    ("KL", "CE"),
    ("int", "E"),
    ("matmul", "add"),
    ("normal", "mvn"),
    ("integrable", "E"),
    ("spd", "invertible"),
)


def _chosen(rows: list[Any], r: random.Random, good: Callable[[Any], bool]) -> Any:
    found = [row for row in rows if good(row)]
    return r.choice(found) if found else None


@kind
def another_head(c: Data, r: random.Random) -> bool:
    groups = [g for g in _HEADS if any(t[0] in g for t in c["terms"])]
    group = r.choice(groups)
    t = _chosen(c["terms"], r, lambda t: t[0] in group)
    t[0] = r.choice([h for h in group if h != t[0]])
    return True


@kind
def any_head(c: Data, r: random.Random) -> bool:
    t = r.choice(c["terms"])
    t[0] = r.choice([u[0] for u in c["terms"] if u[0] != t[0]])
    return True


@kind
def arguments_swapped(c: Data, r: random.Random) -> bool:
    t = _chosen(c["terms"], r, lambda t: len(set(t[2])) > 1)
    if t is None:
        return False
    i, j = r.sample(range(len(t[2])), 2)
    t[2][i], t[2][j] = t[2][j], t[2][i]
    return True


@kind
def another_argument(c: Data, r: random.Random) -> bool:
    k = r.choice([k for k, t in enumerate(c["terms"]) if t[2]])
    args = c["terms"][k][2]
    args[r.randrange(len(args))] = r.randrange(k)
    return True


@kind
def an_argument_less(c: Data, r: random.Random) -> bool:
    t = _chosen(c["terms"], r, lambda t: len(t[2]) > 1)
    return t is not None and t[2].pop(r.randrange(len(t[2]))) is not None


@kind
def an_argument_twice(c: Data, r: random.Random) -> bool:
    t = _chosen(c["terms"], r, lambda t: t[2])
    t[2].append(r.choice(t[2]))
    return True


@kind
def a_sign(c: Data, r: random.Random) -> bool:
    t = _chosen(c["terms"], r, lambda t: t[0] == "num" and t[1][0])
    if t is None:
        return False
    t[1][0] = -t[1][0]
    return True


@kind
def a_number(c: Data, r: random.Random) -> bool:
    t = _chosen(c["terms"], r, lambda t: t[0] == "num")
    if t is None:
        return False
    t[1] = r.choice([[t[1][0] + 1, t[1][1]], [t[1][0] * 2, 1], [1, 3], [0, 1], [t[1][1], abs(t[1][0]) or 1]])
    return True


@kind
def an_exponent(c: Data, r: random.Random) -> bool:
    t = _chosen(c["terms"], r, lambda t: t[0] == "pow")
    if t is None:
        return False
    t[1] = r.choice([[3, 1], [-1, 2], [1, 3], [0, 1], [-2, 1], [1, 1], [256, 1]])
    return True


@kind
def a_symbol_renamed(c: Data, r: random.Random) -> bool:
    t = _chosen(c["terms"], r, lambda t: t[0] == "sym")
    if t is None:
        return False
    t[1][0] = r.choice(["other", "x#0", "mu", t[1][0] + "#1", "b"])
    return True


@kind
def a_symbol_as_another(c: Data, r: random.Random) -> bool:
    names = [t[1][0] for t in c["terms"] if t[0] == "sym"]
    t = _chosen(c["terms"], r, lambda t: t[0] == "sym")
    if t is None or len(set(names)) < 2:
        return False
    t[1][0] = r.choice([n for n in names if n != t[1][0]])
    return True


_SORTS = (
    ["real"],
    ["positive"],
    ["nat"],
    ["point"],
    ["bit"],
    ["prop"],
    ["dist", ["real"]],
    ["fun", ["nat"], ["real"]],
)


@kind
def a_sort(c: Data, r: random.Random) -> bool:
    t = _chosen(c["terms"], r, lambda t: t[0] in ("sym", "bv", "lam"))
    if t is None:
        return False
    t[1][1] = r.choice([s for s in _SORTS if s != t[1][1]])
    return True


@kind
def all_of_one_sort(c: Data, r: random.Random) -> bool:
    """Wherever a sort stands another stands: the whole proof over other numbers."""
    sorts = {json.dumps(t[1][1]) for t in c["terms"] if t[0] in ("sym", "bv", "lam")}
    if not sorts:
        return False
    old = json.loads(r.choice(sorted(sorts)))
    new = r.choice([s for s in _SORTS if s != old])
    for t in c["terms"]:
        if t[0] in ("sym", "bv", "lam") and t[1][1] == old:
            t[1][1] = new
    return True


@kind
def a_bound_variable(c: Data, r: random.Random) -> bool:
    t = _chosen(c["terms"], r, lambda t: t[0] == "bv")
    if t is None:
        return False
    t[1][0] = r.choice([k for k in (0, 1, 2, 7) if k != t[1][0]])
    return True


@kind
def the_name_of_a_bound_variable(c: Data, r: random.Random) -> bool:
    t = _chosen(c["terms"], r, lambda t: t[0] == "lam")
    if t is None:
        return False
    t[1][0] = r.choice([n for n in ("w", "mu", "", "x#3") if n != t[1][0]])
    return True


@kind
def data_of_another_type(c: Data, r: random.Random) -> bool:
    t = _chosen(c["terms"], r, lambda t: t[1])
    k = r.randrange(len(t[1]))
    t[1][k] = r.choice([x for x in (7, "x", [], ["real"], [1, 2], {"term": 0}) if x != t[1][k]])
    return True


@kind
def a_term_for_another(c: Data, r: random.Random) -> bool:
    """Two rows exchanged: whatever referred to one refers to the other."""
    i, j = r.sample(range(len(c["terms"])), 2)
    c["terms"][i], c["terms"][j] = c["terms"][j], c["terms"][i]
    return True


# --- steps
@kind
def another_rule(c: Data, r: random.Random) -> bool:
    from vaemath.derive import rules

    known = sorted({s["rule"] for s in c["steps"]} | {n for n in vars(rules) if n.islower() and n[0] != "_"})
    s = r.choice(c["steps"])
    s["rule"] = r.choice([n for n in known if n != s["rule"]])
    return True


@cache
def _forms() -> dict[Any, set[str]]:
    """The number of premises and the names of parameters -> the rules that take these."""
    forms: dict[Any, set[str]] = {}
    for id in library.ids():
        for s in library.certificate(id)["steps"]:
            forms.setdefault((len(s["premises"]), *sorted(s["params"])), set()).add(s["rule"])
    return forms


@kind
def a_rule_of_the_same_form(c: Data, r: random.Random) -> bool:
    """The name of a rule that takes the same parameters and as many premises."""
    forms = _forms()
    s = r.choice(c["steps"])
    others = sorted(forms[(len(s["premises"]), *sorted(s["params"]))] - {s["rule"]})
    if not others:
        return False
    s["rule"] = r.choice(others)
    return True


@kind
def premises_swapped(c: Data, r: random.Random) -> bool:
    s = _chosen(c["steps"], r, lambda s: len(set(s["premises"])) > 1)
    if s is None:
        return False
    s["premises"].reverse()
    return True


@kind
def another_premise(c: Data, r: random.Random) -> bool:
    found = [k for k, s in enumerate(c["steps"]) if s["premises"]]
    if not found:
        return False
    k = r.choice(found)
    premises = c["steps"][k]["premises"]
    premises[r.randrange(len(premises))] = r.randrange(k)
    return True


@kind
def a_premise_less(c: Data, r: random.Random) -> bool:
    s = _chosen(c["steps"], r, lambda s: s["premises"])
    return s is not None and s["premises"].pop() is not None


@kind
def a_premise_more(c: Data, r: random.Random) -> bool:
    k = r.randrange(1, len(c["steps"]))
    c["steps"][k]["premises"].append(r.randrange(k))
    return True


def _terms_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict) and isinstance(value.get("term"), int):  # a parameter may be named `term`
        yield value
    elif isinstance(value, dict):
        for v in value.values():
            yield from _terms_in(v)
    elif isinstance(value, list):
        for v in value:
            yield from _terms_in(v)


@kind
def another_parameter(c: Data, r: random.Random) -> bool:
    s = _chosen(c["steps"], r, lambda s: any(_terms_in(s["params"])))
    r.choice(list(_terms_in(s["params"])))["term"] = r.randrange(len(c["terms"]))
    return True


@kind
def a_parameter_less(c: Data, r: random.Random) -> bool:
    s = _chosen(c["steps"], r, lambda s: s["params"])
    del s["params"][r.choice(sorted(s["params"]))]
    return True


@kind
def a_parameter_more(c: Data, r: random.Random) -> bool:
    s = r.choice(c["steps"])
    s["params"][r.choice(["hypotheses", "defined", "inherited", "key", "at", "names"])] = r.choice(
        [1, [], {"map": []}]
    )
    return True


@kind
def parameters_swapped(c: Data, r: random.Random) -> bool:
    s = _chosen(c["steps"], r, lambda s: len(s["params"]) > 1)
    if s is None:
        return False
    a, b = r.sample(sorted(s["params"]), 2)
    s["params"][a], s["params"][b] = s["params"][b], s["params"][a]
    return True


@kind
def a_path(c: Data, r: random.Random) -> bool:
    s = _chosen(c["steps"], r, lambda s: "path" in s["params"])
    if s is None:
        return False
    path = s["params"]["path"]
    s["params"]["path"] = r.choice([path[:-1], [*path, 0], [0, *path], [-1], [], path[::-1]])
    return True


@kind
def a_mapping(c: Data, r: random.Random) -> bool:
    s = _chosen(c["steps"], r, lambda s: "mapping" in s["params"])
    if s is None:
        return False
    pairs = s["params"]["mapping"]["map"]
    pair = r.choice(pairs)
    change = r.randrange(3)
    if change == 0:
        pairs.remove(pair)
    elif change == 1:
        pair[1] = r.randrange(len(c["terms"]))
    else:
        pair.reverse()
    return True


@kind
def fresh_names(c: Data, r: random.Random) -> bool:
    s = _chosen(c["steps"], r, lambda s: s["params"].get("names"))
    if s is None:
        return False
    names = s["params"]["names"]
    if r.random() < 0.5:
        names.pop()
    else:
        symbols = [k for k, t in enumerate(c["terms"]) if t[0] == "sym"]
        names[r.randrange(len(names))] = {"term": r.choice(symbols)}
    return True


@kind
def another_statement(c: Data, r: random.Random) -> bool:
    s = r.choice(c["steps"])
    s["statement"] = r.choice([x["statement"] for x in c["steps"]])
    return True


@kind
def a_statement_that_is_none(c: Data, r: random.Random) -> bool:
    r.choice(c["steps"])["statement"] = r.randrange(len(c["terms"]))
    return True


@kind
def a_step_for_another(c: Data, r: random.Random) -> bool:
    i, j = r.sample(range(len(c["steps"])), 2)
    c["steps"][i], c["steps"][j] = c["steps"][j], c["steps"][i]
    return True


@kind
def a_step_assumed(c: Data, r: random.Random) -> bool:
    """A step taken for granted: its statement becomes a hypothesis."""
    s = r.choice(c["steps"])
    s.update(rule="assume", premises=[], params={"statement": {"term": s["statement"]}})
    return True


@kind
def a_step_assumed_and_said(c: Data, r: random.Random) -> bool:
    """The same, with the hypothesis in every block: a theorem that says what it rests on."""
    s = r.choice(c["steps"])
    s.update(rule="assume", premises=[], params={"statement": {"term": s["statement"]}})
    for b in c["blocks"]:
        b["hypotheses"].append(s["statement"])
    return True


# --- blocks
@kind
def another_step_published(c: Data, r: random.Random) -> bool:
    r.choice(c["blocks"])["step"] = r.randrange(len(c["steps"]))
    return True


@kind
def an_inner_step_published(c: Data, r: random.Random) -> bool:
    """One line, and the theorem is that line; the hypotheses and oracles stay what they were."""
    b, k = r.choice(c["blocks"]), r.randrange(len(c["steps"]))
    b.update(step=k, lines=[{"step": k, "reason": "clear"}])
    return True


@kind
def an_inner_step_published_without_hypotheses(c: Data, r: random.Random) -> bool:
    b, k = r.choice(c["blocks"]), r.randrange(len(c["steps"]))
    b.update(step=k, lines=[{"step": k, "reason": "clear"}], hypotheses=[], oracles=[])
    return True


@kind
def lines_beside_the_theorem(c: Data, r: random.Random) -> bool:
    """The theorem stays; a single line of the proof stands in front of it."""
    b = r.choice(c["blocks"])
    b["lines"] = [{"step": r.randrange(len(c["steps"])), "reason": b["lines"][0]["reason"]}]
    return True


@kind
def another_line(c: Data, r: random.Random) -> bool:
    b = r.choice(c["blocks"])
    r.choice(b["lines"])["step"] = r.randrange(len(c["steps"]))
    return True


@kind
def a_line_less(c: Data, r: random.Random) -> bool:
    b = _chosen(c["blocks"], r, lambda b: len(b["lines"]) > 1)
    return b is not None and b["lines"].pop(r.randrange(len(b["lines"]))) is not None


@kind
def a_line_twice(c: Data, r: random.Random) -> bool:
    b = r.choice(c["blocks"])
    k = r.randrange(len(b["lines"]))
    b["lines"].insert(k, dict(b["lines"][k]))
    return True


@kind
def lines_reversed(c: Data, r: random.Random) -> bool:
    b = _chosen(c["blocks"], r, lambda b: len(b["lines"]) > 1)
    return b is not None and b["lines"].reverse() is None


@kind
def lines_of_another_block(c: Data, r: random.Random) -> bool:
    if len(c["blocks"]) < 2:
        return False
    a, b = r.sample(c["blocks"], 2)
    a["lines"], b["lines"] = b["lines"], a["lines"]
    return True


@kind
def the_theorem_of_another_block(c: Data, r: random.Random) -> bool:
    if len(c["blocks"]) < 2:
        return False
    a, b = r.sample(c["blocks"], 2)
    for key in ("step", "hypotheses", "oracles"):
        a[key], b[key] = b[key], a[key]
    return True


@kind
def a_hypothesis_less(c: Data, r: random.Random) -> bool:
    b = _chosen(c["blocks"], r, lambda b: b["hypotheses"])
    return b is not None and b["hypotheses"].pop(r.randrange(len(b["hypotheses"]))) is not None


@kind
def a_hypothesis_more(c: Data, r: random.Random) -> bool:
    b = r.choice(c["blocks"])
    b["hypotheses"].append(r.choice([s["statement"] for s in c["steps"]]))
    return True


@kind
def another_hypothesis(c: Data, r: random.Random) -> bool:
    b = _chosen(c["blocks"], r, lambda b: b["hypotheses"])
    if b is None:
        return False
    b["hypotheses"][r.randrange(len(b["hypotheses"]))] = r.randrange(len(c["terms"]))
    return True


@kind
def hypotheses_of_another_block(c: Data, r: random.Random) -> bool:
    if len(c["blocks"]) < 2:
        return False
    a, b = r.sample(c["blocks"], 2)
    a["hypotheses"], b["hypotheses"] = b["hypotheses"], a["hypotheses"]
    return a["hypotheses"] != b["hypotheses"]


@kind
def an_oracle_less(c: Data, r: random.Random) -> bool:
    b = _chosen(c["blocks"], r, lambda b: b["oracles"])
    return b is not None and b["oracles"].pop() is not None


@kind
def an_oracle_more(c: Data, r: random.Random) -> bool:
    r.choice(c["blocks"])["oracles"].append("trust.me")
    return True


@kind
def names_of_blocks_swapped(c: Data, r: random.Random) -> bool:
    if len(c["blocks"]) < 2:
        return False
    a, b = r.sample(c["blocks"], 2)
    a["name"], b["name"] = b["name"], a["name"]
    return True


@kind
def a_block_twice(c: Data, r: random.Random) -> bool:
    c["blocks"].append({**r.choice(c["blocks"]), "name": r.choice(["main", "again"])})
    return True


@kind
def a_block_less(c: Data, r: random.Random) -> bool:
    c["blocks"].pop(r.randrange(len(c["blocks"])))
    return True


@kind
def blocks_reordered(c: Data, r: random.Random) -> bool:
    c["blocks"].reverse()
    return len(c["blocks"]) > 1


@kind
def a_title(c: Data, r: random.Random) -> bool:
    r.choice([c, *c["blocks"]])["title"] = r.choice(["Another title", "x\u202ey", "a\nb", 7, ""])
    return True


@kind
def a_reason(c: Data, r: random.Random) -> bool:
    line = r.choice([x for b in c["blocks"] for x in b["lines"]])
    line["reason"] = r.choice(["because", "\x1b[2J", None, ["so"], "so\r"])
    return True


@kind
def sources(c: Data, r: random.Random) -> bool:
    c["sources"] = r.choice([[], ["elsewhere"], ["\x07"], "text", [[]]])
    return True


@kind
def the_id(c: Data, r: random.Random) -> bool:
    c["id"] = r.choice([*library.ids(), "another", "../x"])
    return True


@kind
def a_type(c: Data, r: random.Random) -> bool:
    """A value anywhere, of another type."""
    place: Any = c
    while True:
        key = r.choice(sorted(place)) if isinstance(place, dict) else r.randrange(len(place))
        if not isinstance(place[key], dict | list) or not place[key] or r.random() < 0.1:
            break
        place = place[key]
    place[key] = r.choice(
        [x for x in (None, True, False, "0", [], {}, -1, [0], {"term": 0}) if x != place[key]]
    )
    return True


@kind
def a_key(c: Data, r: random.Random) -> bool:
    place = r.choice([c, *c["steps"], *c["blocks"]])
    old = r.choice(sorted(place))
    place[r.choice([old.upper(), old + "s", "extra"])] = place.pop(old)
    return True


# --- the enemy tidies up, and we look at what is left
def tidied(c: Data) -> Data:
    """Without the terms and steps that nothing uses, and no term twice: what the form would refuse."""
    steps = sorted(
        _closure(
            {b["step"] for b in c["blocks"]} | {x["step"] for b in c["blocks"] for x in b["lines"]},
            lambda k: c["steps"][k]["premises"],
        )
    )
    at = {k: i for i, k in enumerate(steps)}
    used: set[int] = {h for b in c["blocks"] for h in b["hypotheses"]}
    for k in steps:
        s = c["steps"][k]
        used |= {s["statement"], *(v["term"] for v in _terms_in(s["params"]))}
        used |= {
            x for v in s["params"].values() if isinstance(v, dict) and "map" in v for p in v["map"] for x in p
        }
    terms = sorted(
        _closure(used, lambda k: [*c["terms"][k][2], *(v["term"] for v in _terms_in(c["terms"][k][1]))])
    )
    rows: list[Any] = []
    number: dict[int, int] = {}
    seen: dict[str, int] = {}

    def moved(value: Any) -> Any:
        if isinstance(value, dict) and "term" in value:
            return {"term": number[value["term"]]}
        if isinstance(value, dict):
            return {"map": [[number[a], number[b]] for a, b in value["map"]]}
        return [moved(v) for v in value] if isinstance(value, list) else value

    for k in terms:
        head, data, args = c["terms"][k]
        row = [head, moved(data), [number[a] for a in args]]
        number[k] = seen.setdefault(json.dumps(row), len(rows))
        if number[k] == len(rows):
            rows.append(row)
    made = []
    for k in steps:
        s = c["steps"][k]
        params = {name: moved(v) for name, v in s["params"].items()}
        made.append(
            {
                **s,
                "premises": [at[p] for p in s["premises"]],
                "params": params,
                "statement": number[s["statement"]],
            }
        )
    blocks = [
        {
            **b,
            "step": at[b["step"]],
            "lines": [{**x, "step": at[x["step"]]} for x in b["lines"]],
            "hypotheses": list(dict.fromkeys(number[h] for h in b["hypotheses"])),
        }
        for b in c["blocks"]
    ]
    return {**c, "terms": rows, "steps": made, "blocks": blocks}


def _closure(start: set[int], below: Callable[[int], list[int]]) -> set[int]:
    found: set[int] = set()
    todo = list(start)
    while todo:
        k = todo.pop()
        if k not in found:
            found.add(k)
            for x in below(k):
                if not 0 <= x < k:
                    raise ValueError("a reference forward")
                todo.append(x)
    return found


def mutant(id: str, name: str, seed: int) -> Data | None:
    """The certificate of that id, changed by that kind; None where it has nothing of the kind."""
    r = random.Random(f"{id} {name} {seed}")
    c: Data = json.loads(library.stored(id))
    if not KINDS[name](c, r):
        return None
    with suppress(ValueError, KeyError, TypeError, IndexError, AttributeError):
        c = tidied(c)  # what cannot be tidied is handed in as it is
    c["hash"] = content_hash(c)
    return None if c == library.certificate(id) else c


def judged(id: str, data: Data) -> tuple[str, str]:
    """What became of a changed certificate, and the reason."""
    try:
        proof = replay(read(json.dumps(data), f"{id}.json", id=id), f"{id}.json")
    except CertificateError as e:
        return "refused" if str(e).isprintable() else "HARM", str(e)
    original = library.proof(id)
    if wrong := _wrong(proof, original):
        return "HARM", wrong
    if _said(proof) != _said(original):
        return "differs", ""
    words = [
        (p.title, p.sources, [(b.title, [x.reason for x in b.lines]) for b in p.blocks])
        for p in (proof, original)
    ]
    return ("same" if words[0] == words[1] else "prose"), ""


def _said(proof: Proof) -> list[Any]:
    return [
        (b.name, str(b.theorem.statement), b.theorem.statement, b.theorem.hypotheses, b.theorem.oracles)
        for b in proof.blocks
    ]


def _wrong(proof: Proof, original: Proof) -> str:
    """What is on the page and is not so; looked for by the evaluator in models, not by the rules."""
    known = {x.step.statement for b in original.blocks for x in b.lines}
    known |= {b.theorem.statement for b in original.blocks}
    for b in proof.blocks:
        lines = [x.step for x in b.lines]
        if len(lines) == 1 and lines[0].statement != b.theorem.statement:
            return f"{b.name}: its line is {lines[0].statement}, its theorem {b.theorem.statement}"
        if len(lines) > 1 and (lines[0].lhs, lines[-1].rhs) != (b.theorem.lhs, b.theorem.rhs):
            return f"{b.name}: its lines do not lead to its theorem"
        for t in (b.theorem, *lines):
            if not t.oracles <= b.theorem.oracles:
                return f"{b.name}: the line {t.statement} trusts what the theorem does not name"
            if t.statement not in known or b.theorem.hypotheses not in [
                x.theorem.hypotheses for x in original.blocks
            ]:
                found = counterexample(t.statement, b.theorem.hypotheses)
                if found:
                    return f"{b.name}: {t.statement} is false: {found}"
    return ""
