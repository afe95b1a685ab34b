"""Group chats: titles, pictures and numbers of members, what system messages say, and who has left."""

import time

import psycopg2
from peewee import OperationalError

# Not one transaction: the checks are validated while messages are sent. Each step can be repeated after an
# interruption.
atomic = False

LOCK_TIMEOUT = "200ms"  # senders queue behind a lock that waits, so it gives up soon
_PAUSE = 0.2  # seconds between two attempts
_ATTEMPTS = 300

# Columns without a default, or with a constant one, are added without rewriting the table.
COLUMNS = """
-- Of groups only. `picture_id` is an attachment of the system message that set it; without a foreign key, since a
-- picture whose file was deleted is simply not shown. `member_count` changes under the lock of the row.
ALTER TABLE chats ADD COLUMN IF NOT EXISTS title text;
ALTER TABLE chats ADD COLUMN IF NOT EXISTS picture_id bigint;
ALTER TABLE chats ADD COLUMN IF NOT EXISTS member_count integer NOT NULL DEFAULT 0;
-- What the newest system message says, and the id of that message. It is shown while this is the newest message.
ALTER TABLE chats ADD COLUMN IF NOT EXISTS last_system jsonb;
-- The id of the newest message when the member joined: messages up to it are hidden, like those up to joined_seq.
ALTER TABLE chat_members ADD COLUMN IF NOT EXISTS joined_message_id bigint NOT NULL DEFAULT 0;
-- 'left' for a member who left the chat or was removed.
ALTER TABLE chat_tombstones ADD COLUMN IF NOT EXISTS kind text NOT NULL DEFAULT 'deleted';
"""
MESSAGES = """
-- What a message of type 'system' says; its text is empty.
ALTER TABLE messages ADD COLUMN IF NOT EXISTS system jsonb;
"""
CHECKS = """
ALTER TABLE chats DROP CONSTRAINT IF EXISTS chats_kind_check, DROP CONSTRAINT IF EXISTS chats_check,
    DROP CONSTRAINT IF EXISTS chats_kind, DROP CONSTRAINT IF EXISTS chats_kind_item,
    DROP CONSTRAINT IF EXISTS chats_title;
ALTER TABLE chats
    ADD CONSTRAINT chats_kind CHECK (kind IN ('listing', 'storefront_product', 'direct', 'group')) NOT VALID,
    ADD CONSTRAINT chats_kind_item CHECK ((kind IN ('direct', 'group')) = (item_id IS NULL)) NOT VALID,
    ADD CONSTRAINT chats_title CHECK ((kind = 'group') = (title IS NOT NULL)) NOT VALID;
"""
CHECK_NAMES = ("chats_kind", "chats_kind_item", "chats_title")

# The release before shows no groups and does not know system messages. Its job purges their messages.
DROP_GROUPS = """
WITH groups AS (DELETE FROM chats WHERE kind = 'group' RETURNING id)
INSERT INTO chat_remains (chat_id) SELECT id FROM groups ON CONFLICT DO NOTHING
"""
DROP = """
ALTER TABLE chats DROP CONSTRAINT IF EXISTS chats_kind, DROP CONSTRAINT IF EXISTS chats_kind_item,
    DROP CONSTRAINT IF EXISTS chats_title;
ALTER TABLE chats
    ADD CONSTRAINT chats_kind_check CHECK (kind IN ('listing', 'storefront_product', 'direct')) NOT VALID,
    ADD CONSTRAINT chats_check CHECK ((kind = 'direct') = (item_id IS NULL)) NOT VALID;
ALTER TABLE chats DROP COLUMN title, DROP COLUMN picture_id, DROP COLUMN member_count, DROP COLUMN last_system;
ALTER TABLE chat_members DROP COLUMN joined_message_id;
DELETE FROM chat_tombstones WHERE kind = 'left';
ALTER TABLE chat_tombstones DROP COLUMN kind;
"""


def up(migrator, db):
    for step in (COLUMNS, MESSAGES, CHECKS):
        _change_schema(db, step)
    for name in CHECK_NAMES:  # reads the table while it is written to
        db.execute_sql(f"ALTER TABLE chats VALIDATE CONSTRAINT {name}")


def down(migrator, db):
    db.execute_sql(DROP_GROUPS)
    _change_schema(db, DROP)
    for name in ("chats_kind_check", "chats_check"):
        db.execute_sql(f"ALTER TABLE chats VALIDATE CONSTRAINT {name}")
    _change_schema(db, "ALTER TABLE messages DROP COLUMN system")


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
