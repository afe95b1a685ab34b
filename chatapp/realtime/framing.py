"""Encodes the frames of a server (RFC 6455, section 5.2). Pure: one frame can be written to many sockets."""

from __future__ import annotations

import struct

_TEXT = 0x81  # FIN and the opcode; we never fragment
_CLOSE = 0x88
_PING = 0x89
_PONG = 0x8A

_TYPE = b'"type":"'
_TYPE_WITHIN = 24  # bytes: the longest head of an unmasked frame, a brace and the key
_LONGEST_TYPE = 64  # bytes

MAX_CONTROL_PAYLOAD = 125  # RFC 6455, 5.5


def text_frame(payload: bytes) -> bytes:
    """A whole text message in one unmasked frame.

    Parameters:
        payload: UTF-8.
    """
    size = len(payload)
    if size < 126:
        return bytes((_TEXT, size)) + payload
    if size < 65536:
        return struct.pack("!BBH", _TEXT, 126, size) + payload
    return struct.pack("!BBQ", _TEXT, 127, size) + payload


def frame_type(frame: bytes) -> str:
    """The `type` of a JSON object in a text frame, which all dialects put first; empty where there is none."""
    start = frame.find(_TYPE, 0, _TYPE_WITHIN) + len(_TYPE)
    end = frame.find(b'"', start, start + _LONGEST_TYPE)
    return frame[start:end].decode() if start >= len(_TYPE) and end > 0 else ""


def ping_frame(payload: bytes = b"") -> bytes:
    """A ping.

    Raises:
        ValueError: the payload is longer than 125 bytes.
    """
    return _control_frame(_PING, payload)


def pong_frame(payload: bytes) -> bytes:
    """The response to a ping, with its payload.

    Raises:
        ValueError: the payload is longer than 125 bytes.
    """
    return _control_frame(_PONG, payload)


def close_frame(code: int | None, reason: str = "") -> bytes:
    """A close frame, without a code if it is None. A reason that is too long is cut between characters."""
    if code is None:
        return _control_frame(_CLOSE, b"")
    text = reason.encode()[: MAX_CONTROL_PAYLOAD - 2].decode(errors="ignore").encode()
    return _control_frame(_CLOSE, struct.pack("!H", code) + text)


def _control_frame(first_byte: int, payload: bytes) -> bytes:
    if len(payload) > MAX_CONTROL_PAYLOAD:
        raise ValueError(f"a control frame carries at most {MAX_CONTROL_PAYLOAD} bytes, not {len(payload)}")
    return bytes((first_byte, len(payload))) + payload
