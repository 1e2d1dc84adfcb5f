"""The pytest plugin: run the whole battery on a KL function.

Mark the function itself in a test file; it need not be called `test_...`:

    @pytest.mark.kl_kernel("kl-normal-standard", takes="mu,logvar", library="torch")
    def kl_loss(mu, logvar): ...

(or a method of a test class; the mark takes the options of `vaemath.testing.battery.battery`), or name it
on the command line, with the theorem and the conventions after it if they are not
`kl-normal-standard` in (mu, logvar) of numpy arrays:

    pytest --vaemath-check package.module:function
    pytest --vaemath-check package.module:function,kl-normal-diag,mu:std:mu:std,torch
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

__all__ = [
    "BatteryItem",
    "pytest_addoption",
    "pytest_collection",
    "pytest_configure",
    "pytest_pycollect_makeitem",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    group = parser.getgroup("vaemath")
    group.addoption(
        "--vaemath-check",
        action="append",
        default=[],
        metavar="MODULE:FUNCTION[,THEOREM[,TAKES[,LIBRARY]]]",
        help="run the battery of KL checks on a function (may be given more than once)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers",
        'kl_kernel(theorem, takes="mu,logvar", library="numpy", dtype="float64", reduction="none", '
        'regime="ordinary", examples=30, strict=False): run the KL checks on this function',
    )


class BatteryItem(pytest.Item):
    """One check of the battery."""

    def __init__(self, *, check: Callable[[], None], **options: Any) -> None:
        super().__init__(**options)
        self.check = check

    def runtest(self) -> None:
        """Run it; it raises `Falsified` with the identity, the smallest input and the two numbers."""
        self.check()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """A falsified identity, or a result of a wrong shape, is its message, without a traceback."""
        from vaemath.errors import VaemathError
        from vaemath.testing.falsified import Falsified

        if isinstance(excinfo.value, Falsified | VaemathError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Where it stands in the reports."""
        return self.path, None, self.name


def pytest_pycollect_makeitem(collector: Any, name: str, obj: Any) -> list[pytest.Item] | None:
    """Collect the battery in place of a marked function."""
    marked = obj.__func__ if isinstance(obj, staticmethod | classmethod) else obj
    marks = (
        [m for m in getattr(marked, "pytestmark", []) if m.name == "kl_kernel"] if callable(marked) else []
    )
    if not marks:
        return None
    mark = marks[0]
    if isinstance(collector, pytest.Class):
        obj = getattr(collector.newinstance(), name)  # type: ignore[no-untyped-call]
    return _items(collector, obj, name, mark.args, mark.kwargs)


def pytest_collection(session: pytest.Session) -> None:
    """Remember the functions of the command line; they are collected after the files."""
    targets = session.config.getoption("--vaemath-check")
    if targets:
        session.config.pluginmanager.register(_CommandLine(targets), "vaemath-command-line")


class _CommandLine:
    """Adds the batteries of the functions that the command line names."""

    def __init__(self, targets: list[str]) -> None:
        self.targets = targets

    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Put them after everything else."""
        for target in self.targets:
            place, *rest = target.split(",")
            against, takes, library = (*rest, *("kl-normal-standard", "", "numpy")[len(rest) :])
            function = _load(place)
            options = {"takes": takes.replace(":", ",") or None, "library": library}
            items += _items(session, function, place, (against,), options)


def _items(
    parent: Any, function: Callable[..., Any], name: str, given: tuple[Any, ...], options: dict[str, Any]
) -> list[pytest.Item]:
    """The checks of one function; for options that make no sense, one that fails by saying so."""
    from vaemath.errors import VaemathError
    from vaemath.testing.battery import battery

    try:
        known = set(inspect.signature(battery).parameters) - {"kl", "against"}
        if len(given) != 1 or set(options) - known:
            words = ", ".join([*map(repr, given), *(f"{k}={v!r}" for k, v in options.items())])
            raise VaemathError(f"got ({words}); expected one theorem, and {', '.join(sorted(known))}")
        checks = battery(function, *given, **options)
    except (VaemathError, TypeError) as e:
        checks = [("mark", partial(_refuse, f"kl_kernel on {name}: {e}"))]
    return [BatteryItem.from_parent(parent, name=f"{name}[{check}]", check=run) for check, run in checks]


def _refuse(message: str) -> None:
    from vaemath.errors import VaemathError

    raise VaemathError(message)


def _load(target: str) -> Callable[..., Any]:
    module, colon, name = target.partition(":")
    if not colon:
        raise pytest.UsageError(f"--vaemath-check: got {target!r}; expected package.module:function")
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise pytest.UsageError(f"--vaemath-check: {error}") from None
    if not callable(found):
        raise pytest.UsageError(f"--vaemath-check: {target} is not a function")
    return found  # type: ignore[no-any-return]
