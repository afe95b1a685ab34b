"""Values of fields in bodies and queries."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.edge.http.fields import Boolean, Id, Integer, Number, OptionalId, RequestSchema, Text, Timestamp
from chatapp.edge.http.validation import load
from chatapp.errors import Invalid


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
def test_an_invalid_value_names_its_field(field: str, value: Any) -> None:
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
def test_an_invalid_query_value_is_rejected(field: str, value: str) -> None:
    with pytest.raises(Invalid):
        load(QUERY, {field: value})


def test_valid_values_are_loaded() -> None:
    body = load(
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
    assert (body["id"], body["optional"], body["at"].isoformat()) == (
        2**53 - 1,
        None,
        "2025-11-21T13:00:00.500000+00:00",
    )
    query = load(QUERY, {"id": "7", "optional": "0", "flag": "1", "at": "2025-11-21T15:00:00 02:00"})
    assert (query["id"], query["optional"], query["flag"], query["at"].hour) == (7, None, True, 13)
