"""When to ask what was missed, and what to do with the answer. No I/O: the caller carries the questions."""

from __future__ import annotations

from typing import Any

from chatapp_client.state import ChatState, Frame
from chatapp_client.timings import Pace


class CatchUp:
    """Keeps a state complete while a socket is open, one question at a time.

    Live frames are applied while pages come: both are known by id and version, so neither waits for the other.
    """

    def __init__(self, state: ChatState, pace: Pace) -> None:
        self._state = state
        self._pace = pace
        self._asked_with: str | None = None
        self._asked_at = 0.0
        self._is_wanted = False
        self._not_before = 0.0
        self._renewed_at = 0.0
        self._live_frames = 0

    @property
    def is_waiting(self) -> bool:
        """Whether a question is on its way."""
        return self._asked_with is not None

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing that is known to be missing."""
        return not (self._is_wanted or self.is_waiting or self._state.needs_resume)

    def connected(self, now: float) -> None:
        """A socket is open: what happened since the state's cursor is to be asked for."""
        self._asked_with = None
        self._is_wanted = True
        self._not_before = self._renewed_at = now
        self._live_frames = 0

    def begun(self, now: float) -> None:
        """The state was given a fresh cursor: there is nothing to ask for yet."""
        self.connected(now)
        self._is_wanted = False

    def heard(self) -> None:
        """A live frame was applied."""
        self._live_frames += 1

    def question(self, now: float) -> Frame | None:
        """The `resume` that is to be sent now, if any."""
        if self.is_waiting and now - self._asked_at < self._pace.answer_wait:
            return None
        if self._state.cursor is None or now < self._not_before:
            return None
        if not (self.is_waiting or self._is_wanted or self._state.needs_resume or self._is_old(now)):
            return None
        self._state.begin_catch_up()
        self._asked_with, self._asked_at = self._state.cursor, now
        self._is_wanted = True
        return {"type": "resume", "cursor": self._asked_with, "limit": self._pace.page}

    def answered(self, page: dict[str, Any], now: float) -> list[Frame]:
        """Take in a page that is not a `full_sync`; what was new in it."""
        asked_with, self._asked_with = self._asked_with, None
        if asked_with is None:
            return self._state.apply_page(page, "")  # the answer of a question that was given up: kept, but no cursor
        news = self._state.apply_page(page, asked_with)
        self._is_wanted = page["has_more"]
        if not page["has_more"]:
            self._renewed_at, self._live_frames = now, 0
        return news

    def refused(self, now: float, retry_after: float) -> None:
        """The question was not answered; ask again after so many seconds."""
        self._asked_with = None
        self._not_before = now + retry_after

    def _is_old(self, now: float) -> bool:
        # The cursor bounds how much a reconnect reads again, and how late a push that nobody noticed missing can be.
        return self._live_frames >= self._pace.refresh_frames or now - self._renewed_at >= self._pace.refresh_every
