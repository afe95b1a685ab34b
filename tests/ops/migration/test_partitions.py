"""Monthly partitions: made ahead, one unbroken row, without stopping anybody."""

from __future__ import annotations

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from peewee import OperationalError, PostgresqlDatabase

from chatapp.ids.snowflake import first_id_at
from chatapp.ops.migration import partitions
from chatapp.ops.migration.partitions import TABLES, make_partitions
from config import Settings

FIRST = dt.datetime(2026, 11, 20, 15, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def without_partitions(db: PostgresqlDatabase) -> None:
    """As before the first migration's run of the job."""
    for table in TABLES:
        for part in _parts(db, table.name):
            db.execute_sql(f"DROP TABLE {part}")


def _parts(db: PostgresqlDatabase, table: str) -> dict[str, tuple[int | None, int]]:
    rows = db.execute_sql(
        "SELECT oid::regclass::text, pg_get_expr(relpartbound, oid) FROM pg_inherits JOIN pg_class ON oid = inhrelid"
        " WHERE inhparent = %s::regclass",
        (table,),
    ).fetchall()
    return {name: _bounds(text) for name, text in rows}


def _bounds(text: str) -> tuple[int | None, int]:
    low, high = re.fullmatch(r"FOR VALUES FROM \((.+)\) TO \('(\d+)'\)", text).groups()  # type: ignore[union-attr]
    return (None if low == "MINVALUE" else int(low.strip("'"))), int(high)


def _assert_unbroken(db: PostgresqlDatabase) -> None:
    for table in TABLES:
        bounds = sorted(_parts(db, table.name).values(), key=lambda pair: pair[1])
        assert bounds[0][0] is None
        assert [low for low, _ in bounds[1:]] == [high for _, high in bounds[:-1]]


def _insert(db: PostgresqlDatabase, moment: dt.datetime) -> str:
    row = db.execute_sql(
        "INSERT INTO messages (id, chat_id, seq, version, content, created_at) VALUES (%s, 1, 1, 1, 'x', now())"
        " RETURNING tableoid::regclass::text",
        (first_id_at(moment) + 1,),
    ).fetchone()
    return str(row[0])


def test_the_first_run_makes_this_month_those_ahead_and_one_before(db: PostgresqlDatabase) -> None:
    made = make_partitions(db, months_ahead=3, now=FIRST)
    assert made[:5] == [
        "messages_chat_before",
        "messages_chat_2026_11",
        "messages_chat_2026_12",
        "messages_chat_2027_01",
        "messages_chat_2027_02",
    ]
    assert [name.replace("message_changes", "messages") for name in made[5:]] == made[:5]
    _assert_unbroken(db)


def test_a_second_run_makes_nothing(db: PostgresqlDatabase) -> None:
    make_partitions(db, months_ahead=3, now=FIRST)
    assert make_partitions(db, months_ahead=3, now=FIRST) == []


def test_it_moves_with_the_clock_and_makes_up_for_missed_months(db: PostgresqlDatabase) -> None:
    make_partitions(db, months_ahead=1, now=FIRST)
    made = make_partitions(db, months_ahead=1, now=dt.datetime(2027, 4, 30, 23, 59, 59, tzinfo=dt.UTC))
    assert [name for name in made if name.startswith("messages_chat")] == [
        f"messages_chat_2027_0{month}" for month in (1, 2, 3, 4, 5)
    ]
    _assert_unbroken(db)


def test_a_clock_that_went_back_changes_nothing(db: PostgresqlDatabase) -> None:
    make_partitions(db, months_ahead=1, now=FIRST)
    assert make_partitions(db, months_ahead=1, now=FIRST - dt.timedelta(days=400)) == []


def test_a_clock_gone_wild_makes_a_bounded_number(db: PostgresqlDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "MOST_MONTHS", 3)
    make_partitions(db, months_ahead=1, now=FIRST)
    assert len(make_partitions(db, months_ahead=1, now=FIRST + dt.timedelta(days=9000))) == 2 * 3
    _assert_unbroken(db)


def test_messages_land_in_the_month_of_their_id(db: PostgresqlDatabase) -> None:
    make_partitions(db, months_ahead=1, now=FIRST)
    assert _insert(db, dt.datetime(2024, 5, 1, tzinfo=dt.UTC)) == "messages_chat_before"
    assert _insert(db, dt.datetime(2026, 11, 30, 23, 59, 59, tzinfo=dt.UTC)) == "messages_chat_2026_11"
    assert _insert(db, dt.datetime(2026, 12, 1, tzinfo=dt.UTC)) == "messages_chat_2026_12"


def test_by_default_the_databases_clock_counts(db: PostgresqlDatabase) -> None:
    make_partitions(db, months_ahead=0)
    now = db.execute_sql("SELECT now()").fetchone()[0].astimezone(dt.UTC)
    assert _insert(db, now) == f"messages_chat_{now:%Y_%m}"


def test_two_at_once_make_each_partition_once(db: PostgresqlDatabase, settings: Settings) -> None:
    def run(_: int) -> list[str]:
        other = PostgresqlDatabase(settings.database_url)
        with other.connection_context():
            return make_partitions(other, months_ahead=3, now=FIRST)

    with ThreadPoolExecutor(4) as pool:
        made = [name for names in pool.map(run, range(4)) for name in names]
    assert len(made) == len(set(made)) == 10
    _assert_unbroken(db)


def test_writers_and_readers_do_not_wait_for_it(db: PostgresqlDatabase, settings: Settings) -> None:
    make_partitions(db, months_ahead=1, now=FIRST)
    other = PostgresqlDatabase(settings.database_url)
    with other.connection_context(), other.atomic():
        _insert(other, FIRST)
        other.execute_sql("SELECT count(*) FROM messages")
        assert make_partitions(db, months_ahead=2, now=FIRST)


def test_a_lock_that_is_not_to_be_had_is_given_up_soon(
    db: PostgresqlDatabase, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_partitions(db, months_ahead=1, now=FIRST)
    monkeypatch.setattr(partitions, "LOCK_TIMEOUT_MS", 50)
    other = PostgresqlDatabase(settings.database_url)
    with other.connection_context(), other.atomic():
        other.execute_sql("LOCK TABLE messages_chat_class IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(OperationalError):
            make_partitions(db, months_ahead=2, now=FIRST)
    assert make_partitions(db, months_ahead=2, now=FIRST)
