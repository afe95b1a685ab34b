"""Language, mentions and the origin of messages; functions that store the language in one round trip."""

import time

import psycopg2
from peewee import OperationalError

# Not one transaction: the columns are added under a lock that is given up soon. Each step can be repeated.
atomic = False

LOCK_TIMEOUT = "200ms"  # senders queue behind a lock that waits
_PAUSE = 0.2  # seconds between two attempts
_ATTEMPTS = 300

# Columns without a default are added without rewriting the table. `reply_to_id` has been there from the start.
COLUMNS = """
ALTER TABLE messages
    ADD COLUMN IF NOT EXISTS original_language text,
    ADD COLUMN IF NOT EXISTS mentions bigint[],
    ADD COLUMN IF NOT EXISTS forwarded_from_id bigint,
    ADD COLUMN IF NOT EXISTS forwarded_sender_id bigint
"""

# As in 0011, with the language of the text. The functions of 0011 serve the release before; a later migration drops
# them. The text of an event has all fields of its snapshot, in their order.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION message_sent_json_v2(id bigint, chat_id bigint, seq bigint, version bigint,
    sender_id bigint, sender text, counterpart_id bigint, counterpart text, message_type text, content text,
    location json, client_key text, original_language text, sent_at text, origin text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT '["message_sent",{"recipients":[' || sender_id || ',' || counterpart_id || '],"chat_id":' || chat_id
        || ',"version":' || version || ',"hidden_from":[],"message":{"id":' || id || ',"chat_id":' || chat_id
        || ',"seq":' || seq || ',"version":' || version || ',"sender":' || sender || ',"counterpart":' || counterpart
        || ',"message_type":' || to_json(message_type) || ',"content":' || to_json(content)
        || ',"location":' || coalesce(location::text, 'null') || ',"client_key":' || json_or_null(client_key)
        || ',"created_at":"' || sent_at || '","updated_at":"' || sent_at
        || '","is_deleted":false,"is_edited":false,"attachments_count":0,"sent_version":' || version
        || ',"attachments":[],"original_language":' || json_or_null(original_language)
        || ',"extras":null,"receiver":' || counterpart || '},"origin":' || json_or_null(origin) || '}]'
$$;

-- One message. Returns [outbox_id, id, seq, version, sender, counterpart].
CREATE OR REPLACE FUNCTION store_message_v2(chat bigint, sender_id bigint, message_type text, content text,
    preview text, location json, key text, client_key text, fingerprint text, has_links boolean, original_language text,
    origin text, to_user bigint, to_kind text, to_item bigint, is_found boolean) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    head record;
    member record;
    item_seller bigint;
    ms bigint;
    message_id bigint;
    sent_at timestamptz;
    bucket integer;
    outbox_id bigint;
