"""Reactions, pinned messages, and each user's own marks of messages: stars, and messages hidden from oneself."""

import time

import psycopg2
from peewee import OperationalError

# Not one transaction: an index is built while messages are sent. Each step can be repeated after an interruption.
atomic = False

LOCK_TIMEOUT = "200ms"  # senders queue behind a lock that waits, so it gives up soon
_PAUSE = 0.2  # seconds between two attempts
_ATTEMPTS = 300

# Columns without a default, or with a constant one, are added without rewriting the table.
COLUMNS = """
-- By kind: the emoji, how many users, and the first ten of them, so that reading a message reads no other table. NULL
-- without reactions.
ALTER TABLE messages ADD COLUMN IF NOT EXISTS reactions jsonb;
-- Whether the member has hidden messages of the chat: only then are they looked for.
ALTER TABLE chat_members ADD COLUMN IF NOT EXISTS has_hidden boolean NOT NULL DEFAULT false;
"""

TABLES = """
-- Who reacted to a message, and how. Not partitioned like messages: every page would open all partitions.
CREATE TABLE IF NOT EXISTS reactions (
    message_id bigint NOT NULL,
    user_id bigint NOT NULL,
    emoji text NOT NULL,
    version bigint NOT NULL,  -- of the chat, which orders the reactions of a message
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (message_id, user_id, emoji)
);
-- The next user after the first ten, if one of them takes a reaction back.
CREATE INDEX IF NOT EXISTS reactions_kind ON reactions (message_id, emoji, version);
-- All reactions of a user, for export and erasure.
CREATE INDEX IF NOT EXISTS reactions_user ON reactions (user_id);

CREATE TABLE IF NOT EXISTS chat_pins (
    chat_id bigint NOT NULL REFERENCES chats ON DELETE CASCADE,
    message_id bigint NOT NULL,
    pinned_by bigint NOT NULL REFERENCES users,
    version bigint NOT NULL,  -- of the chat, which orders its pins
    pinned_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (chat_id, message_id)
);

-- A message that is neither starred nor hidden any more keeps its row, so that a catch-up finds the change.
CREATE TABLE IF NOT EXISTS message_marks (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    message_id bigint NOT NULL,
    chat_id bigint NOT NULL REFERENCES chats ON DELETE CASCADE,
    seq bigint NOT NULL,
    starred_at timestamptz,
    hidden_at timestamptz,
    changed_at timestamptz NOT NULL,  -- rises with each change of the row
    changed_in xid8 NOT NULL DEFAULT transaction_stamp(),
    PRIMARY KEY (user_id, message_id)
);
-- A user's starred messages, newest first.
CREATE INDEX IF NOT EXISTS message_marks_starred ON message_marks (user_id, message_id) WHERE starred_at IS NOT NULL;
-- Who has hidden a message, for its events.
CREATE INDEX IF NOT EXISTS message_marks_hidden ON message_marks (message_id) WHERE hidden_at IS NOT NULL;
-- Catch-up.
CREATE INDEX IF NOT EXISTS message_marks_changed ON message_marks (user_id, changed_in);
-- The marks of a deleted chat.
CREATE INDEX IF NOT EXISTS message_marks_chat ON message_marks (chat_id);
"""

# The chats in which a user has hidden messages.
INDEX = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS chat_members_hiding ON chat_members (user_id) WHERE has_hidden
"""
_INVALID = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('chat_members_hiding') AND NOT indisvalid"

DROP = """
DROP TABLE IF EXISTS message_marks, chat_pins, reactions;
DROP INDEX IF EXISTS chat_members_hiding;
ALTER TABLE chat_members DROP COLUMN IF EXISTS has_hidden;
ALTER TABLE messages DROP COLUMN IF EXISTS reactions;
"""


def up(migrator, db):
    for step in (COLUMNS, TABLES):
        _change_schema(db, step)
    if db.execute_sql(_INVALID).fetchone():  # left by an interrupted run
        db.execute_sql("DROP INDEX CONCURRENTLY chat_members_hiding")
    db.execute_sql(INDEX)


def down(migrator, db):
    _change_schema(db, DROP)


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
