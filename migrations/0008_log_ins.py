"""Refresh tokens follow from one another, log-ins remember where they began, and what is erased leaves the outbox."""

UP = """
-- A refresh token is derived from the key of the server, `seed` and `generation`: the answer to a refresh can be given
-- again without keeping the token, and every earlier token of the log-in is known for what it is. Log-ins of processes
-- of the release before get their seed here as well. The table is rewritten: about a second for a million log-ins.
ALTER TABLE token_families
    ADD COLUMN seed uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN generation integer NOT NULL DEFAULT 0,
    -- The hash of the refresh token before the present one; it may have been made by the release before.
    ADD COLUMN previous_hash bytea,
    -- A keyed hash of the network address at which the log-in was begun or last refreshed.
    ADD COLUMN address_hash bytea;

-- Messages, attachments, chats and people whose texts, files and names are still to be removed from stored events.
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
