"""What users leave in search: recent queries, and the words of what is erased.

Erasing something removes it from the index in the same transaction. Its words stay in the files of the index until the
night, when the partitions of `search_erasures` are rebuilt (`ops.upkeep.search_rebuild`).
"""

from __future__ import annotations

from collections.abc import Sequence

from chatapp.auth.actor import Actor
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.search import marks
from chatapp.transaction import unit_of_work

RECENT = 20  # queries that are remembered for a user
PEOPLE_BATCH = 1000  # messages of an erased user that one call removes: some 50 ms

_FORGET = """
WITH gone AS (
    {ids}
), removed AS (
    DELETE FROM message_search WHERE message_id = ANY (ARRAY(SELECT id FROM gone))
)
INSERT INTO search_erasures (message_id) SELECT id FROM gone
"""
_FORGET_MESSAGES = _FORGET.format(ids="SELECT id FROM unnest(%s::bigint[]) id")
_FORGET_CHAT = _FORGET.format(
    ids="SELECT id FROM messages WHERE retention = 0 AND chat_id = %s ORDER BY id LIMIT %s::bigint"
)
_FORGET_PERSON = _FORGET.format(ids="SELECT message_id AS id FROM message_search WHERE tokens @@ %s::tsquery LIMIT %s")


def forget_messages(message_ids: Sequence[int]) -> None:
    """Remove messages from the index, in a running unit of work that erases their texts."""
    if message_ids:
        db.execute_sql(_FORGET_MESSAGES, (list(message_ids),))


def forget_chat(chat_id: int, limit: int | None = None) -> None:
    """Remove the messages of a chat, in a running unit of work, before it deletes them.

    Parameters:
        limit: only so many of the oldest.
    """
    db.execute_sql(_FORGET_CHAT, (chat_id, limit))


def forget_person(user_id: int) -> int:
    """Remove messages that a user sent, at most `PEOPLE_BATCH`, and recent queries, in a running unit of work.

    Call it, each time in a new unit of work, until it returns 0, after the texts are erased or anonymised: whatever is
    left of a message is indexed again only when it changes.

    Returns: the number of messages.
    """
    db.execute_sql("DELETE FROM recent_searches WHERE user_id = %s", (user_id,))
    db.execute_sql("SET LOCAL enable_bitmapscan = on")
    removed = db.execute_sql(_FORGET_PERSON, (f"'{marks.of_sender(user_id)}'", PEOPLE_BATCH)).rowcount
    db.execute_sql("SET LOCAL enable_bitmapscan = off")
    return int(removed)


_REMEMBER = Statement("""
WITH kept AS (
    INSERT INTO recent_searches (user_id, query) VALUES (%(user)s, %(query)s)
    ON CONFLICT (user_id, query) DO UPDATE SET searched_at = now()
)
DELETE FROM recent_searches WHERE user_id = %(user)s AND query IN (
    SELECT query FROM recent_searches WHERE user_id = %(user)s AND query <> %(query)s
    ORDER BY searched_at DESC OFFSET %(others)s
)
""")


def remember_query(actor: Actor, text: str) -> None:
    """Keep a query that found something, for suggestions; the oldest of more than `RECENT` are forgotten."""
    with unit_of_work():
        db.run(_REMEMBER, {"user": actor.id, "query": text, "others": RECENT - 1})
