"""Paging under fire: while some write into a chat, others page through it from its newest message to its first.

A walk must see every message from its first page's newest down to the chat's first, each once, in order; a walk that
began when all was written must see exactly what was acknowledged.
"""

from __future__ import annotations

import time
from typing import Any

from bench.environment import Stage
from bench.social import vocabulary
from bench.social.seed_data import Group, fill
from bench.social.traffic import Answer, Request, Traffic
from bench.sockets import LoadSocket
from bench.stats import spread, tell_wrongs

WRITERS, READERS = 8, 4
MESSAGES = 20_000
LIMIT = 50  # messages of a page, the most that the social dialect gives
SILENCE = 30.0  # seconds without any message or page after which a run has failed
PEOPLE = (1, 2)


def paging_under_fire(running: Stage, messages: int = MESSAGES) -> dict[str, Any]:
    """Write so many messages with eight sockets while four readers page, and tell what was wrong."""
    fire = _Fire(running, messages)
    try:
        seconds = fire.burn()
    finally:
        fire.traffic.close()
    name = f"{messages:,} messages by {WRITERS} writers, {READERS} readers paging"
    return {
        "scenario": name,
        "written_per_s": round(messages / seconds),
        "walks": fire.walks,
        "pages": len(fire.page_seconds),
        **spread(fire.page_seconds),
        "wrong": tell_wrongs(name, fire.wrong),
    }


class _Fire:
    """The chat, who writes into it, and who reads it."""

    def __init__(self, stage: Stage, messages: int) -> None:
        assert stage.servers.postgres is not None
        ((self.chat_id,),) = fill(stage.servers.postgres.url, [Group([PEOPLE], 1)])
        self.messages = messages
        self.traffic = Traffic(stage.port)
        self.wrong = self.traffic.lost
        self.acknowledged: set[str] = set()
        self.page_seconds: list[float] = []
        self.walks, self.readers_left = 0, READERS
        self._sent = 0
        self._writers = [
            vocabulary.connected(self.traffic, stage.port, PEOPLE[number % 2], self._hear) for number in range(WRITERS)
        ]

    @property
    def is_written(self) -> bool:
        return len(self.acknowledged) >= self.messages

    def burn(self) -> float:
        """Write and read until every reader has seen all; returns the seconds until all was written."""
        began = moved_at = time.perf_counter()
        written_at = moved = 0.0
        for sock in self._writers:
            self._write(sock)
        for number in range(READERS):
            _Reader(self, PEOPLE[number % 2]).begin()
        while self.readers_left and time.perf_counter() < moved_at + SILENCE:
            self.traffic.turn(0.05)
            done = len(self.acknowledged) + len(self.page_seconds)
            if done > moved:
                moved, moved_at = done, time.perf_counter()
            if self.is_written and not written_at:
                written_at = time.perf_counter()
        if self.readers_left:
            self.wrong.append(f"nothing moved for {SILENCE:g} s; {len(self.acknowledged)} messages were acknowledged")
        return (written_at or time.perf_counter()) - began

    def _write(self, sock: LoadSocket) -> None:
        if self._sent < self.messages:
            self._sent += 1
            sock.send(vocabulary.message_frame(self.chat_id, f"{sock.data}-{self._sent}", "under fire"))

    def _hear(self, sock: LoadSocket, frame: bytes) -> None:
        """The next message of a writer follows the acknowledgement of the last."""
        if frame.startswith(vocabulary.ACKNOWLEDGED):
            key = vocabulary.key_in(frame)
            if key is None or key in self.acknowledged:
                self.wrong.append(f"acknowledged: {key}")
            else:
                self.acknowledged.add(key)
            self._write(sock)
        elif frame.startswith(vocabulary.REFUSED):
            self.wrong.append(f"refused: {frame[:200]!r}")


class _Reader:
    """Walks through the chat, again and again, until a walk began when all was written."""

    def __init__(self, fire: _Fire, person: int) -> None:
        self._fire = fire
        self._person = person
        self._keys: list[str] = []
        self._last_seq = 0
        self._asked_at = 0.0
        self._is_last_walk = False

    def begin(self) -> None:
        self._is_last_walk = self._fire.is_written
        self._keys, self._last_seq = [], 0
        self._ask(None)

    def _ask(self, cursor: str | None) -> None:
        self._asked_at = time.perf_counter()
        path = vocabulary.messages(self._fire.chat_id, LIMIT, cursor)
        self._fire.traffic.ask(Request("GET", path, self._person, self._take))

    def _take(self, answer: Answer) -> None:
        self._fire.page_seconds.append(time.perf_counter() - self._asked_at)
        if answer.status != 200:
            self._fire.wrong.append(f"a page was refused with {answer.status}: {answer.body[:200]!r}")
            self._fire.readers_left -= 1
            return
        messages, cursor = vocabulary.page(answer.data)
        for message in messages:
            if self._last_seq and message["seq"] != self._last_seq - 1:
                self._fire.wrong.append(f"seq {message['seq']} follows {self._last_seq}, going backwards")
            self._last_seq = message["seq"]
            self._keys.append(message["content"].partition(" ")[0])
        if cursor:
            self._ask(cursor)
        else:
            self._end_walk()

    def _end_walk(self) -> None:
        self._fire.walks += 1
        if self._last_seq != 1:
            self._fire.wrong.append(f"a walk ended at seq {self._last_seq}")
        if not self._is_last_walk:
            self.begin()
            return
        self._fire.readers_left -= 1
        written = self._keys[:-1]  # without the message that the chat began with
        if len(written) != self._fire.messages or set(written) != self._fire.acknowledged:
            self._fire.wrong.append(f"the last walk saw {len(written)} messages, {len(set(written))} different")
