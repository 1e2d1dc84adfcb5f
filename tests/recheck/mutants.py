"""Mutants of steps: a rule, a premise, a parameter or a part of a term is put in the place of another.

Each kind is a function of a generator and a certificate in both checkers; it gives a step to try, or None.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from recheck.both import Both

Step = tuple[str, list[int], dict[str, Any]]
Kind = Callable[[random.Random, Both], Step | None]

BY_TERM = ["definition", "differentiate", "leibniz", "linearity", "independence", "whitening", "signed"]
BY_TERM.append("log_tangent")
SORTS = (["real"], ["positive"], ["nat"], ["bit"], ["point"])
LIKE = (
    ("add", "mul"), ("exp", "log", "expm1", "log1p", "expm1_minus", "log1p_minus", "sigmoid", "softplus"),
    ("KL", "CE"), ("eq", "le", "lt", "ne"), ("int", "prod", "density", "integrable"), ("tr", "logdet"),
    ("inv", "chol", "T"), ("vec", "diagm"), ("E", "ae"), ("diff", "differentiable"), ("spd", "invertible"),
)  # fmt: skip


def original(r: random.Random, b: Both) -> Step:
    s = b.data["steps"][r.randrange(len(b.data["steps"]))]
    return s["rule"], list(s["premises"]), dict(s["params"])


def other_rule(r: random.Random, b: Both) -> Step | None:
    _, premises, params = original(r, b)
    if params.keys() == {"term"}:
        return r.choice(BY_TERM), premises, params
    same = {
        s["rule"]: s
        for s in b.data["steps"]
        if len(s["premises"]) == len(premises) and s["rule"] != "integrate"
    }
    return r.choice(list(same)), premises, params


def other_premises(r: random.Random, b: Both) -> Step | None:
    rule, premises, params = original(r, b)
    if not premises:
        return None
    k = r.randrange(len(premises))
    what = r.randrange(5)
    if what == 0:
        premises.reverse()
    elif what == 1:
        premises.pop(k)
    elif what == 2:
        premises.insert(k, r.choice(premises))
    else:
        kin = [
            i
            for i, (t, _) in enumerate(b.steps)
            if t.statement.head == b.steps[premises[k]][0].statement.head
        ]
        premises[k] = r.choice(kin if what == 3 else range(len(b.steps)))
    return rule, premises, params


def terms_of(v: Any) -> list[int]:
    if isinstance(v, dict):
        return [k for pair in v["map"] for k in pair] if "map" in v else [v["term"]]
    return [k for x in v for k in terms_of(x)] if isinstance(v, list) else []


def with_term(v: Any, old: int, new: int) -> Any:
    if isinstance(v, dict):
        if "map" in v:
            return {"map": [[new if k == old else k for k in pair] for pair in v["map"]]}
        return {"term": new if v["term"] == old else v["term"]}
    return [with_term(x, old, new) for x in v] if isinstance(v, list) else v


def changed(
    r: random.Random, rule: str, premises: list[int], params: dict[str, Any], new: Callable[[int], Any]
) -> Step | None:
    inside = [k for v in params.values() for k in terms_of(v)]
    if not inside or rule == "integrate":
        return None
    old = r.choice(inside)
    found = new(old)
    return (
        None if found is None else (rule, premises, {n: with_term(v, old, found) for n, v in params.items()})
    )


def other_term(r: random.Random, b: Both) -> Step | None:
    rule, premises, params = original(r, b)
    alike = lambda old: [k for k, t in enumerate(b.left) if t.sort == b.left[old].sort and not t.level]
    return changed(r, rule, premises, params, lambda old: r.choice(alike(old) or [old]))


def any_term(r: random.Random, b: Both) -> Step | None:
    rule, premises, params = original(r, b)
    return changed(r, rule, premises, params, lambda old: r.randrange(len(b.rows)))


def inner_part(r: random.Random, b: Both) -> Step | None:
    rule, premises, params = original(r, b)
    return changed(r, rule, premises, params, lambda old: edited(r, b, old))


def edited(r: random.Random, b: Both, k: int) -> int | None:
    """The row of a term with one part, somewhere inside, changed."""
    head, data, args = b.rows[k]
    if args and r.random() < 0.75:
        i = r.randrange(len(args))
        inner = edited(r, b, args[i])
        return None if inner is None else b.row(head, data, [*args[:i], inner, *args[i + 1 :]])
    what = r.randrange(6)
    if what == 0 and len(args) > 1:
        args = list(args)
        i, j = r.sample(range(len(args)), 2)
        args[i], args[j] = args[j], args[i]
        return b.row(head, data, args)
    if what == 1 and len(args) > 1 and head in ("add", "mul", "matmul", "app"):
        i = r.randrange(len(args))
        return b.row(head, data, [*args[:i], *args[i + 1 :]])
    if what == 2 and (kin := [g for g in LIKE if head in g]):
        return b.row(r.choice(r.choice(kin)), data, args)
    if what == 3 and not b.left[k].level:
        wrap = r.choice(("exp", "log", "T", "inv", "chol", "tr", "neg", "pow", "add", "scale"))
        minus = b.row("num", [r.choice((-1, 2, 0)), 1], [])
        assert minus is not None
        if wrap == "pow":
            return b.row("pow", list(r.choice(((-1, 1), (1, 2), (2, 1), (-1, 2), (0, 1), (3, 1)))), [k])
        if wrap in ("neg", "add", "scale"):
            return b.row("mul" if wrap == "neg" else wrap, [], [minus, k])
        return b.row(wrap, [], [k])
    if head in ("num", "pow"):
        p, q = data
        new = r.choice(([p + 1, q], [p - 1, q], [-p, q], [p, q + 1], [q, p], [0, 1], [p * 2, q * 2]))
        return b.row(head, new, args)
    if head in ("sym", "lam", "bv"):
        name, sort = data
        if r.random() < 0.5:
            new_name = (
                (name + r.choice((-1, 1)) if name else 1)
                if head == "bv"
                else r.choice(("x", "q", "mu", "", "pi", "y2"))
            )
            return b.row(head, [new_name, sort], args)
        others = [x[1][1] for x in b.rows if x[0] == "sym"]
        return b.row(head, [name, r.choice([*SORTS, *others, ["dist", sort], ["fun", sort, ["real"]]])], args)
    alike = [i for i, t in enumerate(b.left) if t.sort == b.left[k].sort]
    return r.choice(alike)


def path_or_names(r: random.Random, b: Both) -> Step | None:
    rule, premises, params = original(r, b)
    lists = [n for n in ("path", "names", "factors", "at", "bounds") if params.get(n)]
    if not lists:
        return None
    n = r.choice(lists)
    values = list(params[n])
    k = r.randrange(len(values))
    what = r.randrange(4)
    if what == 0:
        values.pop(k)
    elif what == 1:
        values.insert(k, r.choice(values))
    elif what == 2:
        values.reverse()
    else:
        values[k] = (
            values[k] + r.choice((-1, 1, 5))
            if isinstance(values[k], int)
            else {"term": r.randrange(len(b.rows))}
        )
    return rule, premises, {**params, n: values}


def new_instance(r: random.Random, b: Both) -> Step | None:
    """An instance of some theorem, for symbols of its own."""
    k = r.randrange(len(b.steps))
    t = b.steps[k][0]
    symbols = sorted(t.statement.free.union(*(h.free for h in t.hypotheses)), key=str)
    if not symbols:
        return None
    pairs = []
    for s in r.sample(symbols, min(len(symbols), r.randint(1, 2))):
        alike = (
            [i for i, x in enumerate(b.left) if x.sort == s.sort and not x.level] if r.random() < 0.7 else []
        )
        pairs.append([b.of_first(s), r.choice(alike or range(len(b.rows)))])
    return "instantiate", [k], {"mapping": {"map": pairs}}


def rule_of_a_term(r: random.Random, b: Both) -> Step | None:
    k = r.randrange(len(b.rows))
    if r.random() < 0.5:
        found = edited(r, b, k)
        if found is None:
            return None
        k = found
    rule = r.choice([*BY_TERM, "assume", "integrable", "algebra"])
    if rule == "algebra":
        other = edited(r, b, k)
        return None if other is None else (rule, [], {"left": {"term": k}, "right": {"term": other}})
    return rule, [], {"statement" if rule in ("assume", "integrable") else "term": {"term": k}}


def normal_form(r: random.Random, b: Both) -> Step | None:
    """A term equals its normal form, or that of a term changed in one part."""
    from vaemath.core.normal import canon

    k = r.randrange(len(b.rows))
    other = edited(r, b, k) if r.random() < 0.5 else k
    if other is None or b.left[k].level or b.left[other].level:
        return None
    try:
        right = b.of_first(canon(b.left[other]))
    except Exception as e:
        if type(e).__name__ == "Disagreement":
            raise
        return None
    return "algebra", [], {"left": {"term": k}, "right": {"term": right}}


def two_theorems(r: random.Random, b: Both) -> Step | None:
    rule = r.choice(
        (
            "transitivity",
            "antisymmetry",
            "cut",
            "replace",
            "rearrange",
            "vanish",
            "almost_everywhere",
            "congruence",
        )
    )
    i, j = r.randrange(len(b.steps)), r.randrange(len(b.steps))
    if rule == "cut":
        return rule, [i, j], {"names": []}
    if rule in ("transitivity", "antisymmetry"):
        same = [
            k for k, (t, _) in enumerate(b.steps) if t.statement.args[:1] == b.steps[i][0].statement.args[-1:]
        ]
        return rule, [i, r.choice(same or [j])], {}
    symbols = [k for k, x in enumerate(b.rows) if x[0] == "sym"] or [0]
    if rule in ("vanish", "almost_everywhere"):
        return rule, [i, j], {"variable": {"term": r.choice(symbols)}}
    if rule == "rearrange":
        factors = [{"term": r.randrange(len(b.rows))} for _ in range(2)]
        return (
            rule,
            [i, j],
            {
                "statement": {"term": b.of_first(b.steps[r.randrange(len(b.steps))][0].statement)},
                "factors": factors,
            },
        )
    path, names, t = [], [], b.steps[j][0].statement
    while t.args and r.random() < 0.8:
        k = r.randrange(len(t.args))
        path.append(k)
        if t.head == "lam":
            alike = [s for s in symbols if b.left[s].sort == t.data[1]]
            if not alike:
                return None
            names.append({"term": r.choice(alike)})
        t = t.args[k]
    equations = [
        k for k, (x, _) in enumerate(b.steps) if x.statement.head == "eq" and x.statement.args[0] == t
    ]
    first = r.choice(equations or [i])
    if rule == "replace":
        return rule, [first, j], {"path": path, "names": names}
    return (
        rule,
        [first],
        {"term": {"term": b.of_first(b.steps[j][0].statement)}, "path": path, "names": names},
    )


KINDS: tuple[Kind, ...] = (
    other_rule, other_premises, other_term, any_term, inner_part, path_or_names, new_instance, rule_of_a_term,
    normal_form, two_theorems,
)  # fmt: skip
