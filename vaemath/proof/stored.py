"""Certificates as plain data: reading, hashing, and their terms. Nothing is replayed here.

Light on purpose: listing and showing theorems needs this and the terms, and no rule.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from vaemath.core.terms import Term, TermError, make
from vaemath.errors import FalseError

FORMAT = 1


class CertificateError(FalseError):
    """A certificate is damaged, was edited, or does not prove what it says."""


def content_hash(body: Mapping[str, Any]) -> str:
    """The hash of everything in a certificate but the hash."""
    rest = {k: v for k, v in body.items() if k != "hash"}
    packed = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(packed.encode()).hexdigest()


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


def earlier(items: list[Any], k: Any) -> Any:
    """The entry that a reference points back to."""
    if not isinstance(k, int) or isinstance(k, bool) or not 0 <= k < len(items):
        raise CertificateError(f"a reference to {k!r}, where {len(items)} entries stand before")
    return items[k]


def read_terms(rows: list[Any]) -> list[Term]:
    """The terms of a certificate, checked node by node.

    Raises:
        CertificateError: an unknown head, a reference forward, or arguments of the wrong sorts.
    """
    terms: list[Term] = []

    def data(d: Any) -> Any:
        if isinstance(d, dict):
            return earlier(terms, d["term"])
        return tuple(map(data, d)) if isinstance(d, list) else d

    for k, (head, payload, args) in enumerate(rows):
        if head == "sym" and "#b" in str(payload[0]):
            raise CertificateError(f"term {k}: the name {payload[0]!r} is one of those kept for binders")
        try:
            terms.append(make(head, tuple(earlier(terms, a) for a in args), tuple(map(data, payload))))
        except TermError as e:
            raise CertificateError(f"term {k}: {e}") from None
    return terms
