"""Jobs: idempotent, by hand, one run of each at a time, recorded."""

from __future__ import annotations

from dataclasses import replace

import psycopg2
import pytest
from peewee import PostgresqlDatabase

from chatapp.errors import Unavailable
from chatapp.ops.upkeep.jobs import JOBS, JOBS_BY_NAME, AlreadyRunning, Job, due_jobs, run_job
from config import Settings
from tests.commands import Command

NAMES = [
    "partitions",
    "bucket",
    "outbox_sweep",
    "idempotency_keys_sweep",
    "chat_purge",
    "orphans",
    "quarantine",
    "direct_uploads",
    "bans_end",
    "reports_sweep",
    "unread_flags",
    "drafts_sweep",
    "tombstones_sweep",
    "sessions_sweep",
    "session_orphans",
    "session_retention",
    "search_index",
    "search_erasures",
    "search_rebuild",
    "item_search_rebuild",
    "item_words_sweep",
    "tickets_sweep",
    "token_families_sweep",
    "exports_sweep",
    "erase_compact",
]
LONG = ["search_index", "search_erasures", "item_search_rebuild"]
BY_HAND = ["search_rebuild"]


def _job(name: str = "bucket", interval: float = 100.0) -> Job:
    return Job(name, interval, "a test", lambda settings: "done")


def _age_run(db: PostgresqlDatabase, name: str, seconds: float) -> None:
    db.execute_sql(
        "UPDATE job_runs SET started_at = started_at - make_interval(secs => %s) WHERE name = %s", (seconds, name)
    )


def _due(settings: Settings) -> list[str]:
    return [job.name for job in due_jobs(settings)]


def test_all_are_due_at_first_and_none_after_they_ran(bound: Settings) -> None:
    assert _due(bound) == [name for name in NAMES if name not in (*LONG, *BY_HAND)]
    assert [job.name for job in due_jobs(bound, are_long=True)] == LONG
    for job in JOBS:
        run_job(job, bound)
        run_job(job, bound)
    assert _due(bound) == []
    assert due_jobs(bound, are_long=True) == []


def test_a_job_is_due_again_after_its_interval(bound: Settings, db: PostgresqlDatabase) -> None:
    for job in JOBS:
        run_job(job, bound)
    _age_run(db, "outbox_sweep", 500)
    assert _due(bound) == []
    _age_run(db, "outbox_sweep", 101)
    assert _due(bound) == ["outbox_sweep"]


def test_a_run_in_the_future_puts_nothing_off(bound: Settings, db: PostgresqlDatabase) -> None:
    for job in JOBS:
        run_job(job, bound)
    _age_run(db, "outbox_sweep", -3600)
    assert _due(bound) == ["outbox_sweep"]


def test_a_failed_run_is_recorded_and_tried_again_in_a_minute(bound: Settings, db: PostgresqlDatabase) -> None:
    def fail(settings: Settings) -> str:
        raise ZeroDivisionError("secret value")

    for job in JOBS:
        run_job(job, bound)
    with pytest.raises(ZeroDivisionError):
        run_job(replace(_job("partitions"), run=fail), bound)
    (outcome,) = db.execute_sql("SELECT outcome FROM job_runs WHERE name = 'partitions'").fetchone()
    assert outcome == "failed: ZeroDivisionError"
    assert _due(bound) == []
    _age_run(db, "partitions", 61)
    assert _due(bound) == ["partitions"]


def test_no_two_runs_of_one_job_at_once(bound: Settings, db: PostgresqlDatabase) -> None:
    attempts = []

    def try_again(settings: Settings) -> str:
        with psycopg2.connect(bound.database_url) as other, other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext('bucket'))", (0x6A6F62,))
            attempts.append(cursor.fetchone()[0])
        other.close()
        return "tried"

    run_job(replace(_job(), run=try_again), bound)
    assert attempts == [False]


def test_a_job_that_runs_elsewhere_is_refused(bound: Settings, db: PostgresqlDatabase, ops: Command) -> None:
    db.execute_sql("SELECT pg_advisory_lock(%s, hashtext('bucket'))", (0x6A6F62,))
    with pytest.raises(AlreadyRunning):
        run_job(_job(), bound)
    outcome = ops("jobs", "run", "bucket")
    assert (outcome.code, outcome.err) == (1, "chatapp: The job bucket is running in another process.\n")


def test_by_hand(ops: Command, ops_process: Command) -> None:
    assert [line.split()[0] for line in ops("jobs", "list").out.splitlines()] == NAMES
    assert ops_process("jobs", "run", "outbox_sweep").out.splitlines()[-1] == "outbox_sweep: 0 rows deleted"
    assert "0 rows deleted" in ops("jobs", "list").out


def test_an_unknown_job_is_one_clear_sentence(ops: Command) -> None:
    outcome = ops("jobs", "run", "nothing")
    assert outcome.code == 1
    assert outcome.err == f"chatapp: There is no job 'nothing'; there are {', '.join(NAMES)}.\n"


def test_without_postgres_it_is_one_clear_sentence(ops: Command) -> None:
    outcome = ops("jobs", "list", DATABASE_URL="postgresql://x@127.0.0.1:1/x")
    assert (outcome.code, outcome.err) == (1, "chatapp: Failed: database_unavailable.\n")


def test_the_bucket_job_says_when_s3_is_away(settings: Settings, bound: Settings) -> None:
    from chatapp.ops import runtime

    away = replace(settings, s3_endpoint="http://127.0.0.1:1")
    runtime.build(away)
    with pytest.raises(Unavailable):
        run_job(JOBS_BY_NAME["bucket"], away)
