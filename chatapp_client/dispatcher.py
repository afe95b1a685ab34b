"""Carries commands from the outbox to the server, over the socket or HTTP, whichever there is."""

from __future__ import annotations

import threading
import time
from typing import Any, Protocol

from chatapp_client.connection import Connection
from chatapp_client.failures import Refused, Unanswered
from chatapp_client.outbox import Command, Outbox, PendingMessage
from chatapp_client.rest import Rest

# Frames that are answered under their key. What has no such answer goes by HTTP, whose responses are answers.
_FRAMES = {"message": "message", "edit": "edit_message"}


class Desk(Protocol):
    """Who is told what HTTP answered."""

    def done(self, command: Command, answer: dict[str, Any]) -> None:
        """The server did it."""
        ...

    def refused(self, command: Command, refusal: Refused) -> None:
        """The server does not do it."""
        ...


class Carrier:
    """A thread that sends what is ready, again and again until it is answered.

    Parameters:
        wake: guards the outbox; notified when there is something to look at.
    """

    def __init__(
        self, outbox: Outbox, connection: Connection, rest: Rest, desk: Desk, wake: threading.Condition
    ) -> None:
        self._outbox = outbox
        self._connection = connection
        self._rest = rest
        self._desk = desk
        self._wake = wake
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="chatapp outbox", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def put(self, kind: str, key: str, lane: tuple[Any, ...], body: dict[str, Any]) -> PendingMessage:
        """Hand in a command."""
        with self._wake:
            pending = self._outbox.put(kind, key, lane, body)
            self._wake.notify_all()
        return pending

    def stop(self, wait: float = 5.0) -> None:
        """Send nothing more; waits at most so many seconds for what is on its way."""
        with self._wake:
            self._is_stopping = True
            self._wake.notify_all()
        if self._thread.is_alive():
            self._thread.join(wait)

    def _run(self) -> None:
        while (commands := self._next_commands()) is not None:
            for command in commands:
                if command.over_socket and command.kind in _FRAMES:
                    self._say(command)
                else:
                    self._request(command)

    def _next_commands(self) -> list[Command] | None:
        """What is to be sent now; waits for it. None at the end."""
        with self._wake:
            while not self._is_stopping:
                over_socket = self._connection.is_open
                if over_socket or self._connection.is_polling:
                    if ready := self._outbox.take_ready(time.monotonic(), over_socket=over_socket):
                        return ready
                    self._wake.wait(self._outbox.next_event(time.monotonic()))
                else:
                    self._wake.wait()
            return None

    def _say(self, command: Command) -> None:
        frame = {"type": _FRAMES[command.kind], **command.body, "client_message_id": command.key}
        if not self._connection.send(frame):
            with self._wake:
                self._outbox.unknown(command.key, time.monotonic())

    def _request(self, command: Command) -> None:
        try:
            answer = self._rest.call(*_request_of(command), body=_body_of(command), key=command.key)
        except Unanswered as failure:
            with self._wake:
                self._outbox.unknown(command.key, time.monotonic(), failure.retry_after)
        except Refused as refusal:
            self._desk.refused(command, refusal)
        else:
            self._desk.done(command, answer)


def _request_of(command: Command) -> tuple[str, str]:
    """Method and path."""
    message_path = f"/messages/{command.body.get('message_id')}"
    return {
        "message": ("POST", "/messages"),
        "edit": ("PATCH", message_path),
        "delete": ("DELETE", message_path),
        "read": ("PUT", "/messages/read"),
    }[command.kind]


def _body_of(command: Command) -> dict[str, Any] | None:
    if command.kind == "delete":
        return None
    return {name: value for name, value in command.body.items() if name != "message_id"}
