"""Periodic jobs of the worker. Each may run at any time, also by hand, and any number of times."""

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
    """Work to do every `interval` seconds. `run` returns a short description of what it did."""

    name: str
    interval: float
    purpose: str
    run: Callable[[Settings], str]


class AlreadyRunning(Exception):
    """Another process is running this job."""


def _deleted(rows: int) -> str:
    return f"{rows} rows deleted"


def _make_partitions(settings: Settings) -> str:
    created = partitions.make_partitions(db, months_ahead=settings.partitions_ahead)
    return ", ".join(created) or "all exist"


JOBS = (
    Job(
        "partitions",
        6 * HOUR,
        "create message partitions for this month and `PARTITIONS_AHEAD` more",
        _make_partitions,
    ),
    Job(
        "bucket",
        HOUR,
        "create the bucket of the attachments if it is missing",
        lambda _: "created" if make_bucket() else "exists",
    ),
    Job(
        "outbox_sweep",
        600.0,
        "delete events of more than an hour ago that every consumer of the outbox has handled",
        lambda _: _deleted(sweeps.sweep_outbox()),
    ),
    Job(
        "idempotency_keys_sweep",
        HOUR,
        "delete idempotency keys older than `CLIENT_KEY_TTL`",
        lambda settings: _deleted(sweeps.sweep_idempotency_keys(settings.client_key_ttl)),
    ),
    Job(
        "chat_purge",
        60.0,
        "delete files and messages of large deleted chats",
        lambda _: f"{removal.purge_deleted_chats()} messages deleted",
    ),
    Job(
        "orphans",
        HOUR,
        "compare the bucket with the database, delete what is older than an hour and belongs to nothing, and set"
        " `chat_file_orphans`; more than 100 on one side are only counted, as is everything for a day after a restore",
        lambda _: str(orphans.audit()),
    ),
    Job(
        "quarantine",
        60.0,
        "scan files that were uploaded while the virus scanner was unavailable",
        lambda _: f"{cleanup.scan_quarantined()} files scanned",
    ),
    Job(
        "direct_uploads",
        60.0,
        "delete objects of direct uploads that were overwritten or are too large",
        lambda _: f"{cleanup.sweep_direct_uploads()} objects to be deleted",
    ),
    Job(
        "unread_flags",
        HOUR,
        "clear unread flags of members who have read everything",
        lambda _: f"{sweeps.clear_unread_flags()} cleared",
    ),
    Job(
        "tombstones_sweep",
        HOUR,
        "delete tombstones of chats that were deleted more than a year ago",
        lambda _: _deleted(sweeps.sweep_tombstones()),
    ),
    Job(
        "tickets_sweep",
        HOUR,
        "delete used tickets that have expired",
        lambda _: _deleted(tickets.forget_expired()),
    ),
    Job(
        "token_families_sweep",
        6 * HOUR,
        "delete sessions that ended more than a week ago",
        lambda _: _deleted(sweeps.sweep_token_families()),
    ),
)
JOBS_BY_NAME = {job.name: job for job in JOBS}


def run_job(job: Job, settings: Settings) -> str:
    """Run a job now and record the run; returns its description of what it did.

    Raises:
        AlreadyRunning: another process is running it.
        Unavailable: Postgres is unavailable.
    """
    with database_connection(), _only_run_of(job):
        db.execute_sql(
            "INSERT INTO job_runs (name, started_at, outcome) VALUES (%s, clock_timestamp(), %s) ON CONFLICT (name)"
            " DO UPDATE SET started_at = excluded.started_at, finished_at = NULL, outcome = excluded.outcome",
            (job.name, RUNNING),
        )
        try:
            outcome = job.run(settings)
        except Exception as error:
            _record(job, f"{FAILED}: {type(error).__name__}")
            raise
        _record(job, outcome)
        log.info("job finished", extra={"job": job.name, "outcome": outcome})
        return outcome


def due_jobs() -> list[Job]:
    """Jobs whose interval has passed since their last start, and those that failed or were interrupted a minute ago.

    Raises:
        Unavailable: Postgres is unavailable.
    """
    with database_connection():
        rows = db.execute_sql(
            "SELECT name, extract(epoch FROM clock_timestamp() - started_at),"
            " finished_at IS NOT NULL AND outcome NOT LIKE %s FROM job_runs",
            (f"{FAILED}%",),
        ).fetchall()
    runs = {name: (float(age), succeeded) for name, age, succeeded in rows}
    return [job for job in JOBS if _is_due(job, *runs.get(job.name, (job.interval, True)))]


def _is_due(job: Job, age: float, succeeded: bool) -> bool:
    # A start in the future, from before the clock was set back, must not postpone a job indefinitely.
    return not 0 <= age < (job.interval if succeeded else min(RETRY_AFTER, job.interval))


@contextmanager
def _only_run_of(job: Job) -> Iterator[None]:
    """Hold the job's lock. It belongs to the connection of the run, so it ends with an interrupted run."""
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


def listing() -> list[str]:
    """One line per job: name, interval, last run and its outcome.

    Raises:
        Unavailable: Postgres is unavailable.
    """
    with database_connection():
        rows = db.execute_sql("SELECT name, started_at, outcome FROM job_runs").fetchall()
    runs = {name: f"{rfc3339(started)} {outcome}" for name, started, outcome in rows}
    return [f"{job.name:<22}  every {_interval(job.interval):>6}  {runs.get(job.name, 'never')}" for job in JOBS]


def job_rows() -> list[tuple[str, str, str]]:
    """Name, interval and purpose of each job, for `docs/operations.md`."""
    return [(f"`{job.name}`", _interval(job.interval), job.purpose) for job in JOBS]


def _interval(seconds: float) -> str:
    return f"{seconds / HOUR:g} h" if seconds >= HOUR else f"{seconds / 60:g} min"
