"""Versions of edits and deletions, tombstones of deleted chats, and the epoch of cursors."""

UP = """
-- The version of the last change of a message; NULL until it changes, so that sending does not write it.
ALTER TABLE messages ADD COLUMN changed_version bigint;

-- As published, neither parsed nor compressed: every commit writes a row, and rows are read only after a crash.
ALTER TABLE outbox ALTER COLUMN events TYPE text;
ALTER TABLE outbox ALTER COLUMN events SET STORAGE EXTERNAL;

-- Lists show that the newest message was deleted; its text is erased here, too.
ALTER TABLE chats ADD COLUMN last_message_deleted boolean NOT NULL DEFAULT false;

-- The message that was read last, for catch-ups.
ALTER TABLE read_marks ADD COLUMN message_id bigint NOT NULL DEFAULT 0;

-- Deleted chats, for the catch-up of their former members.
CREATE TABLE chat_tombstones (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    chat_id bigint NOT NULL,
    version bigint NOT NULL,
    deleted_by bigint NOT NULL,
    deleted_at timestamptz NOT NULL DEFAULT now(),
    created_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (user_id, chat_id)
);

-- Deleted chats whose messages the job still has to delete.
CREATE TABLE chat_remains (
    chat_id bigint PRIMARY KEY,
    deleted_at timestamptz NOT NULL DEFAULT now()
);

-- Transaction ids are comparable only within one history of one cluster; a restored backup begins a new history.
CREATE TABLE cluster_epoch (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    epoch uuid NOT NULL DEFAULT gen_random_uuid(),
    system_identifier text NOT NULL DEFAULT '',
    timeline bigint NOT NULL DEFAULT 0
);
INSERT INTO cluster_epoch DEFAULT VALUES;
"""

DOWN = """
DROP TABLE cluster_epoch, chat_remains, chat_tombstones;
ALTER TABLE outbox ALTER COLUMN events TYPE jsonb USING events::jsonb;
ALTER TABLE chats DROP COLUMN last_message_deleted;
ALTER TABLE read_marks DROP COLUMN message_id;
ALTER TABLE messages DROP COLUMN changed_version;
"""


def up(migrator, db):
    db.execute_sql(UP)


def down(migrator, db):
    db.execute_sql(DOWN)
