"""Beside the messages: files that are sent, added and deleted, and users who block each other for a moment."""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gevent

from bench.files import noisy_document
from chaos.history import Outcome, Row, Send
from chaos.load.acting import PAUSE, TRIES
from chaos.load.dialects import Dialect
from chaos.load.outgoing import REFUSALS
from chaos.load.paced import Paced
from chaos.load.rows import row_of
from chaos.load.state import LoadState

FILE_BYTES = 6_000
BLOCKED_SECONDS = 0.3
# Of files: the message was deleted, its chat is locked or blocked, or a server is busy or restarting.
_EXPECTED = {0, 403, 404, 409, 503}


@dataclass(frozen=True)
class _SentFile:
    """A file in a message. Its id is that of the dialect it was uploaded in."""

    dialect: Dialect
    person: int
    message: int
    id: int | str


class FilesAndBlocks:
    """Runs until the load ends. Rates can be changed at any time and start at 0. Each action uses a random dialect.

    Parameters: chats: filled by the load.

    Attributes:
        files_per_second: messages with a file. Most get a second file later, and lose one.
        blocks_per_second: each is removed after a moment.
        done: how often each action succeeded.
    """

    def __init__(self, state: LoadState, chats: Sequence[int]) -> None:
        self._state = state
        self._chats = chats
        self._numbers = itertools.count(1)
        self._sent: list[_SentFile] = []
        self._content = b""
        self.files_per_second = 0.0
        self.blocks_per_second = 0.0
        self.done: Counter[str] = Counter()

    def start(self, paced: Paced) -> None:
        """Act from now on."""
        paced.start(lambda: self.files_per_second, self._act_on_file)
        paced.start(lambda: self.blocks_per_second, self._block_for_a_moment)

    def _act_on_file(self) -> None:
        chance = random.random()
        if chance < 0.5 or not self._sent:
            self._send_file()
        elif chance < 0.75:
            self._add_file(random.choice(self._sent))
        else:
            self._delete_file(self._sent.pop(random.randrange(len(self._sent))))

    def _send_file(self) -> None:
        chat, dialect = random.choice(self._chats), random.choice(self._state.dialects)
        person, number = random.choice(sorted(self._state.history.members[chat])), next(self._numbers)
        status, answer = self._upload(dialect, dialect.files, person, number)
        if status != dialect.sent:
            return
        (file,) = answer["data"]
        key = f"file-{number}-{random.getrandbits(32):08x}"
        method, path, options = dialect.send_request(chat, key, key)
        options["json"][dialect.files_field] = [file["id"]]
        message = self._send_until_answered(dialect, chat, key, person, method, path, options)
        if message is not None:
            self._sent.append(_SentFile(dialect, person, message, file["id"]))
            self.done["file sent"] += 1

    def _send_until_answered(
        self, dialect: Dialect, chat: int, key: str, person: int, method: str, path: str, options: dict[str, Any]
    ) -> int | None:
        """Record each attempt; returns the id of the message, None if it was refused."""
        for _ in range(TRIES):
            began = time.time()
            status, answer = self._state.ask(method, path, person, dialect=dialect, **options)
            row = row_of(dialect.message(answer["data"])) if status == dialect.sent else Row(0, 0, 0, 0, "")
            outcome: Outcome = "ok" if row.id else "fail" if status in REFUSALS else "unknown"
            self._state.record(Send(key, chat, person, began, time.time(), outcome, row.id, row.seq))
            if outcome != "unknown":
                return row.id or None
            gevent.sleep(PAUSE)
        return None

    def _add_file(self, to: _SentFile) -> None:
        path = f"/messages/{to.dialect.shown_message_id(to.message)}/attachments"
        status, _ = self._upload(to.dialect, path, to.person, next(self._numbers))
        self.done["file added"] += status == to.dialect.sent

    def _delete_file(self, file: _SentFile) -> None:
        path = f"{file.dialect.files}/{file.id}"
        status, _ = self._checked(file.dialect, "DELETE", path, file.person)
        self.done["file deleted"] += status == 200

    def _upload(self, dialect: Dialect, path: str, person: int, number: int) -> tuple[int, Any]:
        self._content = self._content or noisy_document(FILE_BYTES)
        form = {"files": (f"{number}.pdf", self._content)}
        return self._checked(dialect, "POST", path, person, files=form)

    def _checked(self, dialect: Dialect, method: str, path: str, person: int, **options: Any) -> tuple[int, Any]:
        status, answer = self._state.ask(method, path, person, dialect=dialect, **options)
        if status not in {200, dialect.sent, *_EXPECTED}:
            self._state.fault(f"{method} {path}", f"{status} {answer}")
        return status, answer

    def _block_for_a_moment(self) -> None:
        _, social = self._state.dialects  # the marketplace has no route for it
        pairs = [members for chat in self._chats if len(members := self._state.history.members[chat]) == 2]
        one, other = random.sample(sorted(random.choice(pairs)), 2)
        username = f"person-{other}"
        status, _ = self._state.ask("POST", "/blocks", one, dialect=social, json={"username": username})
        self.done["block"] += status == social.sent
        gevent.sleep(BLOCKED_SECONDS)
        for _ in range(TRIES):
            status, _ = self._state.ask("DELETE", f"/blocks/{username}", one, dialect=social)
            if status in (200, 404):
                return
            gevent.sleep(PAUSE)
        self._state.fault("DELETE /blocks", f"{username} is still blocked: {status}")
