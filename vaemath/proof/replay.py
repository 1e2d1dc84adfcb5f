"""Every node of a proof, and its replay: each conclusion recomputed from the rules alone, and compared."""

from __future__ import annotations

from vaemath.core.theorem import ProofError, Theorem, conclude


def nodes(*roots: Theorem) -> list[Theorem]:
    """Every theorem that some theorems rest on, premises first."""
    order: list[Theorem] = []
    seen: set[int] = set()
    stack = [(r, False) for r in roots]
    while stack:
        t, done = stack.pop()
        if done:
            order.append(t)
        elif id(t) not in seen:
            seen.add(id(t))
            stack.append((t, True))
            stack.extend((p, False) for p in t.premises)
    return order


def replay(*theorems: Theorem) -> int:
    """Recompute every node from the rules; the number of nodes.

    Raises:
        ProofError: a node is not what its rule gives; it names the rule and both statements.
    """
    fresh: dict[int, Theorem] = {}
    for t in nodes(*theorems):
        again = fresh[id(t)] = conclude(t.rule, tuple(fresh[id(p)] for p in t.premises), t.params)
        for what in ("statement", "hypotheses", "oracles"):
            if getattr(again, what) != getattr(t, what):
                raise ProofError(f"replay: rule `{t.rule}` gives another {what}: {again}, recorded: {t}")
    return len(fresh)
