"""Lists of chats: exact in their order, and no dearer for the thousands that are not on the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatapp import access
from chatapp.infra.postgres import database_connection
from chatapp.queries import chats
from chatapp.queries.chat_summaries import ChatSummary
from chatapp.queries.chats import Position
from tests.queries.conftest import Crowd, rows_read
from tests.query_counter import QueryCounter

ACTIVE = "date_trunc('milliseconds', coalesce(last_message_at, created_at)) DESC, c.id DESC"


def ids(found: list[ChatSummary]) -> list[int]:
    """Which chats."""
    return [chat.id for chat in found]


def position(chat: ChatSummary) -> Position:
    """Where it is in the list."""
    return Position(chat.pinned_at or chat.active_at, chat.id, is_pinned=chat.pinned_at is not None)


def pages(crowd: Crowd, limit: int) -> list[ChatSummary]:
    """All pages of the list that goes on from its last chat."""
    found: list[ChatSummary] = []
    with database_connection():
        while page := chats.recent(crowd.actor, limit=limit, before=position(found[-1]) if found else None):
            assert len(page) <= limit
            found += page
    return found


# Apart by a second a bucket holds three hundred, by an hour none holds two; apart by nothing the ids decide.
@pytest.mark.parametrize("apart", [0, 0.0004, 1, 170, 3600])
def test_pages_hold_each_chat_once_and_in_order(crowd: Crowd, apart: float) -> None:
    crowd.writes(60, apart)
    crowd.change("UPDATE chats SET last_message_at = NULL, created_at = now() - interval '1 h' WHERE mod(id, 10) = 3")
    crowd.change(
        "UPDATE chat_members SET active_bucket = floor(extract(epoch FROM created_at) / 300)"
        " FROM chats WHERE chats.id = chat_id AND last_message_at IS NULL"
    )
    crowd.change("UPDATE chat_members SET is_archived = true WHERE mod(chat_id, 7) = 1")
    expected = crowd.expected("NOT is_archived", ACTIVE)
    for limit in (1, 7, 20, 500):
        assert ids(pages(crowd, limit)) == expected, limit


@pytest.mark.parametrize("apart", [0, 1, 170])
def test_numbered_pages_begin_with_pinned_chats(crowd: Crowd, apart: float) -> None:
    crowd.writes(50, apart)
    crowd.change("UPDATE chat_members SET pinned_at = to_timestamp(chat_id) WHERE mod(chat_id, 9) = 0")
    crowd.change("UPDATE chat_members SET is_archived = true WHERE mod(chat_id, 8) = 0")
    for archived in (False, True):
        expected = crowd.expected(f"is_archived = {archived}", f"pinned_at DESC NULLS LAST, {ACTIVE}")
        with database_connection():
            found = [
                chats.page(crowd.actor, archived=archived, search=None, page=page, limit=6) for page in range(1, 12)
            ]
        assert [chat for page in found for chat in ids(page)] == expected


ASKED: dict[str, Callable[[Crowd], object]] = {
    "first": lambda crowd: chats.recent(crowd.actor, limit=21),
    "next": lambda crowd: chats.recent(crowd.actor, limit=21, before=_place(crowd, 5000)),
    "numbered": lambda crowd: chats.page(crowd.actor, archived=False, search=None, page=1, limit=20),
    "named": lambda crowd: chats.by_ids(crowd.actor, list(range(1, 21))),
    "memberships": lambda crowd: chats.by_memberships([(crowd.actor.id, chat_id) for chat_id in range(1, 21)]),
    "direct": lambda crowd: chats.by_pair(crowd.actor, crowd.actor.id + 3),
}
QUERIES = {"next": 2, "direct": 2}  # the chat that the page comes after, and that of the two, are looked up first


def _place(crowd: Crowd, chat_id: int) -> Position:
    (chat,) = chats.by_ids(crowd.actor, [chat_id])
    return position(chat)


def test_a_page_costs_one_query_and_few_rows_of_ten_thousand_chats(crowd: Crowd) -> None:
    crowd.writes(10_000, 40)
    with database_connection():
        access.shadow_bans()  # read once by each process
        for name, ask in ASKED.items():
            with QueryCounter() as asked:
                assert ask(crowd), name
            assert len(asked.queries) == QUERIES.get(name, 1), name
            assert rows_read(asked) < 400, name


def test_partners_are_those_of_the_newest_thousand(crowd: Crowd) -> None:
    crowd.writes(3000, 40)
    with database_connection(), QueryCounter() as asked:
        assert len(chats.partners(crowd.actor.id)) == chats.PARTNERS_LIMIT
    assert len(asked.queries) == 1


def test_unread_messages_are_those_after_the_pointer(crowd: Crowd) -> None:
    crowd.writes(50, 40)
    crowd.change("UPDATE chat_members SET last_read_seq = 3 WHERE mod(chat_id, 5) = 0")
    with database_connection(), QueryCounter() as asked:
        assert chats.unread_counts([crowd.actor.id, crowd.actor.id + 1]) == {crowd.actor.id: 80, crowd.actor.id + 1: 0}
    assert len(asked.queries) == 1
