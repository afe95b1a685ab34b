"""Edits and deletes move a message's version, deleted chats leave tombstones, cursors have an epoch."""

UP = """
-- The version of the last change of a message; NULL until it changes, so that sending writes nothing more.
ALTER TABLE messages ADD COLUMN changed_version bigint;

-- As it is told, neither parsed nor compressed: a row is written by every commit and read again only when one died.
ALTER TABLE outbox ALTER COLUMN events TYPE text;
ALTER TABLE outbox ALTER COLUMN events SET STORAGE EXTERNAL;

-- The list shows that the newest message was taken back; its text is gone from here, too.
ALTER TABLE chats ADD COLUMN last_message_deleted boolean NOT NULL DEFAULT false;

-- So that a catch-up can name the message that was read last without searching for it.
ALTER TABLE read_marks ADD COLUMN message_id bigint NOT NULL DEFAULT 0;

-- What a person who was away learns of a chat that is gone.
CREATE TABLE chat_tombstones (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    chat_id bigint NOT NULL,
    version bigint NOT NULL,
    deleted_by bigint NOT NULL,
    deleted_at timestamptz NOT NULL DEFAULT now(),
    created_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (user_id, chat_id)
);

-- Deleted chats whose messages are still to be removed by the job.
CREATE TABLE chat_remains (
    chat_id bigint PRIMARY KEY,
    deleted_at timestamptz NOT NULL DEFAULT now()
);

-- Transaction ids mean something only within one history of one cluster: a restored backup begins a new one.
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
