"""Migrations go up, down and up again on a filled database, and several at once do no harm."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

from peewee import PostgresqlDatabase

from chatapp.actions import log_ins
from chatapp.ops.migration import runner
from config import Settings
from tests.commands import Command
from tests.servers import await_true

FIRST = "0001_foundation"
LOG_INS = "0008_log_ins"


def _tables(db: PostgresqlDatabase) -> set[str]:
    return set(db.get_tables()) - {"schema_migration"}


def _messages(db: PostgresqlDatabase) -> int:
    return int(db.execute_sql("SELECT count(*) FROM messages").fetchone()[0])


def test_down_and_up_again_on_a_filled_database(ops: Command, ops_process: Command, db: PostgresqlDatabase) -> None:
    assert ops_process("demo").code == 0
    filled = _tables(db)
    assert _messages(db) > 0

    down = ops_process("migrate", "--down", FIRST)
    assert (down.code, FIRST in down.out) == (0, True)
    assert _tables(db) == set()
    leftovers = "SELECT count(*) FROM pg_class WHERE relkind = 'S' AND relname = 'id_sequence'"
    assert db.execute_sql(leftovers).fetchone()[0] == 0

    assert ops_process("migrate").code == 0
    assert _tables(db) == filled
    assert ops("demo").code == 0
    assert _messages(db) > 0


def test_what_was_stored_before_chats_were_ordered_and_links_marked(ops: Command, db: PostgresqlDatabase) -> None:
    assert ops("demo").code == 0
    db.execute_sql("UPDATE messages SET content = 'see пример.рф' WHERE id = (SELECT min(id) FROM messages)")
    db.execute_sql("UPDATE chats SET last_message_at = NULL WHERE id = (SELECT max(id) FROM chats)")
    stored = _messages(db)
    assert ops("migrate", "--down", "0003_social").code == 0
    assert _messages(db) == stored
    assert ops("migrate").code == 0
    buckets = (
        "SELECT bool_and(active_bucket = floor(extract(epoch FROM coalesce(last_message_at, chats.created_at)) / 300))"
        " FROM chat_members JOIN chats ON chats.id = chat_id"
    )
    assert db.execute_sql(buckets).fetchone() == (True,)
    marked = db.execute_sql("SELECT has_links FROM messages WHERE content = 'see пример.рф'").fetchall()
    assert marked == [(True,)]
    assert db.execute_sql("SELECT count(*) FROM outbox WHERE handed_on_at IS NULL").fetchone() == (0,)


def test_the_release_before_handles_what_this_one_has_not(ops: Command, db: PostgresqlDatabase) -> None:
    db.execute_sql(
        "INSERT INTO outbox (events, published_at, handed_on_at)"
        " SELECT '[]', 'infinity', 'infinity' FROM generate_series(1, 4)"
    )
    db.execute_sql("INSERT INTO outbox_published VALUES (3, '{3}')")
    db.execute_sql("UPDATE outbox_consumers SET position = CASE name WHEN 'relay' THEN 2 ELSE 1 END")
    assert ops("migrate", "--down", "0010_outbox_consumers").code == 0
    for column, waiting in (("published_at", [4]), ("handed_on_at", [2, 3, 4])):
        found = f"SELECT array_agg(id ORDER BY id) FROM outbox WHERE {column} IS NULL"
        assert db.execute_sql(found).fetchone()[0] == waiting
    assert db.execute_sql("SELECT count(*) FROM outbox WHERE published_at = 'infinity'").fetchone() == (0,)
    assert ops("migrate").code == 0


def test_log_ins_of_the_release_before_survive_up_and_down(
    ops: Command, bound: Settings, db: PostgresqlDatabase
) -> None:
    assert ops("demo").code == 0
    assert ops("migrate", "--down", LOG_INS).code == 0
    log_ins_before = db.execute_sql("SELECT count(*) FROM token_families").fetchone()
    assert log_ins_before[0] > 0
    secret, id = "drawn-by-lot-0123456789", "6bd6f86e-3335-449b-8fbe-18f2e44a3ab2"
    db.execute_sql(
        "INSERT INTO token_families (id, user_id, refresh_hash, expires_at)"
        " SELECT %s, min(id), %s, now() + interval '1 day' FROM users",
        (id, hashlib.sha256(secret.encode()).digest()),
    )
    assert ops("migrate").code == 0
    assert db.execute_sql("SELECT count(DISTINCT seed) - 1 FROM token_families").fetchone() == log_ins_before
    second = log_ins.refresh(f"{id}.{secret}").refresh_token

    assert ops("migrate", "--down", LOG_INS).code == 0
    stored = db.execute_sql("SELECT refresh_hash FROM token_families WHERE id = %s", (id,)).fetchone()[0]
    assert bytes(stored) == hashlib.sha256(second.partition(".")[2].encode()).digest(), "the older release takes it"
    assert ops("migrate").code == 0
    assert log_ins.refresh(second).refresh_token != second


def test_empty_chats_of_before_are_left_to_who_opened_them(ops: Command, db: PostgresqlDatabase) -> None:
    assert ops("demo").code == 0
    assert ops("migrate", "--down", "0006_empty_chats").code == 0
    ((buyer,), (seller,)) = db.execute_sql(
        "INSERT INTO users (subject, username) VALUES ('opener', 'opener'), ('other', 'other') RETURNING id"
    ).fetchall()
    ((chat,),) = db.execute_sql(
        "INSERT INTO chats (kind, buyer_id, seller_id) VALUES ('direct', %s, %s) RETURNING id", (buyer, seller)
    ).fetchall()
    db.execute_sql(
        "INSERT INTO chat_members (chat_id, user_id, active_bucket)"
        " SELECT %s, id, floor(extract(epoch FROM now()) / 300) FROM unnest(%s::bigint[]) AS id",
        (chat, [buyer, seller]),
    )

    def unlisted() -> list[tuple[int]]:
        rows: list[tuple[int]] = db.execute_sql("SELECT user_id FROM chat_members WHERE active_bucket = 0").fetchall()
        return rows

    assert ops("migrate").code == 0
    assert unlisted() == [(seller,)]
    assert ops("migrate", "--down", "0006_empty_chats").code == 0
    assert unlisted() == []
    assert ops("migrate").code == 0


def test_a_second_run_has_nothing_to_do(ops: Command) -> None:
    ops("migrate")
    assert ops("migrate").out == "migrated: nothing to do\n"


def test_two_at_once_apply_each_migration_once(ops: Command, ops_process: Command, db: PostgresqlDatabase) -> None:
    ops("migrate", "--down", FIRST)
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda _: ops_process("migrate"), range(2)))
    assert [outcome.code for outcome in outcomes] == [0, 0], outcomes
    assert sum(FIRST in outcome.out for outcome in outcomes) == 1


def test_waiting_for_another_release_holds_up_no_index_that_is_built_concurrently(
    ops_process: Command, db: PostgresqlDatabase
) -> None:
    db.execute_sql("SELECT pg_advisory_lock(%s)", (runner.LOCK,))
    asked = (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'chatapp migrate'"
        " AND datname = current_database() AND position('pg_try_advisory_lock' IN query) > 0"
    )
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ops_process, "migrate")
        await_true(lambda: db.execute_sql(asked).fetchone()[0] == 1)
        db.execute_sql("CREATE INDEX CONCURRENTLY concurrently_built ON users (created_at)")
        db.execute_sql("SELECT pg_advisory_unlock(%s)", (runner.LOCK,))
        assert waiting.result().code == 0, waiting.result()


def test_partitions_of_the_months_ahead_are_there_after_it(ops: Command, db: PostgresqlDatabase) -> None:
    ops("migrate", "--down", FIRST)
    assert ops("migrate", PARTITIONS_AHEAD="2").code == 0
    assert len([table for table in _tables(db) if table.startswith("messages_chat_2")]) == 3


def test_an_unknown_name_is_one_clear_sentence(ops: Command) -> None:
    outcome = ops("migrate", "--down", "0999_nothing")
    assert outcome.code == 1
    assert outcome.err == 'chatapp: Migration: "0999_nothing" is not an applied migration.\n'


def test_a_refused_login_is_one_clear_sentence_at_once(ops: Command, ops_environment: dict[str, str]) -> None:
    wrong = ops_environment["DATABASE_URL"].replace("chatapp:", "unknown:", 1)
    outcome = ops("migrate", DATABASE_URL=wrong)
    assert outcome.code == 1
    assert outcome.err.startswith("chatapp: Postgres (DATABASE_URL) cannot be reached: ")
    assert outcome.err.count("\n") == 1


def test_it_works_while_s3_is_away(ops: Command) -> None:
    outcome = ops("migrate", S3_ENDPOINT="http://127.0.0.1:1")
    assert outcome.code == 0
    assert "S3 is unavailable" in outcome.err


def test_the_demo_changes_nothing_the_second_time(ops: Command, db: PostgresqlDatabase) -> None:
    tables = ("users", "items", "chats", "messages", "reactions")
    rows = "SELECT " + ", ".join(f"(SELECT json_agg(t) FROM {table} t)" for table in tables)
    first = ops("demo")
    assert (first.code, first.out.count("\n")) == (0, 1), first.err
    types = "SELECT DISTINCT file_type FROM attachments WHERE message_id IS NOT NULL ORDER BY file_type"
    assert db.execute_sql(types).fetchall() == [("audio",), ("image",)]
    before = db.execute_sql(rows).fetchone()
    assert ops("demo").code == 0
    assert db.execute_sql(rows).fetchone() == before


def test_the_release_before_writes_items(ops: Command, bound: Settings, db: PostgresqlDatabase) -> None:
    assert ops("demo").code == 0
    stored = db.execute_sql("SELECT count(*) FROM items").fetchone()
    assert db.execute_sql("SELECT count(*) FROM item_search").fetchone() == stored
    db.execute_sql("INSERT INTO items (kind, id, title) VALUES ('listing', 1, 'by the release before')")
    written = "SELECT description, is_available FROM items WHERE title = 'by the release before'"
    assert db.execute_sql(written).fetchone() == ("", True)
    assert ops("migrate", "--down", "0019_item_search").code == 0
    assert ops("migrate").code == 0
    assert ops("jobs", "run", "item_search_rebuild").code == 0
    assert db.execute_sql("SELECT count(*) FROM item_search").fetchone() == (stored[0] + 1,)
