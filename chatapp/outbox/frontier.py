"""Up to which id the outbox is complete.

An id is drawn before its transaction commits, so a row may appear below rows that are visible already. A transaction
that draws an id holds a lock on the sequence: Postgres takes it before the first `nextval`, and releases it after the
rows have become visible. Hence, in this order:

1. Read the last id that was drawn.
2. Read who holds the lock: everyone who drew such an id and has not ended.
3. Wait until none of them holds it. What is read from now on includes every row up to that id, and no other can appear.

Transactions that write no outbox row are not waited for, however long they run.
"""

from __future__ import annotations

import gevent

from chatapp.infra.postgres import database_connection, db

_PAUSES = (0.0, 0.005, 0.02, 0.05)  # seconds; most transactions end within a few milliseconds
_LAST_DRAWN = "SELECT last_value - (NOT is_called)::int FROM outbox_id_seq"
_WRITERS = """
SELECT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND relation = 'outbox_id_seq'::regclass AND mode = 'RowExclusiveLock'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Frontier:
    """The highest known id up to which the outbox is complete."""

    def __init__(self) -> None:
        self._complete = 0
        self._drawn = 0
        self._writers: set[str] = set()  # those that may still write a row up to `_drawn`

    def advance(self) -> int:
        """Move to the last drawn id if its writers end within 75 ms, else as far as is certain; returns the id.

        Raises:
            Unavailable: Postgres is away.
        """
        if self._writers:
            self._writers &= _running_writers()
        if not self._writers:
            self._complete = self._drawn
            with database_connection():
                self._drawn = int(db.execute_sql(_LAST_DRAWN).fetchone()[0])
            self._writers = _running_writers()
        for pause in _PAUSES:
            if not self._writers:
                self._complete = self._drawn
                break
            gevent.sleep(pause)
            self._writers &= _running_writers()
        return self._complete


def _running_writers() -> set[str]:
    with database_connection():
        return {name for (name,) in db.execute_sql(_WRITERS).fetchall()}
