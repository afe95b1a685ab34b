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

from bench.sockets import Closed, LoadSocket
from chaos.history import Frame, Page, Presence, Row
from chaos.load.dialects import Dialect
from chaos.load.outgoing import Outgoing
from chaos.load.social_translator import UnknownId
from chaos.load.state import World, row_of, rows_of, stored_at
from chaos.load.versions import Versions
from chatapp_client import BackOff

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 1.0  # between two tries to connect; short, so that figures tell of the server
OPEN_SECONDS = 5.0
RESUME_AGAIN = 0.3  # seconds before asking again what was missed, when that was refused
REFRESH_AFTER = 300  # live messages, after which the cursor is moved on, so that coming back stays cheap
_MOVES = {"new_message", "message_sent", "message_edited", "message_deleted", "attachments_updated"}


@dataclass
class Device:
    """One socket of a person.

    Attributes:
        dialect: that it speaks; by number, every other speaks the second.
        cursor: everything up to it is known.
        bytes_per_second: how fast it reads; None as fast as data comes, 0 not at all.
        knows: messages by id, with the version that is known.
        outgoing: messages that it sends.
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
    port: int = 0

    def __post_init__(self) -> None:
        self._wire: LoadSocket | None = None
        self.dialect: Dialect = self.world.dialects[self.number % 2 == 0]
        self.outgoing = Outgoing(self.world, self.person, self.dialect, self.tell)
        self._versions: dict[int, Versions] = defaultdict(Versions)
        self._newest: dict[int, int] = {}
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

    def read(self, chat: int) -> None:
        """Read a chat up to the newest message that is known."""
        if chat in self._newest:
            self.tell({"type": "mark_read", "chat_id": chat, "message_ids": [self._newest[chat]]})

    def tell(self, frame: dict[str, Any]) -> bool:
        """Send a frame, in the words of the marketplace; False without a connection. It may be lost on its way."""
        if not self.is_connected or self._wire is None:
            return False
        try:
            self._wire.send(self.dialect.asked(frame))
        except OSError:
            self._wire.close()
        return True

    def look_after(self) -> None:
        """Try again what was not answered, and ask for what is missing."""
        self.outgoing.look_after()
        self._mend_gaps()

    def _open(self) -> None:
        self.port = self.world.next_port()
        self.connection = next(self.world.connection_ids)
        with gevent.Timeout(OPEN_SECONDS):
            query = f"?token={self.world.token(self.person)}"
            self._wire = LoadSocket(self.port, query, self._hear, path=self.dialect.socket)
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
        self.outgoing.lost()

    def _hear(self, wire: LoadSocket, said: dict[str, Any]) -> None:
        try:
            frame = self.dialect.told(said)
        except UnknownId as error:
            self.world.fault("frame", error)
            return
        kind = frame["type"]
        if kind == "connected":
            self._welcome(frame)
        elif kind == "message_ack":
            self._acknowledged(frame)
        elif kind == "resumed":
            self._catch_up(frame)
        elif kind == "error":
            self._refused(frame)
        elif kind in ("user_online", "user_offline"):
            self.world.history.presence.append(Presence(self.number, frame["payload"]["user_id"]))
        elif kind == "chat_updated":
            # How it stands, which may be newer than what was told: no frame of the order, but to be told to members.
            self.world.history.pages.append(Page(self.person, frame["chat"]["id"], (), time.time()))
        elif "chat_id" in frame:
            self._live(kind, frame)

    def _acknowledged(self, frame: dict[str, Any]) -> None:
        key, message = frame["client_message_id"], frame["message"]
        is_first = self.outgoing.is_first_try(key)
        self.outgoing.acknowledged(key, message)
        if self.dialect.echoes:
            return
        if is_first:  # it stands for the live frame, and has its place in the order
            told = {"chat_id": message["chat_id"], "version": message["version"], "message": message}
            self._live("message_sent", told)
            return
        # A repeated key is answered at once, with a message that was told long ago or is told in its turn.
        now, chat, row = time.time(), message["chat_id"], row_of(message)
        self.world.history.pages.append(Page(self.person, chat, (row,), now, self.number))
        self._versions[chat].learn(row.version)
        self._learn(chat, row.id, row.version, now)

    def _welcome(self, frame: dict[str, Any]) -> None:
        self._is_welcome = True
        if self.cursor:
            self._resume()
        else:
            self.cursor = frame["cursor"]
            self._is_up_to_date()
        self.outgoing.connected()

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
                self._learn(chat, row.id, row.version, now)
                self._versions[chat].settle(row.version)
        self.cursor, self._is_resuming = frame["cursor"], False
        if frame["has_more"] or self._sought_again:
            self._resume()
        else:
            self._is_up_to_date()

    def _refused(self, frame: dict[str, Any]) -> None:
        error, key = frame["error"], frame.get("client_message_id") or ""
        if not error.endswith(("Unavailable", "messageDeleted", "messageNotFound")):
            self.world.fault("error frame", frame)
        if not self.outgoing.refused(key, error) and self._is_resuming and not key:
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
        self._versions[chat].hear(version)
        self._mend_gaps()
        self._heard += 1
        if self._heard % REFRESH_AFTER == 0:
            self._resume()
        self._learn(chat, row.id, version, now)

    def _mend_gaps(self) -> None:
        """Ask for what is missing."""
        if not self.is_caught_up or self._is_resuming:
            return
        if any(versions.has_gap for versions in self._versions.values()):
            self.world.numbers.jumps += 1
            self._resume()

    def _learn(self, chat: int, message_id: int, version: int, now: float) -> None:
        self._newest[chat] = max(message_id, self._newest.get(chat, 0))
        if message_id not in self.knows and self.caught_up_at and self.bytes_per_second is None:
            at = stored_at(message_id)
            if self.is_caught_up and self.caught_up_at < at:
                self.world.numbers.delays.append((now, now - at, self.number))
        self.knows[message_id] = max(version, self.knows.get(message_id, 0))
