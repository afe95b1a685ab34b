"""Rebuilds the search index: each partition into a new table, which then replaces it.

A new table contains nothing of what was erased before, neither in its heap nor among the keys of its index, which GIN
never forgets. While it is filled, the indexer writes to both tables (`outbox.search_writer`); what is erased meanwhile
is removed from the new one before it is used. Searches wait only for the exchange.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps

from peewee import OperationalError

from chatapp.ids import snowflake
from chatapp.infra.postgres import db
from chatapp.outbox import search_writer
from chatapp.outbox.search_writer import COPY
from chatapp.queries.search_index import Part, load_parts
from chatapp.search import tokens

log = logging.getLogger(__name__)

LOCK_TIMEOUT_MS = 500  # for the exchange: searches queue behind a lock that waits
TRIES = 60
BUSY = "another rebuild is running"
_LOCK = 7521  # of the session that rebuilds: there is one new table at a time


def _alone(rebuild: Callable[[], str]) -> Callable[[], str]:
    """Let one process rebuild at a time."""

    @wraps(rebuild)
    def locked() -> str:
        if not db.execute_sql("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchone()[0]:
            return BUSY
        try:
            return rebuild()
        finally:
            db.execute_sql("SELECT pg_advisory_unlock(%s)", (_LOCK,))

    return locked


@_alone
def rebuild_all() -> str:
    """Rebuild every partition, newest first; returns a description. Continues a rebuild that was interrupted."""
    if _rebuilt_to() is None:
        _start()
    return _continue()


@_alone
def rebuild_if_needed() -> str:
    """Rebuild what was never indexed, or with other tokens; returns a description."""
    made_by = db.execute_sql("SELECT made_by FROM search_progress").fetchone()[0]
    if _rebuilt_to() is None:
        if made_by == tokens.VERSION:
            return "up to date"
        _start()
    return _continue()


@_alone
def rebuild_erased() -> str:
    """Rebuild the partitions that may contain words of erased messages; returns a description."""
    erased = {id for (id,) in db.execute_sql("SELECT DISTINCT message_id FROM search_erasures").fetchall()}
    parts = [part for part in load_parts() if any(part.low <= id < part.high for id in erased)]
    for part in parts:
        _rebuild(part)
    return f"{len(parts)} partitions rebuilt"


def _rebuilt_to() -> int | None:
    found: int | None = db.execute_sql("SELECT rebuilt_to FROM search_progress").fetchone()[0]
    return found


def _start() -> None:
    db.execute_sql("UPDATE search_progress SET rebuilt_to = %s", (snowflake.MAX_ID,))


def _continue() -> str:
    done, messages = _rebuilt_to() or 0, 0
    left = [part for part in load_parts() if part.low < done]
    for part in left:
        messages += _rebuild(part)
        db.execute_sql("UPDATE search_progress SET rebuilt_to = %s", (part.low,))
    db.execute_sql("UPDATE search_progress SET rebuilt_to = NULL, made_by = %s", (tokens.VERSION,))
    return f"{len(left)} partitions rebuilt, {messages} messages"


def _rebuild(part: Part) -> int:
    """Replace a partition by a new one; returns the number of messages in it."""
    if _is_empty(part):
        db.execute_sql("DELETE FROM search_erasures WHERE message_id >= %s AND message_id < %s", (part.low, part.high))
        return 0
    _begin(part)
    after, messages = part.low - 1, 0
    while ids := _next(after, part.high):
        messages += search_writer.write(ids, only_copy=True)
        after = ids[-1]
    _exchange(part)
    log.info("search partition rebuilt", extra={"partition": part.name, "messages": messages})
    return messages


def _is_empty(part: Part) -> bool:
    """Whether there is no message to index, and nothing was ever written to the partition."""
    has_messages = bool(_next(part.low - 1, part.high))
    return not has_messages and not db.execute_sql("SELECT pg_relation_size(%s)", (part.name,)).fetchone()[0]


_NEXT = f"""
SELECT id FROM messages WHERE retention = 0 AND id > %s AND id < %s AND {search_writer.SEARCHED} ORDER BY id LIMIT %s
"""


def _next(after: int, high: int) -> list[int]:
    return [id for (id,) in db.execute_sql(_NEXT, (after, high, search_writer.BATCH)).fetchall()]


def _begin(part: Part) -> None:
    """Create the new table, and let the indexer write to it."""
    with db.atomic():
        db.execute_sql(search_writer.LOCK)
        db.execute_sql(f"DROP TABLE IF EXISTS {COPY}")
        db.execute_sql(f"CREATE TABLE {COPY} (LIKE message_search INCLUDING DEFAULTS INCLUDING INDEXES)")
        # With this check the exchange need not read the table.
        check = f"message_id >= {part.low} AND message_id < {part.high}"
        db.execute_sql(f"ALTER TABLE {COPY} ADD CONSTRAINT {COPY}_range CHECK ({check})")
        db.execute_sql("UPDATE search_progress SET copy_low = %s, copy_high = %s", (part.low, part.high))
        db.execute_sql(
            "UPDATE search_erasures SET is_taken = true WHERE message_id >= %s AND message_id < %s",
            (part.low, part.high),
        )


def _exchange(part: Part) -> None:
    for attempt in range(1, TRIES + 1):
        try:
            with db.atomic():
                _exchange_in_transaction(part)
            return
        except OperationalError as error:
            if attempt == TRIES or getattr(error.__cause__ or error.__context__, "pgcode", None) != "55P03":
                raise


def _exchange_in_transaction(part: Part) -> None:
    db.execute_sql(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}")
    db.execute_sql(search_writer.LOCK)
    # Transactions that erase messages lock the index, too: from here on they have ended, and no other begins.
    db.execute_sql("LOCK TABLE message_search IN ACCESS EXCLUSIVE MODE")
    of_part = "message_id >= %s AND message_id < %s"
    bounds = (part.low, part.high)
    db.execute_sql(
        f"DELETE FROM {COPY} WHERE message_id = ANY (ARRAY(SELECT message_id FROM search_erasures WHERE {of_part}))",
        bounds,
    )
    # What was erased since the beginning may be in the files of the new table: it is left for the next time.
    db.execute_sql(f"DELETE FROM search_erasures WHERE is_taken AND {of_part}", bounds)
    db.execute_sql(f"ALTER TABLE message_search DETACH PARTITION {part.name}")
    db.execute_sql(f"DROP TABLE {part.name}")
    db.execute_sql(f"ALTER TABLE {COPY} RENAME TO {part.name}")
    low = "MINVALUE" if part.is_first else str(part.low)
    db.execute_sql(f"ALTER TABLE message_search ATTACH PARTITION {part.name} FOR VALUES FROM ({low}) TO ({part.high})")
    db.execute_sql(f"ALTER TABLE {part.name} DROP CONSTRAINT {COPY}_range")
    db.execute_sql("UPDATE search_progress SET copy_low = NULL, copy_high = NULL")
