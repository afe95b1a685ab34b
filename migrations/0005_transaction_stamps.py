"""Transaction stamps that keep increasing after a dump is restored, and an epoch that identifies its database."""

UP = """
-- What catch-ups compare: the transaction id, plus an offset after a dump was restored (then restore_detection.py of
-- chatapp/ops/migration replaces the function). A single expression, so that the planner inlines it.
CREATE FUNCTION transaction_stamp() RETURNS xid8 LANGUAGE sql STABLE AS $$ SELECT pg_current_xact_id() $$;

ALTER TABLE chats ALTER COLUMN changed_in SET DEFAULT transaction_stamp();
ALTER TABLE chat_members ALTER COLUMN changed_in SET DEFAULT transaction_stamp();
ALTER TABLE messages ALTER COLUMN created_in SET DEFAULT transaction_stamp();
ALTER TABLE message_changes ALTER COLUMN created_in SET DEFAULT transaction_stamp();
ALTER TABLE chat_tombstones ALTER COLUMN created_in SET DEFAULT transaction_stamp();

ALTER TABLE cluster_epoch
    ADD COLUMN stamp_offset bigint NOT NULL DEFAULT 0,
    -- A restored dump gets new ones, even on the same server; 0 until the first release after this migration.
    ADD COLUMN database_oid bigint NOT NULL DEFAULT 0,
    ADD COLUMN relation_oid bigint NOT NULL DEFAULT 0,
    -- When a restored backup was last detected; NULL for never.
    ADD COLUMN renewed_at timestamptz;
"""

DOWN = """
ALTER TABLE cluster_epoch DROP COLUMN stamp_offset, DROP COLUMN database_oid, DROP COLUMN relation_oid,
    DROP COLUMN renewed_at;
ALTER TABLE chats ALTER COLUMN changed_in SET DEFAULT pg_current_xact_id();
ALTER TABLE chat_members ALTER COLUMN changed_in SET DEFAULT pg_current_xact_id();
ALTER TABLE messages ALTER COLUMN created_in SET DEFAULT pg_current_xact_id();
ALTER TABLE message_changes ALTER COLUMN created_in SET DEFAULT pg_current_xact_id();
ALTER TABLE chat_tombstones ALTER COLUMN created_in SET DEFAULT pg_current_xact_id();
DROP FUNCTION transaction_stamp();
"""


def up(migrator, db):
    db.execute_sql(UP)


def down(migrator, db):
    db.execute_sql(DOWN)
