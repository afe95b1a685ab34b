"""Frames as bytes, against the layout of RFC 6455, 5.2."""

import struct

import pytest

from chatapp.realtime.framing import close_frame, frame_type, ping_frame, text_frame


@pytest.mark.parametrize(
    ("size", "header"),
    [
        (0, b"\x81\x00"),
        (1, b"\x81\x01"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65535, b"\x81\x7e\xff\xff"),
        (65536, b"\x81\x7f" + struct.pack("!Q", 65536)),
    ],
)
def test_text_uses_the_shortest_length_form(size: int, header: bytes) -> None:
    assert text_frame(b"a" * size) == header + b"a" * size


@pytest.mark.parametrize("size", [10, 200, 70_000])
def test_the_type_of_a_frame_is_read_off_its_beginning(size: int) -> None:
    assert frame_type(text_frame(b'{"type":"new_message","content":"%s"}' % (b"a" * size))) == "new_message"
    assert frame_type(text_frame(b'{"content":"%s","type":"late"}' % (b"a" * size))) == ""


def test_ping_is_empty_by_default_and_refuses_more_than_a_control_frame_carries() -> None:
    assert ping_frame() == b"\x89\x00"
    with pytest.raises(ValueError, match="125"):
        ping_frame(b"a" * 126)


def test_close_carries_code_and_reason() -> None:
    assert close_frame(4413, "too slow") == b"\x88\x0a" + struct.pack("!H", 4413) + b"too slow"


def test_a_long_close_reason_is_cut_between_characters() -> None:
    frame = close_frame(1001, "ж" * 100)
    assert frame[1] == 2 + 122
    assert frame[4:].decode() == "ж" * 61
