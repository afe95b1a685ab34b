"""Feeds the events of the outbox to one consumer: each at least once, those of a chat in order, none skipped.

Rows are read in the order of their ids, and only up to the frontier, where no row can appear any more. The transactions
of a chat draw their ids under the chat's lock, one after the other, so this is the order of its versions. The argument
as a whole is in docs/data.md.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import takewhile

import orjson
from redis.exceptions import RedisError

from chatapp.errors import Unavailable
from chatapp.events import encoding
from chatapp.events.redaction import Redactions
from chatapp.events.types import Event
from chatapp.outbox import failures, positions
from chatapp.outbox.consumer import Consumer
from chatapp.outbox.failures import SetAside
from chatapp.outbox.frontier import Frontier
from chatapp.outbox.positions import Batch, Failure, Row
from chatapp.queries import redactions

log = logging.getLogger(__name__)

MOST_SET_ASIDE = 100  # events; a consumer that fails at more is broken, and waits for its repair
TARGET_IS_AWAY = (OSError, RedisError, Unavailable)  # OSError is the base of what SMTP and HTTP clients raise


class Feed:
    """The events for one consumer. Run it in one process at a time; several at once do each event more than once."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self._frontier = Frontier()

    def run(self) -> int:
        """Handle what was committed since the last run; returns the number of handled rows.

        Raises:
            OSError, RedisError, Unavailable: the target or Postgres is away. The remaining events wait.
            Exception: too many events failed. The remaining events wait.
        """
        consumer = self._consumer
        until = self._frontier.advance()
        position = positions.position_of(consumer.name, until)
        if not consumer.is_active():
            if until > position:
                positions.advance(consumer, position, until)
            return 0
        batch = positions.next_batch(consumer, position, until, consumer.rows_per_run)
        if consumer.rebuild(batch.rows[0].age if batch.rows else 0.0):
            positions.advance(consumer, position, max(position, until))
            return 0
        handled = 0
        while batch.end > position:
            rows, reached = self._handle(batch, position)
            handled += rows
            if reached is None or reached < batch.end or handled >= consumer.rows_per_run:
                break
            position = reached
            batch = positions.next_batch(consumer, position, until, consumer.rows_per_run - handled)
        self._retry()
        return handled

    def _handle(self, batch: Batch, position: int) -> tuple[int, int | None]:
        """Handle a batch; returns the number of rows, and the position reached, None if another process moved it."""
        consumer = self._consumer
        rows = list(takewhile(lambda row: _is_past(row, consumer.min_age), batch.rows))
        handled, failed = self._hand_over(rows) if rows else (rows, [])
        final = list(takewhile(lambda row: _is_past(row, consumer.final_age), handled))
        reached = batch.end if len(final) == len(batch.rows) else batch.rows[len(final)].id - 1
        failed = [failure for failure in failed if failure.outbox_id <= reached]
        if reached != position and not positions.advance(consumer, position, reached, failed):
            if consumer.overwrites:
                self._hand_over(handled)
            return len(handled), None
        if len(handled) < len(rows):
            raise TooManyFailures(consumer.name)
        return len(rows), reached

    def _hand_over(self, rows: list[Row]) -> tuple[list[Row], list[Failure]]:
        """Give rows to the consumer: all at once, and one event at a time if that fails.

        Returns the rows that are done, all but the last ones if too many events failed, and the events that failed.
        """
        erased = redactions.pending().redactions
        try:
            self._consumer.handle(
                _redacted([event for row in rows for event in encoding.from_json(row.events)], erased)
            )
        except TARGET_IS_AWAY:
            raise
        except Exception as error:
            # An event that is at fault fails again below, with its traceback; or Redis was away for a moment.
            reason = type(error).__name__
            log.warning("events not handled, trying each", extra={"consumer": self._consumer.name, "reason": reason})
        else:
            return rows, []
        allowed = MOST_SET_ASIDE - failures.count(self._consumer.name)
        failed: list[Failure] = []
        for number, row in enumerate(rows):
            of_row = [
                failure
                for ordinal, entry in enumerate(_entries(row.events))
                if (failure := self._try(row.id, ordinal, entry, erased))
            ]
            if len(failed) + len(of_row) > allowed:
                return rows[:number], failed
            failed += of_row
        return rows, failed

    def _try(self, outbox_id: int, ordinal: int, entry: bytes, erased: Redactions) -> Failure | None:
        """Give one event to the consumer; returns its failure."""
        try:
            self._consumer.handle(_redacted(encoding.from_json(entry), erased))
        except TARGET_IS_AWAY:
            raise
        except Exception as error:
            extra = {"consumer": self._consumer.name, "outbox_id": outbox_id, "ordinal": ordinal}
            log.exception("event set aside", extra=extra)
            return Failure(outbox_id, ordinal, type(error).__name__)
        return None

    def _retry(self) -> None:
        due = failures.due(self._consumer.name)
        erased = redactions.pending().redactions if due else Redactions()
        for event in due:
            failure = self._try_again(event, erased)
            if failure is None:
                failures.settle(self._consumer.name, event)
            else:
                failures.postpone(self._consumer.name, failure)

    def _try_again(self, event: SetAside, erased: Redactions) -> Failure | None:
        entries = [] if event.events is None else _entries(event.events)
        if event.ordinal >= len(entries):
            return None
        try:
            return self._try(event.outbox_id, event.ordinal, entries[event.ordinal], erased)
        except TARGET_IS_AWAY as error:
            return Failure(event.outbox_id, event.ordinal, type(error).__name__)


class TooManyFailures(Exception):
    """More than `MOST_SET_ASIDE` events would be set aside."""


def _is_past(row: Row, age: float) -> bool:
    # A row of the future, from before the clock was set back, must not hold up those that follow.
    return not 0.0 <= row.age < age


def _entries(events: str) -> list[bytes]:
    """Each event of a row, as a list of its own; a text that is no JSON is one."""
    try:
        return [orjson.dumps([entry]) for entry in orjson.loads(events)]
    except orjson.JSONDecodeError:
        return [events.encode()]


def _redacted(events: Sequence[Event], erased: Redactions) -> Sequence[Event]:
    return [erased.applied_to(event) for event in events] if erased else events
