"""Sync cursors: what was encoded is read back; every other text is rejected."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from chatapp.errors import Unreadable
from chatapp.ids.sync_cursor import MAX_LENGTH, Cursor, Position, decode, encode

SECRET = "a-secret-of-some-length"
numbers = st.integers(0, 2**63 - 1)
positions = st.none() | st.builds(Position, numbers, numbers, numbers, numbers)
cursors = st.builds(Cursor, numbers, st.uuids().map(str), numbers, positions, numbers)


@given(cursors)
def test_a_cursor_is_read_back(cursor: Cursor) -> None:
    text = encode(cursor, SECRET)
    assert len(text) <= MAX_LENGTH
    assert decode(text, SECRET, cursor.user_id) == cursor


@given(cursors, st.integers(0), st.characters(codec="ascii", categories=["L", "N"]))
def test_a_changed_cursor_is_rejected(cursor: Cursor, at: int, character: str) -> None:
    text = encode(cursor, SECRET)
    at %= len(text)
    changed = text[:at] + character + text[at + 1 :]
    try:
        read = decode(changed, SECRET, cursor.user_id)
    except Unreadable:
        return
    assert read == cursor  # the last character of base64 has bits that mean nothing


@pytest.mark.parametrize(
    "text", ["", ".", "e30", "a" * 10_000, "\x00", "é", URLSafeSerializer("x").dumps([1, 1, "", 1])]
)
def test_any_other_text_is_rejected(text: str) -> None:
    with pytest.raises(Unreadable, match="bad_cursor"):
        decode(text, SECRET, 1)


def test_a_cursor_of_another_user_or_server_is_rejected() -> None:
    text = encode(Cursor(1, "epoch", 5), SECRET)
    for secret, user_id in ((SECRET, 2), ("another-secret", 1)):
        with pytest.raises(Unreadable, match="bad_cursor"):
            decode(text, secret, user_id)


def test_a_form_of_a_later_release_is_rejected() -> None:
    text = URLSafeSerializer(SECRET, salt="cursor").dumps([3, 1, "epoch", 5])
    with pytest.raises(Unreadable, match="bad_cursor"):
        decode(str(text), SECRET, 1)
