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
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from tests.database import Database
from tests.flows.members.larger_chats import add_larger_chats
from tests.queries.conftest import Crowd

ONE_ROW = {"cluster_epoch", "search_progress"}  # tables that can only be scanned
LARGE = 100  # rows from which a table must not be read whole, even by an index
SEARCHES = {"chatapp.queries.chats._SEARCH"}  # they read all partners of a user, who may be all users
NOT_IMPORTED = "chatapp.files"  # runs in sandboxed processes, without a database
HOT = {  # modules whose statements run with nearly every request
    "chatapp.access",
    "chatapp.actions.group_commit_sql",
    "chatapp.queries.catchup",
    "chatapp.queries.chats",
    "chatapp.queries.messages",
    "chatapp.queries.people",
}

# 3,000 chats of 1,500 users, who are in four chats each.
PAIRS = """
INSERT INTO users (id, subject, username) SELECT n, n, n FROM generate_series(1, 1500) n;
INSERT INTO token_families (id, user_id, refresh_hash, expires_at) SELECT gen_random_uuid(), id, '', now() FROM users;
INSERT INTO chats (id, kind, buyer_id, seller_id, last_seq, last_message_at)
    SELECT n, 'direct', mod(n - 1, 1500) + 1, mod(n + (n - 1) / 1500, 1500) + 1, 3, now() - make_interval(mins => n)
    FROM generate_series(1, 3000) n;
INSERT INTO chat_members (chat_id, user_id, role, last_read_seq, has_unread, active_bucket)
    SELECT c.id, u, role, 1, true, floor(extract(epoch FROM last_message_at) / 300)
    FROM chats c, LATERAL (VALUES (buyer_id, 'buyer'), (seller_id, 'seller')) v (u, role);
"""
# Of the first user, beside the 3,000 chats of two.
LARGER_CHATS, MEMBERS = 300, 1000

# What the last message of each chat has left in other tables.
TRACES = """
INSERT INTO client_keys (sender_id, key, fingerprint, chat_id, message_id)
    SELECT buyer_id, last_message_id, '', id, last_message_id FROM chats;
INSERT INTO read_marks (chat_id, user_id, up_to_seq, message_id) SELECT id, seller_id, 1, last_message_id FROM chats;
INSERT INTO message_changes (message_id, chat_id, version, actor_id, kind)
    SELECT last_message_id, id, last_version, buyer_id, 'edited' FROM chats;
INSERT INTO objects (name, size, state, writable_until) VALUES ('file', 1, 'stored', now());
INSERT INTO attachments (message_id, chat_id, uploader_id, file_name, file_size, object_name, state, file_type,
    content_type, expires_at)
    SELECT last_message_id, id, buyer_id, 'a', 1, 'file', 'ready', 'document', 'text/plain', NULL::timestamptz
    FROM chats
    UNION ALL
    SELECT NULL, NULL, id, 'a', 1, 'file', 'ready', 'document', 'text/plain', now() FROM users;
"""


def test_empty_tables(core: Database) -> None:
    assert_indexes_are_used(core)
    core.change("ANALYZE")
    assert_indexes_are_used(core)


def test_tiny_tables(crowd: Crowd, core: Database) -> None:
    crowd.writes(3, seconds_apart=40)
    write_messages(core, per_chat=1)
    assert_indexes_are_used(core)


def test_large_tables(crowd: Crowd, core: Database) -> None:
    crowd.writes(10_000, seconds_apart=40)
    write_messages(core, per_chat=10)
    assert_indexes_are_used(core)


def test_a_million_messages(core: Database) -> None:
    core.change(PAIRS)
    core.change("ANALYZE")
    assert_indexes_are_used(core)
    write_messages(core, per_chat=334)
    core.change(TRACES)
    core.change("ANALYZE")
    assert_indexes_are_used(core)


def test_many_larger_chats(core: Database) -> None:
    core.change(PAIRS)
    add_larger_chats(core, LARGER_CHATS, members=MEMBERS)
    core.change("ANALYZE")
    assert_indexes_are_used(core)


def test_few_long_chats(crowd: Crowd, core: Database) -> None:
    crowd.writes(50, seconds_apart=40)
    write_messages(core, per_chat=2000)
    assert_indexes_are_used(core)


def write_messages(core: Database, *, per_chat: int) -> None:
    """Fill all chats with messages of the last 40 days, and update the statistics."""
    core.change(
        "INSERT INTO messages (id, retention, chat_id, seq, version, sender_id, message_type, content, created_at)"
        " SELECT (floor(extract(epoch FROM at) * 1000)::bigint - 1704067200000 - c.id) * 4096 + n %% 4096,"
        " 0, c.id, n, n, c.buyer_id, 'text', 'hello', at"
        " FROM generate_series(1, %s::int) n, chats c,"
        " LATERAL (SELECT now() - interval '40 days' * n / %s AS at) sent",
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
        cursor.execute("SELECT relname FROM pg_class WHERE reltuples > %s", (LARGE,))
        large = {name for (name,) in cursor}
        scanned = {
            name: set(scans(explain(cursor, statement), set() if name in SEARCHES else large))
            for name, statement in statements.items()
        }
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


def scans(node: dict[str, Any], large: set[str]) -> Iterator[tuple[str, str]]:
    """Tables that are read by anything but an index scan in its order, and large ones that are read whole."""
    kind, table = node["Node Type"], node.get("Relation Name", "")
    is_whole = kind.startswith("Index") and "Index Cond" not in node and table in large
    if (is_whole or kind in ("Seq Scan", "Bitmap Heap Scan")) and table not in ONE_ROW:
        yield kind, table
    for child in node.get("Plans", []):
        yield from scans(child, large)
