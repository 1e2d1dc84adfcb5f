"""Certificates as plain data: reading, hashing, and their terms. Nothing is replayed here.

Light on purpose: listing and showing theorems needs this and the terms, and no rule.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from vaemath.core.terms import Term, TermError, make
from vaemath.proof.schema import BYTES, DIGITS, FORMAT, CertificateError, check, shown

__all__ = ["FORMAT", "CertificateError", "content_hash", "earlier", "read", "read_terms"]


def content_hash(body: Mapping[str, Any]) -> str:
    """The hash of everything in a certificate but the hash."""
    rest = {k: v for k, v in body.items() if k != "hash"}
    packed = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(packed.encode()).hexdigest()


def read(text: str | bytes, what: str, *, id: str | None = None) -> dict[str, Any]:
    """Parse a certificate, check its form and compare its hash.

    Args:
        text: the certificate, as text or as the bytes of its file.
        what: names it in messages.
        id: the theorem that it has to be about; that of its file.

    Raises:
        CertificateError: it is no JSON, does not have the form of a certificate, is about another
            theorem, or its content does not have the recorded hash; the message is one line.
    """
    try:
        data = check(_parsed(text))
        if id is not None and data["id"] != id:
            raise CertificateError(f"id: the file is named for `{id}`, its theorem is `{data['id']}`")
        found = content_hash(data)
        if data["hash"] != found:
            recorded = data["hash"][:12]
            raise CertificateError(f"edited or damaged: it hashes to {found[:12]}, recorded {recorded}")
    except CertificateError as e:
        raise CertificateError(f"{what}: {e}") from None
    return data


def _parsed(text: str | bytes) -> Any:
    """The JSON, with what its grammar or Python's reader would let pass refused."""
    if len(text) > BYTES:
        raise CertificateError(f"larger than the {BYTES} bytes that are read")
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as e:
            raise CertificateError(f"not a certificate: byte {e.start} is not UTF-8") from None
    if text.startswith("\ufeff"):
        raise CertificateError("not a certificate: it starts with a byte order mark")
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
    except json.JSONDecodeError as e:
        raise CertificateError(f"not a certificate: {e}") from None
    except RecursionError:
        raise CertificateError("not a certificate: nested too deeply") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(n for n, _ in pairs if n in seen or seen.add(n))  # type: ignore[func-returns-value]
        raise CertificateError(f"the key {shown(twice)} stands twice in one object")
    return found


def _integer(digits: str) -> int:
    if len(digits) > DIGITS:
        raise CertificateError(f"a number of more than {DIGITS} digits")
    return int(digits)


def _no_number(text: str) -> Any:
    raise CertificateError(f"numbers are whole; got {shown(text)}")


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
