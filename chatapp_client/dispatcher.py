"""Sends commands of the outbox to the server, over the socket or over HTTP."""

from __future__ import annotations

import threading
import time
from typing import Any, Protocol

from chatapp_client.connection import Connection
from chatapp_client.failures import Refused, Unanswered
from chatapp_client.outbox import Command, Outbox, PendingMessage
from chatapp_client.rest import Rest

# Frames that are acknowledged with their key. Other commands use HTTP.
_FRAMES = {"message": "message", "edit": "edit_message"}


class ResultHandler(Protocol):
    """Receives the results of HTTP requests."""

    def done(self, command: Command, answer: dict[str, Any]) -> None:
        """The command succeeded."""
        ...

    def refused(self, command: Command, refusal: Refused) -> None:
        """The command was refused."""
        ...


class Dispatcher:
    """A thread that sends commands and retries until they are answered.

    Parameters:
        wake: guards the outbox; notified of each change.
    """

    def __init__(
        self, outbox: Outbox, connection: Connection, rest: Rest, results: ResultHandler, wake: threading.Condition
    ) -> None:
        self._outbox = outbox
        self._connection = connection
        self._rest = rest
        self._results = results
        self._wake = wake
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="chatapp outbox", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def put(self, kind: str, key: str, lane: tuple[Any, ...], body: dict[str, Any]) -> PendingMessage:
        """Add a command."""
        with self._wake:
            pending = self._outbox.put(kind, key, lane, body)
            self._wake.notify_all()
        return pending

    def stop(self, wait: float = 5.0) -> None:
        """Stop sending; waits at most `wait` seconds for the current request."""
        with self._wake:
            self._is_stopping = True
            self._wake.notify_all()
        if self._thread.is_alive():
            self._thread.join(wait)

    def _run(self) -> None:
        while (commands := self._next_commands()) is not None:
            for command in commands:
                if command.over_socket and command.kind in _FRAMES:
                    self._send_frame(command)
                else:
                    self._request(command)

    def _next_commands(self) -> list[Command] | None:
        """Wait for the commands to send now; None after `stop`."""
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

    def _send_frame(self, command: Command) -> None:
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
            self._results.refused(command, refusal)
        else:
            self._results.done(command, answer)


def _request_of(command: Command) -> tuple[str, str]:
    """Method and path."""
    message_path = f"/messages/{command.body.get('message_id')}"
    chat_path = f"/{command.body.get('chat_id')}"
    return {
        "message": ("POST", "/messages"),
        "edit": ("PATCH", message_path),
        "delete": ("DELETE", message_path),
        "read": ("PUT", "/messages/read"),
        "draft": ("PUT", f"{chat_path}/draft"),
        "setting": ("POST", f"{chat_path}/{command.body.get('change')}"),
        "react": ("POST", f"{message_path}/reactions"),
        "unreact": ("DELETE", f"{message_path}/reactions"),
        "pin": ("POST", f"{message_path}/pin"),
        "unpin": ("DELETE", f"{message_path}/pin"),
        "star": ("POST", f"{message_path}/star"),
        "unstar": ("DELETE", f"{message_path}/star"),
        "hide": ("POST", f"{message_path}/hide"),
    }[command.kind]


def _body_of(command: Command) -> dict[str, Any] | None:
    in_path = {"message_id", *(("chat_id", "change") if command.kind in ("draft", "setting") else ())}
    return {name: value for name, value in command.body.items() if name not in in_path} or None
