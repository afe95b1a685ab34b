"""A web server on gevent whose responses are scripts: any bytes, at any pace. It notices when the client is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import gevent
import orjson
from gevent.event import Event
from gevent.server import StreamServer
from gevent.socket import socket


@dataclass(frozen=True)
class Request:
    """What the server has received.

    Attributes:
        headers: by their names in lower case.
    """

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return orjson.loads(self.body)


@dataclass
class Client:
    """The other end, for a script.

    Attributes:
        request: that the script answers.
    """

    request: Request
    _connection: socket
    keeps_open: bool = True

    def send(self, data: bytes) -> None:
        """Send bytes. Raises OSError if the client is gone."""
        self._connection.sendall(data)

    def respond(
        self, body: bytes, *headers: str, status: str = "200 OK", content_type: str = "application/json"
    ) -> None:
        """Send a complete response."""
        lines = (f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}", *headers)
        self.send("\r\n".join((*lines, "", "")).encode() + body)

    def begin(self, content_type: str = "text/event-stream") -> None:
        """Send the head of a response in chunks."""
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.send(head.encode())

    def chunk(self, data: bytes) -> None:
        """Send one chunk."""
        self.send(b"%x\r\n%s\r\n" % (len(data), data))

    def end(self) -> None:
        """Send the last chunk."""
        self.send(b"0\r\n\r\n")

    def hang_up(self) -> None:
        """Close the connection after this script."""
        self.keeps_open = False

    def wait_until_gone(self) -> None:
        """Wait until the client closes."""
        while self._connection.recv(4096):
            pass
        raise ConnectionResetError

    def repeat(self, data: bytes, pause: float = 0.0) -> None:
        """Send these bytes until the client closes."""
        while True:
            self.send(data)
            gevent.sleep(pause)


Script = Callable[[Client], None]


@dataclass
class ScriptedServer:
    """What came in.

    Attributes:
        url: without a path.
        requests: in order.
        connections: that were opened.
        asked: set with the first request.
        gone: set when a client has closed before its script ended.
    """

    url: str
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    asked: Event = field(default_factory=Event)
    gone: Event = field(default_factory=Event)


@contextmanager
def serving(*scripts: Script) -> Iterator[ScriptedServer]:
    """A server that answers each request with the next script, and all that follow with the last."""
    pending = list(scripts)

    def handle(connection: socket, _address: object) -> None:
        server.connections += 1
        reader = connection.makefile("rb")
        try:
            while request := _read(reader):
                server.requests.append(request)
                server.asked.set()
                client = Client(request, connection)
                (pending.pop(0) if len(pending) > 1 else pending[0])(client)
                if not client.keeps_open:
                    return
        except OSError:
            server.gone.set()

    listener = StreamServer(("127.0.0.1", 0), handle)
    listener.start()
    server = ScriptedServer(f"http://127.0.0.1:{listener.server_port}")
    try:
        yield server
    finally:
        listener.stop(timeout=0)  # kills scripts that are still running


def _read(reader: Any) -> Request | None:
    """The next request of a connection; None at its end."""
    line = reader.readline().decode("latin-1").strip()
    if not line:
        return None
    headers: dict[str, str] = {}
    while header := reader.readline().decode("latin-1").strip():
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    return Request(line, headers, reader.read(int(headers.get("content-length", "0"))))
