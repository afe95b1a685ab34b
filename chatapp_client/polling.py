"""What is left while no socket can be had: asking every few seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from chatapp_client.failures import Refused, Unanswered
from chatapp_client.rest import BAD_CURSOR, Rest


class Reader(Protocol):
    """Who keeps what is polled."""

    @property
    def cursor(self) -> str | None:
        """Where to go on; None before the beginning."""
        ...

    def begin(self, cursor: str) -> None:
        """This device begins, or begins anew, at a cursor: what it has is not what the server has."""
        ...

    def take(self, page: dict[str, Any], asked_with: str) -> None:
        """A page of `since`."""
        ...


class Polling:
    """Asks `since` by the same cursor that sockets resume with, so that changing the way loses and doubles nothing.

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
        """Until the next question is due."""
        return max(0.0, self._next - self._now())

    def poll_if_due(self) -> None:
        """Ask, page by page until there is no more.

        Raises:
            Refused: the server will not answer us, now or later.
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
            self._reader.begin(self._rest.cursor_of_now())
        has_more = True
        while has_more and (cursor := self._reader.cursor) is not None:
            try:
                page = self._rest.since(cursor=cursor, limit=self._page)
            except Refused as refusal:
                if refusal.error != BAD_CURSOR:
                    raise
                return self._reader.begin(self._rest.cursor_of_now())
            self._reader.take(page, cursor)
            has_more = page["has_more"]
        return None
