"""Messages of sessions end after their time, a month at once, and nothing is left of deleted sessions."""

from __future__ import annotations

import datetime as dt

from peewee import PostgresqlDatabase

from chatapp import clock
from chatapp.actions.assistant.asking import ask
from chatapp.actions.assistant.sessions import open_session
from chatapp.ids.snowflake import first_id_at
from chatapp.infra.postgres import database_connection
from chatapp.ops.migration.partitions import old_session_parts
from chatapp.ops.upkeep.session_upkeep import delete_orphans, drop_old_messages
from config import Settings

DAY = 86400.0


def _said(content: str) -> int:
    visit = open_session(None, language="en")
    ask(visit, content, language=None, fallback_language="en")
    return visit.chat_id


def _parts(db: PostgresqlDatabase) -> set[str]:
    rows = db.execute_sql(
        "SELECT inhrelid::regclass::text FROM pg_inherits"
        " WHERE inhparent IN ('messages_session_class'::regclass, 'message_changes_session_class'::regclass)"
    ).fetchall()
    return {name for (name,) in rows}


def test_old_months_are_dropped_and_newer_ones_kept(bound: Settings, db: PostgresqlDatabase) -> None:
    _said("kept")
    old = first_id_at(clock.now() - dt.timedelta(days=3000))
    db.execute_sql(
        "INSERT INTO messages (id, retention, chat_id, seq, version, sender_id, content, created_at)"
        " SELECT %s + n, 1, chat_id, 1, 1, visitor_id, 'old', now() FROM sessions, generate_series(1, 5) n",
        (old,),
    )
    before = _parts(db)
    with database_connection():
        assert drop_old_messages(400 * DAY) == "nothing is that old"
        assert "messages_session_before" in drop_old_messages(0)
        assert drop_old_messages(0) == "nothing is that old"
    assert before - _parts(db) == {"messages_session_before", "message_changes_session_before"}
    assert db.execute_sql("SELECT content FROM messages WHERE retention = 1").fetchall() == [("kept",)]


def test_the_last_partition_stays(db: PostgresqlDatabase) -> None:
    future = clock.now() + dt.timedelta(days=3650)
    assert len(old_session_parts(db, future)) == len(_parts(db)) - 2


def test_messages_and_visitors_without_a_session_are_deleted(bound: Settings, db: PostgresqlDatabase) -> None:
    kept, gone = _said("kept"), _said("gone")
    db.execute_sql("DELETE FROM chats WHERE id = %s", (gone,))
    db.execute_sql("UPDATE users SET created_at = now() - interval '1 day'")
    with database_connection():
        assert delete_orphans() == "1 messages and 1 visitors deleted"
        assert delete_orphans() == "0 messages and 0 visitors deleted"
    assert db.execute_sql("SELECT content, chat_id FROM messages").fetchall() == [("kept", kept)]
