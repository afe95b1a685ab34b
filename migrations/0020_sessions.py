"""Sessions of the shop assistant: their chats and messages, the turns that answer, what answers are made of, tokens."""

import time

import psycopg2
from peewee import OperationalError

# Not one transaction: the locks of each step are given up soon. Each step can be repeated after an interruption.
atomic = False

LOCK_TIMEOUT = "200ms"  # senders queue behind a lock that waits, so it gives up soon
_PAUSE = 0.2  # seconds between two attempts
_ATTEMPTS = 300

# A column without a default is added without rewriting the table.
MESSAGES = """
-- Of messages in sessions: the role of the sender, and what an answer consists of.
ALTER TABLE messages ADD COLUMN IF NOT EXISTS extra jsonb;
ALTER TABLE shadow_messages ADD COLUMN IF NOT EXISTS extra jsonb;
"""
# Retention class 1. Attached, not created as partitions, which would lock readers out.
CLASSES = """
CREATE TABLE IF NOT EXISTS {table}_session_class (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
    PARTITION BY RANGE ({key});
"""
ATTACH = "ALTER TABLE {table} ATTACH PARTITION {table}_session_class FOR VALUES IN (1)"
CHECKS = """
ALTER TABLE chats DROP CONSTRAINT IF EXISTS chats_kind, DROP CONSTRAINT IF EXISTS chats_kind_item,
    DROP CONSTRAINT IF EXISTS chats_title;
ALTER TABLE chats
    ADD CONSTRAINT chats_kind
        CHECK (kind IN ('listing', 'storefront_product', 'direct', 'group', 'assistant')) NOT VALID,
    ADD CONSTRAINT chats_kind_item CHECK ((kind IN ('direct', 'group', 'assistant')) = (item_id IS NULL)) NOT VALID,
    ADD CONSTRAINT chats_title CHECK ((kind IN ('group', 'assistant')) = (title IS NOT NULL)) NOT VALID;
"""
CHECK_NAMES = ("chats_kind", "chats_kind_item", "chats_title")

TABLES = """
CREATE TABLE IF NOT EXISTS sessions (
    chat_id bigint PRIMARY KEY REFERENCES chats ON DELETE CASCADE,
    visitor_id bigint NOT NULL REFERENCES users,
    language text NOT NULL,
    -- The item whose page the visitor is on.
    item_kind text,
    item_id bigint,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    responder text NOT NULL DEFAULT 'assistant' CHECK (responder IN ('assistant', 'human')),
    handover text CHECK (handover IN ('offered', 'accepted')),
    handover_reason text,
    -- Messages up to this one are not shown to the assistant any more.
    window_from_seq bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
);
-- The sessions of a visitor, newest first.
CREATE INDEX IF NOT EXISTS sessions_visitor ON sessions (visitor_id, chat_id);
-- The sweep of expired sessions.
CREATE INDEX IF NOT EXISTS sessions_expiry ON sessions (expires_at);

CREATE TABLE IF NOT EXISTS assistant_turns (
    id bigint PRIMARY KEY DEFAULT make_id(),
    chat_id bigint NOT NULL REFERENCES chats ON DELETE CASCADE,
    question_seq bigint NOT NULL,  -- the newest message of the visitor that it answers
    regenerates bigint,  -- the answer that it replaces
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done')),
    attempt smallint NOT NULL DEFAULT 0,
    owner text,
    lease_until timestamptz,
    stop_asked_at timestamptz,
    partial text NOT NULL DEFAULT '',
    partial_index integer NOT NULL DEFAULT 0,
    answer_id bigint,  -- the message
    outcome text,
    prompt_tokens integer,
    completion_tokens integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
-- One answer of a session at a time.
CREATE UNIQUE INDEX IF NOT EXISTS assistant_turns_open ON assistant_turns (chat_id) WHERE state <> 'done';
-- What waits, and what runs: nearly empty at any time.
CREATE INDEX IF NOT EXISTS assistant_turns_waiting ON assistant_turns (id) WHERE state <> 'done';
-- Deleting a session.
CREATE INDEX IF NOT EXISTS assistant_turns_chat ON assistant_turns (chat_id, id);

-- Parts of the answer of a bot elsewhere, until the worker that holds the turn has taken them.
CREATE TABLE IF NOT EXISTS answer_parts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    turn_id bigint NOT NULL REFERENCES assistant_turns ON DELETE CASCADE,
    part jsonb NOT NULL
);
CREATE INDEX IF NOT EXISTS answer_parts_turn ON answer_parts (turn_id, id);

CREATE TABLE IF NOT EXISTS answer_ratings (
    message_id bigint PRIMARY KEY,
    chat_id bigint NOT NULL REFERENCES chats ON DELETE CASCADE,
    rating text NOT NULL CHECK (rating IN ('up', 'down')),
    reason text NOT NULL DEFAULT '',
    rated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS answer_ratings_chat ON answer_ratings (chat_id);

-- Tokens of a day: of all (scope 'all'), of a visitor, of a session.
CREATE TABLE IF NOT EXISTS assistant_usage (
    day date NOT NULL,
    scope text NOT NULL,
    reserved bigint NOT NULL DEFAULT 0,
    used bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (day, scope)
);

-- Numbers of a day that outlast the sessions.
CREATE TABLE IF NOT EXISTS assistant_days (
    day date NOT NULL,
    language text NOT NULL,
    sessions bigint NOT NULL DEFAULT 0,
    questions bigint NOT NULL DEFAULT 0,
    answers bigint NOT NULL DEFAULT 0,
    with_items bigint NOT NULL DEFAULT 0,
    stopped bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    handovers bigint NOT NULL DEFAULT 0,
    ratings_up bigint NOT NULL DEFAULT 0,
    ratings_down bigint NOT NULL DEFAULT 0,
    answer_ms bigint NOT NULL DEFAULT 0,
    -- Answers by their time: up to 0.1, 0.3, 1, 3, 10, 30 seconds, and longer.
    answer_times bigint[] NOT NULL DEFAULT '{0,0,0,0,0,0,0}',
    PRIMARY KEY (day, language)
);
"""

