"""Paging under load: readers page through a chat from its newest message to its first during writes.

Each full read must see every message from the newest one of its first page to the first, once and in order. A read
that starts after all writes must see exactly the acknowledged messages.
"""

from __future__ import annotations

import time
from typing import Any

from bench.environment import Environment
from bench.social import vocabulary
from bench.social.seed_data import ChatGroup, seed
from bench.social.traffic import Answer, Request, Traffic
from bench.sockets import LoadSocket
from bench.stats import print_errors, spread

WRITERS, READERS = 8, 4
MESSAGES = 20_000
LIMIT = 50  # messages of a page; the maximum of the social dialect
SILENCE = 30.0  # seconds without any message or page after which the run fails
PEOPLE = (1, 2)


def paging_under_load(running: Environment, messages: int = MESSAGES) -> dict[str, Any]:
    """Write messages over eight sockets while four readers page; returns the row with its errors."""
    load = _Load(running, messages)
    try:
        seconds = load.run()
    finally:
        load.traffic.close()
    name = f"{messages:,} messages by {WRITERS} writers, {READERS} readers paging"
    return {
        "scenario": name,
        "written_per_s": round(messages / seconds),
        "full_reads": load.full_reads,
        "pages": len(load.page_seconds),
        **spread(load.page_seconds),
        "errors": print_errors(name, load.errors),
    }


class _Load:
    """The chat, its writers and its readers."""

    def __init__(self, environment: Environment, messages: int) -> None:
        assert environment.servers.postgres is not None
        ((self.chat_id,),) = seed(environment.servers.postgres.url, [ChatGroup([PEOPLE], 1)])
        self.messages = messages
        self.traffic = Traffic(environment.port)
        self.errors = self.traffic.lost
        self.acknowledged: set[str] = set()
        self.page_seconds: list[float] = []
        self.full_reads, self.readers_left = 0, READERS
        self._sent = 0
        self._writers = [
            vocabulary.connect(self.traffic, environment.port, PEOPLE[number % 2], self._on_frame)
            for number in range(WRITERS)
        ]

    @property
    def is_written(self) -> bool:
        return len(self.acknowledged) >= self.messages

    def run(self) -> float:
        """Write and read until every reader has seen all messages; returns the seconds of writing."""
        began = moved_at = time.perf_counter()
        written_at = moved = 0.0
        for sock in self._writers:
            self._write(sock)
        for number in range(READERS):
            _Reader(self, PEOPLE[number % 2]).begin()
        while self.readers_left and time.perf_counter() < moved_at + SILENCE:
            self.traffic.poll(0.05)
            done = len(self.acknowledged) + len(self.page_seconds)
            if done > moved:
                moved, moved_at = done, time.perf_counter()
            if self.is_written and not written_at:
                written_at = time.perf_counter()
        if self.readers_left:
            self.errors.append(f"no progress for {SILENCE:g} s; {len(self.acknowledged)} messages were acknowledged")
        return (written_at or time.perf_counter()) - began

    def _write(self, sock: LoadSocket) -> None:
        if self._sent < self.messages:
            self._sent += 1
            sock.send(vocabulary.message_frame(self.chat_id, f"{sock.data}-{self._sent}", "under load"))

    def _on_frame(self, sock: LoadSocket, frame: bytes) -> None:
        """Send the next message after the acknowledgement of the last."""
        if frame.startswith(vocabulary.ACKNOWLEDGED):
            key = vocabulary.key_in(frame)
            if key is None or key in self.acknowledged:
                self.errors.append(f"acknowledged: {key}")
            else:
                self.acknowledged.add(key)
            self._write(sock)
        elif frame.startswith(vocabulary.REFUSED):
            self.errors.append(f"refused: {frame[:200]!r}")


class _Reader:
    """Reads the chat repeatedly, until a read started after all writes."""

    def __init__(self, load: _Load, person: int) -> None:
        self._load = load
        self._person = person
        self._keys: list[str] = []
        self._last_seq = 0
        self._asked_at = 0.0
        self._is_last_read = False

    def begin(self) -> None:
        self._is_last_read = self._load.is_written
        self._keys, self._last_seq = [], 0
        self._request(None)

    def _request(self, cursor: str | None) -> None:
        self._asked_at = time.perf_counter()
        path = vocabulary.messages(self._load.chat_id, LIMIT, cursor)
        self._load.traffic.send(Request("GET", path, self._person, self._handle))

    def _handle(self, answer: Answer) -> None:
        self._load.page_seconds.append(time.perf_counter() - self._asked_at)
        if answer.status != 200:
            self._load.errors.append(f"a page failed with {answer.status}: {answer.body[:200]!r}")
            self._load.readers_left -= 1
            return
        messages, cursor = vocabulary.page(answer.data)
        for message in messages:
            if self._last_seq and message["seq"] != self._last_seq - 1:
                self._load.errors.append(f"seq {message['seq']} follows {self._last_seq}, going backwards")
            self._last_seq = message["seq"]
            self._keys.append(message["content"].partition(" ")[0])
        if cursor:
            self._request(cursor)
        else:
            self._end_read()

    def _end_read(self) -> None:
        self._load.full_reads += 1
        if self._last_seq != 1:
            self._load.errors.append(f"a read ended at seq {self._last_seq}")
        if not self._is_last_read:
            self.begin()
            return
        self._load.readers_left -= 1
        written = self._keys[:-1]  # without the message that created the chat
        if len(written) != self._load.messages or set(written) != self._load.acknowledged:
            self._load.errors.append(f"the last read saw {len(written)} messages, {len(set(written))} different")
