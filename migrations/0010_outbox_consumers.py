"""The consumers of the outbox: a position for each, and the events that one of them could not handle."""

UP = """
-- Every row up to `position` is handled (chatapp/outbox/feed.py). The first two start at the oldest row: what the
-- previous release has handled is marked in the row, and skipped.
CREATE TABLE outbox_consumers (
    name text PRIMARY KEY,
    position bigint NOT NULL
);
INSERT INTO outbox_consumers (name, position) VALUES ('relay', 0), ('redis_export', 0);

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
DROP TABLE outbox_failures, outbox_consumers;
"""


def up(migrator, db):
    db.execute_sql(UP)


def down(migrator, db):
    db.execute_sql(DOWN)
