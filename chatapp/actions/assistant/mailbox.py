"""Parts of the answer of a bot elsewhere: any worker takes them, the one that holds the turn reads them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import gevent
import orjson

from chatapp.assistant.bot_answers import BotPart
from chatapp.assistant.port import ItemRef, Turn
from chatapp.errors import Conflict, NotFound
from chatapp.infra.postgres import database_connection, db
from chatapp.infra.prepared_statements import Statement
from chatapp.transaction import unit_of_work

LOOK = 0.2  # seconds between two looks for parts
MOST_PARTS = 1000  # of one answer that wait

_STATE = """
SELECT state, (SELECT count(*) FROM answer_parts WHERE turn_id = t.id) FROM assistant_turns t WHERE id = %s FOR SHARE
"""
_TAKE = Statement("DELETE FROM answer_parts WHERE turn_id = %s RETURNING id, part")


def deliver(turn_id: int, part: BotPart) -> None:
    """Take a part of an answer.

    Raises:
        NotFound: `turn_not_found`.
        Conflict: `turn_closed`: the turn has ended, or is not being answered.
    """
    with unit_of_work():
        row = db.execute_sql(_STATE, (turn_id,)).fetchone()
        if row is None:
            raise NotFound("turn_not_found")
        if row[0] != "running" or row[1] >= MOST_PARTS:
            raise Conflict("turn_closed")
        values = (turn_id, orjson.dumps(asdict(part)).decode())
        db.execute_sql("INSERT INTO answer_parts (turn_id, part) VALUES (%s, %s)", values)


class PartsInbox:
    """The parts of one turn."""

    def __init__(self, turn_id: int) -> None:
        self._turn_id = turn_id
        self._read: deque[BotPart] = deque()

    def next(self, seconds: float) -> BotPart | None:
        """The next part, waiting for it at most so long; None if there is none."""
        until = time.monotonic() + seconds
        while not self._read:
            with database_connection():
                rows: list[Any] = db.run(_TAKE, (self._turn_id,)).fetchall()
            self._read.extend(_part(part) for _, part in sorted(rows, key=lambda row: row[0]))
            left = until - time.monotonic()
            if not self._read:
                if left <= 0:
                    return None
                gevent.sleep(min(LOOK, left))
        return self._read.popleft()


class PartsMailbox:
    """The mailbox of `assistant.bot_answers`."""

    @contextmanager
    def open(self, turn: Turn) -> Iterator[PartsInbox]:
        """Receive parts for a turn within the block."""
        yield PartsInbox(turn.id)


def _part(stored: dict[str, Any]) -> BotPart:
    items = tuple(ItemRef(**item) for item in stored["items"])
    return BotPart(**{**stored, "items": items, "choices": tuple(stored["choices"])})
