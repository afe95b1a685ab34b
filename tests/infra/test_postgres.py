"""What keeps a defect from taking connections away from the pool."""

from __future__ import annotations

import logging
from collections.abc import Callable

import gevent
import pytest
from flask import Flask

from chatapp import create_app
from chatapp.access import access_chat
from chatapp.auth.actor import Actor
from chatapp.errors import ConnectionLost, Unavailable
from chatapp.infra.postgres import NotBorrowed, database_connection, db
from chatapp.infra.prepared_statements import Statement
from chatapp.models import User
from chatapp.ops import runtime
from chatapp.transaction import unit_of_work
from config import load
from tests.database import Database

pytestmark = pytest.mark.usefixtures("core")

STATEMENT = Statement("SELECT 1")
USES: dict[str, Callable[[], object]] = {
    "a text": lambda: db.execute_sql("SELECT 1"),
    "a statement": lambda: db.run(STATEMENT),
    "a model": lambda: User.select().first(),
    "a write": lambda: User.create(subject="x", username="x"),
    "a transaction": lambda: db.atomic().__enter__(),
    "the connection": lambda: db.connection(),
    "an action": lambda: access_chat(Actor(1, "", "", False, None), 1),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_using_the_database_without_a_connection_fails_and_takes_none(use: Callable[[], object]) -> None:
    with pytest.raises(NotBorrowed):
        use()
    assert db.is_closed()
    assert db.use.in_use == 0


def test_a_connection_goes_back_whatever_happens() -> None:
    for error in (ValueError, KeyboardInterrupt, gevent.GreenletExit):
        with pytest.raises(error), unit_of_work():
            assert db.use.in_use == 1
            raise error
        assert db.use.in_use == 0


def test_a_lost_connection_is_told_from_a_server_that_ends_a_statement(core: Database) -> None:
    with pytest.raises(ConnectionLost), database_connection():
        db.execute_sql("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(Unavailable) as ended, unit_of_work():
        db.execute_sql("SET LOCAL statement_timeout = 1")
        db.execute_sql("SELECT pg_sleep(60)")
    assert not isinstance(ended.value, ConnectionLost)


@pytest.fixture
def app(environment: dict[str, str], core: Database) -> Flask:
    """chatapp with two routes that do not give their connection back."""
    app = create_app(load({**environment, "DATABASE_URL": core.url}))

    @app.get("/forgets")
    def forgets() -> str:
        db.connect()
        return "done"

    @app.get("/breaks")
    def breaks() -> str:
        db.connect()
        db.execute_sql("CREATE TABLE half_done (id int)")
        db.atomic().__enter__()
        db.execute_sql("INSERT INTO half_done VALUES (1)")
        raise ValueError

    return app


def test_what_a_request_left_open_is_given_back_and_logged(
    app: Flask, core: Database, caplog: pytest.LogCaptureFixture
) -> None:
    client = app.test_client()
    for path in ("/forgets", "/breaks"):
        caplog.clear()
        client.get(path)
        assert db.use.in_use == 0
        logged = [record for record in caplog.records if "not returned" in record.getMessage()]
        assert [(record.levelno, record.__dict__["holder"]) for record in logged] == [(logging.ERROR, path[1:])]
    with database_connection():
        assert not db.in_transaction()
    assert core.rows("SELECT * FROM half_done") == []
    runtime.close()
