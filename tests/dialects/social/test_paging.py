"""Page cursors: forged ones are refused before they reach the database."""

from __future__ import annotations

import base64
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp import clock
from chatapp.auth.actor import Actor
from chatapp.dialects.social import paging
from chatapp.errors import Unreadable

ACTOR = Actor(1, "00000000-0000-4000-8000-000000000000", "dora")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=6,
)
moments = st.datetimes().map(lambda moment: moment.isoformat() + "Z") | st.text(max_size=30)
cursors = json_values | st.fixed_dictionaries(
    {}, optional={"created_at": moments | json_values, "updated_at": moments, "id": st.uuids().map(str) | json_values}
)


def assert_refused(text: str) -> None:
    for read in (
        lambda: paging.parse_message_cursor(text, 5),
        lambda: paging.parse_conversation_cursor(text, ACTOR),
    ):
        with pytest.raises(Unreadable, match="bad_cursor"):
            read()


@given(st.text(max_size=300))
def test_random_text_is_refused(text: str) -> None:
    assert_refused(text)


@given(cursors)
def test_random_object_is_refused(value: Any) -> None:
    assert_refused(base64.b64encode(orjson.dumps(value)).decode())


@given(st.integers(1, 2**53 - 1), st.integers(0, 200))
def test_truncated_cursor_is_refused(message_id: int, length: int) -> None:
    whole = paging.message_cursor(message_id)
    assert len(whole) <= paging.MAX_LENGTH
    assert_refused(whole[: min(length, len(whole) - 1)])


def test_cursor_contains_the_time_of_its_row() -> None:
    inside = orjson.loads(base64.b64decode(paging.message_cursor(373_215_428_124_701)))
    assert inside["id"] == "0a9b7fe8-2500-8ef2-8e89-c4b079a09df9"
    assert clock.rfc3339(clock.parse_rfc3339(inside["created_at"])) == inside["created_at"]
