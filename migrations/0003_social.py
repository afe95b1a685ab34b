"""Blocks, the order of a person's chats, messages with links, and what is still to be mirrored."""

UP = """
-- Who wants nothing of whom. Times in milliseconds, as cursors carry them.
CREATE TABLE blocks (
    blocker_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    blocked_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now()),
    PRIMARY KEY (blocker_id, blocked_id),
    CHECK (blocker_id <> blocked_id)
);
-- Removing a person looks for those who blocked them.
CREATE INDEX blocks_blocked ON blocks (blocked_id);

-- The pair's blocks on each of its chats, moved with `blocks` under the chats' locks: sending reads them with the lock
-- that it takes anyway.
ALTER TABLE chats ADD COLUMN buyer_blocks boolean NOT NULL DEFAULT false;
ALTER TABLE chats ADD COLUMN seller_blocks boolean NOT NULL DEFAULT false;

-- How far the other sees this person as having read while a block stands; NULL: as far as they have.
ALTER TABLE chat_members ADD COLUMN receipts_to bigint;

-- The five minutes of the chat's last activity, counted from 1970 (chatapp/clock.py): exact enough for an index to
-- bound a list, and moved so seldom that a lively chat's updates stay HOT.
ALTER TABLE chat_members ADD COLUMN active_bucket integer NOT NULL DEFAULT 0;
UPDATE chat_members SET active_bucket = floor(extract(epoch FROM coalesce(c.last_message_at, c.created_at)) / 300)
    FROM chats c WHERE c.id = chat_id;
-- A page of a person's chats reads the newest buckets, and the few pinned ones before them.
CREATE INDEX chat_members_active ON chat_members (user_id, is_archived, active_bucket DESC);
CREATE INDEX chat_members_pinned ON chat_members (user_id) WHERE pinned_at IS NOT NULL;

-- Set where a message is written or edited; the links themselves are found again in the text.
ALTER TABLE messages ADD COLUMN has_links boolean NOT NULL DEFAULT false;
-- Of older messages all that may hold a link: whoever lists them looks into the text.
UPDATE messages SET has_links = true WHERE deleted_at IS NULL AND content ~ '://|[^[:space:]][.。．｡][^[:space:]]';
-- The shared links of a chat.
CREATE INDEX messages_links ON messages (chat_id, id) WHERE has_links;

-- What was told before there was a mirror is not to be mirrored.
UPDATE outbox SET handed_on_at = now() WHERE handed_on_at IS NULL;
-- What the mirror looks for; nearly empty at any moment.
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
