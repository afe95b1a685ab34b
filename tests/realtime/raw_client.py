"""A WebSocket client that can violate the protocol: it writes any bytes and reads frames one by one."""

from __future__ import annotations

import base64
import os
import socket
import struct
from dataclasses import dataclass

import orjson

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


@dataclass(frozen=True)
class Frame:
    """A frame as the server wrote it."""

    first_byte: int
    payload: bytes

    @property
    def opcode(self) -> int:
        return self.first_byte & 0x0F

    @property
    def close_code(self) -> int:
        return struct.unpack("!H", self.payload[:2])[0] if len(self.payload) >= 2 else 1005


def encode(payload: bytes, opcode: int = TEXT, *, fin: bool = True, rsv: int = 0, mask: bool = True) -> bytes:
    """A client frame, valid or not."""
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    size, bit = len(payload), 0x80 if mask else 0
    if size < 126:
        header = struct.pack("!BB", first, bit | size)
    elif size < 65536:
        header = struct.pack("!BBH", first, bit | 126, size)
    else:
        header = struct.pack("!BBQ", first, bit | 127, size)
    # A mask of zeros leaves the payload as it is, and is as good as any for a test.
    return header + (b"\0\0\0\0" if mask else b"") + payload


class RawClient:
    """A connection whose handshake was sent. `status` and `headers` are those of the response."""

    def __init__(
        self, port: int, path: str, *, headers: dict[str, str] | None = None, receive_buffer: int | None = None,
        timeout: float = 10.0, version: str = "HTTP/1.1", behind: bytes = b"",
    ) -> None:  # fmt: skip
        self.sock = socket.socket()
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(timeout)
        self.sock.connect(("127.0.0.1", port))
        self._buffer = b""
        lines = {
            "Host": f"127.0.0.1:{port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Version": "13",
        } | (headers or {})
        request = [f"GET {path} {version}", *(f"{name}: {value}" for name, value in lines.items() if value)]
        self.sock.sendall(("\r\n".join(request) + "\r\n\r\n").encode() + behind)  # in one segment
        self._read_head()

    def _read_head(self) -> None:
        while b"\r\n\r\n" not in self._buffer:
            self._fill()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        self.status = int(first.split()[1])
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}

    def _fill(self) -> None:
        data = self.sock.recv(65536)
        if not data:
            raise EOFError("the server closed TCP")
        self._buffer += data

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._fill()
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def send(self, payload: bytes | str, opcode: int = TEXT) -> None:
        self.sock.sendall(encode(payload.encode() if isinstance(payload, str) else payload, opcode))

    def send_json(self, value: object) -> None:
        self.send(orjson.dumps(value))

    def send_raw(self, data: bytes) -> None:
        self.sock.sendall(data)

    def read(self) -> Frame:
        """The next frame. Raises EOFError at the end of TCP, AssertionError for one that no server may send."""
        first, size = self._take(2)
        assert first & 0x70 == 0, "a reserved bit is set"
        assert size < 128, "a server frame is masked"
        if size == 126:
            (size,) = struct.unpack("!H", self._take(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._take(8))
        return Frame(first, self._take(size))

    def read_json(self) -> dict[str, object]:
        frame = self.read()
        assert frame.opcode == TEXT, frame
        return orjson.loads(frame.payload)

    def read_close(self) -> int:
        """Read on to the close frame, answer it, wait for the end of TCP. Returns its code, 1006 without one."""
        try:
            while (frame := self.read()).opcode != CLOSE:
                pass
        except (EOFError, ConnectionResetError):
            return 1006
        self.send(frame.payload[:2], CLOSE)
        assert self.sock.recv(1) == b"", "the server sent something after its close frame"
        return frame.close_code

    def close(self) -> None:
        self.sock.close()
