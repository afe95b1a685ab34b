"""Moderation: reports with their evidence, warnings, bans, filters, and the log of what moderators did."""

# Only new tables: the release before neither reads nor writes them. Its bans set `users.banned_at` alone, as before;
# this release keeps the reason and the end of a ban beside it, and ends both.

UP = """
-- What moderators review: a report by a user, a message that a filter reports, or one that a filter holds back.
CREATE TABLE reports (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uuid uuid NOT NULL DEFAULT gen_random_uuid(),
    source text NOT NULL,  -- user, filter, held
    state text NOT NULL DEFAULT 'open',  -- open, releasing, decided
    reporter_id bigint REFERENCES users,
    author_id bigint NOT NULL REFERENCES users,
    chat_id bigint,
    message_id bigint,
    reason text NOT NULL,
    text text NOT NULL DEFAULT '',
    -- The message and those around it, as the reporter saw them; of a held message, how it was to be sent.
    evidence jsonb NOT NULL,
    people bigint[] NOT NULL,  -- ids of all users in it
    held_key text,  -- idempotency key of a held message
    action text,
    decided_by text,
    decided_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
-- One open report of a user about a message, and one of the filters. A decision closes all of a message.
CREATE UNIQUE INDEX reports_open ON reports (message_id, reporter_id) NULLS NOT DISTINCT
    WHERE state <> 'decided' AND message_id IS NOT NULL;
-- How many open reports a user has.
CREATE INDEX reports_open_of_reporter ON reports (reporter_id) WHERE state <> 'decided';
-- A repeated send of a held message.
CREATE UNIQUE INDEX reports_held ON reports (author_id, held_key) WHERE held_key IS NOT NULL;
-- The queue, oldest first.
CREATE INDEX reports_queue ON reports (state, id);
-- The sweep of decided reports.
CREATE INDEX reports_decided ON reports (decided_at) WHERE state = 'decided';

-- Objects that open reports keep. Their rows, and so their bytes, stay while they are listed here.
CREATE TABLE report_objects (
    report_id bigint NOT NULL REFERENCES reports ON DELETE CASCADE,
    object_name text NOT NULL REFERENCES objects ON DELETE CASCADE,
    PRIMARY KEY (object_name, report_id)
);
CREATE INDEX report_objects_report ON report_objects (report_id);

CREATE TABLE warnings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uuid uuid NOT NULL DEFAULT gen_random_uuid(),
    user_id bigint NOT NULL REFERENCES users,
    message_id bigint,
    reason text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    acknowledged_at timestamptz
);
-- The warnings of a user, newest first.
CREATE INDEX warnings_user ON warnings (user_id, id);
CREATE UNIQUE INDEX warnings_uuid ON warnings (uuid);

-- The current ban of a user. One that is not a shadow ban also sets `users.banned_at`.
CREATE TABLE bans (
    user_id bigint PRIMARY KEY REFERENCES users,
    is_shadow boolean NOT NULL,
    reason text NOT NULL,
    until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
-- Bans that end.
CREATE INDEX bans_until ON bans (until) WHERE until IS NOT NULL;
-- Every worker reads who is shadow-banned.
CREATE INDEX bans_shadow ON bans (user_id) WHERE is_shadow;

-- Users who are or were shadow-banned: only their reads look for what only they see.
CREATE TABLE shadow_authors (
    user_id bigint PRIMARY KEY REFERENCES users
);
-- What shadow-banned users write. It is outside the sequence of its chat: apart from its author, no query reads it.
-- `seq` is the one that the message would have had, `version` counts the changes of the message alone.
CREATE TABLE shadow_messages (
    LIKE messages INCLUDING DEFAULTS,
    attachment_ids bigint[] NOT NULL DEFAULT '{}',
    changed_in xid8 NOT NULL DEFAULT transaction_stamp(),
    PRIMARY KEY (id)
);
-- The author's pages of a chat, and the newest message for the author's list.
CREATE INDEX shadow_messages_chat ON shadow_messages (sender_id, chat_id, id);
-- The author's catch-up.
CREATE INDEX shadow_messages_changed ON shadow_messages (sender_id, changed_in);
-- Deleting a chat.
CREATE INDEX shadow_messages_of_chat ON shadow_messages (chat_id);
-- How the author sees a message that was sent before the ban and edited during it.
CREATE TABLE shadow_edits (
    message_id bigint PRIMARY KEY,
    chat_id bigint NOT NULL,
    sender_id bigint NOT NULL,
    content text NOT NULL,
    edits integer NOT NULL DEFAULT 1,
    edited_at timestamptz NOT NULL DEFAULT now(),
    changed_in xid8 NOT NULL DEFAULT transaction_stamp()
);
CREATE INDEX shadow_edits_changed ON shadow_edits (sender_id, changed_in);
CREATE INDEX shadow_edits_of_chat ON shadow_edits (chat_id);
-- One row: the rules of the word and domain filters.
CREATE TABLE moderation_filters (
    is_current boolean PRIMARY KEY DEFAULT true CHECK (is_current),
    rules jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE moderation_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    moderator text NOT NULL,
    action text NOT NULL,
    user_id bigint,
    report_id bigint,
    chat_id bigint,
    message_id bigint,
    reason text NOT NULL DEFAULT '',
    detail jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
-- What was done to a user.
CREATE INDEX moderation_log_user ON moderation_log (user_id, id);

-- The log is only appended to. The erasure of a user may empty the reason, which moderators write freely.
CREATE FUNCTION keep_moderation_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        OLD.reason := '';
        IF NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'moderation_log is append-only';
END
$$;
CREATE TRIGGER moderation_log_is_kept BEFORE UPDATE OR DELETE ON moderation_log
    FOR EACH ROW EXECUTE FUNCTION keep_moderation_log();
CREATE TRIGGER moderation_log_is_not_emptied BEFORE TRUNCATE ON moderation_log
    FOR EACH STATEMENT EXECUTE FUNCTION keep_moderation_log();
"""

DOWN = """
DROP TABLE moderation_log, moderation_filters, shadow_edits, shadow_messages, shadow_authors, bans, warnings,
    report_objects, reports;
DROP FUNCTION keep_moderation_log;
"""


def up(migrator, db):
    db.execute_sql(UP)


def down(migrator, db):
    db.execute_sql(DOWN)
