"""Where theorems come from: scripts in `derivations/`, or the certificates that ship with the package."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaemath.errors import VaemathError
from vaemath.files import read

if TYPE_CHECKING:
    from vaemath.core.theorem import Theorem
    from vaemath.proof.certificate import Proof
    from vaemath.proof.chain import Derivation

CERTIFICATES = Path(__file__).parent / "certificates"
_CHECKOUT = Path(__file__).parent.parent / "derivations"
_INSTALLED = Path(__file__).parent / "derivations"


class UnknownTheorem(VaemathError):
    """There is no theorem, or no derivation, of that id."""


@dataclass(frozen=True)
class Script:
    """One function marked with :func:`derivation`."""

    id: str
    title: str
    sources: tuple[str, ...]
    write: Callable[[Derivation], None]

    def run(self) -> Derivation:
        """Derive afresh; every line is checked on the way."""
        from vaemath.proof.chain import Derivation

        d = Derivation(self.id, self.title, self.sources)
        self.write(d)
        if not d.blocks:
            raise VaemathError(f"{self.id}: the derivation proves nothing: no `qed`")
        return d


_found: list[Script] = []


def derivation(id: str, *, title: str, sources: tuple[str, ...] = ()) -> Callable[..., Any]:
    """Mark a function as the derivation script of a theorem.

    Args:
        id: lower-case words joined by hyphens; it never changes.
        title: what is derived, in words.
        sources: where the derivation can be read, such as ``"000 eq. 22"``.
    """

    def mark(write: Callable[[Derivation], None]) -> Callable[[Derivation], None]:
        _found.append(Script(id, title, tuple(sources), write))
        return write

    return mark


def scripts_in(path: Path) -> list[Script]:
    """The derivations that a Python file defines.

    Raises:
        VaemathError: the file is missing, does not load, or defines none.
    """
    if not path.is_file():
        raise VaemathError(f"{path}: no such file; expected a derivation script")
    before = len(_found)
    spec = importlib.util.spec_from_file_location(f"_derivation_{path.stem.replace('-', '_')}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except VaemathError:
        raise
    except Exception as e:  # a user's script may raise anything; the command line owes one clear line
        raise VaemathError(f"{path}: does not load: {type(e).__name__}: {e}") from None
    new = _found[before:]
    del _found[before:]
    if not new:
        raise VaemathError(f"{path}: defines no derivation; mark a function with @derivation(...)")
    return new


def in_checkout() -> bool:
    """Is this the source tree, where scripts and generated files can be compared?"""
    return _CHECKOUT.is_dir()


def scripts_directory() -> Path:
    """The folder of the derivation scripts: the checkout's, else the installed copy."""
    return _CHECKOUT if _CHECKOUT.is_dir() else _INSTALLED


def scripts() -> dict[str, Script]:
    """All derivation scripts by id, in the order of their files."""
    found: dict[str, Script] = {}
    for path in sorted(scripts_directory().glob("[!_]*.py")):
        for s in scripts_in(path):
            if s.id in found:
                raise VaemathError(f"{path}: the id `{s.id}` is taken")
            found[s.id] = s
    return found


class Workshop:
    """Runs scripts, each once, with those they build on; for `derive` and `regenerate`."""

    def __init__(self, known: dict[str, Script]) -> None:
        self.known = known
        self.done: dict[str, Derivation] = {}
        self._running: list[str] = []

    def derive(self, id: str) -> Derivation:
        if id not in self.done:
            if id in self._running:
                raise VaemathError(
                    f"{id}: derivations use each other in a circle: {' -> '.join([*self._running, id])}"
                )
            if id not in self.known:
                raise UnknownTheorem(f"no derivation `{id}`; known: {', '.join(sorted(self.known))}")
            self._running.append(id)
            token = _workshop.set(self)
            try:
                self.done[id] = self.known[id].run()
            finally:
                _workshop.reset(token)
                self._running.pop()
        return self.done[id]

    def theorem(self, id: str, name: str) -> Theorem:
        for b in self.derive(id).blocks:
            if b.name == name:
                return b.theorem
        raise UnknownTheorem(
            f"{id}: no theorem `{name}`; it has {', '.join(b.name for b in self.done[id].blocks)}"
        )


_workshop: ContextVar[Workshop | None] = ContextVar("workshop", default=None)
_proofs: dict[str, Proof] = {}


def theorem(id: str, name: str = "main", **values: Any) -> Theorem:
    """A theorem of the library; keywords instantiate its symbols: ``theorem("kl-normal", mu_2=0)``.

    Raises:
        UnknownTheorem: no such id, name or symbol.
    """
    shop = _workshop.get()
    found = shop.theorem(id, name) if shop is not None and id in shop.known else proof(id).theorem(name)
    return instance(found, **values) if values else found


def instance(found: Theorem, **values: Any) -> Theorem:
    """The theorem with values for some of its symbols, by name."""
    from vaemath.core.rules import instantiate
    from vaemath.terms.build import term

    symbols = {s.data[0]: s for s in found.statement.free}
    unknown = set(values) - set(symbols)
    if unknown:
        raise UnknownTheorem(f"no symbol `{min(unknown)}`; the theorem has {', '.join(sorted(symbols))}")
    return instantiate(found, mapping={symbols[k]: term(v) for k, v in values.items()})


def path_of(id: str) -> Path:
    """Where the certificate of that id lies: in the library's folder, whatever the id is.

    Raises:
        UnknownTheorem: there is none, or this cannot be an id.
    """
    from vaemath.proof.schema import is_id, shown

    if not is_id(id):
        raise UnknownTheorem(f"id: got {shown(id)}, expected lower-case words joined by hyphens")
    path = CERTIFICATES / f"{id}.json"
    if not os.path.lexists(path):
        raise UnknownTheorem(f"no theorem `{id}`; `vaemath list` shows them all")
    return path


def stored(id: str) -> bytes:
    """The bytes of the certificate of that id, unread.

    Raises:
        UnknownTheorem: there is none.
        CertificateError: it is no plain file, or too large for one.
    """
    from vaemath.proof.schema import BYTES, CertificateError

    path = path_of(id)
    try:
        return read(path, limit=BYTES, expected="a certificate", follow=False)
    except VaemathError as e:
        raise CertificateError(str(e).replace(str(path), path.name, 1)) from None


def certificate(id: str) -> dict[str, Any]:
    """The certificate of that id as plain data: its form is checked and its hash compared, no rule runs.

    Raises:
        UnknownTheorem: there is none.
        CertificateError: it was edited, is damaged, or is not about that theorem.
    """
    from vaemath.proof.stored import read as parsed

    return parsed(stored(id), f"{id}.json", id=id)


def ids() -> list[str]:
    """The ids of all certificates."""
    from vaemath.proof.schema import is_id

    return sorted(p.stem for p in CERTIFICATES.glob("*.json") if is_id(p.stem))


def strangers() -> list[str]:
    """The names of what lies in the folder of certificates and cannot be one."""
    known = {f"{id}.json" for id in ids()}
    return sorted(p.name for p in CERTIFICATES.iterdir() if p.name not in known)


def proof(id: str) -> Proof:
    """The theorems of a certificate, replayed once."""
    if id not in _proofs:
        from vaemath.proof.certificate import replay

        _proofs[id] = replay(certificate(id), f"{id}.json")
    return _proofs[id]
