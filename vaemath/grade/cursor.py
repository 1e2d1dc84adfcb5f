"""Walking along the tokens of a formula."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vaemath.grade.scope import Scope
from vaemath.grade.tokens import GradeError, Token


class Cursor:
    """A place in the tokens of one formula."""

    def __init__(self, words: Sequence[Token], scope: Scope) -> None:
        if not words:
            raise GradeError("an empty formula")
        self.words, self.scope, self.at = list(words), scope, 0
        self.stop: Callable[[], bool] = lambda: False

    @property
    def here(self) -> Token:
        return self.words[min(self.at, len(self.words) - 1)]

    @property
    def next(self) -> str:
        return self.words[self.at].text if self.at < len(self.words) else ""

    def take(self, text: str) -> bool:
        if self.next == text:
            self.at += 1
            return True
        return False

    def need(self, text: str) -> None:
        if not self.take(text):
            raise self.wrong(f"expected `{text}`")

    def wrong(self, what: str) -> GradeError:
        around = " ".join(t.text for t in self.words[max(0, self.at - 4) : self.at + 5])
        return GradeError(f"line {self.here.line}: {what} at `{self.next or 'the end'}` in `{around}`")

    def end(self) -> None:
        if self.next:
            raise self.wrong("cannot read on")
