"""The consumers of the outbox: a position for each, what is published, and what one of them could not handle."""

# The release before finds its rows by marks in them: the relay those where `published_at` is NULL, the export those
# where `handed_on_at` is NULL, each by a partial index. This release marks none. It writes rows with 'infinity' in
# both, which are in neither index. While both releases run (docs/data.md, Outbox, Releases):
#
# - A worker of this release handles the rows of both. It skips those that the release before has marked with a time.
# - A worker of the release before handles its own rows, also those that the other has handled already. Rows of this
#   release wait for the next worker of this release: its positions have not passed them, and neither release deletes
#   them before. If there will be none, `down` turns them into rows of the release before.
#
# A later migration drops the two columns and their indexes.

UP = """
-- Every row up to `position` is handled (chatapp/outbox/feed.py). The first two start at the oldest row, and skip what
-- the release before has marked.
CREATE TABLE outbox_consumers (
    name text PRIMARY KEY,
    position bigint NOT NULL
);
INSERT INTO outbox_consumers (name, position) VALUES ('relay', 0), ('redis_export', 0);

-- What a process has published in a second, so that the relay skips it: one row instead of a mark in each. All its ids
-- are in the same ten thousand (chatapp/transaction.py).
CREATE TABLE outbox_published (
    last_id bigint PRIMARY KEY,
    ids bigint[] NOT NULL
);

-- Without the event itself, so that erased data has one copy only. The sweep keeps the rows of these events.
CREATE TABLE outbox_failures (
    consumer text NOT NULL REFERENCES outbox_consumers ON DELETE CASCADE,
    outbox_id bigint NOT NULL,
    ordinal integer NOT NULL,  -- of the event in its row, from 0
    reason text NOT NULL,  -- class of the last error
    attempts integer NOT NULL DEFAULT 1,
    failed_at timestamptz NOT NULL DEFAULT now(),  -- for the first time
    next_attempt_at timestamptz NOT NULL,
    PRIMARY KEY (consumer, outbox_id, ordinal)
);
-- What the sweep keeps.
CREATE INDEX outbox_failures_row ON outbox_failures (outbox_id);
"""

DOWN = """
-- The release before handles what this one has not.
UPDATE outbox SET published_at = CASE
    WHEN outbox.id <= position OR outbox.id IN (SELECT unnest(ids) FROM outbox_published) THEN created_at END
FROM outbox_consumers WHERE name = 'relay' AND published_at = 'infinity';
UPDATE outbox SET handed_on_at = CASE WHEN outbox.id <= position THEN created_at END
FROM outbox_consumers WHERE name = 'redis_export' AND handed_on_at = 'infinity';
DROP TABLE outbox_failures, outbox_published, outbox_consumers;
"""


def up(migrator, db):
    db.execute_sql(UP)


def down(migrator, db):
    db.execute_sql(DOWN)
