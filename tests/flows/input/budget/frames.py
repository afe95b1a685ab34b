"""The worst frames of every type, in both dialects, read off the tables that the sockets are documented from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chatapp.edge.websocket.frame_table import SocketSpec
from tests.flows.input.budget import requests, shapes
from tests.people import Person
from tests.realtime.raw_client import CLOSE, TEXT, RawClient

SIZE = 64 * 1024 - 200  # bytes of a frame: just below the bound


@dataclass(frozen=True)
class Sent:
    """A frame, ready to be sent."""

    name: str
    text: str


def frames(socket: SocketSpec, right: Mapping[str, Any]) -> Iterator[Sent]:
    """All that is worst, of any type and of each.

    Parameters:
        right: values of fields, by name, with which a frame comes far.
    """
    for what, document in shapes.documents(SIZE):
        yield Sent(f"{socket.path}: {what}", document)
    for kind, client_frame in {**socket.client_frames, "unknown": None}.items():
        for what, value in shapes.values(SIZE - 3000):
            yield Sent(f"{socket.path} {kind}: unknown = {what}", _framed(socket, kind, f'{{"unknown":{value}}}'))
        known = {}
        if client_frame is not None:
            known = {field.data_key or name: field for name, field in client_frame.schema().load_fields.items()}
        for what, document in requests.fields(known, SIZE - 100, right):
            if len(document.encode()) < SIZE:
                yield Sent(f"{socket.path} {kind}: {what}", _framed(socket, kind, document))


def _framed(socket: SocketSpec, kind: str, document: str) -> str:
    if socket.payload_member:
        return f'{{"type":"{kind}","{socket.payload_member}":{document}}}'
    inner = document[1:-1]
    return f'{{"type":"{kind}"{"," if inner else ""}{inner}}}'


class Line:
    """A socket that is opened again whenever the server has closed it."""

    def __init__(self, person: Person, socket: SocketSpec) -> None:
        self._person, self._path = person, socket.path
        self._client = self._opened()

    def send(self, text: str) -> None:
        """Send a frame, and wait until it was handled."""
        try:
            self._client.send(text)
            self._client.send_json({"type": "ping"})
            while True:
                frame = self._client.read()
                if frame.opcode == CLOSE:
                    break
                if frame.opcode == TEXT and b'"type":"pong"' in frame.payload[:40]:
                    return
        except (EOFError, ConnectionError):
            pass
        self.close()
        self._client = self._opened()

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _opened(self) -> RawClient:
        path = f"{self._path}?token={self._person.token}"
        # Every error frame is in this language.
        headers = {"Accept-Language": shapes.filled(shapes.HEADER_UNITS["languages"], shapes.HEADER_FIELD)}
        client = RawClient(self._person.server.port, path, headers=headers, timeout=60.0)
        assert b'"connected"' in client.read().payload
        return client
