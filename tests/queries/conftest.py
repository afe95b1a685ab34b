"""People with many chats, written past the application."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.auth.actor import Actor
from chatapp.infra.postgres import db
from tests.database import Database
from tests.query_counter import QueryCounter

SCANS = ("chats", "chat_members", "messages_chat")  # tables whose rows grow with history


def rows_read(asked: QueryCounter) -> int:
    """How many rows of growing tables the queries that were just asked touch, by what EXPLAIN counts."""
    return sum(_rows(db.execute_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)) for sql, values in asked.queries)


def _rows(cursor: Any) -> int:
    (((plan,),),) = cursor.fetchall()
    return _rows_of(plan["Plan"])


def _rows_of(node: dict[str, Any]) -> int:
    below = sum(_rows_of(child) for child in node.get("Plans", []))
    if not node.get("Relation Name", "").startswith(SCANS):
        return below
    seen = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return below + round(seen * node["Actual Loops"])


@pytest.fixture
def crowd(core: Database, actors: list[Actor]) -> Crowd:
    """Alice, and how to give her chats."""
    return Crowd(core, actors[0])


class Crowd:
    """A person with many chats.

    Attributes:
        actor: the person.
    """

    def __init__(self, core: Database, actor: Actor) -> None:
        self._database = core
        self.actor = actor

    def writes(self, count: int, seconds_apart: float) -> None:
        """So many others each begin a chat, one after the other, the last one a minute ago."""
        self._database.change(
            "WITH others AS (INSERT INTO users (subject, username) SELECT s, s FROM (SELECT 'other ' || n AS s"
            " FROM generate_series(1, %s) n) names RETURNING id),"
            " numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM others)"
            " INSERT INTO chats (id, kind, buyer_id, seller_id, last_seq, created_at, last_message_at)"
            " SELECT n, 'direct', id, %s, 3, now() - interval '1 year',"
            " now() - make_interval(secs => 60 + %s * n) FROM numbered",
            count,
            self.actor.id,
            seconds_apart,
        )
        self._database.change(
            "INSERT INTO chat_members (chat_id, user_id, role, last_read_seq, has_unread, active_bucket)"
            " SELECT c.id, u, role, 1, true, floor(extract(epoch FROM last_message_at) / 300)"
            " FROM chats c, LATERAL (VALUES (buyer_id, 'buyer'), (seller_id, 'seller')) v (u, role)"
        )
        self._database.change("ANALYZE")

    def change(self, sql: str, *values: Any) -> None:
        """Change something past the application."""
        self._database.change(sql, *values)

    def expected(self, conditions: str, order: str) -> list[int]:
        """Ids of chats in an order that Postgres makes of all of them."""
        rows = self._database.rows(
            "SELECT c.id FROM chats c JOIN chat_members me ON me.chat_id = c.id"
            f" WHERE me.user_id = %s AND {conditions} ORDER BY {order}",
            self.actor.id,
        )
        return [row[0] for row in rows]
