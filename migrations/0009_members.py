"""Chats of any number of members: a key for chats of two, a block of the chat, and roles of members only."""

import time

import psycopg2
from peewee import IntegrityError, OperationalError

# Not one transaction: chats are filled in batches, and the index is built, while messages are sent. Each step can be
# repeated after an interruption.
atomic = False

BATCH = 500  # chats of one transaction: their senders wait for some 20 ms
LOCK_TIMEOUT = "200ms"  # senders queue behind a lock that waits, so it gives up soon
_PAUSE = 0.2  # seconds between two attempts
_ATTEMPTS = 300

# Columns without a default, or with a constant one, are added without rewriting the table.
COLUMNS = """
-- The kind, item and members of a chat of two; NULL for a larger one. Serialises concurrent find-or-create.
ALTER TABLE chats ADD COLUMN IF NOT EXISTS pair_key text;
-- Whether one of the two members blocks the other: sending reads it from the row that it locks anyway.
ALTER TABLE chats ADD COLUMN IF NOT EXISTS blocked boolean NOT NULL DEFAULT false;
-- Replaced by roles of members, and kept in step by the triggers below while the release before may run. A later
-- migration drops buyer_id, seller_id, buyer_blocks and seller_blocks, with their indexes and the triggers.
ALTER TABLE chats ALTER COLUMN buyer_id DROP NOT NULL, ALTER COLUMN seller_id DROP NOT NULL;
-- The last `seq` of a larger chat when its member archived it. A newer message ends that without writing the row of
-- each member. NULL in a chat of two, where it clears `is_archived` of both.
ALTER TABLE chat_members ADD COLUMN IF NOT EXISTS archived_seq bigint;
"""

FUNCTIONS = """
CREATE OR REPLACE FUNCTION pair_key(kind text, item_id bigint, one bigint, other bigint) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN one <> other THEN concat_ws(':', kind, item_id, least(one, other), greatest(one, other)) END
$$;

-- The other member of a chat of two; NULL for who is not one of the two, and for larger chats.
CREATE OR REPLACE FUNCTION counterpart_id(pair_key text, user_id bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE user_id WHEN split_part(pair_key, ':', -1)::bigint THEN split_part(pair_key, ':', -2)::bigint
        WHEN split_part(pair_key, ':', -2)::bigint THEN split_part(pair_key, ':', -1)::bigint END
$$;

-- The release before inserts chats without the key.
CREATE OR REPLACE FUNCTION chats_fill_pair_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.pair_key := pair_key(NEW.kind, NEW.item_id, NEW.buyer_id, NEW.seller_id);
    RETURN NEW;
END $$;

-- This release inserts chats without buyer and seller, then their members with roles.
CREATE OR REPLACE FUNCTION chat_members_fill_chat() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE chats SET buyer_id = CASE NEW.role WHEN 'buyer' THEN NEW.user_id ELSE buyer_id END,
        seller_id = CASE NEW.role WHEN 'seller' THEN NEW.user_id ELSE seller_id END
    WHERE id = NEW.chat_id AND CASE NEW.role WHEN 'buyer' THEN buyer_id ELSE seller_id END IS NULL;
    RETURN NULL;
END $$;

-- Either release inserts or deletes the block of a pair under the pair's lock, before it changes the chats. Chats are
-- locked in the order of their ids.
CREATE OR REPLACE FUNCTION blocks_fill_chats() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    pair blocks := coalesce(NEW, OLD);
BEGIN
    PERFORM FROM chats WHERE id = ANY(ARRAY(
        SELECT mine.chat_id FROM chat_members mine JOIN chat_members theirs ON theirs.chat_id = mine.chat_id
        WHERE mine.user_id = pair.blocker_id AND theirs.user_id = pair.blocked_id
    )) AND pair_key IS NOT NULL ORDER BY id FOR NO KEY UPDATE;
    UPDATE chats SET
        buyer_blocks = EXISTS (SELECT FROM blocks WHERE blocker_id = buyer_id AND blocked_id = seller_id),
        seller_blocks = EXISTS (SELECT FROM blocks WHERE blocker_id = seller_id AND blocked_id = buyer_id),
        blocked = EXISTS (SELECT FROM blocks
            WHERE (blocker_id, blocked_id) IN ((buyer_id, seller_id), (seller_id, buyer_id)))
    WHERE id = ANY(ARRAY(
        SELECT mine.chat_id FROM chat_members mine JOIN chat_members theirs ON theirs.chat_id = mine.chat_id
        WHERE mine.user_id = pair.blocker_id AND theirs.user_id = pair.blocked_id
    )) AND pair_key IS NOT NULL;
    RETURN NULL;
END $$;
"""

# None of them fires when a message is sent.
TRIGGERS = """
CREATE OR REPLACE TRIGGER chats_fill_pair_key BEFORE INSERT ON chats FOR EACH ROW
    WHEN (NEW.pair_key IS NULL AND NEW.buyer_id IS NOT NULL AND NEW.seller_id IS NOT NULL)
    EXECUTE FUNCTION chats_fill_pair_key();
CREATE OR REPLACE TRIGGER chat_members_fill_chat AFTER INSERT ON chat_members FOR EACH ROW
    WHEN (NEW.role IN ('buyer', 'seller')) EXECUTE FUNCTION chat_members_fill_chat();
CREATE OR REPLACE TRIGGER blocks_fill_chats AFTER INSERT OR DELETE ON blocks FOR EACH ROW
    EXECUTE FUNCTION blocks_fill_chats();
"""

