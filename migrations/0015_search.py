"""The search index: the tokens of each message, how far it is filled, what was erased from it, and recent searches."""

# Partitioned by month like messages; `make_partitions` creates the partitions, also those of earlier months.

UP = """
CREATE TABLE message_search (
    message_id bigint NOT NULL PRIMARY KEY,
    chat_id bigint NOT NULL,
    tokens tsvector NOT NULL
) PARTITION BY RANGE (message_id);
-- Words together with who may find them. Additions are collected first (in kB), and sorted into the index at once.
CREATE INDEX message_search_tokens ON message_search USING gin (tokens)
    WITH (fastupdate = on, gin_pending_list_limit = 1024);

CREATE TABLE search_progress (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    -- Everything by transactions with smaller stamps is indexed. What is not has no id below the floor.
    seen xid8 NOT NULL,
    floor_id bigint NOT NULL,
    indexed_until timestamptz NOT NULL DEFAULT now(),
    is_busy boolean NOT NULL DEFAULT false,
    -- The version of the tokens (chatapp/search/tokens.py); 0 before the first rebuild.
    made_by smallint NOT NULL DEFAULT 0,
    -- While partitions are rebuilt, newest first: all from this id on are done. NULL if all are.
    rebuilt_to bigint,
    -- The part of the ids for which a new table is filled beside the present one; NULL if there is none.
    copy_low bigint,
    copy_high bigint
);
-- Ten minutes: no transaction lasts as long. Earlier messages are for the rebuild.
INSERT INTO search_progress (seen, floor_id)
SELECT (stamp_offset + pg_snapshot_xmin(pg_current_snapshot())::text::bigint)::text::xid8,
    greatest(0, ((extract(epoch FROM now()) * 1000)::bigint - 1704067200000 - 600000) << 12)
FROM cluster_epoch;

-- Messages whose words may still be in the files of the index: GIN never forgets a key, and a heap not at once.
CREATE TABLE search_erasures (
    message_id bigint NOT NULL,
    is_taken boolean NOT NULL DEFAULT false  -- since before the rebuild that is running
);

CREATE TABLE recent_searches (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    query text NOT NULL,
    searched_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, query)
);

-- Edits and deletions from the first kept event on: the index is filled after this migration. A worker of the new
-- release that started before it may have registered the consumer.
INSERT INTO outbox_consumers (name, position) VALUES ('search', 0)
ON CONFLICT (name) DO UPDATE SET position = excluded.position;
"""

DOWN = """
DELETE FROM outbox_consumers WHERE name = 'search';
DROP TABLE IF EXISTS message_search_copy;
DROP TABLE recent_searches, search_erasures, search_progress, message_search;
"""


def up(migrator, db):
    db.execute_sql(UP)


def down(migrator, db):
    db.execute_sql(DOWN)
