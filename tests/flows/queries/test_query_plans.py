"""Every prepared statement uses its indexes, whatever the size of its tables when it is planned."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg2

import chatapp
from chatapp.auth.actor import Actor
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from tests.database import Database
from tests.queries.conftest import Crowd

ONE_ROW = {"cluster_epoch"}  # tables that can only be scanned
NOT_IMPORTED = "chatapp.files"  # runs in sandboxed processes, without a database
HOT = {  # modules whose statements run with nearly every request
    "chatapp.access",
    "chatapp.actions.group_commit_sql",
    "chatapp.queries.catchup",
    "chatapp.queries.chats",
    "chatapp.queries.messages",
    "chatapp.queries.people",
}


def test_empty_tables(core: Database) -> None:
    assert_indexes_are_used(core)
    core.change("ANALYZE")
    assert_indexes_are_used(core)


def test_tiny_tables(crowd: Crowd, core: Database) -> None:
    crowd.writes(3, seconds_apart=40)
    write_messages(core, crowd.actor, per_chat=1)
    assert_indexes_are_used(core)


def test_large_tables(crowd: Crowd, core: Database) -> None:
    crowd.writes(10_000, seconds_apart=40)
    write_messages(core, crowd.actor, per_chat=10)
    assert_indexes_are_used(core)


def test_few_long_chats(crowd: Crowd, core: Database) -> None:
    crowd.writes(50, seconds_apart=40)
    write_messages(core, crowd.actor, per_chat=2000)
    assert_indexes_are_used(core)


def write_messages(core: Database, sender: Actor, *, per_chat: int) -> None:
    """Fill all chats with messages of the last 40 days, and update the statistics."""
    core.change(
        "INSERT INTO messages (id, retention, chat_id, seq, version, sender_id, message_type, content, created_at)"
        " SELECT (floor(extract(epoch FROM at) * 1000)::bigint - 1704067200000 - c.id) * 4096 + n %% 4096,"
        " 0, c.id, n, n, %s, 'text', 'hello', at"
        " FROM generate_series(1, %s::int) n, chats c,"
        " LATERAL (SELECT now() - interval '40 days' * n / %s AS at) sent",
        sender.id,
        per_chat,
        per_chat,
    )
    core.change(
        "UPDATE chats SET first_message_id = low, last_message_id = high, last_seq = %s, last_version = %s"
        " FROM (SELECT chat_id, min(id) AS low, max(id) AS high FROM messages GROUP BY chat_id) m WHERE chat_id = id",
        per_chat,
        per_chat,
    )
    core.change("ANALYZE")


def assert_indexes_are_used(core: Database) -> None:
    """Plan every statement of chatapp in a session as chatapp opens it."""
    statements = dict(prepared_statements())
    assert {name.rpartition(".")[0] for name in statements} >= HOT
    with closing(psycopg2.connect(core.url, options=db.sessions.startup)) as connection, connection.cursor() as cursor:
        scanned = {name: set(scans(explain(cursor, statement))) for name, statement in statements.items()}
    assert {name: found for name, found in scanned.items() if found} == {}


def prepared_statements() -> Iterator[tuple[str, Statement]]:
    """All statements at the top level of modules, by their names there."""
    for module in pkgutil.walk_packages(chatapp.__path__, "chatapp."):
        if not module.name.startswith(NOT_IMPORTED) and not module.name.endswith("__main__"):
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, Statement):
                    yield f"{module.name}.{name}", value


def explain(cursor: Any, statement: Statement) -> dict[str, Any]:
    """The generic plan, which no value changes."""
    parameters = set(re.findall(r"\$\d+", statement.definition))
    values = f"({', '.join(['NULL'] * len(parameters))})" if parameters else ""
    cursor.execute(statement.definition)
    cursor.execute(f"EXPLAIN (FORMAT JSON) EXECUTE {statement.name}{values}")
    (((plan,),),) = cursor.fetchall()
    return dict(plan["Plan"])


def scans(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Tables that are read by anything but an index scan in its order."""
    if node["Node Type"] in ("Seq Scan", "Bitmap Heap Scan") and node["Relation Name"] not in ONE_ROW:
        yield node["Node Type"], node["Relation Name"]
    for child in node.get("Plans", []):
        yield from scans(child)
