"""Unanswered commands. No I/O: the caller sends the commands and reports the answers.

A command keeps its key over all attempts, so it is executed once. In one lane (a chat) the next command is sent after
the previous one is answered, so that retries keep the order.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from chatapp_client.backoff import BackOff
from chatapp_client.failures import ClientError
from chatapp_client.timings import Timings


class PendingMessage:
    """The future answer to a command.

    Attributes:
        key: idempotency key of the command.
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
        """Wait for the message as stored by the server.

        Parameters:
            timeout: seconds; None waits without a limit.

        Raises:
            Refused: the server refused it.
            ClientError: the client was closed before an answer came.
            TimeoutError: no answer yet; the client continues to retry.
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
    """A command to execute once.

    Attributes:
        kind: `message`, `edit`, `delete`, `read`, `draft` or `setting`.
        lane: commands of one lane are executed in order.
        body: parameters, without the key.
    """

    kind: str
    key: str
    lane: tuple[Any, ...]
    body: dict[str, Any]
    result: PendingMessage
    backoff: BackOff
    over_socket: bool = False
    deadline: float | None = None  # while it is in flight
    not_before: float = field(default=0.0)


class Outbox:
    """Commands by lane. Times are monotonic seconds of the caller's clock."""

    def __init__(self, timings: Timings) -> None:
        self._timings = timings
        self._lanes: dict[tuple[Any, ...], deque[Command]] = {}
        self._commands: dict[str, Command] = {}

    def __len__(self) -> int:
        return len(self._commands)

    def put(self, kind: str, key: str, lane: tuple[Any, ...], body: dict[str, Any]) -> PendingMessage:
        """Add a command, or return the pending one with the same key."""
        known = self._commands.get(key)
        if known is not None:
            return known.result
        backoff = BackOff(self._timings.retry_first, self._timings.retry_most)
        command = Command(kind, key, lane, body, PendingMessage(key), backoff)
        self._commands[key] = command
        self._lanes.setdefault(lane, deque()).append(command)
        return command.result

    def take_ready(self, now: float, *, over_socket: bool) -> list[Command]:
        """Return the first command of each lane that may be sent now, and mark it as in flight."""
        ready = []
        for lane in self._lanes.values():
            command = lane[0]
            if command.deadline is not None and now >= command.deadline:
                self.unknown(command.key, now)
            if command.deadline is None and now >= command.not_before:
                command.deadline = now + self._timings.answer_wait
                command.over_socket = over_socket
                ready.append(command)
        return ready

    def next_event(self, now: float) -> float | None:
        """Seconds until the next send or retry; None if nothing is pending."""
        moments = [lane[0].deadline or lane[0].not_before for lane in self._lanes.values()]
        return max(0.0, min(moments) - now) if moments else None

    def answered(self, key: str, answer: dict[str, Any]) -> bool:
        """Resolve a command; False if none is pending with this key."""
        command = self._remove(key)
        if command is not None:
            command.result._resolve(answer)
        return command is not None

    def refused(self, key: str, failure: ClientError) -> bool:
        """Fail a command; False if none is pending with this key."""
        command = self._remove(key)
        if command is not None:
            command.result._fail(failure)
        return command is not None

    def unknown(self, key: str, now: float, retry_after: float | None = None) -> None:
        """The outcome is unknown: schedule a retry with the same key."""
        command = self._commands.get(key)
        if command is not None:
            command.deadline = None
            command.not_before = now + command.backoff.next_delay(retry_after or 0.0)

    def socket_lost(self) -> None:
        """Retry commands in flight over the socket as soon as possible."""
        for command in self._commands.values():
            if command.over_socket and command.deadline is not None:
                command.deadline, command.not_before = None, 0.0

    def give_up(self, failure: ClientError) -> None:
        """Fail all pending commands."""
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
