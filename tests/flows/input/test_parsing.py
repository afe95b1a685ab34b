"""What a body, an origin, an id may be: pure functions."""

from __future__ import annotations

from typing import Any

import pytest
from limits import parse

from chatapp.edge.http import origins
from chatapp.edge.http.fields import Boolean, Id, Integer, Number, OptionalId, RequestSchema, Text, Timestamp
from chatapp.edge.http.request_body import MAX_DEPTH, parse_json
from chatapp.edge.http.validation import load
from chatapp.edge.rate_limits.frame_limiter import widened
from chatapp.edge.rate_limits.windows import MemoryWindows
from chatapp.errors import Invalid, Unreadable

DEEP = MAX_DEPTH + 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"nul",
        b"{'a':1}",
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":1e400}',
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":1}}',
        b'[{"a":1,"\\u0061":2}]',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        "{}".encode("utf-32"),
        b'{"a":"\xff"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\xed\xa0\x80"}',
        b"[" * DEEP + b"]" * DEEP,
        b'{"a":' * DEEP + b"1" + b"}" * DEEP,
        b"[" * 100_000 + b"]" * 100_000,
        b"9" * 5000,
        b"{}{}",
        b'{"a":1,}',
        b"// x\n{}",
        b'{"a":"\n"}',
    ],
)
def test_what_is_not_strict_json_is_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        parse_json(data)


@pytest.mark.parametrize(
    "data, value",
    [
        (b'{"a":"\\":","b":": "}', {"a": '":', "b": ": "}),
        (b' {"a" : 1, "b":{"a":2}} ', {"a": 1, "b": {"a": 2}}),
        (b'"\\":"', '":'),
        ('{"ключ":"ไทย😀"}'.encode(), {"ключ": "ไทย😀"}),
        (b"[" * 60 + b"]" * 60, None),
    ],
)
def test_strict_json_is_read(data: bytes, value: Any) -> None:
    assert value is None or parse_json(data) == value


class Everything(RequestSchema):
    id = Id()
    optional = OptionalId()
    text = Text(5, 1)
    whole = Integer(1, 10)
    flag = Boolean()
    number = Number(-90, 90)
    at = Timestamp()


JSON, QUERY = Everything(), Everything()
QUERY.is_query = True


@pytest.mark.parametrize(
    "field, value",
    [
        ("id", 0),
        ("id", -1),
        ("id", 2**53),
        ("id", 10**400),
        ("id", 1.5),
        ("id", float(2**53)),
        ("id", True),
        ("id", "1"),
        ("id", None),
        ("id", [1]),
        ("optional", -1),
        ("optional", False),
        ("optional", "0"),
        ("text", ""),
        ("text", "123456"),
        ("text", "a\x00"),
        ("text", "\ud800"),
        ("text", 1),
        ("text", None),
        ("text", {"a": 1}),
        ("whole", 0),
        ("whole", 11),
        ("whole", 1.5),
        ("flag", 1),
        ("flag", "true"),
        ("flag", None),
        ("number", "1"),
        ("number", True),
        ("number", 91),
        ("number", None),
        ("at", "2025-01-01"),
        ("at", "2025-13-01T00:00:00Z"),
        ("at", "2025-01-01T00:00:00"),
        ("at", 1),
        ("at", "0001-01-01T00:00:00+23:59"),
        ("unknown", 1),
        ("x" * 500, 1),
    ],
)
def test_a_wrong_value_names_its_field(field: str, value: Any) -> None:
    with pytest.raises(Invalid) as caught:
        load(JSON, {field: value})
    assert list(caught.value.fields) == [field[:64]]


@pytest.mark.parametrize(
    "field, value",
    [
        ("id", "0"),
        ("id", "-1"),
        ("id", "٣"),
        ("id", "1.0"),
        ("id", ""),
        ("id", " 1"),
        ("id", "9" * 30),
        ("flag", "yes"),
        ("flag", ""),
        ("at", "yesterday"),
    ],
)
def test_a_wrong_query_value_names_its_field(field: str, value: str) -> None:
    with pytest.raises(Invalid):
        load(QUERY, {field: value})


def test_right_values_are_read() -> None:
    read = load(
        JSON,
        {
            "id": 2**53 - 1,
            "optional": 0,
            "text": "é😀abc",
            "whole": 10,
            "flag": False,
            "number": -90,
            "at": "2025-11-21T15:00:00.5+02:00",
        },
    )
    assert (read["id"], read["optional"], read["at"].isoformat()) == (
        2**53 - 1,
        None,
        "2025-11-21T13:00:00.500000+00:00",
    )
    asked = load(QUERY, {"id": "7", "optional": "0", "flag": "1", "at": "2025-11-21T15:00:00 02:00"})
    assert (asked["id"], asked["optional"], asked["flag"], asked["at"].hour) == (7, None, True, 13)


@pytest.mark.parametrize(
    "origin, allowed",
    [
        (None, True),
        ("https://shop.example", True),
        ("https://SHOP.example:443", True),
        ("http://chat.example", True),
        ("null", False),
        ("", False),
        ("http://shop.example", False),
        ("https://shop.example.evil", False),
        ("https://evilshop.example", False),
        ("https://shop.example:8443", False),
        ("https://shop.example@evil", False),
        ("https://shop.example/", False),
        ("https://shop.example, https://evil", False),
        ("https://shop.example\n", False),
        ("file://shop.example", False),
        ("*", False),
        ("http://chat.example.evil", False),
    ],
)
def test_origins_are_compared_whole(origin: str | None, allowed: bool) -> None:
    asked = origins.is_allowed(
        origin, scheme="http", host="chat.example", allowed=("https://shop.example", "null", "*")
    )
    assert asked is allowed


def test_a_window_moves_and_forgets() -> None:
    windows, rate = MemoryWindows(), widened(parse("2/second"), 1)
    assert [windows.hit("a", rate) == 0.0 for _ in range(4)] == [True, True, True, False]
    assert 0 < windows.hit("a", rate) <= 1
    assert windows.hit("b", rate, cost=3) == 0.0 and windows.hit("b", rate) > 0
    windows.forget("a")
    assert windows.hit("a", rate) == 0.0
    assert windows.hit("c", parse("0/second")) > 0


def test_empty_windows_are_swept() -> None:
    windows, rate = MemoryWindows(), parse("1/hour")
    for number in range(9000):
        windows.hit(str(number), rate)
    windows._ends = dict.fromkeys(windows._ends, 0.0)
    windows.hit("last", rate)
    for number in range(9000):
        windows.hit(f"more-{number}", rate)
    assert len(windows._windows) <= 9001
