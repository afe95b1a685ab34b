"""Snoozed chats, chats marked as unread, drafts, the version of a member's settings; link previews of messages."""

import time

import psycopg2
from peewee import OperationalError

# Not one transaction: an index is built while messages are sent. Each step can be repeated after an interruption.
atomic = False

LOCK_TIMEOUT = "200ms"  # senders queue behind a lock that waits, so it gives up soon
_PAUSE = 0.2  # seconds between two attempts
_ATTEMPTS = 300

# Columns without a default, or with a constant one, are added without rewriting the table.
MEMBERS = """
-- Snoozed until this time, as long as `snoozed_seq` is the last `seq` of the chat: a message ends it without writing
-- the row.
ALTER TABLE chat_members ADD COLUMN IF NOT EXISTS snoozed_until timestamptz,
    ADD COLUMN IF NOT EXISTS snoozed_seq bigint,
    -- Marked as unread while this is `last_read_seq`: reading and sending move that, and end the mark.
    ADD COLUMN IF NOT EXISTS unread_mark_seq bigint,
    -- There is a draft while this is `last_read_seq`. Reading moves both, sending moves only that.
    ADD COLUMN IF NOT EXISTS draft_seq bigint,
    -- Incremented by each change of the member's settings or draft: devices keep the largest.
    ADD COLUMN IF NOT EXISTS settings_version bigint NOT NULL DEFAULT 0;
"""
DRAFTS = """
CREATE TABLE IF NOT EXISTS drafts (
    user_id bigint NOT NULL,
    chat_id bigint NOT NULL,
    content text NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, chat_id),
    FOREIGN KEY (user_id, chat_id) REFERENCES chat_members (user_id, chat_id) ON DELETE CASCADE
);
"""
PREVIEWS = "ALTER TABLE messages ADD COLUMN IF NOT EXISTS link_preview jsonb"
# What the worker looks for every second.
INDEX = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS chat_members_snoozed ON chat_members (snoozed_until)
    WHERE snoozed_until IS NOT NULL
"""
_INVALID = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('chat_members_snoozed') AND NOT indisvalid"

DROP_DRAFTS = "DROP TABLE IF EXISTS drafts; DROP INDEX IF EXISTS chat_members_snoozed;"
DROP_MEMBERS = """
ALTER TABLE chat_members DROP COLUMN IF EXISTS snoozed_until, DROP COLUMN IF EXISTS snoozed_seq,
    DROP COLUMN IF EXISTS unread_mark_seq, DROP COLUMN IF EXISTS draft_seq, DROP COLUMN IF EXISTS settings_version;
"""
# The release before has no such consumer: the sweep of the outbox would wait for it.
DROP_CONSUMER = "DELETE FROM outbox_consumers WHERE name = 'link_previews'"
DROP_PREVIEWS = "ALTER TABLE messages DROP COLUMN IF EXISTS link_preview"


def up(migrator, db):
    for step in (MEMBERS, DRAFTS, PREVIEWS):
        _change_schema(db, step)
    if db.execute_sql(_INVALID).fetchone():  # left by an interrupted run
        db.execute_sql("DROP INDEX CONCURRENTLY chat_members_snoozed")
    db.execute_sql(INDEX)


def down(migrator, db):
    for step in (DROP_CONSUMER, DROP_DRAFTS, DROP_MEMBERS, DROP_PREVIEWS):
        _change_schema(db, step)


def _change_schema(db, statements):
    """Change tables in one short transaction. Its locks wait for little, and are asked for again."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with db.atomic():
                db.execute_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                db.execute_sql(statements)
                return
        except OperationalError as error:
            if not isinstance(error.orig, psycopg2.errors.LockNotAvailable) or attempt == _ATTEMPTS:
                raise
            time.sleep(_PAUSE)
