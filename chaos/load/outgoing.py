"""Sends of a device, retried until they are answered: over its socket and over REST, in both dialects."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import gevent

from chaos.history import Outcome, Row, Send
from chaos.load.dialects import Dialect
from chaos.load.pending import Pending, Reference
from chaos.load.rows import row_of
from chaos.load.state import LoadState

UNANSWERED = 5  # messages that may be unanswered; beyond that the device sends nothing new
REFUSALS = {400, 403, 404, 409, 413, 415, 422}  # permanent; 401 and 429 say nothing about the message


class Outgoing:
    """Unanswered messages of one device.

    Parameters:
        send_frame: sends a frame over the socket; False without a connection.

    Attributes:
        pending: by key.
        own: ids of acknowledged messages.
    """

    def __init__(
        self, state: LoadState, person: int, dialect: Dialect, send_frame: Callable[[dict[str, Any]], bool]
    ) -> None:
        self._state = state
        self._person = person
        self._dialect = dialect
        self._send_frame = send_frame
        self.pending: dict[str, Pending] = {}
        self.own: list[int] = []

    @property
    def is_saturated(self) -> bool:
        """Whether the limit of unanswered messages is reached."""
        return len(self.pending) >= UNANSWERED

    def is_first_try(self, key: str) -> bool:
        """Whether an unanswered message was sent only once, so that its answer is not a repeated one."""
        waiting = self.pending.get(key)
        return waiting is not None and waiting.tries == 1

    def send(self, chat: int, key: str, content: str, about: Reference | None = None) -> None:
        """Send now or as soon as there is a connection, and retry until it is answered.

        Parameters:
            about: another message that it names.
        """
        waiting = self.pending[key] = Pending(chat, key, content, about)
        self._state.measurements.sent_at.append(waiting.first_at)
        self._try(waiting)

    def retry_due(self) -> None:
        """Retry what timed out, every second time over REST, alternating between the two dialects there."""
        now = time.time()
        for waiting in list(self.pending.values()):
            if waiting.is_overdue(now):
                self._answered(waiting, "unknown")
            elif waiting.is_due(now) and waiting.tries % 2:
                is_own_turn = waiting.tries % 4 == 1
                dialect = self._dialect if is_own_turn else self._state.other_dialect(self._dialect)
                self.send_by_rest(waiting, dialect)
            elif waiting.is_due(now):
                self._try(waiting)

    def send_by_rest(self, waiting: Pending, dialect: Dialect) -> None:
        """Send once over REST with the same key, in a greenlet."""
        # Marked here, not in the greenlet: it may start after the next retry_due(), which must not send again.
        waiting.begin(over_rest=True)
        gevent.spawn(self._ask_by_rest, waiting, dialect)

    def _ask_by_rest(self, waiting: Pending, dialect: Dialect) -> None:
        method, path, options = dialect.send_request(waiting.chat, waiting.key, waiting.content, waiting.about)
        status, answer = self._state.ask(method, path, self._person, dialect=dialect, **options)
        waiting.is_over_rest = False
        if waiting.key not in self.pending:  # the socket was faster
            if status == dialect.sent:
                self._accepted_late(waiting.key, dialect.message(answer["data"]))
            return
        if status == dialect.sent:
            self._answered(waiting, "ok", dialect.message(answer["data"]))
        else:
            self._answered(waiting, "fail" if status in REFUSALS else "unknown")

    def connected(self) -> None:
        """The socket is open: send what is waiting."""
        for waiting in list(self.pending.values()):
            if not waiting.is_on_its_way:
                self._try(waiting)

    def lost(self) -> None:
        """The socket is gone: sends on their way have an unknown outcome."""
        for waiting in self.pending.values():
            if waiting.is_on_its_way and not waiting.is_over_rest:
                self._answered(waiting, "unknown", keep=True)

    def acknowledged(self, key: str, message: dict[str, Any]) -> None:
        """The server acknowledged a message over the socket."""
        waiting = self.pending.get(key)
        if waiting is not None:
            self._answered(waiting, "ok", message)
        else:
            self._accepted_late(key, message)

    def refused(self, key: str, error: str) -> bool:
        """The server refused a message over the socket; False if no message waits under this key."""
        waiting = self.pending.get(key)
        if waiting is not None:
            self._answered(waiting, "unknown" if error.endswith(("Unavailable", "internal")) else "fail")
        return waiting is not None

    def _try(self, waiting: Pending) -> None:
        frame: dict[str, Any] = {"chat_id": waiting.chat, "content": waiting.content, "client_message_id": waiting.key}
        if waiting.about is not None:
            frame[waiting.about.field] = waiting.about.message
        if self._send_frame(frame):
            waiting.begin()

    def _accepted_late(self, key: str, message: dict[str, Any]) -> None:
        """Another attempt was answered before, maybe with a refusal: a block lasts for a moment."""
        now, row = time.time(), row_of(message)
        self._state.record(Send(key, message["chat_id"], self._person, now, now, "ok", row.id, row.seq))

    def _answered(
        self, waiting: Pending, outcome: Outcome, message: dict[str, Any] | None = None, *, keep: bool = False
    ) -> None:
        now, row = time.time(), row_of(message) if message else Row(0, 0, 0, 0, "")
        self._state.record(
            Send(waiting.key, waiting.chat, self._person, waiting.tried_at, now, outcome, row.id, row.seq)
        )
        waiting.end(now)
        if outcome == "ok":
            self._state.measurements.latencies.append((now, now - waiting.first_at))
            self.own.append(row.id)
        if outcome != "unknown" and not keep:
            del self.pending[waiting.key]
