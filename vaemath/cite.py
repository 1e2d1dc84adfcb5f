"""References that pin a theorem to the exact certificate, and the way back from a hash to it."""

from __future__ import annotations

import json
import re
import subprocess
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from vaemath import __version__, library
from vaemath.apart.signed import is_signed
from vaemath.errors import VaemathError
from vaemath.proof.stored import CertificateError, read

FORMATS = ("bibtex", "csl-json", "apa")
AUTHORS = "The vaemath authors"
YEAR = 2026
_SHORTEST = 8  # letters of a hash that are enough to look it up


def cite(id: str, format: str = "bibtex") -> str:
    """A reference to a theorem: key, title, version, certificate hash.

    A certificate that `verify` did not sign here is replayed first: nothing is cited unchecked.

    Raises:
        UnknownTheorem: there is no theorem of that id.
        CertificateError: its certificate is refused.
        VaemathError: an unknown format.
    """
    if format not in FORMATS:
        raise VaemathError(f"format: got {format!r}, expected one of {', '.join(FORMATS)}")
    data = read(_accepted(id), f"{id}.json", id=id)
    title, hash = data["title"], data["hash"]
    if format == "csl-json":
        item = {
            "id": f"vaemath-{id}",
            "type": "software",
            "title": title,
            "author": [{"literal": AUTHORS}],
            "issued": {"date-parts": [[YEAR]]},
            "version": __version__,
            "number": hash,
            "note": f"theorem {id}, certificate sha256:{hash}",
        }
        return json.dumps([item], indent=2, ensure_ascii=False) + "\n"
    if format == "apa":
        what = f"[Theorem {id}; certificate sha256:{hash}]"
        return f"{AUTHORS}. ({YEAR}). {title} {what}. vaemath (Version {__version__}).\n"
    return (
        f"@software{{vaemath-{id},\n"
        f"  author  = {{{{{AUTHORS}}}}},\n"
        f"  title   = {{{_protected(title)}}},\n"
        f"  year    = {{{YEAR}}},\n"
        f"  version = {{{__version__}}},\n"
        f"  note    = {{vaemath theorem {id}, certificate sha256:{hash}}},\n"
        "}\n"
    )


def _accepted(id: str) -> bytes:
    """The certificate's bytes, once they are signed or every checker has accepted them."""
    content = library.stored(id)
    if not is_signed(content):
        from vaemath.apart.checkers import check

        path = library.path_of(id)
        for verdict in check([path])[path]:
            if not verdict.good:
                raise CertificateError(f"{id}.json: {verdict}; a refused certificate is not cited")
        if library.stored(id) != content:
            raise CertificateError(f"{id}.json: changed while it was checked")
    return content


def _protected(title: str) -> str:
    """The title for BibTeX, its capitals and abbreviations kept."""
    words = (
        f"{{{_plain(w)}}}"
        if re.search("[A-Z]", w[1:]) or w in ("Bayes'", "Gibbs'", "Jensen's")
        else _plain(w)
        for w in title.split(" ")
    )
    return " ".join(words)


def _plain(word: str) -> str:
    """Letters that mean something to TeX, as letters; BibTeX counts braces even where they are escaped."""
    return "".join(_TEX.get(letter, letter) for letter in word)


_TEX = {
    "\\": r"\textbackslash ",
    "{": r"\textbraceleft ",
    "}": r"\textbraceright ",
    "^": r"\textasciicircum ",
} | {x: f"\\{x}" for x in "%$#&_"}


