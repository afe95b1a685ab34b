"""Statements are planned once by each connection, and mean what their text means."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.infra.postgres import database_connection, db
from chatapp.infra.prepared_statements import Batch, BitmapStatement, Statement, kind_of
from chatapp.ops import runtime
from tests.database import Database
from tests.query_counter import QueryCounter

pytestmark = pytest.mark.usefixtures("core")


@pytest.mark.parametrize(("sql", "values", "expected"), [
    ("SELECT 7", None, (7,)),
    ("SELECT %s::int, %s::text", (1, "it's 100 %s"), (1, "it's 100 %s")),
    ("SELECT %(a)s::int, %(b)s::text, %(a)s + 1", {"a": 1, "b": None, "unused": 3}, (1, None, 2)),
    ("SELECT 7 %% 4, %s::text LIKE 'a%%'", ("abc",), (3, True)),
    ("SELECT %s::bigint[], %s::bigint[]", ([1, 2], []), ([1, 2], [])),
])  # fmt: skip
def test_placeholders_are_those_of_the_driver(sql: str, values: Any, expected: tuple[Any, ...]) -> None:
    statement = Statement(sql)
    with database_connection():
        assert db.run(statement, values).fetchone() == db.run(statement, values).fetchone() == expected
        assert db.execute_sql(statement.text, values).fetchone() == expected


def prepared(asked: QueryCounter) -> int:
    return sum(query.msg[0].startswith("PREPARE") for query in asked.get_queries())


def test_a_connection_prepares_once() -> None:
    statement = Statement("SELECT %s::int")
    with QueryCounter() as asked:
        for _ in range(2):
            with database_connection():
                assert [db.run(statement, (n,)).fetchone() for n in range(3)] == [(0,), (1,), (2,)]
    assert prepared(asked) == 1
    runtime.close()
    with QueryCounter() as asked, database_connection():
        assert db.run(statement, (3,)).fetchone() == (3,)
    assert prepared(asked) == 1


def test_what_was_prepared_in_a_transaction_outlives_its_rollback() -> None:
    statement = Statement("SELECT %s::int")
    with database_connection():
        with pytest.raises(ZeroDivisionError), db.atomic():
            assert db.run(statement, (1,)).fetchone() == (1,)
            raise ZeroDivisionError
        assert db.run(statement, (2,)).fetchone() == (2,)


def test_a_table_may_grow_a_column_meanwhile(core: Database) -> None:
    statement = Statement("SELECT found.n FROM (SELECT * FROM grown) found")
    core.change("CREATE TABLE grown AS SELECT 1 AS n")
    with database_connection():
        assert db.run(statement).fetchone() == (1,)
        core.change("ALTER TABLE grown ADD COLUMN text text")
        assert db.run(statement).fetchone() == (1,)


@pytest.mark.parametrize(("sql", "kind"), [
    ("select 1", "select"),
    ("WITH a AS (UPDATE b SET c = 1) INSERT INTO d VALUES (1)", "insert"),
    (Batch("BEGIN", Statement("SELECT 1")).call, "begin"),
    (Batch("BEGIN", Statement("SELECT 1")).text, "begin"),
    (Statement("WITH a AS (SELECT 1) DELETE FROM d").call, "delete"),
    (Batch(Statement("INSERT INTO d VALUES (%s)"), "COMMIT").call, "insert"),
    (Batch(Statement("INSERT INTO d VALUES (%s)"), "COMMIT").text, "insert"),
    (BitmapStatement("SELECT 1").call, "select"),
    ("PREPARE a AS SELECT 1", "other"),
])  # fmt: skip
def test_the_metrics_know_the_kind(sql: str, kind: str) -> None:
    assert kind_of(sql) == kind


WORDS = "SELECT count(*) FROM texts WHERE to_tsvector('simple', body) @@ to_tsquery('simple', 'w7 & w107')"


def test_a_bitmap_statement_uses_a_gin_index_in_an_ordinary_session() -> None:
    with database_connection():
        db.execute_sql(
            "CREATE TEMPORARY TABLE texts AS SELECT 'w' || mod(n, 100) || ' w' || mod(n, 1000) AS body"
            " FROM generate_series(1, 20000) n"
        )
        db.execute_sql("CREATE INDEX texts_words ON texts USING gin (to_tsvector('simple', body))")
        db.execute_sql("ANALYZE texts")
        plan = db.run(BitmapStatement(f"EXPLAIN {WORDS}")).fetchall()
        assert any("Bitmap Index Scan on texts_words" in line for (line,) in plan), plan
        (found,) = db.run(BitmapStatement(WORDS)).fetchone()
        assert found == 20
        assert db.execute_sql("SHOW enable_bitmapscan").fetchone() == ("off",), "afterwards"


def test_a_bitmap_statement_takes_values() -> None:
    with database_connection():
        statement = BitmapStatement("SELECT %(a)s::int, current_setting('enable_bitmapscan')")
        assert db.run(statement, {"a": 5}).fetchone() == (5, "on")


def test_a_bitmap_statement_is_refused_within_a_transaction() -> None:
    """Statements that are planned later in that transaction would use bitmaps until their connection ends."""
    with database_connection(), db.atomic(), pytest.raises(RuntimeError):
        db.run(BitmapStatement("SELECT 1"))


def test_a_bitmap_statement_costs_one_round_trip() -> None:
    with database_connection(), QueryCounter() as asked:
        db.run(BitmapStatement("SELECT 1"))
    assert len(asked.queries) == 1
