"""Ids of visitors follow from their sessions, and meet no account."""

from __future__ import annotations

from chatapp.ids.snowflake import MAX_ID
from chatapp.ids.visitors import FIRST_VISITOR, is_visitor, session_chat_id, visitor_id_of


def test_an_id_leads_back_to_its_session() -> None:
    assert session_chat_id(visitor_id_of(12345)) == 12345


def test_visitors_and_accounts_are_told_apart() -> None:
    chat_of_2057 = 33 * 365 * 86_400_000 << 12
    assert FIRST_VISITOR < visitor_id_of(chat_of_2057) <= MAX_ID
    assert is_visitor(visitor_id_of(1))
    assert not is_visitor(FIRST_VISITOR)
