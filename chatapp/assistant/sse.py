"""Server-sent events, from bytes in pieces of any size to the data of each event."""

from __future__ import annotations

from collections.abc import Iterator

MAX_LINE = 256 << 10  # bytes; a whole answer with its tool calls has a tenth of that
_BOM = b"\xef\xbb\xbf"


class MalformedStream(Exception):
    """The bytes are not what was asked for; the message is a fixed text for logs."""


class EventReader:
    """Reads one stream. Only `data` counts: names, ids and comments are skipped."""

    def __init__(self) -> None:
        self._rest = b""  # of a line whose end has not arrived
        self._data: list[str] = []  # of an event whose end has not arrived
        self._size = 0
        self._is_at_start = True

    def feed(self, piece: bytes) -> Iterator[str]:
        """The data of each event that this piece ends.

        Raises:
            MalformedStream: a line or an event is longer than MAX_LINE.
        """
        self._rest += piece
        if self._is_at_start:
            if len(self._rest) < len(_BOM) and _BOM.startswith(self._rest):
                return
            self._rest = self._rest.removeprefix(_BOM)
            self._is_at_start = False
        # A lone \r ends a line, too; as the last byte it may be half of a \r\n.
        held = b"\r" if self._rest.endswith(b"\r") else b""
        *lines, rest = self._rest.removesuffix(held).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = rest + held
        if len(self._rest) > MAX_LINE:
            raise MalformedStream("line is too long")
        for line in lines:
            yield from self._read(line)

    def end(self) -> Iterator[str]:
        """The data of the last event, where the stream ended without the empty line after it."""
        yield from self._read(self._rest.removesuffix(b"\r"))
        yield from self._read(b"")

    def _read(self, line: bytes) -> Iterator[str]:
        if not line:
            if self._data:
                yield "\n".join(self._data)
            self._data, self._size = [], 0
            return
        field, _, value = line.partition(b":")
        if field != b"data":
            return
        self._size += len(value)
        if self._size > MAX_LINE:
            raise MalformedStream("event is too long")
        self._data.append(value.removeprefix(b" ").decode("utf-8", "replace"))
