"""Blocks, the order of a user's chats, messages with links, and the progress of the Redis export."""

UP = """
-- Blocks between users. Times in milliseconds, the precision of cursors.
CREATE TABLE blocks (
    blocker_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    blocked_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now()),
    PRIMARY KEY (blocker_id, blocked_id),
    CHECK (blocker_id <> blocked_id)
);
-- For the deletion of a user.
CREATE INDEX blocks_blocked ON blocks (blocked_id);

-- The blocks of a chat's members, changed with `blocks` under the chats' locks: sending reads them from the row that it
-- locks anyway.
ALTER TABLE chats ADD COLUMN buyer_blocks boolean NOT NULL DEFAULT false;
ALTER TABLE chats ADD COLUMN seller_blocks boolean NOT NULL DEFAULT false;

-- During a block, how far the other sees this member as having read; else NULL.
ALTER TABLE chat_members ADD COLUMN receipts_to bigint;

-- The number of the five-minute interval of the chat's last activity since 1970 (chatapp/clock.py): precise enough for
-- an index to bound a list, and changed so rarely that the updates of an active chat stay HOT.
ALTER TABLE chat_members ADD COLUMN active_bucket integer NOT NULL DEFAULT 0;
UPDATE chat_members SET active_bucket = floor(extract(epoch FROM coalesce(c.last_message_at, c.created_at)) / 300)
    FROM chats c WHERE c.id = chat_id;
-- A page of a user's chats reads the newest buckets, and the few pinned chats before them.
CREATE INDEX chat_members_active ON chat_members (user_id, is_archived, active_bucket DESC);
CREATE INDEX chat_members_pinned ON chat_members (user_id) WHERE pinned_at IS NOT NULL;

-- Set when a message is sent or edited; the links themselves are parsed from the text.
ALTER TABLE messages ADD COLUMN has_links boolean NOT NULL DEFAULT false;
-- Of older messages, all that may contain a link: listing links parses the text.
UPDATE messages SET has_links = true WHERE deleted_at IS NULL AND content ~ '://|[^[:space:]][.。．｡][^[:space:]]';
-- The shared links of a chat.
CREATE INDEX messages_links ON messages (chat_id, id) WHERE has_links;

-- Events from before the Redis export are not exported.
UPDATE outbox SET handed_on_at = now() WHERE handed_on_at IS NULL;
-- The rows that the Redis export looks for; nearly empty at any time.
CREATE INDEX outbox_unhanded ON outbox (id) WHERE handed_on_at IS NULL;
"""

DOWN = """
DROP INDEX outbox_unhanded;
ALTER TABLE messages DROP COLUMN has_links;
ALTER TABLE chat_members DROP COLUMN active_bucket, DROP COLUMN receipts_to;
DROP INDEX chat_members_pinned;
ALTER TABLE chats DROP COLUMN buyer_blocks, DROP COLUMN seller_blocks;
DROP TABLE blocks;
"""


def up(migrator, db):
    db.execute_sql(UP)


def down(migrator, db):
    db.execute_sql(DOWN)
