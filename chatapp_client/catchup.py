"""When to resume, and how to apply the answer. No I/O: the caller sends the requests."""

from __future__ import annotations

import random
from typing import Any

from chatapp_client.state import ChatState, Frame
from chatapp_client.timings import Timings


class CatchUp:
    """Keeps a state complete while a socket is open, one request at a time.

    Live frames are applied between pages: both carry ids and versions, so their order does not matter.
    """

    def __init__(self, state: ChatState, timings: Timings) -> None:
        self._state = state
        self._timings = timings
        self._request_cursor: str | None = None
        self._requested_at = 0.0
        self._is_wanted = False
        self._not_before = 0.0
        self._renewed_at = 0.0
        self._live_frames = 0
        self._names_known = False  # until the server has shown that it takes `known`
        # Members of a busy chat receive the same frames, and all would renew their cursors at the same moment.
        self._patience = random.uniform(0.5, 1.0)

    @property
    def is_waiting(self) -> bool:
        """Whether a request is unanswered."""
        return self._request_cursor is not None

    @property
    def is_complete(self) -> bool:
        """Whether nothing is known to be missing."""
        return not (self._is_wanted or self.is_waiting or self._state.needs_resume)

    def connected(self, now: float) -> None:
        """A socket is open: request what happened since the state's cursor."""
        self._request_cursor = None
        self._is_wanted, self._names_known = True, False
        self._not_before = self._renewed_at = now
        self._live_frames = 0

    def baseline_taken(self, now: float) -> None:
        """The state has a new cursor: there is nothing to request yet."""
        self.connected(now)
        self._is_wanted = False

    def live_frame_applied(self) -> None:
        """A live frame was applied."""
        self._live_frames += 1

    def request(self, now: float) -> Frame | None:
        """The `resume` frame to send now, if any."""
        if self.is_waiting and now - self._requested_at < self._timings.answer_wait:
            return None
        if self._state.cursor is None or now < self._not_before:
            return None
        if not (self.is_waiting or self._is_wanted or self._state.needs_resume or self._is_old(now)):
            return None
        self._state.begin_catch_up()
        self._request_cursor, self._requested_at = self._state.cursor, now
        self._is_wanted = True
        # Otherwise the page would repeat everything that came live.
        known = {"known": self._state.known} if self._names_known else {}
        return {"type": "resume", "cursor": self._request_cursor, "limit": self._timings.page, **known}

    def answered(self, page: dict[str, Any], now: float) -> list[Frame]:
        """Apply a page that is not a `full_sync`; returns what was new in it."""
        request_cursor, self._request_cursor = self._request_cursor, None
        self._names_known = "complete" in page
        if request_cursor is None:
            return self._state.apply_page(page, "")  # answer to an abandoned request: keep the messages, not the cursor
        news = self._state.apply_page(page, request_cursor)
        self._is_wanted = page["has_more"]
        if not page["has_more"]:
            self._renewed_at, self._live_frames = now, 0
        return news

    def refused(self, now: float, retry_after: float) -> None:
        """The request was refused; retry after some seconds."""
        self._request_cursor = None
        self._not_before = now + retry_after

    def _is_old(self, now: float) -> bool:
        # Renewing the cursor bounds what a reconnect reads again, and how long a lost push stays unnoticed.
        return (
            self._live_frames >= self._timings.refresh_frames * self._patience
            or now - self._renewed_at >= self._timings.refresh_every * self._patience
        )
