"""The frames of a stream do not depend on how it is divided (RFC 6455, section 5)."""

from __future__ import annotations

import os
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatapp.realtime.closing import Close
from chatapp.realtime.frame_reader import BINARY, CLOSE, PING, PONG, TEXT, Frame, FrameError, FrameReader, unmasked
from tests.realtime.raw_client import encode

LIMIT = 1000
EXAMPLES = {"ci": 300, "full": 20_000}[os.environ.get("HYPOTHESIS_PROFILE", "ci")]
HALF_A_CHARACTER = "ж".encode()[:1]


def masked(payload: bytes, opcode: int = TEXT, *, fin: bool = True, key: bytes = b"\x01\x80\xff\x7e") -> bytes:
    """A client frame with a mask that changes every byte."""
    plain = encode(payload, opcode, fin=fin)
    return plain[: len(plain) - len(payload) - 4] + key + unmasked(payload, key)


def read(pieces: list[bytes], limit: int = LIMIT) -> list[Frame | Close]:
    """All frames, and the reason if the connection failed."""
    reader, found = FrameReader(limit), []
    try:
        for piece in pieces:
            reader.feed(piece)
            while frame := reader.next_frame():
                found.append(frame)
    except FrameError as error:
        found.append(error.close)
    return found


payloads = st.one_of(
    st.text(max_size=40).map(str.encode),
    st.binary(max_size=20),
    st.integers(0, 300).map(lambda size: b"a" * size),
    st.just(struct.pack("!H", 1000) + b"bye"),
)
keys = st.binary(min_size=4, max_size=4)
good_frames = st.builds(masked, payloads, st.sampled_from((0, TEXT, BINARY, PING, PONG)), fin=st.booleans(), key=keys)
frames = st.one_of(
    good_frames,
    st.builds(masked, payloads, st.integers(0, 15), key=keys),
    st.builds(encode, payloads, rsv=st.integers(0, 7), mask=st.booleans()),
    st.binary(max_size=12),
)


@st.composite
def cut_streams(draw: st.DrawFn) -> list[bytes]:
    """A stream in pieces, none of them empty."""
    stream = b"".join(draw(st.lists(st.one_of(good_frames, frames), max_size=6)))
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(stream) - 1)), max_size=12)))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    return [piece for piece in pieces if piece]


@settings(max_examples=EXAMPLES, deadline=None)
@given(cut_streams())
def test_a_stream_has_the_same_frames_however_it_is_divided(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    expected = read([whole])
    assert read(pieces) == expected
    assert read([bytes((byte,)) for byte in whole]) == expected


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.text(max_size=200), st.lists(st.integers(0, 200), max_size=4), keys)
def test_a_text_is_the_same_however_it_is_fragmented(text: str, cuts: list[int], key: bytes) -> None:
    payload = text.encode()
    ends = sorted({min(cut, len(payload)) for cut in cuts})
    parts = [payload[start:end] for start, end in zip([0, *ends], [*ends, len(payload)], strict=True)]
    stream = b"".join(
        masked(part, TEXT if index == 0 else 0, fin=index == len(parts) - 1, key=key)
        + (masked(b"between", PING) if index < len(parts) - 1 else b"")
        for index, part in enumerate(parts)
    )
    assert read([stream], 4000) == [*[Frame(PING, b"between")] * (len(parts) - 1), Frame(TEXT, payload)]


@pytest.mark.parametrize("size", [0, 1, 3, 4, 5, 200, 65_536])
def test_masking_twice_restores_every_byte(size: int) -> None:
    payload, key = os.urandom(size), os.urandom(4)
    assert unmasked(payload, key) == bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))
    assert unmasked(unmasked(payload, key), key) == payload


@pytest.mark.parametrize(
    ("stream", "close"),
    [
        (b"\x83", None),
        (b"\x83\x80", Close.PROTOCOL_ERROR),
        (b"\x81\x7f", Close.PROTOCOL_ERROR),
        (b"\x89\xfe", Close.PROTOCOL_ERROR),
        (b"\x81\xfe\x00\x7d", Close.PROTOCOL_ERROR),
        (b"\x81\xff" + struct.pack("!Q", 65_535), Close.PROTOCOL_ERROR),
        (b"\x81\xff" + struct.pack("!Q", 1 << 63), Close.PROTOCOL_ERROR),
        (b"\x81\xff" + struct.pack("!Q", (1 << 63) - 1), Close.TOO_BIG),
        (b"\x81\xfe" + struct.pack("!H", LIMIT + 1), Close.TOO_BIG),
        (masked(b"a" * LIMIT, fin=False) + b"\x80\x81", Close.TOO_BIG),
        (masked(b"a" * 500)[:20], None),
        (masked(HALF_A_CHARACTER + b"a" * 500)[:20], Close.INVALID_TEXT),
        (masked(HALF_A_CHARACTER, fin=False), None),
        (masked(HALF_A_CHARACTER, fin=False) + masked(b"a", 0, fin=False), Close.INVALID_TEXT),
        (masked(b"\xed\xa0", fin=False) + masked(b"\x80", 0, fin=False), Close.INVALID_TEXT),
        (masked(b"\xf4\x90", fin=False), Close.INVALID_TEXT),
    ],
)
def test_a_stream_fails_as_early_as_possible(stream: bytes, close: Close | None) -> None:
    """A header is checked before its payload arrives, a text at its first invalid byte."""
    assert read([stream]) == ([] if close is None else [close])


@pytest.mark.parametrize("code", [1000, 1003, 1007, 1014, 3000, 4999])
def test_a_close_code_that_is_allowed_is_read(code: int) -> None:
    payload = struct.pack("!H", code) + b"why"
    assert read([masked(payload, CLOSE)]) == [Frame(CLOSE, payload)]


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535])
def test_any_other_close_code_is_a_protocol_error(code: int) -> None:
    assert read([masked(struct.pack("!H", code), CLOSE)]) == [Close.PROTOCOL_ERROR]


def test_a_message_may_be_as_long_as_the_limit_in_bytes() -> None:
    text = "ж".encode() * (LIMIT // 2)
    assert read([masked(text)]) == [Frame(TEXT, text)]
    assert read([masked(text[:2], fin=False) + masked(text[2:], 0)]) == [Frame(TEXT, text)]
