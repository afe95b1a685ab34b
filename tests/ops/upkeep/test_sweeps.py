"""Sweeps delete what is old, all of it, and nothing else."""

from __future__ import annotations

import pytest
from peewee import PostgresqlDatabase

from chatapp.ops.upkeep import sweeps
from chatapp.ops.upkeep.jobs import JOBS_BY_NAME, run_job
from config import Settings

HOURS = "now() - make_interval(hours => {0})"
ROWS = {
    # job: how to make a row that is so many hours old, the age that stays, the age that goes
    "outbox_sweep": (
        f"INSERT INTO outbox (events, created_at) SELECT '[]', {HOURS}",
        0,
        2,
        "outbox",
    ),
    "idempotency_keys_sweep": (
        "INSERT INTO client_keys SELECT n, 'key{0}', '', 1, 1, " + HOURS,
        7 * 24 - 1,
        7 * 24 + 1,
        "client_keys",
    ),
    "tickets_sweep": ("INSERT INTO used_tickets SELECT n || '-{0}', " + HOURS, 0, 1, "used_tickets"),
    "token_families_sweep": (
        "INSERT INTO token_families (id, user_id, refresh_hash, expires_at)"
        " SELECT gen_random_uuid(), (SELECT id FROM users LIMIT 1), '', " + HOURS,
        7 * 24 - 1,
        7 * 24 + 1,
        "token_families",
    ),
}
OLD = 25


@pytest.mark.parametrize("name", ROWS)
def test_the_old_goes_and_the_rest_stays(
    name: str, bound: Settings, db: PostgresqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "BATCH", 10)
    statement, stays, goes, table = ROWS[name]
    db.execute_sql("INSERT INTO users (subject, username) VALUES ('1', 'user')")
    db.execute_sql(statement.format(goes) + f" FROM generate_series(1, {OLD}) n")
    db.execute_sql(statement.format(stays) + " FROM generate_series(1, 3) n")
    db.execute_sql("UPDATE outbox_consumers SET position = (SELECT coalesce(max(id), 0) FROM outbox)")

    assert run_job(JOBS_BY_NAME[name], bound) == f"{OLD} rows deleted"
    assert db.execute_sql(f"SELECT count(*) FROM {table}").fetchone()[0] == 3
    assert run_job(JOBS_BY_NAME[name], bound) == "0 rows deleted"


def test_what_was_not_handled_is_never_swept(bound: Settings, db: PostgresqlDatabase) -> None:
    db.execute_sql("INSERT INTO outbox (events, created_at) VALUES ('[]', now() - interval '9 days')")
    run_job(JOBS_BY_NAME["outbox_sweep"], bound)
    assert db.execute_sql("SELECT count(*) FROM outbox").fetchone()[0] == 1


def test_records_of_what_is_published_are_swept_when_they_are_passed(bound: Settings, db: PostgresqlDatabase) -> None:
    db.execute_sql("INSERT INTO outbox_published SELECT n, ARRAY[n] FROM generate_series(1, 9) n")
    db.execute_sql("UPDATE outbox_consumers SET position = CASE name WHEN 'relay' THEN 7 ELSE 8 END")
    run_job(JOBS_BY_NAME["outbox_sweep"], bound)
    assert db.execute_sql("SELECT array_agg(last_id) FROM outbox_published").fetchone()[0] == [8, 9]
