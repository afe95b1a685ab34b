"""What a device says until it is answered: over its socket, over REST, in its own dialect and in the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import gevent

from chaos.history import Outcome, Row, Send
from chaos.load.dialects import Dialect
from chaos.load.pending import Pending
from chaos.load.state import World, row_of

UNANSWERED = 5  # messages that may wait for their answer; who has more says nothing new
REFUSALS = {400, 403, 404, 409, 413, 415, 422}  # for good; 401 and 429 say nothing about the message


class Outgoing:
    """Messages of one device.

    Parameters:
        tell: says a frame over the socket, where there is one; whether there was.

    Attributes:
        pending: by key.
        own: ids of messages that were answered.
    """

    def __init__(self, world: World, person: int, dialect: Dialect, tell: Callable[[dict[str, Any]], bool]) -> None:
        self._world = world
        self._person = person
        self._dialect = dialect
        self._tell = tell
        self.pending: dict[str, Pending] = {}
        self.own: list[int] = []

    @property
    def is_held_up(self) -> bool:
        """Whether too much waits for its answer."""
        return len(self.pending) >= UNANSWERED

    def is_first_try(self, key: str) -> bool:
        """Whether a message that waits for its answer was tried once only, so that the answer is no repeated one."""
        waiting = self.pending.get(key)
        return waiting is not None and waiting.tries == 1

    def send(self, chat: int, key: str, content: str) -> None:
        """Send now or as soon as there is a connection, until it is answered."""
        waiting = self.pending[key] = Pending(chat, key, content)
        self._world.numbers.sent_at.append(waiting.first_at)
        self._try(waiting)

    def look_after(self) -> None:
        """Give up waiting for answers that do not come, and try again; every other time over REST, and there in turn
        in the device's dialect and in the other one."""
        now = time.time()
        for waiting in list(self.pending.values()):
            if waiting.is_overdue(now):
                self._answered(waiting, "unknown")
            elif waiting.is_due(now) and waiting.tries % 2:
                is_own_turn = waiting.tries % 4 == 1
                dialect = self._dialect if is_own_turn else self._world.other_dialect(self._dialect)
                self.send_by_rest(waiting, dialect)
            elif waiting.is_due(now):
                self._try(waiting)

    def send_by_rest(self, waiting: Pending, dialect: Dialect) -> None:
        """Try once over REST, with the same key, while others go on."""
        # Begun here: in a busy process a greenlet may start after the next look, which must not try once more.
        waiting.begin(over_rest=True)
        gevent.spawn(self._ask_by_rest, waiting, dialect)

    def _ask_by_rest(self, waiting: Pending, dialect: Dialect) -> None:
        method, path, options = dialect.sending(waiting.chat, waiting.key, waiting.content)
        status, answer = self._world.ask(method, path, self._person, dialect=dialect, **options)
        waiting.is_over_rest = False
        if waiting.key not in self.pending:
            return  # the socket was faster
        if status == dialect.sent:
            self._answered(waiting, "ok", dialect.message(answer["data"]))
        else:
            self._answered(waiting, "fail" if status in REFUSALS else "unknown")

    def connected(self) -> None:
        """There is a socket: send what waits."""
        for waiting in list(self.pending.values()):
            if not waiting.is_on_its_way:
                self._try(waiting)

    def lost(self) -> None:
        """The socket is gone, and with it the answers that it would have brought."""
        for waiting in self.pending.values():
            if waiting.is_on_its_way and not waiting.is_over_rest:
                self._answered(waiting, "unknown", keep=True)

    def acknowledged(self, key: str, message: dict[str, Any]) -> None:
        """The socket said that a message is stored."""
        waiting = self.pending.get(key)
        if waiting is not None:
            self._answered(waiting, "ok", message)

    def refused(self, key: str, error: str) -> bool:
        """The socket said that a message is not stored; False where none waits under this key."""
        waiting = self.pending.get(key)
        if waiting is not None:
            self._answered(waiting, "unknown" if error.endswith(("Unavailable", "internal")) else "fail")
        return waiting is not None

    def _try(self, waiting: Pending) -> None:
        frame = {"chat_id": waiting.chat, "content": waiting.content, "client_message_id": waiting.key}
        if self._tell(frame):
            waiting.begin()

    def _answered(
        self, waiting: Pending, outcome: Outcome, message: dict[str, Any] | None = None, *, keep: bool = False
    ) -> None:
        now, row = time.time(), row_of(message) if message else Row(0, 0, 0, 0, "")
        self._world.history.sends.append(
            Send(waiting.key, waiting.chat, self._person, waiting.tried_at, now, outcome, row.id, row.seq)
        )
        waiting.end(now)
        if outcome == "ok":
            self._world.numbers.latencies.append((now, now - waiting.first_at))
            self.own.append(row.id)
        if outcome != "unknown" and not keep:
            del self.pending[waiting.key]
