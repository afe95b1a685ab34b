"""Hidden presence, erasures of users in steps, and exports of a user's data."""

import time

import psycopg2
from peewee import OperationalError

# Not one transaction: the locks of each step are given up soon. Each step can be repeated after an interruption.
atomic = False

LOCK_TIMEOUT = "200ms"  # requests queue behind a lock that waits, so it gives up soon
_PAUSE = 0.2  # seconds between two attempts
_ATTEMPTS = 300

# A constant default: the table is not rewritten.
COLUMNS = "ALTER TABLE users ADD COLUMN IF NOT EXISTS hide_last_seen boolean NOT NULL DEFAULT false"
TABLES = """
-- One row per erased user, for as long as the user's row is there: what was asked for, how far it is, what went.
CREATE TABLE IF NOT EXISTS erasures (
    user_id bigint PRIMARY KEY REFERENCES users,
    content text NOT NULL,  -- ERASE_CONTENT at the time of the request
    evidence text NOT NULL,  -- ERASE_EVIDENCE at the time of the request
    step smallint NOT NULL DEFAULT 0,  -- how many steps are done
    position bigint NOT NULL DEFAULT 0,  -- in the present step: ids up to this one are done
    report jsonb NOT NULL DEFAULT '{}',  -- numbers of what went, by step
    requested_at timestamptz NOT NULL DEFAULT now(),
    leased_until timestamptz,  -- by the process that is at it, which extends it
    finished_at timestamptz,
    compacted_at timestamptz
);
-- Erasures with steps to do.
CREATE INDEX IF NOT EXISTS erasures_unfinished ON erasures (requested_at) WHERE finished_at IS NULL;
-- Erasures whose bytes may still be in files.
CREATE INDEX IF NOT EXISTS erasures_uncompacted ON erasures (requested_at) WHERE compacted_at IS NULL;

-- Partitions whose files may still hold what was erased, until they are rewritten.
CREATE TABLE IF NOT EXISTS erased_partitions (
    name text PRIMARY KEY,
    marked_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS exports (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    state text NOT NULL DEFAULT 'pending',  -- pending, running, ready, failed
    object_name text,  -- of the ZIP; its row in `objects` ends with it
    reason text,  -- code, if it failed
    requested_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    expires_at timestamptz
);
-- One export of a user at a time.
CREATE UNIQUE INDEX IF NOT EXISTS exports_unfinished ON exports (user_id) WHERE state IN ('pending', 'running');
-- All exports of a user.
CREATE INDEX IF NOT EXISTS exports_user ON exports (user_id);

-- 'author': all messages that a user wrote.
ALTER TABLE redactions DROP CONSTRAINT IF EXISTS redactions_kind_check;
ALTER TABLE redactions ADD CONSTRAINT redactions_kind_check
    CHECK (kind IN ('message', 'attachment', 'chat', 'user', 'author'));
"""
# The release before redacts no authors: what is pending would never end.
DROP = """
DELETE FROM redactions WHERE kind = 'author';
ALTER TABLE redactions DROP CONSTRAINT IF EXISTS redactions_kind_check;
ALTER TABLE redactions ADD CONSTRAINT redactions_kind_check
    CHECK (kind IN ('message', 'attachment', 'chat', 'user'));
DROP TABLE IF EXISTS exports, erased_partitions, erasures;
ALTER TABLE users DROP COLUMN IF EXISTS hide_last_seen;
"""


def up(migrator, db):
    for step in (COLUMNS, TABLES):
        _change_schema(db, step)


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
