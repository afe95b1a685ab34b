"""Continues erasures, and rewrites the files of the database that may hold what was erased."""

from __future__ import annotations

from time import monotonic

from chatapp.actions.erasure import steps
from chatapp.outbox import redacting

SLICE = 30.0  # seconds of steps between two looks at what else waits


def continue_erasures() -> int:
    """Continue the erasures that no process is at; returns how many were finished. Run every few seconds.

    Raises:
        Unavailable: Postgres or S3 is away; the next run continues.
    """
    return steps.run_unfinished(until=monotonic() + SLICE)


def finish_erasures() -> int:
    """Finish all erasures, and remove their copies from stored events and Redis; returns how many were finished.

    Raises:
        RedisError, Unavailable: a server is away; another call continues.
    """
    finished = steps.run_unfinished(until=float("inf"))
    redacting.redact()
    return finished
