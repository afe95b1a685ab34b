"""A client that follows docs/client.md: it reconnects, resumes, closes gaps and retries with the same key.

It shares only the back-off with `chatapp_client`, on purpose. The reference client hides server errors: a duplicate,
late or reordered message ends in the same state. The checker has to see exactly those, so this device records each
frame before it interprets it. A thousand of them fit into one process, and their sockets can read slowly or not at all.
"""

from __future__ import annotations

import random
import socket
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
from chaos.load.rows import MARKS, complete_versions, marks_of, row_of, rows_of, stored_at
from chaos.load.social_translator import UnknownPublicId
from chaos.load.state import LoadState
from chaos.load.versions import Versions
from chatapp_client import BackOff

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 1.0  # seconds between attempts; short, so that results reflect the server
OPEN_SECONDS = 5.0
# Of a socket. By default the kernel takes up to 32 MB for a client that does not read, which no server can notice.
RECEIVE_BUFFER = 64 * 1024
MOST_NAMED = 100  # chats in one resume
RESUME_AGAIN = 0.3  # seconds before a refused resume is retried
# Live frames after which the cursor is renewed, so that a reconnect stays cheap; drawn each time. With one number for
# all, every device would catch up in the same seconds, and a fault there would be blamed for it.
REFRESH_AFTER = (150, 450)
_CHANGES = {"new_message", "message_sent", "message_edited", "message_deleted", "attachments_updated"}
_MOVES = _CHANGES | {"chat_advanced", *MARKS}


