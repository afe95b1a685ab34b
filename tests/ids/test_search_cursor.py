"""Cursors of search: bound to user and query, and only ours are accepted."""

from __future__ import annotations

import pytest

from chatapp.errors import Unreadable
from chatapp.ids.search_cursor import MAX_LENGTH, SearchPosition, decode, encode
from chatapp.ids.snowflake import MAX_ID

KEY = "secret-key-of-the-tests"
POSITION = SearchPosition(2, MAX_ID, 200, MAX_ID)


def test_round_trip() -> None:
    text = encode(POSITION, 7, "query", KEY)
    assert decode(text, 7, "query", KEY) == POSITION
    assert len(text) < MAX_LENGTH


@pytest.mark.parametrize(("user", "query", "key"), [(8, "query", KEY), (7, "other", KEY), (7, "query", "other key")])
def test_of_another_user_query_or_server(user: int, query: str, key: str) -> None:
    with pytest.raises(Unreadable):
        decode(encode(POSITION, 7, "query", KEY), user, query, key)


@pytest.mark.parametrize("text", ["nonsense", "a.b", "", "é", "1" * 10_000])
def test_what_is_no_cursor(text: str) -> None:
    with pytest.raises(Unreadable):
        decode(text, 7, "query", KEY)
