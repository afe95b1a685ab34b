"""The migration to roles and keys of pairs: on a filled database, while the release before sends and blocks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count

import psycopg2
import pytest
from peewee import PostgresqlDatabase

from config import Settings
from tests.commands import Command

MEMBERS = "0009_members"
CHATS = 100_000
PEOPLE = 1_000

# Chat n is between two of the people, about an item or direct, each pair once; every tenth is blocked by its buyer.
FILL = f"""
INSERT INTO users (id, subject, username) SELECT n, n, 'filled ' || n FROM generate_series(1, {PEOPLE}) n;
INSERT INTO items (kind, id) SELECT 'listing', n FROM generate_series(1, {CHATS // PEOPLE}) n;
INSERT INTO chats (id, kind, item_id, buyer_id, seller_id, buyer_blocks)
    SELECT n, CASE WHEN item > 0 THEN 'listing' ELSE 'direct' END, nullif(item, 0),
        one + 1, (one + item + 1) %% {PEOPLE} + 1, n %% 10 = 0
    FROM (SELECT n, (n - 1) / {PEOPLE} AS item, (n - 1) %% {PEOPLE} AS one FROM generate_series(1, {CHATS}) n) numbered;
INSERT INTO chat_members (chat_id, user_id, role)
    SELECT id, buyer_id, CASE WHEN id %% 3 = 0 THEN 'member' ELSE 'buyer' END FROM chats
    UNION ALL SELECT id, seller_id, CASE WHEN id %% 3 = 0 THEN 'member' ELSE 'seller' END FROM chats;
ANALYZE;
"""
# As the release before stores a message, with the bound of the migration's promise.
SEND = """
SET LOCAL lock_timeout = '1s';
SELECT FROM chats WHERE id = %(chat)s FOR NO KEY UPDATE;
UPDATE chats SET last_seq = last_seq + 1, last_version = last_version + 1 WHERE id = %(chat)s;
"""
WRONG = """
SELECT count(*) FROM chats c
WHERE pair_key IS DISTINCT FROM concat_ws(':', kind, item_id, least(buyer_id, seller_id), greatest(buyer_id, seller_id))
    OR blocked <> (buyer_blocks OR seller_blocks)
    OR ARRAY['buyer', 'seller'] <> (SELECT array_agg(role ORDER BY role) FROM chat_members WHERE chat_id = c.id)
    OR buyer_id <> (SELECT user_id FROM chat_members WHERE chat_id = c.id AND role = 'buyer')
"""


@pytest.fixture
def before(ops: Command, db: PostgresqlDatabase) -> PostgresqlDatabase:
    """A database of the release before."""
    assert ops("migrate", "--down", MEMBERS).code == 0
    return db


def send(settings: Settings, chat_id: int) -> None:
    """Store a message as the release before."""
    with closing(psycopg2.connect(settings.database_url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(SEND, {"chat": chat_id})


def test_100_000_chats_are_carried_over_while_messages_are_sent(
    ops: Command, ops_process: Command, before: PostgresqlDatabase, settings: Settings
) -> None:
    before.execute_sql(FILL)
    sent = 0
    with ThreadPoolExecutor(1) as pool:
        migrated = pool.submit(ops_process, "migrate")
        for number in count():
            send(settings, 1 + number * 7919 % CHATS)
            sent += 1
            if migrated.done():
                break
    assert migrated.result().code == 0, migrated.result().err
    assert before.execute_sql(WRONG).fetchone() == (0,)
    assert before.execute_sql("SELECT count(*), sum(last_seq) FROM chats").fetchone() == (CHATS, sent)

    assert ops("migrate", "--down", MEMBERS).code == 0
    assert before.execute_sql("SELECT count(buyer_id), count(seller_id) FROM chats").fetchone() == (CHATS, CHATS)
    assert ops("migrate").code == 0
    assert before.execute_sql(WRONG).fetchone() == (0,)


def test_sending_does_not_queue_behind_a_lock_that_the_migration_waits_for(
    ops_process: Command, before: PostgresqlDatabase, settings: Settings
) -> None:
    before.execute_sql(FILL.replace(str(CHATS), "10").replace(str(PEOPLE), "10"))
    waits = (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'chatapp migrate' AND wait_event_type = 'Lock'"
    )
    with ThreadPoolExecutor(1) as pool:
        with closing(psycopg2.connect(settings.database_url)) as reader:
            reader.cursor().execute("SELECT FROM chats")  # its lock lasts as long as the transaction
            migrated = pool.submit(ops_process, "migrate")
            while before.execute_sql(waits).fetchone() == (0,):
                assert not migrated.done(), migrated.result().err
            send(settings, 1)
            assert not migrated.done()
        assert migrated.result().code == 0, migrated.result().err
    assert before.execute_sql(WRONG).fetchone() == (0,)


def test_an_interrupted_migration_is_repeated(ops: Command, before: PostgresqlDatabase) -> None:
    assert ops("migrate").code == 0
    before.execute_sql("DELETE FROM schema_migration WHERE name = %s", (MEMBERS,))
    assert ops("migrate").code == 0


def test_of_two_chats_of_one_pair_and_item_the_older_has_the_key(ops: Command, before: PostgresqlDatabase) -> None:
    before.execute_sql(
        "INSERT INTO users (id, subject, username) VALUES (1, '1', 'one'), (2, '2', 'two');"
        "INSERT INTO items (kind, id) VALUES ('listing', 5);"
        "INSERT INTO chats (id, kind, item_id, buyer_id, seller_id)"
        " VALUES (7, 'listing', 5, 1, 2), (8, 'listing', 5, 2, 1)"
    )
    assert ops("migrate").code == 0
    keys = before.execute_sql("SELECT id, pair_key FROM chats ORDER BY id").fetchall()
    assert keys == [(7, "listing:5:1:2"), (8, "chat:8:listing:5:1:2")]


def test_both_releases_see_what_the_other_writes(ops: Command, db: PostgresqlDatabase) -> None:
    people = "INSERT INTO users (id, subject, username) SELECT n, n, 'person ' || n FROM generate_series(1, 4) n"
    db.execute_sql(people)

    def chat(id: int) -> tuple[object, ...]:
        columns = "buyer_id, seller_id, buyer_blocks, seller_blocks, pair_key, blocked"
        row: tuple[object, ...] = db.execute_sql(f"SELECT {columns} FROM chats WHERE id = %s", (id,)).fetchone()
        return row

    by_old = "INSERT INTO chats (id, kind, buyer_id, seller_id) VALUES (%s, 'direct', %s, %s) ON CONFLICT DO NOTHING"
    by_new = "INSERT INTO chats (id, kind, pair_key) VALUES (%s, 'direct', %s) ON CONFLICT DO NOTHING"
    members = "INSERT INTO chat_members (chat_id, user_id, role) VALUES (%s, %s, 'buyer'), (%s, %s, 'seller')"
    assert db.execute_sql(by_old, (7, 2, 1)).rowcount == 1
    db.execute_sql(members, (7, 2, 7, 1))
    assert chat(7) == (2, 1, False, False, "direct:1:2", False)
    assert db.execute_sql(by_new, (8, "direct:3:4")).rowcount == 1
    db.execute_sql(members, (8, 3, 8, 4))
    assert chat(8) == (3, 4, False, False, "direct:3:4", False)
    for insert in (by_old, by_new):
        values = (9, 4, 3) if insert is by_old else (9, "direct:1:2")
        assert db.execute_sql(insert, values).rowcount == 0, "the pair has its chat"

    db.execute_sql("INSERT INTO chats (id, kind) VALUES (10, 'direct')")
    db.execute_sql("INSERT INTO chat_members (chat_id, user_id) SELECT 10, id FROM users")
    block = "INSERT INTO blocks (blocker_id, blocked_id) VALUES (%s, %s)"
    unblock = "DELETE FROM blocks WHERE blocker_id = %s AND blocked_id = %s"
    db.execute_sql(block, (1, 2))
    assert chat(7)[2:] == (False, True, "direct:1:2", True)
    db.execute_sql(block, (2, 1))
    db.execute_sql(unblock, (1, 2))
    assert chat(7)[2:] == (True, False, "direct:1:2", True)
    db.execute_sql(unblock, (2, 1))
    assert chat(7)[2:] == (False, False, "direct:1:2", False)
    db.execute_sql(block, (1, 3))
    assert [chat(id)[5] for id in (7, 8, 10)] == [False] * 3, "a block is about two people"
