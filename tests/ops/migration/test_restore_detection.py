"""Restored backups are detected, stamps keep rising after them, and concurrent writes are not lost."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from peewee import PostgresqlDatabase

from chatapp.actions import blocking, chat_settings, chats, editing, reading, sending
from chatapp.auth.actor import Actor
from chatapp.infra.postgres import database_connection
from chatapp.ops.migration.restore_detection import STAMPS_OF_A_DUMP, renew_epoch
from chatapp.queries import catchup
from tests.database import Database
from tests.servers import await_true

EPOCH = "SELECT epoch::text, stamp_offset, renewed_at IS NOT NULL FROM cluster_epoch"
STAMPS = (
    "SELECT changed_in::text::bigint FROM chats UNION ALL SELECT changed_in::text::bigint FROM chat_members"
    " UNION ALL SELECT created_in::text::bigint FROM messages"
    " UNION ALL SELECT created_in::text::bigint FROM message_changes"
    " UNION ALL SELECT created_in::text::bigint FROM chat_tombstones"
)


@pytest.fixture
def release(core: Database) -> Iterator[PostgresqlDatabase]:
    """The connection of a release, to a database whose identity is recorded: it was copied from a template."""
    database = PostgresqlDatabase(core.url)
    with database.connection_context():
        renew_epoch(database)
        yield database


def is_restored(core: Database) -> None:
    """Make the database look like a restored dump."""
    core.change("UPDATE cluster_epoch SET relation_oid = relation_oid + 1")


def test_a_second_release_changes_nothing(core: Database, release: PostgresqlDatabase) -> None:
    before = core.rows(EPOCH)
    renew_epoch(release)
    assert core.rows(EPOCH) == before


@pytest.mark.parametrize(("changed", "is_dump"), [
    ("system_identifier = '1'", True),
    ("database_oid = database_oid + 1", True),
    ("relation_oid = relation_oid + 1", True),
    ("timeline = timeline + 1", False),
])  # fmt: skip
def test_another_database_begins_a_new_epoch_once(
    core: Database, release: PostgresqlDatabase, changed: str, is_dump: bool
) -> None:
    ((epoch, offset, _),) = core.rows(EPOCH)
    core.change(f"UPDATE cluster_epoch SET renewed_at = NULL, {changed}")
    renew_epoch(release)
    ((renewed, raised, is_noted),) = after = core.rows(EPOCH)
    assert (renewed != epoch, raised - offset, is_noted) == (True, STAMPS_OF_A_DUMP if is_dump else 0, True)
    renew_epoch(release)
    assert core.rows(EPOCH) == after


@pytest.mark.parametrize("stamp", ["pg_current_xact_id()", "'1000000000000'"])
def test_the_first_release_that_knows_databases_asks_the_stamps(
    core: Database, actors: list[Actor], release: PostgresqlDatabase, stamp: str
) -> None:
    """An older database has no recorded identity; that it was restored shows by stamps ahead of the counter."""
    chats.open_direct_chat(actors[0], "bob")
    ((epoch, offset, _),) = core.rows(EPOCH)
    core.change("UPDATE cluster_epoch SET relation_oid = 0, database_oid = 0")
    core.change(f"UPDATE chats SET changed_in = {stamp}")
    renew_epoch(release)
    ((renewed, raised, _),) = core.rows(EPOCH)
    is_dump = "'" in stamp
    assert (renewed != epoch, raised > offset) == (is_dump, is_dump)


@pytest.fixture
def plain_release(core: Database, release: PostgresqlDatabase) -> Iterator[PostgresqlDatabase]:
    """A role that may read neither the cluster's identifier nor its timeline."""
    role = f"plain_{uuid.uuid4().hex[:8]}"
    core.change(f"CREATE ROLE {role} LOGIN PASSWORD 'plain'")
    core.change(f"GRANT SELECT, UPDATE ON cluster_epoch TO {role}")
    core.change("REVOKE EXECUTE ON FUNCTION pg_control_system(), pg_walfile_name(pg_lsn) FROM PUBLIC")
    _, _, place = core.url.rpartition("@")
    database = PostgresqlDatabase(f"postgresql://{role}:plain@{place}")
    with database.connection_context():
        yield database
    core.change(f"DROP OWNED BY {role}")
    core.change(f"DROP ROLE {role}")


