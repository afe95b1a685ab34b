"""Periodic jobs of the worker. Each may run at any time, also by hand, and any number of times."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chatapp.actions import drafts, exports, removal
from chatapp.actions.assistant import deletion
from chatapp.actions.attachments import cleanup
from chatapp.actions.moderation import bans, decisions
from chatapp.auth import tickets
from chatapp.clock import rfc3339
from chatapp.infra.object_storage import make_bucket
from chatapp.infra.postgres import database_connection, db
from chatapp.ops.migration import partitions
from chatapp.ops.upkeep import compaction, item_search, orphans, search_rebuild, session_upkeep, sweeps
from config import Settings

log = logging.getLogger(__name__)

HOUR = 3600.0
CLEANUP = "CLEANUP_INTERVAL"
_LOCKS = 0x6A6F62  # "job": first half of the lock of each job
RUNNING, FAILED = "running", "failed"
RETRY_AFTER = 60.0  # seconds


@dataclass(frozen=True)
class Job:
    """Work to do every `interval` seconds. `run` returns a short description of what it did.

    Attributes:
        interval: None for work that is done by hand only; or the name of the setting that has it.
        is_long: whether it may take hours. Others do not wait for it.
    """

    name: str
    interval: float | str | None
    purpose: str
    run: Callable[[Settings], str]
    is_long: bool = False

    def seconds(self, settings: Settings) -> float | None:
        """Its interval with these settings."""
        if isinstance(self.interval, str):
            return float(getattr(settings, self.interval.lower()))
        return self.interval


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
        "bans_end",
        60.0,
        "end bans whose time is over",
        lambda _: f"{bans.end_bans()} bans ended",
    ),
    Job(
        "reports_sweep",
        HOUR,
        "delete reports that were decided longer than `REPORT_TTL` ago, with their evidence",
        lambda settings: _deleted(decisions.sweep(settings.report_ttl)),
    ),
    Job(
        "unread_flags",
        HOUR,
        "clear unread flags of members who have read everything",
        lambda _: f"{sweeps.clear_unread_flags()} cleared",
    ),
    Job(
        "drafts_sweep",
        60.0,
        "delete the texts of drafts whose users have sent a message since",
        lambda _: _deleted(drafts.sweep_drafts()),
    ),
    Job(
        "tombstones_sweep",
        HOUR,
        "delete tombstones of chats that were deleted more than a year ago",
        lambda _: _deleted(sweeps.sweep_tombstones()),
    ),
    Job(
        "sessions_sweep",
        CLEANUP,
        "delete sessions of the assistant that have expired (`SESSION_TTL`), with their messages",
        lambda _: f"{deletion.delete_expired()} sessions deleted",
    ),
    Job(
        "session_orphans",
        CLEANUP,
        "delete messages whose session is gone, and visitors without one",
        lambda _: session_upkeep.delete_orphans(),
    ),
    Job(
        "session_retention",
        CLEANUP,
        "drop the months of session messages that are older than `SESSION_RETENTION`",
        lambda settings: session_upkeep.drop_old_messages(settings.session_retention),
    ),
    Job(
        "search_index",
        300.0,
        "fill the search index after an update, newest messages first",
        lambda _: search_rebuild.rebuild_if_needed(),
        is_long=True,
    ),
    Job(
        "search_erasures",
        24 * HOUR,
        "rebuild the parts of the search index that may contain words of erased messages",
        lambda _: search_rebuild.rebuild_erased(),
        is_long=True,
    ),
    Job(
        "search_rebuild",
        None,
        "rebuild the search index, newest messages first; searches go on meanwhile",
        lambda _: search_rebuild.rebuild_all(),
        is_long=True,
    ),
    Job(
        "item_search_rebuild",
        300.0,
        "index the items for the assistant that the present release, lexicon and rates have not indexed",
        lambda _: item_search.rebuild(),
        is_long=True,
    ),
    Job(
        "item_words_sweep",
        24 * HOUR,
        "delete the words of the assistant's index that no item has any more",
        lambda _: _deleted(item_search.sweep_words()),
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
    Job(
        "exports_sweep",
        HOUR,
        "delete rows of exports that ended a month ago",
        lambda _: _deleted(exports.sweep()),
    ),
    Job(
        "erase_compact",
        24 * HOUR,
        "rewrite tables so that no file of the database holds what was erased; each is locked for at most"
        " `ERASE_COMPACT_LOCK`",
        compaction.compact,
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


def due_jobs(settings: Settings, *, are_long: bool = False) -> list[Job]:
    """Jobs whose interval has passed since their last start, and those that failed or were interrupted a minute ago.

    Parameters:
        are_long: the long ones, or all others.

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
    return [job for job in JOBS if job.is_long == are_long and _is_due(job.seconds(settings), runs.get(job.name))]


def _is_due(interval: float | None, last_run: tuple[float, bool] | None) -> bool:
    if interval is None or last_run is None:
        return interval is not None
    age, succeeded = last_run
    # A start in the future, from before the clock was set back, must not postpone a job indefinitely.
    return not 0 <= age < (interval if succeeded else min(RETRY_AFTER, interval))


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
    return [f"{job.name:<22}  {_interval(job.interval):>12}  {runs.get(job.name, 'never')}" for job in JOBS]


def job_rows() -> list[tuple[str, str, str]]:
    """Name, interval and purpose of each job, for `docs/operations.md`."""
    return [(f"`{job.name}`", _interval(job.interval, "`").removeprefix("every "), job.purpose) for job in JOBS]


def _interval(seconds: float | str | None, quote: str = "") -> str:
    if seconds is None:
        return "by hand"
    if isinstance(seconds, str):
        return f"{quote}{seconds}{quote}"
    return f"every {seconds / HOUR:g} h" if seconds >= HOUR else f"every {seconds / 60:g} min"
