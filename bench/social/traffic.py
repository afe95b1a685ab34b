"""Sockets and requests of many users in one loop, with minimal work for each."""

from __future__ import annotations

import selectors
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from bench.environment import token_for

MAX_CONNECTIONS = 64  # for requests; more would only queue in the server instead of here
_tokens: dict[int, bytes] = {}


class Pollable(Protocol):
    """A connection that the loop polls."""

    def fileno(self) -> int: ...

    def receive(self) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """The response to a request."""

    status: int
    body: bytes

    @property
    def data(self) -> Any:
        """The `data` of the envelope."""
        return orjson.loads(self.body)["data"]


@dataclass(frozen=True, slots=True)
class Request:
    """A request of a user.

    Attributes:
        on_answer: called with the response.
    """

    method: str
    path: str
    person: int
    on_answer: Callable[[Answer], None]
    body: dict[str, Any] | None = None

    def encoded(self, port: int) -> bytes:
        content = b"" if self.body is None else orjson.dumps(self.body)
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer ".encode()
        kind = b"\r\nContent-Type: application/json" if content else b""
        return b"%s%s%s\r\nContent-Length: %d\r\n\r\n%s" % (head, token_of(self.person), kind, len(content), content)


class Traffic:
    """The loop.

    Attributes:
        lost: errors of connections that closed unexpectedly.
    """

    def __init__(self, port: int) -> None:
        self.lost: list[str] = []
        self._port = port
        self._selector = selectors.DefaultSelector()
        self._idle: list[_Connection] = []
        self._waiting: deque[Request] = deque()
        self._open = 0

    def add(self, pollable: Pollable) -> None:
        """Add a connection to the loop."""
        self._selector.register(pollable.fileno(), selectors.EVENT_READ, pollable)

    def send(self, request: Request) -> None:
        """Send a request over an idle connection, or queue it until one is idle."""
        if self._idle:
            self._idle.pop().send(request)
        elif self._open < MAX_CONNECTIONS:
            self._open += 1
            connection = _Connection(self._port, self._release)
            self.add(connection)
            connection.send(request)
        else:
            self._waiting.append(request)

    def poll(self, wait: float) -> None:
        """Handle available data, waiting at most `wait` seconds."""
        for key, _ in self._selector.select(max(0.0, wait)):
            pollable: Pollable = key.data
            try:
                pollable.receive()
            except ConnectionError as error:
                self._drop(pollable, error)

    def close(self) -> None:
        """Close all connections."""
        for key in list(self._selector.get_map().values()):
            key.data.close()
        self._selector.close()

    def _release(self, connection: _Connection) -> None:
        if self._waiting:
            connection.send(self._waiting.popleft())
        else:
            self._idle.append(connection)

    def _drop(self, pollable: Pollable, error: ConnectionError) -> None:
        self._selector.unregister(pollable.fileno())
        pollable.close()
        if isinstance(pollable, _Connection):
            self._open -= 1
            if pollable in self._idle:
                self._idle.remove(pollable)
                return  # the server closes idle connections
        self.lost.append(f"a connection was lost: {error}")


class _Connection:
    """A keep-alive connection with one request at a time."""

    def __init__(self, port: int, on_release: Callable[[_Connection], None]) -> None:
        self._port = port
        self._sock = socket.create_connection(("127.0.0.1", port))
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._on_release = on_release
        self._request: Request | None = None
        self._buffer = b""

    def fileno(self) -> int:
        return self._sock.fileno()

    def send(self, request: Request) -> None:
        self._request = request
        self._sock.sendall(request.encoded(self._port))

    def receive(self) -> None:
        data = self._sock.recv(1 << 17)
        if not data:
            raise ConnectionError("the server closed a connection for requests")
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return
        request, self._request, self._buffer = self._request, None, b""
        assert request is not None
        self._on_release(self)
        request.on_answer(Answer(int(head[9:12]), body))

    def close(self) -> None:
        self._sock.close()


def token_of(person: int) -> bytes:
    """The access token of a user, cached."""
    if person not in _tokens:
        _tokens[person] = token_for(person).encode()
    return _tokens[person]


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0])