BEGIN
    SELECT c.kind, c.item_id, c.last_seq + 1 AS seq, c.last_version + 1 AS version, c.first_message_id,
        c.last_message_id, counterpart_id(c.pair_key, sender_id) AS other
    INTO head FROM chats c WHERE c.id = chat AND NOT c.blocked
    FOR NO KEY UPDATE SKIP LOCKED;
    IF head.other IS NULL OR to_user <> head.other OR (to_kind, to_item) <> (head.kind, head.item_id) THEN
        RETURN NULL;
    END IF;

    SELECT me.last_read_seq, other.has_unread, other.is_archived, other.active_bucket,
        r.banned_at IS NOT NULL OR r.erased_at IS NOT NULL AS is_gone,
        person_json(s.id, s.uuid, s.username, s.name, s.picture_url) AS sender,
        person_json(r.id, r.uuid, r.username, r.name, r.picture_url) AS counterpart
    INTO STRICT member FROM chat_members me, chat_members other, users s, users r
    WHERE me.user_id = sender_id AND me.chat_id = chat AND other.user_id = head.other AND other.chat_id = chat
        AND s.id = sender_id AND r.id = head.other;
    IF is_found THEN
        SELECT i.seller_id INTO item_seller FROM items i WHERE i.kind = head.kind AND i.id = head.item_id;
        IF member.is_gone OR coalesce(to_user, item_seller) IS DISTINCT FROM head.other
            OR item_seller NOT IN (sender_id, head.other) THEN
            RETURN NULL;
        END IF;
    END IF;

    ms := greatest((extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1704067200000,
        (head.last_message_id >> 12) + 1);
    message_id := ms << 12 | nextval('id_sequence');
    sent_at := to_timestamp((ms + 1704067200000)::float8 / 1000);
    bucket := (ms + 1704067200000) / 300000;

    -- First, since nothing has been written yet if the key was used.
    INSERT INTO client_keys (sender_id, key, fingerprint, chat_id, message_id)
    VALUES (sender_id, key, decode(fingerprint, 'hex'), chat, message_id) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE chats SET last_seq = head.seq, last_version = head.version,
        first_message_id = CASE head.first_message_id WHEN 0 THEN message_id ELSE head.first_message_id END,
        last_message_id = message_id, last_message_sender_id = sender_id, last_message_text = preview,
        last_message_deleted = false, last_message_at = sent_at, updated_at = sent_at, changed_in = transaction_stamp()
    WHERE id = chat;
    UPDATE chat_members SET last_read_seq = head.seq, is_archived = false, active_bucket = bucket,
        changed_in = transaction_stamp()
    WHERE user_id = sender_id AND chat_id = chat;
    IF NOT member.has_unread OR member.is_archived OR member.active_bucket <> bucket THEN
        UPDATE chat_members SET has_unread = true, is_archived = false, active_bucket = bucket,
            changed_in = transaction_stamp()
        WHERE user_id = head.other AND chat_id = chat;
    END IF;
    IF member.last_read_seq < head.seq - 1 THEN
        INSERT INTO read_marks (chat_id, user_id, up_to_seq, message_id, read_at)
        VALUES (chat, sender_id, head.seq, message_id, sent_at) ON CONFLICT DO NOTHING;
    END IF;
    INSERT INTO messages (id, chat_id, seq, version, sender_id, message_type, content, location, client_key, has_links,
        original_language, created_at)
    VALUES (message_id, chat, head.seq, head.version, sender_id, message_type, content, location::jsonb, client_key,
        has_links, original_language, sent_at);
    INSERT INTO outbox (events, published_at, handed_on_at) VALUES ('[' || message_sent_json_v2(message_id, chat,
        head.seq, head.version, sender_id, member.sender, head.other, member.counterpart, message_type, content,
        location, client_key, original_language, to_char(sent_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), origin) || ']',
        'infinity', 'infinity')
    RETURNING id INTO outbox_id;
    RETURN concat('[', outbox_id, ',', message_id, ',', head.seq, ',', head.version, ',', member.sender, ',',
        member.counterpart, ']');
END
$$;

-- Several messages, in the order of a list of objects. Returns [outbox_id, [[index, id, seq, version, sender,
-- counterpart], ...]] of those that are stored; indexes count from 0.
CREATE OR REPLACE FUNCTION store_messages_v2(chat_ids bigint[], drafts json) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    locked bigint[];
    clock_ms bigint;
    stored text;
BEGIN
    SELECT array_agg(id) INTO locked FROM (
        SELECT c.id FROM chats c WHERE c.id = ANY(chat_ids) AND NOT c.blocked AND c.pair_key IS NOT NULL
        FOR NO KEY UPDATE SKIP LOCKED
    ) free;
    IF locked IS NULL THEN
        RETURN NULL;
    END IF;
    clock_ms := (extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1704067200000;

    -- Each table is bounded by `locked`, because the planner expects a hundred rows from JSON and would scan it whole.
    WITH numbered AS MATERIALIZED (
        SELECT n.*, n.ms << 12 | nextval('id_sequence') AS id,
            to_timestamp((n.ms + 1704067200000)::float8 / 1000) AS sent_at,
            ((n.ms + 1704067200000) / 300000)::integer AS bucket
        FROM (
            SELECT d.*, c.last_seq + row_number() OVER in_chat AS seq,
                c.last_version + row_number() OVER in_chat AS version,
                greatest(clock_ms, (c.last_message_id >> 12) + 1) + row_number() OVER in_chat - 1 AS ms,
                me.last_read_seq, r.id AS counterpart_id,
                person_json(s.id, s.uuid, s.username, s.name, s.picture_url) AS sender,
                person_json(r.id, r.uuid, r.username, r.name, r.picture_url) AS counterpart
            FROM ROWS FROM (json_to_recordset(drafts) AS (chat_id bigint, sender_id bigint, message_type text,
                    content text, preview text, location json, key text, client_key text, fingerprint text,
                    has_links boolean, original_language text, origin text, to_user bigint, to_kind text,
                    to_item bigint, is_found boolean))
                WITH ORDINALITY AS d (chat_id, sender_id, message_type, content, preview, location, key, client_key,
                    fingerprint, has_links, original_language, origin, to_user, to_kind, to_item, is_found, position)
            JOIN chats c ON c.id = d.chat_id AND c.id = ANY(locked)
            JOIN chat_members me ON me.chat_id = d.chat_id AND me.user_id = d.sender_id AND me.chat_id = ANY(locked)
            CROSS JOIN LATERAL (SELECT * FROM users WHERE id = d.sender_id OFFSET 0) s
            CROSS JOIN LATERAL (SELECT * FROM users WHERE id = counterpart_id(c.pair_key, d.sender_id) OFFSET 0) r
            LEFT JOIN LATERAL (
                SELECT * FROM items WHERE kind = c.kind AND id = c.item_id AND d.is_found OFFSET 0
            ) i ON true
            WHERE coalesce(d.to_user, r.id) = r.id
                AND (d.to_item IS NULL OR (d.to_kind, d.to_item) = (c.kind, c.item_id))
                AND (NOT d.is_found OR r.banned_at IS NULL AND r.erased_at IS NULL
                    AND coalesce(d.to_user, i.seller_id) = r.id AND coalesce(i.seller_id, r.id) IN (s.id, r.id))
            WINDOW in_chat AS (PARTITION BY d.chat_id ORDER BY d.position)
        ) n
    ), heads AS (
        UPDATE chats c SET last_seq = h.seq, last_version = h.version,
            first_message_id = CASE c.first_message_id WHEN 0 THEN h.first_id ELSE c.first_message_id END,
            last_message_id = h.id, last_message_sender_id = h.sender_id, last_message_text = h.preview,
            last_message_deleted = false, last_message_at = h.sent_at, updated_at = h.sent_at,
            changed_in = transaction_stamp()
        FROM (
            SELECT DISTINCT ON (chat_id) *, first_value(id) OVER (PARTITION BY chat_id ORDER BY seq) AS first_id
            FROM numbered ORDER BY chat_id, seq DESC
        ) h
        WHERE c.id = h.chat_id AND c.id = ANY(locked)
    ), members AS (
        UPDATE chat_members m SET last_read_seq = coalesce(w.own_seq, m.last_read_seq),
            has_unread = m.has_unread OR w.has_others, is_archived = false, active_bucket = w.bucket,
            changed_in = transaction_stamp()
        FROM (
            SELECT user_id, chat_id, max(seq) FILTER (WHERE user_id = sender_id) AS own_seq,
                bool_or(user_id <> sender_id) AS has_others, max(bucket) AS bucket
            FROM numbered, LATERAL (VALUES (sender_id), (counterpart_id)) members (user_id) GROUP BY user_id, chat_id
        ) w
        WHERE m.user_id = w.user_id AND m.chat_id = w.chat_id AND m.chat_id = ANY(locked)
            AND (w.own_seq IS NOT NULL OR NOT m.has_unread OR m.is_archived OR m.active_bucket <> w.bucket)
    ), marks AS (
        INSERT INTO read_marks (chat_id, user_id, up_to_seq, message_id, read_at)
        SELECT chat_id, sender_id, seq, id, sent_at FROM (
            SELECT *, lag(seq, 1, last_read_seq) OVER (PARTITION BY chat_id, sender_id ORDER BY seq) AS read_seq
            FROM numbered
        ) n
        WHERE read_seq < seq - 1
        ON CONFLICT DO NOTHING
    ), new_messages AS (
        INSERT INTO messages (id, chat_id, seq, version, sender_id, message_type, content, location, client_key,
            has_links, original_language, created_at)
        SELECT id, chat_id, seq, version, sender_id, message_type, content, location::jsonb, client_key, has_links,
            original_language, sent_at
        FROM numbered
    ), keys AS (
        -- In one order: transactions that write the same keys wait for each other and must not deadlock.
        INSERT INTO client_keys (sender_id, key, fingerprint, chat_id, message_id)
        SELECT sender_id, key, decode(fingerprint, 'hex'), chat_id, id FROM numbered ORDER BY sender_id, key COLLATE "C"
    ), event_row AS (
        INSERT INTO outbox (events, published_at, handed_on_at)
        SELECT '[' || string_agg(message_sent_json_v2(id, chat_id, seq, version, sender_id, sender, counterpart_id,
            counterpart, message_type, content, location, client_key, original_language,
            to_char(sent_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), origin), ',' ORDER BY position) || ']', 'infinity',
            'infinity'
        FROM numbered HAVING count(*) > 0
        RETURNING id
    )
    SELECT '[' || o.id || ',[' || (
        SELECT string_agg(concat('[', position - 1, ',', n.id, ',', seq, ',', version, ',', sender, ',', counterpart,
            ']'), ',' ORDER BY position)
        FROM numbered n
    ) || ']]' INTO stored FROM event_row o;
    RETURN stored;
END
$$;
"""

DROP_FUNCTIONS = "DROP FUNCTION IF EXISTS store_messages_v2, store_message_v2, message_sent_json_v2"
DROP_COLUMNS = """
ALTER TABLE messages
    DROP COLUMN IF EXISTS original_language,
    DROP COLUMN IF EXISTS mentions,
    DROP COLUMN IF EXISTS forwarded_from_id,
    DROP COLUMN IF EXISTS forwarded_sender_id
"""


def up(migrator, db):
    _change_schema(db, COLUMNS)
    db.execute_sql(FUNCTIONS)


def down(migrator, db):
    db.execute_sql(DROP_FUNCTIONS)
    _change_schema(db, DROP_COLUMNS)


def _change_schema(db, statements):
    """Change the table in one short transaction. Its lock waits for little, and is asked for again."""
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
