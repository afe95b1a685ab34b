"""A load generator's Socket.IO connection: frames of chatapp as events named `frame`, over WebSocket only."""

from __future__ import annotations

from bench.sockets import LoadSocket

# Packets of Engine.IO 4 and Socket.IO 5: https://socket.io/docs/v4/engine-io-protocol/ and /socket-io-protocol/
_PING, _PONG, _CONNECT = b"2", b"3", b"40"
_EVENT, _END = b'42["frame",', b"]"


class SocketIoLoadSocket(LoadSocket):
    """Sends and receives the same frames as `LoadSocket`, each inside a Socket.IO event."""

    __slots__ = ()

    def send_text(self, payload: bytes) -> None:
        """Send a text as an event."""
        super().send_text(_EVENT + payload + _END)

    def _handle(self, opcode: int, payload: bytes) -> None:
        if payload.startswith(_EVENT):
            super()._handle(opcode, payload[len(_EVENT) : -len(_END)])
        elif payload == _PING:
            super().send_text(_PONG)

    def _handshake(self, port: int, target: str) -> bytes:
        token = target.partition("token=")[2]
        super()._handshake(port, f"/socket.io/?EIO=4&transport=websocket&token={token}")
        super().send_text(_CONNECT)
        received = b""
        while _CONNECT + b"{" not in received:
            part = self.sock.recv(4096)
            if not part:
                raise ConnectionError(f"refused: {received[:100]!r}")
            received += part
        return b""
