"""Up to the frontier, the outbox is complete, whatever the order in which transactions commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
import pytest

from chatapp.outbox.frontier import Frontier
from tests.database import Database

WRITE = "INSERT INTO outbox (events) VALUES ('[]') RETURNING id"
NEXT_ID = "SELECT nextval('outbox_id_seq')"


@pytest.fixture
def frontier(core: Database) -> Frontier:
    return Frontier()


@contextmanager
def transaction(core: Database) -> Iterator[Any]:
    """A cursor in a transaction that the test ends."""
    with closing(psycopg2.connect(core.url)) as connection, connection.cursor() as cursor:
        yield cursor


def written(core: Database) -> int:
    """Commit a row; returns its id."""
    with transaction(core) as cursor:
        cursor.execute(WRITE)
        cursor.connection.commit()
        return int(cursor.fetchone()[0])


def test_an_empty_outbox_is_complete(frontier: Frontier) -> None:
    assert frontier.advance() == 0


def test_it_moves_to_the_last_committed_row(core: Database, frontier: Frontier) -> None:
    assert [written(core), frontier.advance()] == [1, 1]
    assert [written(core), frontier.advance()] == [2, 2]


@pytest.mark.parametrize("ends", ["commit", "rollback"])
def test_it_waits_for_a_lower_id(core: Database, frontier: Frontier, ends: str) -> None:
    assert [written(core), frontier.advance()] == [1, 1]
    with transaction(core) as late:
        late.execute(WRITE)
        assert [written(core), frontier.advance()] == [3, 1]
        getattr(late.connection, ends)()
        assert frontier.advance() == 3


def test_it_waits_for_an_id_that_was_drawn_before_anything_was_written(core: Database, frontier: Frontier) -> None:
    """Such a transaction has no transaction id yet, so no snapshot counts it as running."""
    with transaction(core) as late:
        late.execute(NEXT_ID)
        (drawn,) = late.fetchone()
        assert written(core) > drawn
        assert frontier.advance() < drawn
        late.execute("INSERT INTO outbox (id, events) OVERRIDING SYSTEM VALUE VALUES (%s, '[]')", (drawn,))
        assert frontier.advance() < drawn
        late.connection.commit()
        assert frontier.advance() > drawn


def test_it_passes_what_was_written_while_a_writer_is_slow(core: Database, frontier: Frontier) -> None:
    """A later writer does not hold up the rows before it."""
    first = written(core)
    with transaction(core) as slow:
        slow.execute(WRITE)
        frontier.advance()
        with transaction(core) as slower:
            slower.execute(WRITE)
            slow.connection.commit()
            assert frontier.advance() == first + 1


def test_transactions_that_write_no_outbox_row_do_not_hold_it_up(core: Database, frontier: Frontier) -> None:
    with core.holding("UPDATE cluster_epoch SET epoch = epoch"), core.holding("SELECT last_value FROM outbox_id_seq"):
        assert frontier.advance() == 0
        assert [written(core), frontier.advance()] == [1, 1]


def test_writers_in_other_databases_do_not_hold_it_up(core: Database, database: Database, frontier: Frontier) -> None:
    with database.holding(NEXT_ID):
        assert [written(core), frontier.advance()] == [1, 1]
