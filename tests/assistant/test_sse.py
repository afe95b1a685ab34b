"""Events are read alike, however the bytes are cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.assistant.sse import MAX_LINE, EventReader, MalformedStream


def events(*pieces: bytes) -> list[str]:
    """The data of all events of a stream."""
    reader = EventReader()
    return [data for piece in pieces for data in reader.feed(piece)] + list(reader.end())


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        (b"data: one\n\ndata:two\n\n", ["one", "two"]),
        (b"data: one\r\n\r\ndata: two\r\n\r\n", ["one", "two"]),
        (b"data: one\r\rdata: two\r\r", ["one", "two"]),
        (b"\xef\xbb\xbfdata: one\n\n", ["one"]),
        (b": keep-alive\n\nevent: x\nid: 4\ndata: one\nretry: 3\n\n", ["one"]),
        (b"data: a\ndata: b\n\n", ["a\nb"]),
        (b"data\n\ndata:\n\n", ["", ""]),
        (b"data:  one\n\n", [" one"]),
        (b"data: [DONE]", ["[DONE]"]),
        (b"data: [DONE]\r", ["[DONE]"]),
        (b"<html>\n<body>Bad gateway\n\n", []),
        ("data: диван \u2028 โซฟา\n\n".encode(), ["диван \u2028 โซฟา"]),
        (b"data: \xff\n\n", ["\ufffd"]),
        (b"", []),
        (b"\xef\xbb", []),
    ],
)
def test_the_data_of_a_stream(stream: bytes, data: list[str]) -> None:
    assert events(stream) == data
    assert events(*(stream[i : i + 1] for i in range(len(stream)))) == data


@given(st.lists(st.sampled_from([b"data:", b" ", b"\r", b"\n", b":", b"a", "я".encode(), b"\xef\xbb\xbf"])), st.data())
def test_how_a_stream_is_cut_changes_nothing(parts: list[bytes], choices: st.DataObject) -> None:
    stream = b"".join(parts)
    cut = choices.draw(st.integers(0, len(stream)))
    assert events(stream[:cut], stream[cut:]) == events(stream)


def test_an_event_is_given_as_soon_as_it_ends() -> None:
    reader = EventReader()
    assert list(reader.feed(b"data: one\n")) == []
    assert list(reader.feed(b"\n")) == ["one"]


@pytest.mark.parametrize("piece", [b"data: " + b"x" * 1000, b"data: " + b"x" * 1000 + b"\n", b"x" * 1000])
def test_endless_lines_and_events_are_refused(piece: bytes) -> None:
    reader = EventReader()
    with pytest.raises(MalformedStream):
        for _ in range(MAX_LINE // 1000 + 2):
            list(reader.feed(piece))
