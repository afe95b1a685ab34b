"""Monthly partitions: made ahead, one unbroken row, without stopping anybody."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from peewee import OperationalError, PostgresqlDatabase

from chatapp.ids.snowflake import first_id_at
from chatapp.ops.migration import partitions
from chatapp.ops.migration.partitions import TABLES, drop_parts, make_partitions, old_session_parts
from config import Settings
from tests.servers import await_true

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
    assert [name.replace("message_changes", "messages") for name in made[5:10]] == made[:5]
    assert [name.replace("message_search", "messages_chat") for name in made[10:15]] == made[:5]
    assert [name.replace("message_changes_session", "messages_chat") for name in made[15:20]] == made[:5]
    assert [name.replace("messages_session", "messages_chat") for name in made[20:]] == made[:5]
    _assert_unbroken(db)


def test_a_second_run_makes_nothing(db: PostgresqlDatabase) -> None:
    make_partitions(db, months_ahead=3, now=FIRST)
    assert make_partitions(db, months_ahead=3, now=FIRST) == []


def test_a_table_that_was_added_later_has_the_months_of_messages(db: PostgresqlDatabase) -> None:
    make_partitions(db, months_ahead=1, now=FIRST)
    for part in _parts(db, "message_search"):
        db.execute_sql(f"DROP TABLE {part}")
    made = make_partitions(db, months_ahead=1, now=FIRST + dt.timedelta(days=60))
    assert [name for name in made if name.startswith("message_search")] == [
        "message_search_before",
        *(f"message_search_{month}" for month in ("2026_11", "2026_12", "2027_01", "2027_02")),
    ]
    _assert_unbroken(db)


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
    assert len(make_partitions(db, months_ahead=1, now=FIRST + dt.timedelta(days=9000))) == 3 * len(TABLES)
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
    assert len(made) == len(set(made)) == 5 * len(TABLES)
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


LATER = FIRST + dt.timedelta(days=70)  # when two months are over
OLD = ["message_changes_session", "messages_session"]
OLD_PARTS = [f"{prefix}_{month}" for prefix in OLD for month in ("before", "2026_11", "2026_12")]
_WAITING = "SELECT query FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'DETACH PARTITION'"


def _insert_of_session(db: PostgresqlDatabase, moment: dt.datetime) -> None:
    db.execute_sql(
        "INSERT INTO messages (id, retention, chat_id, seq, version, content, created_at)"
        " VALUES (%s, 1, 1, 1, 1, 'x', now())",
        (first_id_at(moment) + 1,),
    )


@contextmanager
def _using(settings: Settings) -> Iterator[PostgresqlDatabase]:
    """A connection in a transaction that has read the messages of all sessions, such as a dump."""
    other = PostgresqlDatabase(settings.database_url)
    with other.connection_context(), other.atomic():
        other.execute_sql("SELECT count(*) FROM messages WHERE retention = 1")
        yield other


def _drop(settings: Settings) -> None:
    other = PostgresqlDatabase(settings.database_url)
    with other.connection_context():
        drop_parts(other, old_session_parts(other, LATER))


def _is_waiting(db: PostgresqlDatabase) -> Callable[[], bool]:
    return lambda: bool(db.execute_sql(_WAITING).fetchall())


def test_old_partitions_of_sessions_are_dropped(db: PostgresqlDatabase) -> None:
    make_partitions(db, months_ahead=3, now=FIRST)
    _insert_of_session(db, FIRST)
    _insert_of_session(db, LATER)
    assert old_session_parts(db, LATER) == OLD_PARTS
    drop_parts(db, OLD_PARTS)
    assert old_session_parts(db, LATER) == []
    drop_parts(db, [])
    assert db.execute_sql("SELECT count(*) FROM messages WHERE retention = 1").fetchone() == (1,)
    assert "messages_chat_2026_11" in _parts(db, "messages_chat_class")


def test_senders_and_readers_do_not_wait_for_a_drop_that_waits(db: PostgresqlDatabase, settings: Settings) -> None:
    make_partitions(db, months_ahead=3, now=FIRST)
    with ThreadPoolExecutor(1) as pool:
        with _using(settings):
            dropping = pool.submit(_drop, settings)
            await_true(_is_waiting(db))
            db.execute_sql("SET statement_timeout = '60s'")
            _insert_of_session(db, LATER)
            assert db.execute_sql("SELECT count(*) FROM messages").fetchone() == (1,)
            assert not dropping.done()
        dropping.result()
    assert old_session_parts(db, LATER) == []


def test_an_interrupted_drop_is_continued(
    db: PostgresqlDatabase, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_partitions(db, months_ahead=3, now=FIRST)
    monkeypatch.setattr(partitions, "DETACH_TIMEOUT_MS", 50)
    with _using(settings), pytest.raises(OperationalError):
        _drop(settings)
    assert db.execute_sql("SELECT count(*) FROM pg_inherits WHERE inhdetachpending").fetchone() == (1,)
    assert sorted(old_session_parts(db, LATER)) == sorted(OLD_PARTS)
    _drop(settings)
    assert old_session_parts(db, LATER) == []
    assert db.execute_sql("SELECT count(*) FROM pg_inherits WHERE inhdetachpending").fetchone() == (0,)


def test_what_was_detached_and_not_dropped_is_dropped_later(db: PostgresqlDatabase) -> None:
    make_partitions(db, months_ahead=3, now=FIRST)
    db.execute_sql("ALTER TABLE messages_session_class DETACH PARTITION messages_session_2026_11")
    assert set(old_session_parts(db, LATER)) == set(OLD_PARTS)
    drop_parts(db, old_session_parts(db, LATER))
    assert db.execute_sql("SELECT to_regclass('messages_session_2026_11')").fetchone() == (None,)
