"""A WebSocket client for load: minimal work per frame, so that the client costs little."""

from __future__ import annotations

import base64
import os
import select
import socket
import struct
from collections.abc import Callable
from typing import Any

import orjson

_TEXT = 0x81
_PING, _PONG, _CLOSE = 0x9, 0xA, 0x8


class Closed(ConnectionError):
    """The connection ended. `code` is the close code; 1006 when none came."""

    def __init__(self, code: int = 1006) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class LoadSocket:
    """One client connection, non-blocking after its handshake.

    Parameters:
        on_frame: called with this socket and each frame, parsed.
        parse: parses the text of a frame; `bytes` for a load that only inspects parts of it.
        path: path of the socket in its dialect.

    Raises:
        OSError: there is no server, or it rejects the handshake.
    """

    __slots__ = ("_buffer", "_on_frame", "_parse_text", "data", "sock")

    def __init__(
        self,
        port: int,
        query: str,
        on_frame: Callable[[LoadSocket, Any], None],
        parse: Callable[[bytes], Any] = orjson.loads,
        *,
        path: str = "/ws/chat",
    ) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._on_frame = on_frame
        self._parse_text = parse
        self.data: Any = None
        self._buffer = self._handshake(port, path + query)
        self.sock.setblocking(False)

    def fileno(self) -> int:
        """For selectors."""
        return self.sock.fileno()

    def send(self, frame: dict[str, Any]) -> None:
        """Send a JSON frame."""
        self.send_text(orjson.dumps(frame))

    def send_text(self, payload: bytes) -> None:
        """Send a text frame. It is small and the server reads, so the kernel always takes it completely.

        Raises:
            ConnectionError: the server does not read, or the connection is closed.
        """
        size = len(payload)
        # A zero mask is valid (RFC 6455, 5.3) and leaves the payload unchanged.
        head = struct.pack("!BBI", _TEXT, 0x80 | size, 0) if size < 126 else struct.pack("!BBHI", _TEXT, 0xFE, size, 0)
        try:
            sent = self.sock.send(head + payload)
        except BlockingIOError:
            sent = 0
        if sent != len(head) + size:
            raise ConnectionError("the server does not read")

    def begin(self) -> None:
        """Handle the frames that arrived with the handshake."""
        if not self._buffer:
            raise Closed()
        self._parse()

    def receive(self, at_most: int = 1 << 16) -> None:
        """Handle the available frames."""
        data = self.sock.recv(at_most)
        if not data:
            raise Closed()
        self._buffer = self._buffer + data if self._buffer else data
        self._parse()

    def close(self) -> None:
        """Close the connection without a close frame."""
        self.sock.close()

    def _parse(self) -> None:
        buffer, position = self._buffer, 0
        while len(buffer) - position >= 2:
            size, start = buffer[position + 1], position + 2
            if size == 126:
                if len(buffer) - position < 4:
                    break
                (size,), start = struct.unpack_from("!H", buffer, position + 2), position + 4
            elif size == 127:
                if len(buffer) - position < 10:
                    break
                (size,), start = struct.unpack_from("!Q", buffer, position + 2), position + 10
            if len(buffer) < start + size:
                break
            self._handle(buffer[position] & 0xF, buffer[start : start + size])
            position = start + size
        self._buffer = buffer[position:]

    def _handle(self, opcode: int, payload: bytes) -> None:
        if opcode == _CLOSE:
            raise Closed(int.from_bytes(payload[:2], "big") if payload else 1005)
        if opcode == _PING:
            self.sock.send(bytes((0x80 | _PONG, 0x80 | len(payload), 0, 0, 0, 0)) + payload)
        elif opcode != _PONG:
            self._on_frame(self, self._parse_text(payload))

    def _handshake(self, port: int, target: str) -> bytes:
        key = base64.b64encode(os.urandom(16)).decode()
        request = (
            f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        self.sock.sendall(request.encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            part = self.sock.recv(4096)
            if not part:
                raise Closed()
            answer += part
        head, _, rest = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            raise ConnectionError(f"no upgrade: {head[:100]!r}")
        # The upgrade is accepted before the token is checked; `connected` confirms the authentication.
        return rest or self.sock.recv(4096)


class SocketLoop:
    """Many sockets in one loop.

    Parameters:
        on_loss: called with a closed socket and the error; without it the error is raised.
    """

    def __init__(self, on_loss: Callable[[LoadSocket, ConnectionError], None] | None = None) -> None:
        self._on_loss = on_loss
        self._epoll = select.epoll()
        self._by_number: dict[int, LoadSocket] = {}
        self.sockets: list[LoadSocket] = []

    def add(self, sock: LoadSocket) -> None:
        """Add a socket."""
        self.sockets.append(sock)
        self._by_number[sock.fileno()] = sock
        self._epoll.register(sock, select.EPOLLIN)

    def poll(self, wait: float) -> None:
        """Handle available frames, waiting at most `wait` seconds."""
        for number, _ in self._epoll.poll(max(0.0, wait)):
            sock = self._by_number[number]
            try:
                sock.receive()
            except ConnectionError as error:
                if self._on_loss is None:
                    raise
                self._epoll.unregister(number)
                sock.close()
                self._on_loss(sock, error)

    def close(self) -> None:
        """Close all sockets."""
        for sock in self.sockets:
            sock.close()
        self._epoll.close()
