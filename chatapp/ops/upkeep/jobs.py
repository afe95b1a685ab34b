"""What `worker` does now and then. Each job may be run at any time, by hand too, and any number of times."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chatapp.actions import removal
from chatapp.actions.attachments import cleanup
from chatapp.auth import tickets
from chatapp.clock import rfc3339
from chatapp.infra.object_storage import make_bucket
from chatapp.infra.postgres import database_connection, db
from chatapp.ops.migration import partitions
from chatapp.ops.upkeep import orphans, sweeps
from config import Settings

log = logging.getLogger(__name__)

HOUR = 3600.0
_LOCKS = 0x6A6F62  # "job": first half of the lock of each job
RUNNING, FAILED = "running", "failed"
RETRY_AFTER = 60.0  # seconds


@dataclass(frozen=True)
class Job:
    """Something to do every `interval` seconds. `run` returns a few words about what it did."""

    name: str
    interval: float
    purpose: str
    run: Callable[[], str]


class AlreadyRunning(Exception):
    """Another process runs this job at the moment."""


def all_jobs(settings: Settings) -> dict[str, Job]:
    """The jobs by name."""
    return {job.name: job for job in _jobs(settings)}


def _jobs(settings: Settings) -> Iterator[Job]:
    yield Job(
        "partitions",
        6 * HOUR,
        "message partitions for the months ahead",
        lambda: ", ".join(partitions.make_partitions(db, months_ahead=settings.partitions_ahead)) or "all there",
    )
    yield Job("bucket", HOUR, "the bucket of the attachments", lambda: "made" if make_bucket() else "there")
    yield Job("outbox_sweep", 600.0, "forget told events", lambda: _deleted(sweeps.sweep_outbox()))
    yield Job(
        "client_keys_sweep",
        HOUR,
        "forget old idempotency keys",
        lambda: _deleted(sweeps.sweep_idempotency_keys(settings.client_key_ttl)),
    )
    yield Job(
        "chat_remains", 60.0, "purge large deleted chats", lambda: f"{removal.purge_deleted_chats()} messages removed"
    )
    yield Job("orphans", HOUR, "compare bucket and rows", lambda: str(orphans.audit()))
    yield Job("quarantine", 60.0, "scan files that wait", lambda: f"{cleanup.scan_quarantined()} files scanned")
    yield Job(
        "direct_uploads",
        60.0,
        "remove bytes that nobody will look at",
        lambda: f"{cleanup.sweep_direct_uploads()} objects to be removed",
    )
    yield Job("unread_flags", HOUR, "clear stale unread flags", lambda: f"{sweeps.clear_unread_flags()} cleared")
    yield Job("tombstones_sweep", HOUR, "forget old tombstones", lambda: _deleted(sweeps.sweep_tombstones()))
    yield Job("tickets_sweep", HOUR, "forget used tickets", lambda: _deleted(tickets.forget_expired()))
    yield Job("token_families_sweep", 6 * HOUR, "forget ended log-ins", lambda: _deleted(sweeps.sweep_token_families()))


def _deleted(rows: int) -> str:
    return f"{rows} rows deleted"


def run_job(job: Job) -> str:
    """Run a job now and record it; returns what it says about its work.

    Raises:
        AlreadyRunning: another process is at it.
        Unavailable: Postgres is away.
    """
    with database_connection(), _only_run_of(job):
        db.execute_sql(
            "INSERT INTO job_runs (name, started_at, outcome) VALUES (%s, clock_timestamp(), %s) ON CONFLICT (name)"
            " DO UPDATE SET started_at = excluded.started_at, finished_at = NULL, outcome = excluded.outcome",
            (job.name, RUNNING),
        )
        try:
            outcome = job.run()
        except Exception as error:
            _record(job, f"{FAILED}: {type(error).__name__}")
            raise
        _record(job, outcome)
        log.info("job done", extra={"job": job.name, "outcome": outcome})
        return outcome


def due_jobs(settings: Settings) -> list[Job]:
    """Jobs whose interval has passed since they last began, and those that failed or were cut off a minute ago.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        rows = db.execute_sql(
            "SELECT name, extract(epoch FROM clock_timestamp() - started_at),"
            " finished_at IS NOT NULL AND outcome NOT LIKE %s FROM job_runs",
            (f"{FAILED}%",),
        ).fetchall()
    runs = {name: (float(age), succeeded) for name, age, succeeded in rows}
    return [job for job in _jobs(settings) if _is_due(job, *runs.get(job.name, (job.interval, True)))]


def _is_due(job: Job, age: float, succeeded: bool) -> bool:
    # A start in the future, from before a clock was set back, must not put a job off for ever.
    return not 0 <= age < (job.interval if succeeded else min(RETRY_AFTER, job.interval))


@contextmanager
def _only_run_of(job: Job) -> Iterator[None]:
    """Hold the job's lock; it lives on the job's own connection, so it cannot outlive a run that was cut off."""
    if not db.execute_sql("SELECT pg_try_advisory_lock(%s, hashtext(%s))", (_LOCKS, job.name)).fetchone()[0]:
        raise AlreadyRunning(job.name)
    try:
        yield
    finally:
        db.execute_sql("SELECT pg_advisory_unlock(%s, hashtext(%s))", (_LOCKS, job.name))


def _record(job: Job, outcome: str) -> None:
    db.execute_sql(
        "UPDATE job_runs SET finished_at = clock_timestamp(), outcome = %s WHERE name = %s", (outcome, job.name)
    )


def listing(settings: Settings) -> list[str]:
    """One line a job: name, interval, last run and its outcome.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        rows = db.execute_sql("SELECT name, started_at, outcome FROM job_runs").fetchall()
    runs = {name: f"{rfc3339(started)} {outcome}" for name, started, outcome in rows}
    return [
        f"{job.name:<22} every {job.interval:>7g} s  {job.purpose:<38} {runs.get(job.name, 'never')}"
        for job in _jobs(settings)
    ]
