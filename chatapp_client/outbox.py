"""What was asked for and not answered yet. No I/O: the caller carries the commands and brings the answers.

A command keeps its key until it is answered, however often it is sent and over whatever way, so it happens once. In one
lane (a chat) the next command leaves when the one before is answered: that is what keeps their order when one of them
has to be sent again.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from chatapp_client.backoff import BackOff
from chatapp_client.failures import ClientError
from chatapp_client.timings import Pace


class PendingMessage:
    """The answer to a command, once it has come.

    Attributes:
        key: what the server knows the command by.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self._is_done = threading.Event()
        self._answer: dict[str, Any] = {}
        self._failure: ClientError | None = None

    @property
    def is_done(self) -> bool:
        """Whether the server has answered."""
        return self._is_done.is_set()

    def wait(self, timeout: float | None = None) -> dict[str, Any]:
        """The message as the server stored it.

        Parameters:
            timeout: seconds; None waits for as long as it takes.

        Raises:
            Refused: the server does not take it.
            ClientError: the client was closed before an answer came.
            TimeoutError: no answer yet; it goes on being sent.
        """
        if not self._is_done.wait(timeout):
            raise TimeoutError(f"no answer to {self.key} within {timeout} s")
        if self._failure is not None:
            raise self._failure
        return self._answer

    def _resolve(self, answer: dict[str, Any]) -> None:
        self._answer = answer
        self._is_done.set()

    def _fail(self, failure: ClientError) -> None:
        self._failure = failure
        self._is_done.set()


@dataclass(slots=True, eq=False)
class Command:
    """Something to be done once.

    Attributes:
        kind: `message`, `edit`, `delete` or `read`.
        lane: commands of one lane happen in their order.
        body: what the server needs for it, without the key.
    """

    kind: str
    key: str
    lane: tuple[Any, ...]
    body: dict[str, Any]
    result: PendingMessage
    backoff: BackOff
    over_socket: bool = False
    deadline: float | None = None  # while it is on its way
    not_before: float = field(default=0.0)


class Outbox:
    """Commands by lane. Times are monotonic seconds of the caller's clock."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._lanes: dict[tuple[Any, ...], deque[Command]] = {}
        self._commands: dict[str, Command] = {}

    def __len__(self) -> int:
        return len(self._commands)

    def put(self, kind: str, key: str, lane: tuple[Any, ...], body: dict[str, Any]) -> PendingMessage:
        """Add a command. One whose key waits already is that one."""
        known = self._commands.get(key)
        if known is not None:
            return known.result
        backoff = BackOff(self._pace.retry_first, self._pace.retry_most)
        command = Command(kind, key, lane, body, PendingMessage(key), backoff)
        self._commands[key] = command
        self._lanes.setdefault(lane, deque()).append(command)
        return command.result

    def take_ready(self, now: float, *, over_socket: bool) -> list[Command]:
        """The first command of each lane that may be sent now; each counts as on its way from here on."""
        ready = []
        for lane in self._lanes.values():
            command = lane[0]
            if command.deadline is not None and now >= command.deadline:
                self.unknown(command.key, now)
            if command.deadline is None and now >= command.not_before:
                command.deadline = now + self._pace.answer_wait
                command.over_socket = over_socket
                ready.append(command)
        return ready

    def next_event(self, now: float) -> float | None:
        """Seconds until a command is to be sent, or to be sent again; None while nothing waits."""
        moments = [lane[0].deadline or lane[0].not_before for lane in self._lanes.values()]
        return max(0.0, min(moments) - now) if moments else None

    def answered(self, key: str, answer: dict[str, Any]) -> bool:
        """The server did it; False where nothing waits under this key."""
        command = self._remove(key)
        if command is not None:
            command.result._resolve(answer)
        return command is not None

    def refused(self, key: str, failure: ClientError) -> bool:
        """The server does not do it, now or later; False where nothing waits under this key."""
        command = self._remove(key)
        if command is not None:
            command.result._fail(failure)
        return command is not None

    def unknown(self, key: str, now: float, retry_after: float | None = None) -> None:
        """Nobody knows whether it was done: it is sent again, under the same key."""
        command = self._commands.get(key)
        if command is not None:
            command.deadline = None
            command.not_before = now + command.backoff.next_delay(retry_after or 0.0)

    def socket_lost(self) -> None:
        """What was on its way over the socket is sent again as soon as there is a way."""
        for command in self._commands.values():
            if command.over_socket and command.deadline is not None:
                command.deadline, command.not_before = None, 0.0

    def give_up(self, failure: ClientError) -> None:
        """Nothing more will be sent."""
        for key in list(self._commands):
            self.refused(key, failure)

    def _remove(self, key: str) -> Command | None:
        command = self._commands.pop(key, None)
        if command is not None:
            lane = self._lanes[command.lane]
            lane.remove(command)
            if not lane:
                del self._lanes[command.lane]
        return command
