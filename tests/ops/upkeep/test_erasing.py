"""The command `erasures`, and what `worker` does with erasures that a request has left."""

from __future__ import annotations

import json

from peewee import PostgresqlDatabase

from chatapp.ops.upkeep.erasing import continue_erasures
from config import Settings
from tests.commands import Command

NEW = "INSERT INTO users (id, subject, username) VALUES (7, 'ana', 'ana') RETURNING uuid::text"


def test_a_user_is_erased_and_reported_by_command(ops: Command, ops_process: Command, db: PostgresqlDatabase) -> None:
    uuid = db.execute_sql(NEW).fetchone()[0]
    assert ops("erasures", "show", "7").err == "chatapp: Failed: erasure_not_found.\n"
    erased = ops_process("erasures", "run", uuid)
    report = json.loads(erased.out.splitlines()[-1])  # after the log
    assert (erased.code, report["user_id"], report["state"]) == (0, 7, "redacting")
    assert set(report["erased"].values()) == {0}
    assert json.loads(ops("erasures", "show").out)["requested_at"] == report["requested_at"]
    assert db.execute_sql("SELECT name, erased_at IS NOT NULL FROM users").fetchone() == ("", True)


def test_unknown_users_are_refused_in_one_sentence(ops: Command) -> None:
    for arguments in (("run", "x"), ("show", "8")):
        refused = ops("erasures", *arguments)
        assert (refused.code, refused.err) == (1, "chatapp: Failed: user_not_found.\n")


def test_worker_continues_what_a_request_has_left(bound: Settings, db: PostgresqlDatabase) -> None:
    db.execute_sql(NEW)
    db.execute_sql("INSERT INTO erasures (user_id, content, evidence) VALUES (7, 'remove', 'erase')")
    assert continue_erasures() == 1
    assert continue_erasures() == 0
    assert db.execute_sql("SELECT finished_at IS NOT NULL FROM erasures").fetchone() == (True,)
