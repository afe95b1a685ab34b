"""What no page may have: errors in its console, uncaught exceptions, reports of the content security policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, WebError


class PageFaults:
    """Collects the faults of all pages of a test.

    Attributes:
        found: one text per fault, in order; the test fails if any is left at its end.
    """

    def __init__(self) -> None:
        self.found: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        """Collect the faults of the pages of a context."""
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)

    @contextmanager
    def expected(self, pattern: str, at_least: int = 1) -> Iterator[list[str]]:
        """Expect faults that match a pattern in the block; yields them as they occur.

        Wait in the block for what the page shows of the fault, so that it has occurred.
        """
        before, self.found = self.found, []
        yield self.found
        matching = [fault for fault in self.found if re.search(pattern, fault)]
        others = [fault for fault in self.found if fault not in matching]
        self.found = before + others
        assert len(matching) >= at_least, f"too few faults match {pattern!r}: {matching}, {others}"

    def check(self) -> None:
        """Fail if there is any."""
        assert self.found == [], self.found

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "assert"):
            self.found.append(f"{message.text} ({message.location.get('url', '')})")

    def _on_error(self, error: WebError) -> None:
        self.found.append(str(error.error))