def test_what_a_host_hides_is_not_compared(core: Database, plain_release: PostgresqlDatabase) -> None:
    before = core.rows(EPOCH)
    renew_epoch(plain_release)
    assert core.rows(EPOCH) == before


def acts(actors: list[Actor], chat_id: int) -> None:
    """Do everything that a catch-up reports."""
    alice, bob, _ = actors
    first, second = (sending.send_message(alice, chat_id, text) for text in ("one", "two"))
    reading.mark_read(bob, chat_id)
    editing.edit_message(alice, first.id, "ONE")
    editing.delete_message(alice, second.id)
    chat_settings.set_archived(bob, chat_id, True)
    blocking.block(alice, "bob")
    blocking.unblock(alice, "bob")


def test_stamps_rise_on_connections_that_had_their_statements_planned(
    core: Database, actors: list[Actor], release: PostgresqlDatabase
) -> None:
    chat_id = chats.open_direct_chat(actors[0], "bob")
    acts(actors, chat_id)
    core.change("INSERT INTO chat_tombstones (user_id, chat_id, version, deleted_by) VALUES (1, 7, 1, 1)")
    old = {row[0] for row in core.rows(STAMPS)}
    is_restored(core)
    renew_epoch(release)
    ((_, offset, _),) = core.rows(EPOCH)
    with database_connection():
        cursor = catchup.cursor_of_now(actors[1].id)
    assert max(old) < offset < cursor.xmin
    other_chat = chats.open_direct_chat(actors[2], "bob")
    acts(actors, chat_id)
    acts([actors[2], actors[1], actors[0]], other_chat)
    core.change("INSERT INTO chat_tombstones (user_id, chat_id, version, deleted_by) VALUES (1, 8, 1, 1)")
    assert all(row[0] >= cursor.xmin for row in core.rows(STAMPS) if row[0] not in old)
    assert {row[0] >= offset for row in core.rows("SELECT changed_in::text::bigint FROM chats")} == {True}
    with database_connection():
        page = catchup.page(actors[1], cursor, limit=100)
    assert {message.chat_id for message in page.messages} == {chat_id, other_chat}
    assert {message.seq for message in page.messages if message.chat_id == chat_id} == {3, 4}


def test_a_stamp_costs_no_call(core: Database, actors: list[Actor], release: PostgresqlDatabase) -> None:
    """The planner inlines the function, with an offset, too."""
    for _ in range(2):
        for sql in (
            "UPDATE chats SET changed_in = transaction_stamp()",
            "INSERT INTO chat_tombstones (user_id, chat_id, version, deleted_by) VALUES (1, 1, 1, 1)",
        ):
            plan = "\n".join(row[0] for row in core.rows(f"EXPLAIN (VERBOSE) {sql}"))
            assert "pg_current_xact_id" in plan
            assert "transaction_stamp" not in plan
        is_restored(core)
        renew_epoch(release)


def test_a_new_epoch_waits_for_a_running_writer(
    core: Database, actors: list[Actor], release: PostgresqlDatabase
) -> None:
    """Its stamps are old: they must be committed before a cursor of the new epoch is issued."""
    chat_id = chats.open_direct_chat(actors[0], "bob")
    sending.send_message(actors[0], chat_id, "hi")
    is_restored(core)
    waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND mode = 'ExclusiveLock' AND relation = 'chats'::regclass"
    change = (
        "INSERT INTO message_changes (message_id, chat_id, version, actor_id, kind) SELECT id, chat_id, 2, 1, 'deleted'"
        " FROM messages"
    )
    lock = "SELECT 1 FROM chats FOR NO KEY UPDATE"
    with ThreadPoolExecutor(1) as pool, closing(psycopg2.connect(core.url)) as writer, writer.cursor() as cursor:
        cursor.execute(lock)
        renewing = pool.submit(_renew, core.url)
        await_true(lambda: renewing.done() or core.rows(waits))
        assert not renewing.done()
        cursor.execute(change)
        cursor.execute("UPDATE chats SET last_version = 2, changed_in = transaction_stamp()")
        writer.commit()
        renewing.result(10)
    ((_, offset, _),) = core.rows(EPOCH)
    assert all(stamp < offset for (stamp,) in core.rows(STAMPS))


def _renew(url: str) -> Any:
    database = PostgresqlDatabase(url)
    with database.connection_context():
        renew_epoch(database)