# The release before knows neither this kind of chat nor the class of its messages.
DROP_SESSIONS = """
DELETE FROM chats WHERE kind = 'assistant'
"""
DROP_TABLES = """
DROP TABLE IF EXISTS assistant_days, assistant_usage, answer_ratings, answer_parts, assistant_turns, sessions;
DROP TABLE IF EXISTS messages_session_class, message_changes_session_class;
"""
DROP_CHECKS = """
ALTER TABLE chats DROP CONSTRAINT IF EXISTS chats_kind, DROP CONSTRAINT IF EXISTS chats_kind_item,
    DROP CONSTRAINT IF EXISTS chats_title;
ALTER TABLE chats
    ADD CONSTRAINT chats_kind CHECK (kind IN ('listing', 'storefront_product', 'direct', 'group')) NOT VALID,
    ADD CONSTRAINT chats_kind_item CHECK ((kind IN ('direct', 'group')) = (item_id IS NULL)) NOT VALID,
    ADD CONSTRAINT chats_title CHECK ((kind = 'group') = (title IS NOT NULL)) NOT VALID;
"""
DROP_COLUMNS = """
ALTER TABLE messages DROP COLUMN IF EXISTS extra;
ALTER TABLE shadow_messages DROP COLUMN IF EXISTS extra;
"""

_PARTITIONED = {"messages": "id", "message_changes": "message_id"}


def up(migrator, db):
    for step in (MESSAGES, CHECKS):
        _change_schema(db, step)
    for name in CHECK_NAMES:  # reads the table while it is written to
        db.execute_sql(f"ALTER TABLE chats VALIDATE CONSTRAINT {name}")
    for table, key in _PARTITIONED.items():
        if not _is_attached(db, table):
            db.execute_sql(CLASSES.format(table=table, key=key))
            _change_schema(db, ATTACH.format(table=table))
    db.execute_sql(TABLES)


def down(migrator, db):
    db.execute_sql(DROP_SESSIONS)
    _change_schema(db, DROP_TABLES)
    _change_schema(db, DROP_CHECKS)
    for name in CHECK_NAMES:
        db.execute_sql(f"ALTER TABLE chats VALIDATE CONSTRAINT {name}")
    _change_schema(db, DROP_COLUMNS)


def _is_attached(db, table):
    found = db.execute_sql("SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass(%s)", (f"{table}_session_class",))
    return found.fetchone() is not None


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
