"""Strict JSON: what a body may be."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.edge.http.request_body import MAX_DEPTH, parse_json
from chatapp.errors import Unreadable

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
def test_other_json_is_rejected(data: bytes) -> None:
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
def test_strict_json_is_parsed(data: bytes, value: Any) -> None:
    assert value is None or parse_json(data) == value
