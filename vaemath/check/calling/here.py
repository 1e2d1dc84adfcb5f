"""A live function, examined in the process that holds it: nothing limits what it does."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

from vaemath.check.calling.process import Broken

__all__ = ["Here"]


class Here:
    """The same interface as `Process`, without a process."""

    alive = True

    def __init__(self, function: Callable[..., Any]) -> None:
        from vaemath.check.calling.worker import Session

        self._session = Session()
        self._session.module = sys.modules.get(function.__module__) or inspect.getmodule(function)
        self.description = self._session.describe(function)

    def run(self, **request: Any) -> dict[str, Any]:
        """One call; see `vaemath.check.calling.worker`."""
        from vaemath.check.calling.worker import kept_settings

        with kept_settings():
            reply = self._session.run(request)
        if "failed" in reply:
            raise Broken(reply["failed"])
        return reply

    def use_source(self, source: str | None) -> None:
        """Call an edited version from now on."""
        self._session.variant(source, self.description["name"])
