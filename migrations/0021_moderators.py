"""Moderators, and the indexes with which they find people."""

import time

import psycopg2
from peewee import OperationalError

# Not one transaction: the locks of each step are given up soon. Each step can be repeated after an interruption.
atomic = False

LOCK_TIMEOUT = "200ms"  # requests queue behind a lock that waits, so it gives up soon
_PAUSE = 0.2  # seconds between two attempts
_ATTEMPTS = 300

# A constant default: the table is not rewritten. The release before neither reads nor writes the column.
COLUMN = "ALTER TABLE users ADD COLUMN IF NOT EXISTS is_moderator boolean NOT NULL DEFAULT false"
INDEXES = {
    # All moderators.
    "users_moderators": "ON users (id) WHERE is_moderator",
    # People whose username or name begins with a text.
    "users_username_prefix": "ON users (lower(username) text_pattern_ops)",
    "users_name_prefix": "ON users (lower(name) text_pattern_ops)",
    # People who are banned, the newest ban first.
    "bans_created": "ON bans (created_at DESC)",
}
_INVALID = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid"
DROP = f"DROP INDEX IF EXISTS {', '.join(INDEXES)}; ALTER TABLE users DROP COLUMN IF EXISTS is_moderator"


def up(migrator, db):
    _change_schema(db, COLUMN)
    for name, definition in INDEXES.items():
        if db.execute_sql(_INVALID, (name,)).fetchone():  # left by an interrupted run
            db.execute_sql(f"DROP INDEX CONCURRENTLY {name}")
        db.execute_sql(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} {definition}")


def down(migrator, db):
    _change_schema(db, DROP)


def _change_schema(db, statements):
    """Change a table in one short transaction. Its locks wait for little, and are asked for again."""
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
