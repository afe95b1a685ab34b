"""Web servers for tests of `public_http`: real sockets that send whatever the test wants, behind public addresses."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from gevent import socket as cooperative_socket

PUBLIC = "93.184.216.34"
Respond = Callable[[socket.socket, bytes], object]


def page(body: bytes, *headers: str, status: str = "200 OK", content_type: str = "text/html; charset=utf-8") -> bytes:
    """A complete response."""
    lines = (f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}", *headers)
    return "\r\n".join((*lines, "", "")).encode() + body


def redirect(location: str, status: str = "302 Found") -> bytes:
    """A response that names another address."""
    return page(b"", f"Location: {location}", status=status)


def sends(data: bytes) -> Respond:
    """The same response to every request."""
    return lambda connection, request: connection.sendall(data)


def sends_forever(head: bytes, piece: bytes, pause: float = 0.0) -> Respond:
    """A response that does not end until the client closes.

    Parameters:
        pause: seconds before each piece.
    """

    def respond(connection: socket.socket, request: bytes) -> None:
        connection.sendall(head)
        while True:
            if pause:
                threading.Event().wait(pause)
            connection.sendall(piece)

    return respond


@dataclass
class Network:
    """Hosts with their addresses, and a local server behind the public ones.

    Attributes:
        names: addresses by host; a list per resolution, the last one for all that follow.
        resolved, connected: what was asked for, in order.
        requests: as the server has received them.
        ended: set when the server cannot send to the client any more.
    """

    port: int
    names: dict[str, list[Sequence[str]]] = field(default_factory=dict)
    resolved: list[str] = field(default_factory=list)
    connected: list[tuple[str, int]] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a host; those of addresses are they themselves."""
        self.resolved.append(host)
        found = self.names.get(host)
        if found is None:
            return [str(address[0]) for *_, address in socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)]
        return found.pop(0) if len(found) > 1 else found[0]

    def connect(self, address: str, port: int) -> socket.socket:
        """Connect to the local server, whatever the address."""
        self.connected.append((address, port))
        opened: socket.socket = cooperative_socket.create_connection(("127.0.0.1", self.port), timeout=30)
        return opened


@contextmanager
def serving(*responses: Respond) -> Iterator[Network]:
    """A server that answers each connection with the next response, and all that follow with the last.

    The hosts `example.com` and `www.example.com` have a public address.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    network = Network(listener.getsockname()[1])
    network.names = {host: [[PUBLIC]] for host in ("example.com", "www.example.com", "xn--e1afmkfd.xn--p1ai")}
    threading.Thread(target=_serve, args=(listener, network, list(responses)), daemon=True).start()
    try:
        yield network
    finally:
        listener.close()


def _serve(listener: socket.socket, network: Network, responses: list[Respond]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        respond = responses.pop(0) if len(responses) > 1 else responses[0]
        threading.Thread(target=_answer, args=(connection, network, respond), daemon=True).start()


def _answer(connection: socket.socket, network: Network, respond: Respond) -> None:
    with connection:
        try:
            request = b""
            while not request.endswith(b"\r\n\r\n") and (piece := connection.recv(4096)):
                request += piece
            network.requests.append(request)
            respond(connection, request)
        except OSError:
            network.ended.set()
