"""Polling over HTTP while no socket can be opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from chatapp_client.failures import Refused, Unanswered
from chatapp_client.rest import BAD_CURSOR, Rest


class Reader(Protocol):
    """Stores polled pages."""

    @property
    def cursor(self) -> str | None:
        """Where to continue; None at first."""
        ...

    def restart_from(self, cursor: str) -> None:
        """Discard the state and start at a cursor."""
        ...

    def apply_page(self, page: dict[str, Any], request_cursor: str) -> None:
        """Apply a page of `since`."""
        ...


class Polling:
    """Polls `since` with the cursor that sockets resume with, so that a switch loses and duplicates nothing.

    Parameters:
        every: period in seconds.
        now: monotonic seconds.
    """

    def __init__(self, rest: Rest, reader: Reader, *, every: float, page: int, now: Callable[[], float]) -> None:
        self._rest = rest
        self._reader = reader
        self._every = every
        self._page = page
        self._now = now
        self._next = 0.0

    def seconds_left(self) -> float:
        """Seconds until the next poll is due."""
        return max(0.0, self._next - self._now())

    def poll_if_due(self) -> None:
        """Poll all pages, if it is time.

        Raises:
            Refused: the server refuses the request permanently.
        """
        if self.seconds_left() > 0:
            return
        self._next = self._now() + self._every
        try:
            self._poll()
        except Unanswered as failure:
            self._next = max(self._next, self._now() + (failure.retry_after or 0.0))

    def _poll(self) -> None:
        if self._reader.cursor is None:
            self._reader.restart_from(self._rest.current_cursor())
        has_more = True
        while has_more and (cursor := self._reader.cursor) is not None:
            try:
                page = self._rest.since(cursor=cursor, limit=self._page)
            except Refused as refusal:
                if refusal.error != BAD_CURSOR:
                    raise
                return self._reader.restart_from(self._rest.current_cursor())
            self._reader.apply_page(page, cursor)
            has_more = page["has_more"]
        return None
