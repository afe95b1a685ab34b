"""Groups, written past the application: with members who only have rows, and many at once."""

from __future__ import annotations

from collections.abc import Sequence

from tests.database import Database

_CHAT = """
WITH made AS (
    INSERT INTO chats (kind, title, member_count)
    VALUES ('group', 'Neighbours', cardinality(%(people)s::bigint[]) + %(silent)s) RETURNING id
), silent AS (
    INSERT INTO users (subject, username) SELECT name, name
    FROM (SELECT 'silent-' || gen_random_uuid() AS name FROM generate_series(1, %(silent)s)) names RETURNING id
)
INSERT INTO chat_members (chat_id, user_id, role)
SELECT made.id, user_id, CASE place WHEN 1 THEN 'owner' ELSE 'member' END
FROM made, unnest(%(people)s::bigint[]) WITH ORDINALITY members (user_id, place)
UNION ALL SELECT made.id, silent.id, 'member' FROM made, silent
RETURNING chat_id
"""


def make_larger_chat(database: Database, user_ids: Sequence[int], *, members: int | None = None) -> int:
    """The id of a new chat of these users; the first one owns it.

    Parameters:
        members: their number; users who only have rows are added. None adds no user.
    """
    silent = 0 if members is None else members - len(user_ids)
    with database.autocommitting() as cursor:
        cursor.execute(_CHAT, {"people": list(user_ids), "silent": silent})
        return int(cursor.fetchone()[0])


# Every seventh is archived by all, half of these before its newest message; every ninth is pinned. The flags and
# buckets of chats of two mean nothing here, so they are wrong on purpose.
_CHATS = """
WITH made AS (
    INSERT INTO chats (id, kind, title, member_count, last_seq, last_version, created_at, last_message_at)
    SELECT 1000000 + n, 'group', 'Group ' || n, %(members)s, 3, 3, now() - interval '1 year',
        CASE WHEN mod(n, 10) > 0 THEN now() - make_interval(secs => %(seconds)s * n) END
    FROM generate_series(1, %(chats)s) n RETURNING id
), others AS (
    SELECT id FROM users ORDER BY id LIMIT %(members)s
)
INSERT INTO chat_members
    (chat_id, user_id, role, last_read_seq, is_archived, archived_seq, pinned_at, active_bucket, has_unread)
SELECT made.id, others.id, CASE WHEN others.id = (SELECT min(id) FROM others) THEN 'owner' ELSE 'member' END,
    mod(made.id, 4), mod(made.id, 7) = 0, CASE WHEN mod(made.id, 7) = 0 THEN 3 - mod(made.id, 2) END,
    CASE WHEN mod(made.id, 9) = 0 THEN to_timestamp(made.id) END, mod(made.id, 3) * 1000000000, mod(made.id, 5) = 0
FROM made, others
"""


def add_larger_chats(database: Database, chats: int, *, members: int, seconds_apart: float = 40) -> None:
    """Put the first users into so many chats of three messages each, the last of them so many seconds apart."""
    with database.autocommitting() as cursor:
        cursor.execute(_CHATS, {"chats": chats, "members": members, "seconds": seconds_apart})