# Partial, so that no chat is locked as if its key changed, and larger chats have no entry.
INDEX = """
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS chats_pair ON chats (pair_key) WHERE pair_key IS NOT NULL
"""
# A user's chats of more than two members: all others have the roles of a pair.
INDEX_OF_LARGER = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS chat_members_larger ON chat_members (user_id)
    WHERE role IN ('owner', 'admin', 'member')
"""
_INVALID = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid"

# The next chats after an id, locked. Where two chats have one key (each member opened one about an item whose seller
# changed at that moment), the older one gets it. The other gets one that no look-up makes: it is found by its id.
FILL = """
WITH batch AS (
    SELECT id, coalesce(pair_key, pair_key(kind, item_id, buyer_id, seller_id)) AS key,
        buyer_blocks OR seller_blocks AS blocks
    FROM chats WHERE id > %(after)s ORDER BY id LIMIT %(batch)s FOR NO KEY UPDATE
), keys AS (
    SELECT id, blocks, CASE WHEN row_number() OVER (PARTITION BY key ORDER BY id) = 1
        AND NOT EXISTS (SELECT FROM chats other WHERE other.pair_key = batch.key AND other.id <> batch.id)
        THEN key ELSE 'chat:' || id || ':' || key END AS key
    FROM batch WHERE key IS NOT NULL
), filled AS (
    UPDATE chats SET pair_key = keys.key, blocked = keys.blocks FROM keys
    WHERE chats.id = keys.id AND (chats.pair_key IS DISTINCT FROM keys.key OR chats.blocked <> keys.blocks)
), roles AS (
    UPDATE chat_members m SET role = CASE m.user_id WHEN c.buyer_id THEN 'buyer' ELSE 'seller' END
    FROM batch JOIN chats c ON c.id = batch.id
    WHERE m.chat_id = batch.id AND m.role = 'member' AND m.user_id IN (c.buyer_id, c.seller_id)
)
SELECT max(id) FROM batch
"""

DROP = """
DROP TRIGGER IF EXISTS chats_fill_pair_key ON chats;
DROP TRIGGER IF EXISTS chat_members_fill_chat ON chat_members;
DROP TRIGGER IF EXISTS blocks_fill_chats ON blocks;
DROP FUNCTION IF EXISTS chats_fill_pair_key(), chat_members_fill_chat(), blocks_fill_chats();
DROP INDEX IF EXISTS chats_pair, chat_members_larger;
ALTER TABLE chats DROP COLUMN IF EXISTS pair_key, DROP COLUMN IF EXISTS blocked;
ALTER TABLE chat_members DROP COLUMN IF EXISTS archived_seq;
DROP FUNCTION IF EXISTS pair_key(text, bigint, bigint, bigint), counterpart_id(text, bigint);
"""
# Larger chats have no buyer and no seller. The release before does not know them: they are deleted, and its job purges
# their messages.
DROP_LARGER = """
WITH larger AS (DELETE FROM chats WHERE buyer_id IS NULL OR seller_id IS NULL RETURNING id)
INSERT INTO chat_remains (chat_id) SELECT id FROM larger ON CONFLICT DO NOTHING
"""
CHECK_MEMBERS = """
ALTER TABLE chats DROP CONSTRAINT IF EXISTS chats_have_two;
ALTER TABLE chats ADD CONSTRAINT chats_have_two CHECK (buyer_id IS NOT NULL AND seller_id IS NOT NULL) NOT VALID;
"""
# A valid check lets SET NOT NULL skip the scan, which would hold its lock.
REQUIRE_MEMBERS = """
ALTER TABLE chats ALTER COLUMN buyer_id SET NOT NULL, ALTER COLUMN seller_id SET NOT NULL,
    DROP CONSTRAINT chats_have_two;
"""


def up(migrator, db):
    for step in (COLUMNS, FUNCTIONS + TRIGGERS):
        _change_schema(db, step)
    _build_index(db, "chats_pair", INDEX)
    after = 0
    while after is not None:
        after = _fill(db, after)
    _build_index(db, "chat_members_larger", INDEX_OF_LARGER)


def down(migrator, db):
    db.execute_sql(DROP_LARGER)
    _change_schema(db, CHECK_MEMBERS)
    db.execute_sql("ALTER TABLE chats VALIDATE CONSTRAINT chats_have_two")
    _change_schema(db, REQUIRE_MEMBERS + DROP)


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


def _build_index(db, name, statement):
    if db.execute_sql(_INVALID, (name,)).fetchone():  # left by an interrupted run
        db.execute_sql(f"DROP INDEX CONCURRENTLY {name}")
    db.execute_sql(statement)


def _fill(db, after):
    """Fill the next chats after an id; returns the last id, None at the end."""
    while True:
        try:
            with db.atomic():
                return db.execute_sql(FILL, {"after": after, "batch": BATCH}).fetchone()[0]
        except IntegrityError:  # a chat with the same key was inserted meanwhile: now it is seen
            time.sleep(_PAUSE)
