"""A client that does what API.md asks of clients: reconnect, resume, heal gaps, repeat with the same key.

Its back-off is that of `chatapp_client`; the rest is not, on purpose. The reference client makes good what a server
does wrong: a message that comes twice, late or out of order ends in the same state. The checker has to see exactly
that, so this device keeps every frame as it came and mends nothing before it is written down. And a thousand of them
fit into one process, with sockets that can be made to read slowly or not at all.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import gevent
from gevent.event import Event

from bench.faults.history import Frame, Page, Presence, Row, Send
from bench.faults.pending import Pending
from bench.faults.world import World, row_of, rows_of, stored_at
from bench.sockets import Closed, LoadSocket
from chatapp_client import BackOff

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 1.0  # between two tries to connect; short, so that figures tell of the server
OPEN_SECONDS = 5.0
RESUME_AGAIN = 0.3  # seconds before asking again what was missed, when that was refused
UNANSWERED = 5  # messages that may wait for their answer; who has more says nothing new
REFRESH_AFTER = 300  # live messages, after which the cursor is moved on, so that coming back stays cheap
REFUSALS = {400, 403, 404, 409, 413, 415, 422}  # for good; 401 and 429 say nothing about the message
_MOVES = {"new_message", "message_edited", "message_deleted"}


@dataclass
class Device:
    """One socket of a person.

    Attributes:
        cursor: everything up to it is known.
        bytes_per_second: how fast it reads; None as fast as data comes, 0 not at all.
        knows: messages by id, with the version that is known.
    """

    number: int
    person: int
    world: World
    cursor: str = ""
    bytes_per_second: float | None = None
    is_caught_up: bool = False
    caught_up_at: float = 0.0
    connection: int = 0
    knows: dict[int, int] = field(default_factory=dict)
    pending: dict[str, Pending] = field(default_factory=dict)
    own: list[int] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self._wire: LoadSocket | None = None
        self._versions: dict[int, int] = defaultdict(int)
        self._is_welcome = self._is_resuming = self._sought_again = False
        self._heard = 0
        self._reads_again = Event()
        self.world.history.owners[self.number] = self.person

    @property
    def is_connected(self) -> bool:
        """Whether it may be spoken to."""
        return self._wire is not None and self._is_welcome

    def run(self) -> None:
        """Stay connected until the world ends."""
        backoff = BackOff(FIRST_PAUSE, LONGEST_PAUSE)
        while not self.world.ended:
            try:
                self._open()
                backoff.succeeded()
                while True:
                    self._read()
            except (OSError, gevent.Timeout) as error:
                self._lose(error)
            gevent.sleep(backoff.next_delay())

    def cut(self) -> None:
        """Lose the connection, as a train does in a tunnel."""
        if self._wire is not None:
            self._wire.close()

    @property
    def own_port(self) -> int:
        """Ours of the connection; 0 without one."""
        return 0 if self._wire is None else int(self._wire.sock.getsockname()[1])

    @property
    def is_held_up(self) -> bool:
        """Whether too much waits for its answer."""
        return len(self.pending) >= UNANSWERED

    def send(self, chat: int, key: str, content: str) -> None:
        """Send now or as soon as there is a connection, until it is answered."""
        waiting = self.pending[key] = Pending(chat, key, content)
        self.world.numbers.sent_at.append(waiting.first_at)
        self._try(waiting)

    def tell(self, frame: dict[str, Any]) -> None:
        """Send a frame that nobody repeats when it is lost."""
        if self.is_connected and self._wire is not None:
            try:
                self._wire.send(frame)
            except OSError:
                self._wire.close()

    def look_after_pending(self) -> None:
        """Give up waiting for answers that do not come, and try again; every other time over REST."""
        now = time.time()
        for waiting in list(self.pending.values()):
            if waiting.is_overdue(now):
                self._answered(waiting, "unknown")
            elif waiting.is_due(now) and waiting.tries % 2:
                gevent.spawn(self.send_by_rest, waiting)
            elif waiting.is_due(now):
                self._try(waiting)

    def send_by_rest(self, waiting: Pending) -> None:
        """Try once over REST, with the same key."""
        waiting.begin()
        waiting.is_over_rest = True
        body = {"chat_id": waiting.chat, "content": waiting.content, "client_message_id": waiting.key}
        status, answer = self.world.ask("POST", "/messages", self.person, json=body)
        waiting.is_over_rest = False
        if waiting.key not in self.pending:
            return  # the socket was faster
        if status == 200:
            self._answered(waiting, "ok", answer["data"])
        else:
            self._answered(waiting, "fail" if status in REFUSALS else "unknown")

    def _open(self) -> None:
        self.port = self.world.next_port()
        self.connection = next(self.world.connection_ids)
        with gevent.Timeout(OPEN_SECONDS):
            self._wire = LoadSocket(self.port, f"?token={self.world.token(self.person)}", self._hear)
            self._wire.sock.settimeout(None)
        self._wire.begin()

    def _read(self) -> None:
        assert self._wire is not None
        rate = self.bytes_per_second
        if rate == 0:
            self._reads_again.wait()
        elif rate:
            gevent.sleep(0.25)
        self._wire.receive(max(1, int(rate / 4)) if rate else 1 << 16)

    def read_at(self, bytes_per_second: float | None) -> None:
        """Change how fast it reads from here on."""
        self.bytes_per_second = bytes_per_second
        if bytes_per_second == 0:
            self._reads_again.clear()
        else:
            self._reads_again.set()

    def _lose(self, error: BaseException) -> None:
        if self._is_welcome:
            self.world.numbers.closes[error.code if isinstance(error, Closed) else 1006] += 1
        if self._wire is not None:
            self._wire.close()
        self._wire = None
        self.is_caught_up = self._is_welcome = self._is_resuming = False
        for waiting in self.pending.values():
            if waiting.is_on_its_way and not waiting.is_over_rest:
                self._answered(waiting, "unknown", keep=True)

    def _try(self, waiting: Pending) -> None:
        if self.is_connected and self._wire is not None:
            waiting.begin()
            self.tell({"chat_id": waiting.chat, "content": waiting.content, "client_message_id": waiting.key})

    def _answered(
        self, waiting: Pending, outcome: Any, message: dict[str, Any] | None = None, *, keep: bool = False
    ) -> None:
        now, row = time.time(), row_of(message) if message else Row(0, 0, 0, 0, "")
        self.world.history.sends.append(
            Send(waiting.key, waiting.chat, self.person, waiting.tried_at, now, outcome, row.id, row.seq)
        )
        waiting.end(now)
        if outcome == "ok":
            self.world.numbers.latencies.append((now, now - waiting.first_at))
            self.own.append(row.id)
        if outcome != "unknown" and not keep:
            del self.pending[waiting.key]

    def _hear(self, wire: LoadSocket, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind == "connected":
            self._welcome(frame)
        elif kind == "message_ack":
            waiting = self.pending.get(frame["client_message_id"])
            if waiting is not None:
                self._answered(waiting, "ok", frame["message"])
        elif kind == "resumed":
            self._catch_up(frame)
        elif kind == "error":
            self._refused(frame)
        elif kind in ("user_online", "user_offline"):
            self.world.history.presence.append(Presence(self.number, frame["payload"]["user_id"]))
        elif "chat_id" in frame:
            self._live(kind, frame)

    def _welcome(self, frame: dict[str, Any]) -> None:
        self._is_welcome = True
        if self.cursor:
            self._resume()
        else:
            self.cursor = frame["cursor"]
            self._is_up_to_date()
        for waiting in list(self.pending.values()):
            if not waiting.is_on_its_way:
                self._try(waiting)

    def _resume(self) -> None:
        if self._is_resuming:
            self._sought_again = True
            return
        self._is_resuming, self._sought_again = True, False
        self.tell({"type": "resume", "cursor": self.cursor, "limit": 100})

    def _is_up_to_date(self) -> None:
        if not self.is_caught_up:
            self.is_caught_up, self.caught_up_at = True, time.time()

    def _catch_up(self, frame: dict[str, Any]) -> None:
        if frame["full_sync"]:
            self.world.fault("resumed", "a full sync without a restored backup")
        now = time.time()
        for chat, found in rows_of(frame).items():
            self.world.history.pages.append(Page(self.person, chat, tuple(found), now, self.number))
            for row in found:
                self._learn(row.id, row.version, now)
                self._versions[chat] = max(self._versions[chat], row.version)
        self.cursor, self._is_resuming = frame["cursor"], False
        if frame["has_more"] or self._sought_again:
            self._resume()
        else:
            self._is_up_to_date()

    def _refused(self, frame: dict[str, Any]) -> None:
        error, key = frame["error"], frame.get("client_message_id") or ""
        if not error.endswith(("Unavailable", "messageDeleted", "messageNotFound")):
            self.world.fault("error frame", frame)
        waiting = self.pending.get(key)
        if waiting is not None:
            self._answered(waiting, "unknown" if error.endswith(("Unavailable", "internal")) else "fail")
        elif self._is_resuming and not key:
            self._is_resuming = False
            gevent.spawn_later(RESUME_AGAIN, self._resume)

    def _live(self, kind: str, frame: dict[str, Any]) -> None:
        now, chat, version = time.time(), frame["chat_id"], frame["version"]
        self.world.numbers.before_greeting += not self._is_welcome
        message = frame.get("message")
        row = row_of(message) if message else Row(0, frame.get("message_id", 0) if kind in _MOVES else 0, 0, 0, "")
        seen = Frame(self.connection, self.number, chat, kind, version, now, row.seq, row.id, row.key)
        self.world.history.frames.append(seen)
        if kind not in _MOVES:
            return
        if self.is_caught_up and version > self._versions[chat] + 1:
            self.world.numbers.jumps += 1
            self._resume()
        self._heard += 1
        if self._heard % REFRESH_AFTER == 0:
            self._resume()
        self._versions[chat] = max(self._versions[chat], version)
        self._learn(row.id, version, now)

    def _learn(self, message_id: int, version: int, now: float) -> None:
        if message_id not in self.knows and self.caught_up_at and self.bytes_per_second is None:
            at = stored_at(message_id)
            if self.is_caught_up and self.caught_up_at < at:
                self.world.numbers.delays.append((now, now - at, self.number))
        self.knows[message_id] = max(version, self.knows.get(message_id, 0))
