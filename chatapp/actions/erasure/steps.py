"""The steps of an erasure, and how a process runs them.

A step is done in batches, each a transaction of its own. After a batch its position is stored, so a process that dies
loses at most one batch, and each can be repeated: what is gone is not found again. A lease keeps two processes from the
same erasure.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from chatapp.actions.attachments import cleanup
from chatapp.actions.erasure import marks, messages, traces
from chatapp.actions.erasure.batches import Batch
from chatapp.infra.fair_scheduling import yield_to_loop
from chatapp.infra.postgres import database_connection, db
from chatapp.queries import erasures as erasure_queries
from chatapp.queries.erasures import LEASE, Erasure
from chatapp.transaction import unit_of_work

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """A part of an erasure: its name in the report, and what does one batch of it."""

    name: str
    run: Callable[[Erasure], Batch]


def _objects(erasure: Erasure) -> Batch:
    """Delete bytes of files that nothing refers to any more; those of others with them."""
    removed = cleanup.remove_bytes()
    return Batch(removed, position=0 if removed == cleanup.BATCH else None)


STEPS = (
    Step("groups", traces.leave_groups),
    Step("messages", messages.erase_batch),
    Step("files", traces.erase_files),
    Step("reactions", marks.erase_reactions),
    Step("marks", marks.erase_marks),
    Step("searches", traces.erase_searches),
    Step("reports", traces.erase_reports),
    Step("idempotency_keys", traces.erase_idempotency_keys),
    Step("items", traces.erase_items),
    Step("exports", traces.erase_exports),
    Step("objects", _objects),
    Step("sessions", traces.erase_sessions),
)
"""In this order. A release may append steps; erasures that are finished are not begun again."""


def run(user_id: int, *, until: float) -> bool:
    """Do the steps of an erasure that are left; returns whether all are done.

    Parameters:
        until: `time.monotonic()` after which no further batch is begun.

    Raises:
        Unavailable: Postgres or S3 is away. Another call continues.
    """
    if not _lease(user_id):
        return False
    try:
        while monotonic() < until:
            if _run_batch(user_id):
                return True
            yield_to_loop()
        return False
    finally:
        _end_lease(user_id)


def run_unfinished(*, until: float) -> int:
    """Continue the erasures that no process is at; returns how many were finished.

    Raises:
        Unavailable: Postgres or S3 is away.
    """
    with database_connection():
        waiting = erasure_queries.unfinished()
    return sum(run(user_id, until=until) for user_id in waiting)


def repeat(user_id: int) -> None:
    """Do the steps of a finished erasure again, for what was stored while it ran.

    Raises:
        Unavailable: Postgres or S3 is away.
    """
    with unit_of_work():
        db.execute_sql(
            "UPDATE erasures SET step = 0, position = 0, finished_at = NULL, leased_until = NULL WHERE user_id = %s",
            (user_id,),
        )
    run(user_id, until=float("inf"))


def _run_batch(user_id: int) -> bool:
    """Do one batch, and store how far it is; returns whether the erasure is finished."""
    with database_connection():
        erasure = erasure_queries.of_user(user_id)
    if erasure is None or erasure.finished_at is not None:
        return True
    if erasure.step >= len(STEPS):
        _store(erasure, "finished_at = now()")
        log.info("user erased", extra={"steps": dict(erasure.report)})
        return True
    step = STEPS[erasure.step]
    done = step.run(erasure)
    report = {**erasure.report, step.name: erasure.report.get(step.name, 0) + done.erased}
    is_over = done.position is None
    position = 0 if is_over else done.position
    _store(erasure, "step = %s, position = %s, report = %s", erasure.step + is_over, position, _json(report))
    return False


def _json(report: dict[str, int]) -> str:
    return "{" + ", ".join(f'"{name}": {count}' for name, count in report.items()) + "}"


def _store(erasure: Erasure, columns: str, *values: object) -> None:
    with unit_of_work():
        db.execute_sql(
            f"UPDATE erasures SET {columns}, leased_until = now() + make_interval(secs => %s)"
            " WHERE user_id = %s AND step = %s AND position = %s",
            (*values, LEASE, erasure.user_id, erasure.step, erasure.position),
        )


def _lease(user_id: int) -> bool:
    with unit_of_work():
        leased = db.execute_sql(
            "UPDATE erasures SET leased_until = now() + make_interval(secs => %s)"
            " WHERE user_id = %s AND coalesce(leased_until < now(), true)",
            (LEASE, user_id),
        )
        return bool(leased.rowcount)


def _end_lease(user_id: int) -> None:
    with unit_of_work():
        db.execute_sql("UPDATE erasures SET leased_until = NULL WHERE user_id = %s", (user_id,))