@dataclass
class Found:
    """What became of a certificate that somebody cited.

    Attributes:
        hash: as it was asked for.
        id: the theorem whose certificate has, or had, that hash; None when no version known has it.
        current: is it the certificate of this release?
        changes: what is different now, a line each.
        failures: what `verify` found wrong with the theorem as it is now.
    """

    hash: str
    id: str | None = None
    current: bool = False
    changes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Is the cited certificate known, and does its theorem still verify with the same statement?"""
        kept = not any(c.startswith(("statement", "gone")) for c in self.changes)
        return self.id is not None and kept and not self.failures

    def as_json(self) -> dict[str, Any]:
        """The answer as plain data."""
        return {**asdict(self), "good": self.good}

    def __str__(self) -> str:
        if self.id is None:
            return (
                f"{self.hash}: no certificate of this release has that hash, nor any in the history at hand"
            )
        version = "the certificate of this release" if self.current else "an earlier certificate"
        out = [f"{self.hash}: {version} of {self.id}"]
        out += [f"  changed since: {c}" for c in self.changes]
        if not self.current and not self.changes:
            out.append("  changed since: only how the proof is written")
        out += [f"  fails: {f}" for f in self.failures] or ["  the theorem verifies"]
        return "\n".join(out)


def find_hash(hash: str) -> Found:
    """The theorem that a certificate hash belongs to, what changed since, and whether it still verifies.

    A prefix of eight letters is enough. Earlier certificates are looked up in the history of a checkout.

    Raises:
        CertificateError: what has, or had, that hash is no certificate that is read today.
        VaemathError: not a hash.
    """
    wanted = hash.lower().removeprefix("sha256:")
    if not re.fullmatch(f"[0-9a-f]{{{_SHORTEST},64}}", wanted):
        raise VaemathError(
            f"hash: got {hash!r}, expected {_SHORTEST} to 64 hexadecimal digits, as `vaemath cite` prints"
        )
    for id in library.ids():
        with suppress(CertificateError):  # what is damaged has no hash
            if library.certificate(id)["hash"].startswith(wanted):
                return Found(wanted, id, True, failures=_failures(id))
    old = _from_history(wanted)
    if old is None:
        return Found(wanted)
    id = old["id"]
    if id not in library.ids():
        return Found(wanted, id, changes=["gone: there is no such theorem any more"])
    return Found(wanted, id, changes=changes(old, library.certificate(id)), failures=_failures(id))


def _failures(id: str) -> list[str]:
    from vaemath.verify import verify

    return [f for report in verify([id]) for f in report.failures]


def _from_history(hash: str) -> dict[str, Any] | None:
    """The certificate with that hash, from the version control of a checkout."""
    root = library.CERTIFICATES.parent.parent
    if not (root / ".git").exists():
        return None
    folder = library.CERTIFICATES.relative_to(root).as_posix()
    for commit in _git(root, "log", "--format=%H", f"-S{hash}", "--", folder).split():
        for version in (commit, f"{commit}^"):
            for path in _git(root, "grep", "-l", f'"hash": "{hash}', version, "--", folder).split():
                return read(_git(root, "show", path), f"the certificate of {hash[:12]}")
    return None


def _git(root: Path, *words: str) -> str:
    """The answer of git, or nothing where it has none."""
    try:
        return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, timeout=60).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What two certificates of one theorem say differently, a line each."""
    out = [f"title: was {old['title']}"] if old["title"] != new["title"] else []
    before, after = ({b["name"]: _said(c, b) for b in c["blocks"]} for c in (old, new))
    for name in before:
        if name not in after:
            out.append(f"gone: {name}")
            continue
        for what, was in before[name].items():
            now = after[name][what]
            if was != now:
                out.append(f"{what} of {name}: was {was}; is {now}")
    out += [f"new: {name}" for name in after if name not in before]
    return out


def _said(certificate: dict[str, Any], block: dict[str, Any]) -> dict[str, str]:
    from vaemath.pages.as_text import said
    from vaemath.pages.page import chosen_terms
    from vaemath.pages.words import hypothesis, statement
    from vaemath.pages.write import Writer

    k = certificate["steps"][block["step"]]["statement"]
    terms = chosen_terms(certificate["terms"], [k, *block["hypotheses"]])
    w = Writer()
    return {
        "statement": said(statement(w, terms[k])),
        "hypotheses": "; ".join(said(hypothesis(w, terms[h])) for h in block["hypotheses"]) or "none",
        "oracles": ", ".join(block["oracles"]) or "none",
    }
