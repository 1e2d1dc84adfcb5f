"""Is the last line of a chain the theorem that was asked for?"""

from __future__ import annotations

from vaemath.core import rules
from vaemath.core.normal import canon
from vaemath.core.terms import Term
from vaemath.errors import VaemathError
from vaemath.library import theorem
from vaemath.proof.tactics import matched


def is_answer(id: str, first: Term, last: Term) -> bool:
    """Does the chain from the first to the last line state the theorem, in any letters?

    Its two sides may stand in either order, and each may be written in another way by algebra.

    Raises:
        UnknownTheorem: there is no theorem of that id.
    """
    known = theorem(id)
    if known.statement.head not in ("eq", "le"):
        return False
    a, b = known.statement.args
    pairs = ((a, b, first, last), (b, a, first, last), (a, b, last, first))
    holes = known.statement.free - {h.args[0] for h in known.hypotheses if h.head == "def"}
    for pattern, other, one, two in pairs if known.statement.head == "eq" else pairs[:1]:
        for left, right in ((pattern, one), (canon(pattern), canon(one))):
            found = matched(left, right, holes)
            if found is None:
                continue
            mapping = {s: v for s, v in found.items() if s != v}
            try:
                made = rules.instantiate(known, mapping=mapping) if mapping else known
                wanted = made.statement.args[1 if other is b else 0]
                rules.algebra(left=wanted, right=two)
            except VaemathError:
                continue
            return True
    return False
