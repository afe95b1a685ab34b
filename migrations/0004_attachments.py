"""Attachments, and a row for every object in the bucket."""

UP = """
-- A row is committed before its bytes are sent and deleted after them: every object in the bucket has one.
CREATE TABLE objects (
    name text PRIMARY KEY,
    size bigint NOT NULL CHECK (size >= 0),
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'stored', 'doomed')),
    -- When the bytes are to be deleted: of pending objects after the time of their upload, of doomed ones at once.
    remove_at timestamptz,
    -- Until then bytes may still arrive, of an abandoned upload or over a presigned URL.
    writable_until timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((state = 'stored') = (remove_at IS NULL))
);
-- The objects that are due; nearly empty at any time.
CREATE INDEX objects_removable ON objects (remove_at) WHERE remove_at IS NOT NULL;

-- Not partitioned like messages: dropping a partition would leave its objects behind.
CREATE TABLE attachments (
    id bigint PRIMARY KEY DEFAULT make_id(),
    message_id bigint,
    chat_id bigint,
    uploader_id bigint NOT NULL REFERENCES users,
    position smallint NOT NULL DEFAULT 0,
    file_type text CHECK (file_type IN ('image', 'video', 'audio', 'document')),
    file_name text NOT NULL,
    file_size bigint NOT NULL,
    content_type text,
    object_name text NOT NULL REFERENCES objects,
    thumbnail_name text REFERENCES objects,
    metadata jsonb NOT NULL DEFAULT '{}',
    state text NOT NULL CHECK (state IN ('awaiting', 'checking', 'quarantined', 'ready')),
    -- Set for unsent files and for those of erased users; hidden from then on, and deleted by the cleanup.
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((message_id IS NULL) = (chat_id IS NULL)),
    CHECK (message_id IS NOT NULL OR expires_at IS NOT NULL),
    CHECK (message_id IS NULL OR state IN ('ready', 'quarantined')),
    CHECK (state NOT IN ('ready', 'quarantined') OR (file_type IS NOT NULL AND content_type IS NOT NULL))
);
-- Attachments of messages, in their order.
CREATE UNIQUE INDEX attachments_message ON attachments (message_id, position) WHERE message_id IS NOT NULL;
-- Shared media and files of a chat, newest first; and all files of a deleted chat.
CREATE INDEX attachments_chat ON attachments (chat_id, (file_type = 'document'), message_id, id)
    WHERE chat_id IS NOT NULL;
-- Whether an object still has a reference.
CREATE INDEX attachments_object ON attachments (object_name);
CREATE INDEX attachments_thumbnail ON attachments (thumbnail_name) WHERE thumbnail_name IS NOT NULL;
-- All files of an erased user.
CREATE INDEX attachments_uploader ON attachments (uploader_id);
-- The unsent files of a user.
CREATE INDEX attachments_unsent ON attachments (uploader_id) WHERE message_id IS NULL;
-- For the cleanup and the second scan.
CREATE INDEX attachments_expiring ON attachments (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX attachments_quarantined ON attachments (id) WHERE state = 'quarantined';

-- The result of the last audit of bucket and rows, for the metric.
CREATE TABLE file_audits (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    orphans bigint NOT NULL,
    audited_at timestamptz NOT NULL DEFAULT now()
);
"""

DOWN = """
DROP TABLE file_audits, attachments, objects;
DELETE FROM message_changes WHERE kind = 'attachments';
UPDATE messages SET attachments_count = 0 WHERE attachments_count > 0;
"""


def up(migrator, db):
    db.execute_sql(UP)


def down(migrator, db):
    db.execute_sql(DOWN)
