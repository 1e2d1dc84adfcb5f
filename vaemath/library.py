"""Where theorems come from: scripts in `derivations/`, or the certificates that ship with the package."""

from __future__ import annotations

import importlib.machinery
import os
import sys
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from vaemath.errors import VaemathError
from vaemath.files import read

if TYPE_CHECKING:
    from vaemath.core.theorem import Theorem
    from vaemath.proof.certificate import Proof
    from vaemath.proof.chain import Derivation

CERTIFICATES = Path(__file__).parent / "certificates"
_CHECKOUT = Path(__file__).parent.parent / "derivations"
_SCRIPT = 1_000_000  # bytes of a derivation script
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

    Raises:
        VaemathError: one of these is not what it should be.
    """

    from vaemath.proof.schema import is_id, shown

    if not (isinstance(id, str) and is_id(id)):
        raise VaemathError(f"id: got {shown(id)}, expected lower-case words joined by hyphens")
    if not (isinstance(title, str) and title.strip()):
        raise VaemathError(f"{id}: title: got {shown(title)}, expected words")
    if isinstance(sources, str) or not all(isinstance(s, str) for s in sources):
        raise VaemathError(f"{id}: sources: got {shown(sources)}, expected texts in a tuple")

    def mark(write: Callable[[Derivation], None]) -> Callable[[Derivation], None]:
        _found.append(Script(id, title, tuple(sources), write))
        return write

    return mark


def read_script(path: Path) -> bytes:
    """The bytes of a script; it is not run.

    Raises:
        VaemathError: the file is missing, is no regular file, or larger than a script.
    """
    return read(path, limit=_SCRIPT, expected="a derivation script")


def scripts_in(path: Path) -> list[Script]:
    """The derivations that a Python file defines. It runs here: call this where nothing is to be believed.

    Raises:
        VaemathError: the file is missing, is no script, does not load, or defines none.
    """
    source = read_script(path)
    before = len(_found)
    name = f"_derivation_{path.stem.replace('-', '_')}"
    module = sys.modules[name] = ModuleType(name)
    module.__file__ = str(path)
    try:
        loader = importlib.machinery.SourceFileLoader(name, str(path))
        exec(loader.source_to_code(source, str(path)), module.__dict__)
    except VaemathError:
        raise
    except BaseException as e:  # a user's script may raise anything; the command line owes one clear line
        raise VaemathError(f"{path}: does not load: {broken(e).removeprefix('the script raises ')}") from None
    finally:
        new = _found[before:]
        del _found[before:]
    if not new:
        raise VaemathError(f"{path}: defines no derivation; mark a function with @derivation(...)")
    for k, script in enumerate(new):
        if any(script.id == other.id for other in new[:k]):
            raise VaemathError(f"{path}: two derivations have the id `{script.id}`")
    return new


def broken(error: BaseException) -> str:
    """How a script ended that did not return."""
    if isinstance(error, SystemExit):
        return f"the script exits ({error.code!r}); expected it to return"
    try:
        return f"the script raises {type(error).__name__}: {error}"
    except Exception:  # its exceptions are its own programs
        return f"the script raises {type(error).__name__}"


def workshop_for(path: Path) -> tuple[Workshop, list[str]]:
    """Where the script of that path can be derived, and its ids.

    A script of the library builds on the other scripts there, somebody's own on the certificates.

    Raises:
        VaemathError: as `scripts_in`, or an id is one of the library's.
    """
    mine = {s.id: s for s in scripts_in(path)}
    folder = scripts_directory()
    known: dict[str, Script] = {}
    if path.resolve().parent == folder.resolve():
        known = scripts(but=path)
        taken = set(known)
    else:
        taken = set(ids())
    for id in mine:
        if id in taken:
            raise VaemathError(f"{path}: the id `{id}` is one of the library; choose another")
    return Workshop({**known, **mine}), list(mine)


def in_checkout() -> bool:
    """Is this the source tree, where scripts and generated files can be compared?"""
    return _CHECKOUT.is_dir()


def scripts_directory() -> Path:
    """The folder of the derivation scripts: the checkout's, else the installed copy."""
    return _CHECKOUT if _CHECKOUT.is_dir() else _INSTALLED


def scripts(but: Path | None = None) -> dict[str, Script]:
    """All derivation scripts of the library by id, in the order of their files; those of one file left out.

    They run here: see `scripts_in`.
    """
    found: dict[str, Script] = {}
    for path in sorted(scripts_directory().glob("[!_]*.py")):
        if but is not None and path.name == but.name:
            continue
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
refused: dict[bytes, str] = {}  # certificates that a checker refused, and why: their rules do not run here


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
    """The theorems of a certificate, replayed once.

    Raises:
        UnknownTheorem: there is none.
        CertificateError: it is damaged, or proves something else, or a checker has refused it before.
    """
    if id not in _proofs:
        from vaemath.proof.certificate import replay
        from vaemath.proof.stored import CertificateError

        if why := refused.get(stored(id)):
            raise CertificateError(why)
        _proofs[id] = replay(certificate(id), f"{id}.json")
    return _proofs[id]
