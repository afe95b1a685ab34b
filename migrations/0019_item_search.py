"""What the host says about items, and the index by which the assistant finds them."""

import time

import psycopg2
from peewee import OperationalError

# Not one transaction: the locks of each step are given up soon. Each step can be repeated after an interruption.
atomic = False

LOCK_TIMEOUT = "200ms"  # requests queue behind a lock that waits, so it gives up soon
_PAUSE = 0.2  # seconds between two attempts
_ATTEMPTS = 300

# Constant defaults: the table is not rewritten. The release before writes none of these columns.
COLUMNS = """
ALTER TABLE items
    ADD COLUMN IF NOT EXISTS description text NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS category text,
    ADD COLUMN IF NOT EXISTS attributes jsonb,
    ADD COLUMN IF NOT EXISTS url text,
    ADD COLUMN IF NOT EXISTS is_available boolean NOT NULL DEFAULT true;
"""
TABLES = """
-- The items that are offered. Written with the item; what another release or lexicon wrote is written again by a job.
CREATE TABLE IF NOT EXISTS item_search (
    kind text NOT NULL,
    item_id bigint NOT NULL,
    base_price double precision,  -- in the shop's currency; NULL without a price, or a rate
    tokens tsvector NOT NULL,
    made_by integer NOT NULL,  -- the version of lexicon, tokens and rates
    item_updated_at timestamptz NOT NULL,  -- of the item that was indexed
    PRIMARY KEY (kind, item_id),
    FOREIGN KEY (kind, item_id) REFERENCES items (kind, id) ON DELETE CASCADE
);
-- A question is answered while wares are written, so nothing is collected first.
CREATE INDEX IF NOT EXISTS item_search_tokens ON item_search USING gin (tokens) WITH (fastupdate = off);

-- Words of items that the lexicon does not explain, and their measures (m:gb:128).
CREATE TABLE IF NOT EXISTS item_words (
    word text COLLATE "C" PRIMARY KEY,
    keys text[] NOT NULL,  -- the word, and the word with each letter missing: misspelt words share one
    is_name boolean NOT NULL,  -- whether it was in a title
    used_on date NOT NULL  -- the last day on which an item with it was written
);
CREATE INDEX IF NOT EXISTS item_words_keys ON item_words USING gin (keys) WITH (fastupdate = off);
"""
DROP = """
DROP TABLE IF EXISTS item_words, item_search;
ALTER TABLE items
    DROP COLUMN IF EXISTS description,
    DROP COLUMN IF EXISTS category,
    DROP COLUMN IF EXISTS attributes,
    DROP COLUMN IF EXISTS url,
    DROP COLUMN IF EXISTS is_available;
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
