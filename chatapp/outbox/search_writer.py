"""Writes messages to the search index, as they are now.

Invariant: what was written last was read last. Each transaction takes the lock of the index, then reads, then
writes, so no older text replaces a newer one, however many processes write.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from chatapp.ids.pair_key import members_of
from chatapp.infra.batching import in_batches
from chatapp.infra.fair_scheduling import yield_to_loop
from chatapp.infra.postgres import database_connection, db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries.previews import is_html
from chatapp.search import marks
from chatapp.search.tokens import vector
from chatapp.text import sanitizing
from chatapp.transaction import unit_of_work

BATCH = 1000  # messages of one transaction: some 150 ms
PIECE = 50  # messages whose tokens are made without a pause: some 5 ms
COPY = "message_search_copy"  # filled beside a partition that it will replace
SEARCHED = "deleted_at IS NULL AND message_type <> 'system'"
"""SQL: whether a message is in the index."""

LOCK = "SELECT pg_advisory_xact_lock(7520)"
"""SQL: takes the lock of the index until the transaction ends."""
_COPIED = "SELECT copy_low, copy_high FROM search_progress"


class _Row(NamedTuple):
    """A message to index."""

    id: int
    chat_id: int
    sender_id: int | None
    content: str
    has_links: bool
    pair_key: str | None
    file_types: list[str] | None


_READ = Statement(f"""
SELECT m.id, m.chat_id, m.sender_id, m.content, m.has_links, c.pair_key, CASE WHEN m.attachments_count > 0 THEN ARRAY(
    SELECT file_type FROM attachments WHERE message_id = m.id AND state = 'ready' AND expires_at IS NULL
) END
FROM (
    SELECT * FROM messages WHERE retention = 0 AND id = ANY(%(ids)s) AND {SEARCHED}
) m CROSS JOIN LATERAL (SELECT pair_key FROM chats WHERE id = m.chat_id OFFSET 0) c
""")
_WRITE = """
INSERT INTO {table} (message_id, chat_id, tokens)
SELECT id, chat_id, tokens::tsvector
FROM unnest(%(ids)s::bigint[], %(chats)s::bigint[], %(tokens)s::text[]) AS made (id, chat_id, tokens)
ON CONFLICT (message_id) DO UPDATE SET chat_id = excluded.chat_id, tokens = excluded.tokens
"""
_REMOVE = "DELETE FROM {table} WHERE message_id = ANY(%s)"
_REMOVE_CHAT = """
DELETE FROM {table} WHERE message_id IN (SELECT message_id FROM {table} WHERE tokens @@ %s::tsquery LIMIT %s)
"""
_TABLES = ("message_search", COPY)
_WRITE_TO, _REMOVE_FROM, _REMOVE_CHAT_FROM = (
    {table: sql.format(table=table) for table in _TABLES} for sql in (_WRITE, _REMOVE, _REMOVE_CHAT)
)


def write(message_ids: Iterable[int], *, only_copy: bool = False) -> int:
    """Index messages as they are now; those that are deleted are removed. Returns how many were handled.

    Parameters:
        only_copy: write only to the table that will replace a partition. Otherwise both get what concerns them.

    Raises:
        Unavailable: Postgres is away.
    """
    handled = 0
    for ids in in_batches(message_ids, BATCH):
        with unit_of_work():
            db.execute_sql(LOCK)
            rows = [_Row._make(row) for row in db.run(_READ, {"ids": ids}).fetchall()]
            found = _made(rows)
            missing = set(ids) - found.keys()
            if not only_copy:
                _store("message_search", found, missing)
            low, high = db.execute_sql(_COPIED).fetchone()
            if low is not None:
                copied = {id: entry for id, entry in found.items() if low <= id < high}
                _store(COPY, copied, [id for id in missing if low <= id < high])
        handled += len(ids)
    return handled


_Entry = tuple[int, str]  # id of the chat, and the tokens


def _made(rows: Sequence[_Row]) -> dict[int, _Entry]:
    made: dict[int, _Entry] = {}
    for piece in in_batches(rows, PIECE):
        made |= {row.id: (row.chat_id, _tokens(row)) for row in piece}
        yield_to_loop()
    return made


def _tokens(row: _Row) -> str:
    found = marks.of_message(
        row.chat_id,
        members_of(row.pair_key),
        row.sender_id,
        has_links=row.has_links,
        file_types=[kind for kind in row.file_types or () if kind],
    )
    return vector(searched_text(row.content), found)


def searched_text(content: str) -> str:
    """The text of a message in which words are found: what readers see."""
    return sanitizing.seen_of_html(content) if is_html() else content


def _store(table: str, found: dict[int, _Entry], missing: Collection[int]) -> None:
    if found:
        values: dict[str, list[Any]] = {
            "ids": [*found],
            "chats": [chat_id for chat_id, _ in found.values()],
            "tokens": [tokens for _, tokens in found.values()],
        }
        db.execute_sql(_WRITE_TO[table], values)
    if missing:
        db.execute_sql(_REMOVE_FROM[table], ([*missing],))


def remove_chat(chat_id: int) -> None:
    """Remove all messages of a deleted chat, also those that were indexed while it was being deleted.

    Raises:
        Unavailable: Postgres is away.
    """
    for table in _TABLES:
        while _remove_some(table, chat_id) == BATCH:
            yield_to_loop()


def _remove_some(table: str, chat_id: int) -> int:
    with unit_of_work():
        db.execute_sql(LOCK)
        if table == COPY and db.execute_sql(_COPIED).fetchone()[0] is None:
            return 0
        db.execute_sql("SET LOCAL enable_bitmapscan = on")
        values = (f"'{marks.of_chat(chat_id)}'", BATCH)
        return int(db.execute_sql(_REMOVE_CHAT_FROM[table], values).rowcount)


def clean_pending() -> None:
    """Sort what was written into the index, so that searches need not scan it.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        db.execute_sql(_CLEAN)


_CLEAN = """
SELECT gin_clean_pending_list(inhrelid::regclass) FROM pg_inherits
WHERE inhparent = 'message_search_tokens'::regclass
"""
