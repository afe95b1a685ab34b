"""Derived refresh tokens, the network address of a log-in, and redactions of the outbox."""

UP = """
-- A refresh token is derived from SECRET_KEY, `seed` and `generation`: a refresh can be repeated, though
-- no token is stored, and every earlier token of the log-in is recognised. Processes of the previous release get their
-- seeds from the default. It rewrites the table: about a second for a million log-ins.
ALTER TABLE token_families
    ADD COLUMN seed uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN generation integer NOT NULL DEFAULT 0,
    -- Hash of the previous refresh token, which the previous release may have issued.
    ADD COLUMN previous_hash bytea,
    -- A keyed hash of the network address at which the log-in was begun or last refreshed.
    ADD COLUMN address_hash bytea;

-- Deleted messages, attachments and chats, and erased users, whose data is still to be removed from stored events.
CREATE TABLE redactions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('message', 'attachment', 'chat', 'user')),
    subject_id bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
"""

DOWN = """
DROP TABLE redactions;
ALTER TABLE token_families
    DROP COLUMN seed, DROP COLUMN generation, DROP COLUMN previous_hash, DROP COLUMN address_hash;
"""


def up(migrator, db):
    db.execute_sql(UP)


def down(migrator, db):
    db.execute_sql(DOWN)