@dataclass
class Device:
    """One device of a person, with one socket.

    Attributes:
        dialect: which dialect it uses; every second device uses the social one.
        cursor: everything before it is known.
        bytes_per_second: read rate; None for unlimited, 0 to stop reading.
        known_versions: the known version of each message, by id.
        outgoing: the messages that it sends.
    """

    number: int
    person: int
    state: LoadState
    cursor: str = ""
    bytes_per_second: float | None = None
    is_caught_up: bool = False
    caught_up_at: float = 0.0
    connection: int = 0
    known_versions: dict[int, int] = field(default_factory=dict)
    port: int = 0

    def __post_init__(self) -> None:
        self._wire: LoadSocket | None = None
        self.dialect: Dialect = self.state.dialects[self.number % 2 == 0]
        self.outgoing = Outgoing(self.state, self.person, self.dialect, self.send_frame)
        self._versions: dict[int, Versions] = defaultdict(Versions)
        self._newest: dict[int, int] = {}
        self._is_admitted = self._is_resuming = self._is_resume_wanted = False
        self._names_known = False  # until the server has shown that it takes them: the release before does not
        self._live_left = random.randint(*REFRESH_AFTER)
        self._may_read = Event()
        self.state.history.owners[self.number] = self.person

    @property
    def is_connected(self) -> bool:
        """Whether the socket is open and greeted."""
        return self._wire is not None and self._is_admitted

    def run(self) -> None:
        """Stay connected until the load ends."""
        backoff = BackOff(FIRST_PAUSE, LONGEST_PAUSE)
        while not self.state.has_ended:
            try:
                self._open()
                backoff.succeeded()
                while True:
                    self._read()
            except (OSError, gevent.Timeout) as error:
                self._on_close(error)
            gevent.sleep(backoff.next_delay())

    def drop_connection(self) -> None:
        """Drop the connection without a close frame."""
        if self._wire is not None:
            self._wire.close()

    @property
    def own_port(self) -> int:
        """Local port of the connection; 0 without one."""
        return 0 if self._wire is None else int(self._wire.sock.getsockname()[1])

    def read(self, chat: int) -> None:
        """Mark a chat as read up to its newest known message."""
        if chat in self._newest:
            self.send_frame({"type": "mark_read", "chat_id": chat, "message_ids": [self._newest[chat]]})

    def is_behind(self, chat: int, version: int) -> bool:
        """Whether a change of a chat up to this version is not known yet."""
        return self._versions[chat].complete_to < version

    def send_frame(self, frame: dict[str, Any]) -> bool:
        """Send a frame of the marketplace dialect; False without a connection. True does not mean that it arrives."""
        if not self.is_connected or self._wire is None:
            return False
        try:
            self._wire.send(self.dialect.encode(frame))
        except OSError:
            self._wire.close()
        return True

    def retry_due(self) -> None:
        """Retry what is unanswered, and resume after a gap."""
        self.outgoing.retry_due()
        self._resume_after_gap()

    def _open(self) -> None:
        self.port = self.state.next_port()
        self.connection = next(self.state.connection_ids)
        with gevent.Timeout(OPEN_SECONDS):
            query = f"?token={self.state.token(self.person)}"
            self._wire = LoadSocket(self.port, query, self._on_frame, path=self.dialect.socket)
            self._wire.sock.settimeout(None)
            self._wire.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        self._wire.begin()

    def _read(self) -> None:
        assert self._wire is not None
        rate = self.bytes_per_second
        if rate == 0:
            self._may_read.wait()
        elif rate:
            gevent.sleep(0.25)
        self._wire.receive(max(1, int(rate / 4)) if rate else 1 << 16)

    def set_read_rate(self, bytes_per_second: float | None) -> None:
        """Set the read rate; None for unlimited."""
        self.bytes_per_second = bytes_per_second
        if bytes_per_second == 0:
            self._may_read.clear()
        else:
            self._may_read.set()

    def _on_close(self, error: BaseException) -> None:
        if self._is_admitted:
            self.state.measurements.closes[error.code if isinstance(error, Closed) else 1006] += 1
        if self._wire is not None:
            self._wire.close()
        self._wire = None
        self.is_caught_up = self._is_admitted = self._is_resuming = self._names_known = False
        self.outgoing.lost()

    def _on_frame(self, wire: LoadSocket, payload: dict[str, Any]) -> None:
        try:
            frame = self.dialect.decode(payload)
        except UnknownPublicId as error:
            self.state.fault("frame", error)
            return
        self._take(frame)

    def _take(self, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind == "connected":
            self._on_connected(frame)
        elif kind == "message_ack":
            self._acknowledged(frame)
        elif kind == "resumed":
            self._catch_up(frame)
        elif kind == "error":
            self._refused(frame)
        elif kind in ("user_online", "user_offline"):
            self.state.history.presence.append(Presence(self.number, frame["payload"]["user_id"]))
        elif kind == "chat_updated":
            # A current state, possibly newer than earlier frames: not part of the order, but for members only.
            self.state.history.pages.append(Page(self.person, frame["chat"]["id"], (), time.time()))
        elif "version" in frame:
            self._record_live(kind, frame)

    def _acknowledged(self, frame: dict[str, Any]) -> None:
        key, message = frame["client_message_id"], frame["message"]
        is_first = self.outgoing.is_first_try(key)
        self.outgoing.acknowledged(key, message)
        if self.dialect.echoes_to_sender:
            return
        if is_first:  # stands for the live frame, at its position in the order
            received = {
                "type": "message_sent",
                "chat_id": message["chat_id"],
                "version": message["version"],
                "message": message,
            }
            self._record_live("message_sent", received)
            return
        # A repeated key is answered at once; the message itself was or will be pushed in order.
        now, chat, row = time.time(), message["chat_id"], row_of(message)
        self.state.history.pages.append(Page(self.person, chat, (row,), now, self.number))
        self._versions[chat].learn(row.version)
        self._learn(chat, row.id, row.version, now)

    def _on_connected(self, frame: dict[str, Any]) -> None:
        self._is_admitted = True
        if self.cursor:
            self._resume()
        else:
            self.cursor = frame["cursor"]
            self._is_up_to_date()
        self.outgoing.connected()

    def _resume(self) -> None:
        if not self.is_connected:
            return  # the next connection resumes when it is greeted
        if self._is_resuming:
            self._is_resume_wanted = True
            return
        self._is_resuming, self._is_resume_wanted = True, False
        known = [{"chat_id": chat, "version": versions.complete_to} for chat, versions in self._versions.items()]
        named = {"known": known[-MOST_NAMED:]} if self._names_known else {}
        self.send_frame({"type": "resume", "cursor": self.cursor, "limit": 100, **named})

    def _is_up_to_date(self) -> None:
        if not self.is_caught_up:
            self.is_caught_up, self.caught_up_at = True, time.time()

    def _catch_up(self, frame: dict[str, Any]) -> None:
        if frame["full_sync"]:
            self.state.fault("resumed", "full_sync without a restored backup")
        now = time.time()
        for chat, found in rows_of(frame).items():
            self.state.history.pages.append(Page(self.person, chat, tuple(found), now, self.number))
            for row in found:
                self._learn(chat, row.id, row.version, now)
        for change in frame["changes"]:
            self.state.history.marks += marks_of(change, self.number)
        for chat, version in complete_versions(frame).items():
            self._versions[chat].complete_up_to(version)
        self._names_known = "complete" in frame
        self.cursor, self._is_resuming = frame["cursor"], False
        if frame["has_more"] or self._is_resume_wanted:
            self._resume()
        else:
            self._is_up_to_date()

    def _refused(self, frame: dict[str, Any]) -> None:
        error, key = frame["error"], frame.get("client_message_id") or ""
        if not error.endswith(tuple(self.state.expected_refusals)):
            self.state.fault("error frame", frame)
        if not self.outgoing.refused(key, error) and self._is_resuming and not key:
            self._is_resuming = False
            gevent.spawn_later(RESUME_AGAIN, self._resume)

    def _record_live(self, kind: str, frame: dict[str, Any]) -> None:
        now, chat, version = time.time(), frame["chat_id"], frame["version"]
        self.state.measurements.before_greeting += not self._is_admitted
        message = frame.get("message")
        row = row_of(message) if message else Row(0, frame.get("message_id", 0) if kind in _CHANGES else 0, 0, 0, "")
        shown = (row.seq, row.id, row.key, row.digest, row.reactions)
        self.state.history.frames.append(Frame(self.connection, self.number, chat, kind, version, now, *shown))
        self.state.history.marks += marks_of(frame, self.number)
        if kind not in _MOVES:
            return
        self._versions[chat].saw_live(version, frame.get("from_version"))
        self._resume_after_gap()
        self._live_left -= 1
        if self._live_left <= 0:
            self._live_left = random.randint(*REFRESH_AFTER)
            self._resume()
        if row.id:  # not for changes that the person does not see
            self._learn(chat, row.id, version, now)

    def _resume_after_gap(self) -> None:
        """Resume when a live frame revealed a gap."""
        if not self.is_caught_up or self._is_resuming:
            return
        if any(versions.has_gap for versions in self._versions.values()):
            self.state.measurements.gaps += 1
            self._resume()

    def _learn(self, chat: int, message_id: int, version: int, now: float) -> None:
        self._newest[chat] = max(message_id, self._newest.get(chat, 0))
        if message_id not in self.known_versions and self.caught_up_at and self.bytes_per_second is None:
            at = stored_at(message_id)
            if self.is_caught_up and self.caught_up_at < at:
                self.state.measurements.delays.append((now, now - at, self.number))
        self.known_versions[message_id] = max(version, self.known_versions.get(message_id, 0))
