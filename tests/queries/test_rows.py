"""Rows by name: the SELECT list and the fields of a row are the same."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from chatapp.events.snapshots import Person
from chatapp.infra.postgres import database_connection, db
from chatapp.queries import rows
from tests.database import Database


class Pair(NamedTuple):
    number: int
    text: str


def test_columns_come_in_the_order_of_the_fields(core: Database) -> None:
    columns = {"text": "'a'", "number": "1 + 1", "unused": "3"}
    with database_connection():
        found = db.execute_sql(f"SELECT {rows.select_list(Pair, columns)}")
    assert rows.named(Pair, found) == [Pair(number=2, text="a")]


def test_a_field_without_a_column_is_an_error() -> None:
    with pytest.raises(KeyError, match="text"):
        rows.select_list(Pair, {"number": "1"})


def test_a_person_is_read_from_a_row_of_users(core: Database) -> None:
    core.change("INSERT INTO users (subject, username, name) VALUES ('s', 'alice', 'Alice')")
    with database_connection():
        (row,) = db.execute_sql(f"SELECT {rows.person_list('u')} FROM users u")
        cursor = db.execute_sql("SELECT id, uuid::text FROM users")
        id, uuid = cursor.fetchone()
    assert Person(*row) == Person(id, uuid, "alice", "Alice", None)
    assert rows.person_columns("u", "sender")["sender_uuid"] == "u.uuid::text"
