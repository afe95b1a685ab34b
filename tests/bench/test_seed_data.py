"""Seeded rows are consistent as if the messages had been sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from bench.social.seed_data import ChatGroup, seed
from chatapp import clock
from chatapp.access import access_chat
from chatapp.auth.actor import Actor
from chatapp.infra.postgres import database_connection
from chatapp.ops import runtime
from chatapp.queries import chats, messages
from config import load
from tests.database import Database
from tests.servers import database_copy

MANY = ChatGroup([(1, 10), (2, 10), (3, 10)], 40, unread_by_seller=3)
FEW = ChatGroup([(1, 2), (2, 3)], 5)
SELLER = Actor(10, "", "person-10", False, None)


class Seeded(NamedTuple):
    """A seeded database, and the chat ids of each group."""

    database: Database
    chat_ids: list[list[int]]


@pytest.fixture(scope="module")
def seeded(environment: dict[str, str], postgres_url: str) -> Iterator[Seeded]:
    with database_copy(postgres_url) as url:
        chat_ids = seed(url, [MANY, FEW])
        runtime.build(load({**environment, "DATABASE_URL": url}))
        yield Seeded(Database(url), chat_ids)
        runtime.close()


def test_chats_have_all_messages_without_gaps(seeded: Seeded) -> None:
    found = seeded.database.rows(
        "SELECT chat_id, count(*), max(seq), array_agg(seq ORDER BY id) = array_agg(seq ORDER BY seq) FROM messages"
        " GROUP BY chat_id"
    )
    sizes = {id: group.messages for group, ids in zip((MANY, FEW), seeded.chat_ids, strict=True) for id in ids}
    assert {row[0]: row[1:] for row in found} == {id: (size, size, True) for id, size in sizes.items()}


def test_heads_match_the_last_messages(seeded: Seeded) -> None:
    errors = seeded.database.rows(
        """
        SELECT c.id FROM chats c JOIN messages m ON m.id = c.last_message_id AND m.chat_id = c.id
        WHERE (c.last_seq, c.last_version, c.last_message_text, c.last_message_sender_id, c.last_message_at)
            IS DISTINCT FROM (m.seq, m.version, m.content, m.sender_id, m.created_at)
        """
    )
    heads = seeded.database.rows("SELECT count(*) FROM chats c JOIN messages m ON m.id = c.last_message_id")
    assert (errors, heads) == ([], [(5,)])


def test_messages_are_in_the_partitions_of_their_months(seeded: Seeded) -> None:
    months = seeded.database.rows(
        "SELECT DISTINCT tableoid::regclass::text, to_char(created_at AT TIME ZONE 'UTC', 'YYYY_MM') FROM messages"
    )
    assert len(months) >= 12
    assert all(table == f"messages_chat_{month}" for table, month in months)


def test_unread_messages_are_counted_and_listed(seeded: Seeded) -> None:
    with database_connection():
        assert chats.unread_counts([10, 1]) == {10: 9, 1: 0}
        listed = chats.recent(SELLER, limit=20)
        page = messages.page(access_chat(SELLER, seeded.chat_ids[0][0]), limit=20)
    assert [chat.id for chat in listed] == seeded.chat_ids[0][::-1]
    assert [chat.unread_count for chat in listed] == [3, 3, 3]
    assert [message.seq for message in page.messages] == list(range(40, 20, -1))


def test_activity_buckets_match_the_last_message(seeded: Seeded) -> None:
    rows = seeded.database.rows("SELECT last_message_at, active_bucket FROM chats JOIN chat_members ON chat_id = id")
    assert len(rows) == 10
    assert all(clock.activity_bucket(moment) == bucket for moment, bucket in rows)
