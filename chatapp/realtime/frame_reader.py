"""Decodes the bytes of a client into messages and control frames (RFC 6455, section 5). Pure: it reads no socket.

Everything is checked as early as possible: a length before its payload is kept, an invalid character at its first byte.
The result does not depend on how the stream is divided.
"""

from __future__ import annotations

import codecs
from typing import NamedTuple

from chatapp.realtime.closing import Close
from chatapp.realtime.framing import MAX_CONTROL_PAYLOAD

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA  # 5.2
_CONTINUATION = 0x0
_OPCODES = frozenset((_CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG))
_FIRST_CONTROL = 0x8
_FIN, _RESERVED, _MASKED = 0x80, 0x70, 0x80

_new_decoder = codecs.getincrementaldecoder("utf-8")


class Frame(NamedTuple):
    """A whole message, its fragments joined, or a control frame.

    Attributes:
        opcode: TEXT or BINARY, or CLOSE, PING or PONG.
        payload: unmasked; of a text, UTF-8 that has been checked.
    """

    opcode: int
    payload: bytes


class FrameError(Exception):
    """The client broke the protocol; nothing after it can be decoded.

    Attributes:
        close: the reason to close with.
    """

    def __init__(self, close: Close) -> None:
        super().__init__(close.text)
        self.close = close


class FrameReader:
    """Decodes the frames of one client from its bytes.

    Attributes:
        begun: frames whose header was decoded, including fragments and control frames.
    """

    __slots__ = ("_at", "_buffer", "_decoder", "_is_final", "_key", "_left", "_max_bytes", "_message", "_opcode",
                 "begun")  # fmt: skip

    def __init__(self, max_bytes: int) -> None:
        """
        Parameters:
            max_bytes: longest message, including all fragments.
        """
        self._max_bytes = max_bytes
        self._buffer = b""
        self._at = 0  # start of the bytes not decoded yet
        self._opcode: int | None = None  # of the message in progress
        self._message: bytearray | None = None  # its payload so far, if it comes in several pieces
        self._decoder: codecs.IncrementalDecoder | None = None  # its text so far, which may end within a character
        self._left = -1  # bytes missing of the frame in progress, -1 between two frames
        self._is_final = False  # whether that frame is the last of the message
        self._key = b""  # mask of the next four bytes
        self.begun = 0

    def feed(self, data: bytes) -> None:
        """Append bytes. Call it when `next_frame` has returned None: then at most a header of earlier bytes is kept."""
        self._buffer = self._buffer[self._at :] + data if self._at < len(self._buffer) else data
        self._at = 0

    def next_frame(self) -> Frame | None:
        """The next message or control frame; None if more bytes are needed.

        Raises:
            FrameError: the bytes violate RFC 6455, or the message is too big.
        """
        while True:
            if self._left < 0:
                frame = self._begin_frame()
                if frame is not None or self._left < 0:
                    return frame
            if self._at == len(self._buffer) and self._left:
                return None
            message = self._take_payload()
            if message is not None:
                return message

    def _begin_frame(self) -> Frame | None:
        """Decode a header, or a whole control frame. Returns None with `_left` at -1 if bytes are missing."""
        buffer, at = self._buffer, self._at
        if len(buffer) - at < 2:
            return None
        first, size = buffer[at], buffer[at + 1] - _MASKED
        opcode = first & 0x0F
        if size < 0 or first & _RESERVED or opcode not in _OPCODES:  # 5.1: clients mask; 5.2: nothing was negotiated
            raise FrameError(Close.PROTOCOL_ERROR)
        if opcode >= _FIRST_CONTROL:
            return self._take_control(opcode, first, size)
        if (opcode == _CONTINUATION) == (self._opcode is None):  # 5.4: fragments of two messages never mix
            raise FrameError(Close.PROTOCOL_ERROR)
        at += 2
        if size > 125:
            width = 2 if size == 126 else 8
            if len(buffer) - at < width:
                return None
            size = int.from_bytes(buffer[at : at + width], "big")
            if size < 126 or (width == 8 and not 65536 <= size < 1 << 63):  # 5.2: the shortest form, 63 bits
                raise FrameError(Close.PROTOCOL_ERROR)
            at += width
        if size + (0 if self._message is None else len(self._message)) > self._max_bytes:
            raise FrameError(Close.TOO_BIG)
        if len(buffer) - at < 4:
            return None
        if opcode != _CONTINUATION:
            self._opcode = opcode
        self._key = buffer[at : at + 4]
        self._at = at + 4
        self._left = size
        self._is_final = first >= _FIN
        self.begun += 1
        return None

    def _take_control(self, opcode: int, first: int, size: int) -> Frame | None:
        if size > MAX_CONTROL_PAYLOAD or first < _FIN:  # 5.5
            raise FrameError(Close.PROTOCOL_ERROR)
        start = self._at + 6
        if len(self._buffer) < start + size:
            return None
        payload = unmasked(self._buffer[start : start + size], self._buffer[start - 4 : start])
        self._at = start + size
        self.begun += 1
        if opcode == CLOSE:
            _check_close(payload)
        return Frame(opcode, payload)

    def _take_payload(self) -> Frame | None:
        """Decode the available payload of a data frame. Returns None if the message is not complete."""
        at, left = self._at, self._left
        piece = self._buffer[at : at + left]
        size = len(piece)
        self._at = at + size
        piece = unmasked(piece, self._key)
        is_end = size == left and self._is_final
        if self._opcode == TEXT:
            self._check_text(piece, is_end)
        if size < left:
            shift = size % 4
            self._key = self._key[shift:] + self._key[:shift]
            self._left = left - size
        else:
            self._left = -1
        if not is_end:
            if self._message is None:
                self._message = bytearray(piece)
            else:
                self._message += piece
            return None
        assert self._opcode is not None
        payload = piece if self._message is None else bytes(self._message + piece)
        message = Frame(self._opcode, payload)
        self._opcode = self._message = self._decoder = None
        return message

    def _check_text(self, piece: bytes, is_end: bool) -> None:
        """Fail at the first byte that is not valid UTF-8 (8.1)."""
        try:
            if self._decoder is not None:
                self._decoder.decode(piece, is_end)
            elif not piece.isascii():
                if not is_end:
                    self._decoder = _new_decoder()
                    self._decoder.decode(piece)
                else:
                    piece.decode()
        except UnicodeDecodeError:
            raise FrameError(Close.INVALID_TEXT) from None


def unmasked(payload: bytes, key: bytes) -> bytes:
    """The payload XOR a mask of four bytes (5.3), computed as one long integer, which is the fastest in Python."""
    size = len(payload)
    mask = (key * ((size + 3) >> 2))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(mask, "little")).to_bytes(size, "little")


def _check_close(payload: bytes) -> None:
    """Check that a close payload is empty, or a code allowed on the wire and a reason in UTF-8 (5.5.1 and 7.4)."""
    if not payload:
        return
    code = int.from_bytes(payload[:2], "big")
    if len(payload) == 1 or not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
        raise FrameError(Close.PROTOCOL_ERROR)
    try:
        payload[2:].decode()
    except UnicodeDecodeError:
        raise FrameError(Close.INVALID_TEXT) from None
