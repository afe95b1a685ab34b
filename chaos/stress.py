"""`python -m chaos.stress`: two processes write to the same chats at once; then all rows are checked."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from bench.environment import ROOT, SETTINGS
from chaos import pooled
from chaos.pgbouncer import PgBouncer
from chaos.processes import migrate
from chatapp.events.encoding import from_json
from chatapp.events.types import MessageSent
from chatapp.ids.snowflake import EPOCH_MS, SEQUENCE_BITS
from deploy.embedded import EmbeddedServers, StartError

CHATS = 8
MARGIN_MS = 20  # a message's time may be ahead of the clock where many are sent in one millisecond

_MAKE = """
INSERT INTO users (id, subject, username) SELECT n, n, n FROM generate_series(1, %(chats)s + 1) n;
INSERT INTO chats (kind, buyer_id, seller_id) SELECT 'direct', n, n + 1 FROM generate_series(1, %(chats)s) n;
INSERT INTO chat_members (chat_id, user_id, role) SELECT id, buyer_id, 'buyer' FROM chats
    UNION ALL SELECT id, seller_id, 'seller' FROM chats;
"""

# Invariants, each with a query of the rows that violate it.
INVARIANTS = {
    "seq counts the messages of a chat without a gap": """
        SELECT c.id, c.last_seq FROM chats c LEFT JOIN messages m ON m.chat_id = c.id GROUP BY c.id
        HAVING (count(m.id), count(DISTINCT seq), coalesce(max(seq), 0)) <> (last_seq, last_seq, last_seq)""",
    "version counts the changes of a chat without a gap": """
        SELECT c.id, c.last_version FROM chats c LEFT JOIN (
            SELECT chat_id, version FROM messages UNION ALL SELECT chat_id, version FROM message_changes
        ) v ON v.chat_id = c.id GROUP BY c.id
        HAVING (count(version), count(DISTINCT version), coalesce(max(version), 0))
            <> (last_version, last_version, last_version)""",
    "ids rise with seq": """
        SELECT * FROM (
            SELECT chat_id, seq, id, lag(id) OVER (PARTITION BY chat_id ORDER BY seq) AS before FROM messages
        ) m WHERE id <= before""",
    "the head of a chat is its newest message": """
        SELECT c.id FROM chats c JOIN messages m ON m.chat_id = c.id AND m.seq = c.last_seq
        WHERE (c.last_message_id, c.last_message_sender_id) <> (m.id, m.sender_id)
            OR c.first_message_id <> (SELECT min(id) FROM messages WHERE chat_id = c.id)""",
    "senders have read up to their own messages": """
        SELECT m.chat_id, user_id FROM chat_members m WHERE last_read_seq
            < (SELECT max(seq) FROM messages WHERE chat_id = m.chat_id AND sender_id = m.user_id)""",
    "a member with unread messages has the flag": """
        SELECT chat_id, user_id FROM chat_members m JOIN chats c ON c.id = chat_id
        WHERE NOT has_unread AND last_seq > greatest(last_read_seq, cleared_seq, joined_seq)""",
    "a key has one message": """
        SELECT sender_id, client_key FROM messages WHERE client_key IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 1
        UNION ALL
        SELECT m.sender_id, m.client_key FROM messages m JOIN chats c ON c.id = m.chat_id LEFT JOIN client_keys k
            ON (k.sender_id, k.key, k.message_id) = (m.sender_id, m.client_key, m.id)
        WHERE m.client_key IS NOT NULL AND k.key IS NULL""",
}


@dataclass
class Acknowledged:
    """What was acknowledged, by all processes: as in `stress_writer.Writer`."""

    acks: list[tuple[int, str, int, int, int]]
    blocks: list[tuple[int, int, int]]
    refusals: Counter[str]


def write(environment: Mapping[str, str], *, sends: int, two_trips: Sequence[bool] = (False, False)) -> Acknowledged:
    """Fill an empty database, and let one process for each value of `two_trips` write to it.

    Parameters:
        environment: that of chatapp; `DATABASE_URL` is the database.
        sends: number over all processes.
        two_trips: whether a process stores messages as the release before.

    Raises:
        CalledProcessError: a process failed.
    """
    with closing(psycopg2.connect(environment["DATABASE_URL"])) as connection, connection:
        cursor = connection.cursor()
        cursor.execute(_MAKE, {"chats": CHATS})
        cursor.execute("SELECT id, buyer_id, seller_id FROM chats ORDER BY id")
        chats = cursor.fetchall()
    command = [sys.executable, "-m", "chaos.stress_writer"]
    processes = []
    for number, is_older in enumerate(two_trips):
        plan = {
            "number": number,
            "sends": sends // len(two_trips),
            "chats": chats,
            "doomed": chats[0][:2] if number == 0 else None,
            "two_trips": is_older,
        }
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(plan))
        process.stdin.close()
        processes.append(process)
    acknowledged = Acknowledged([], [], Counter())
    for process in processes:
        assert process.stdout is not None
        printed = process.stdout.read()
        if process.wait():
            raise subprocess.CalledProcessError(process.returncode, command)
        found = json.loads(printed)
        acknowledged.acks += map(tuple, found["acks"])
        acknowledged.blocks += map(tuple, found["blocks"])
        acknowledged.refusals.update(found["refusals"])
    return acknowledged


def violations(database_url: str, acknowledged: Acknowledged) -> list[str]:
    """Everything in the database that contradicts an invariant, or what was acknowledged."""
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        # Behind PgBouncer the role has the settings of requests: time-outs, and no sequential scans.
        cursor.execute("SET statement_timeout = 0; SET enable_seqscan = on")

        def rows(sql: str) -> list[tuple[Any, ...]]:
            cursor.execute(sql)
            return cursor.fetchall()

        found = [f"{name}: {row}" for name, sql in INVARIANTS.items() for row in rows(sql)]
        stored = {id: (chat_id, seq) for id, chat_id, seq in rows("SELECT id, chat_id, seq FROM messages")}
        chats = {id for (id,) in rows("SELECT id FROM chats")}
        events = [event for (row,) in rows("SELECT events FROM outbox") for event in from_json(row)]
    sent = Counter(event.message.id for event in events if isinstance(event, MessageSent))
    found += [f"a message has one event: {id} has {sent[id]}" for id in stored if sent[id] != 1]
    by_key: dict[tuple[int, str], set[int]] = defaultdict(set)
    for sender, key, chat_id, id, seq in acknowledged.acks:
        by_key[sender, key].add(id)
        if chat_id in chats and stored.get(id) != (chat_id, seq):
            found.append(f"an acknowledged message is stored: {id}")
    found += [f"a key is acknowledged as one message: {key} as {ids}" for key, ids in by_key.items() if len(ids) > 1]
    for chat_id, begin, end in acknowledged.blocks:
        for id, (of_chat, seq) in stored.items():
            if of_chat == chat_id and begin + MARGIN_MS < (id >> SEQUENCE_BITS) + EPOCH_MS < end - MARGIN_MS:
                found.append(f"nothing is stored behind a block: seq {seq} of chat {chat_id}")
    return found


def main() -> int:
    """Run it on a PostgreSQL of its own; exit code 1 if there were violations, or the smoke test failed."""
    parser = argparse.ArgumentParser(prog="python -m chaos.stress", description=__doc__)
    parser.add_argument("--sends", type=int, default=50_000, help="number over both processes; default: 50000")
    parser.add_argument("--two-trips", action="store_true", help="one process stores as the release before")
    parser.add_argument(
        "--pgbouncer", action="store_true", help="through PgBouncer in transaction mode; then also tests/smoke.sh"
    )
    options = parser.parse_args()
    try:
        with ExitStack() as stack:
            return _run(stack, options)
    except StartError as error:
        sys.exit(f"chaos.stress: {error}")


def _run(stack: ExitStack, options: argparse.Namespace) -> int:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chatapp-stress-")))
    servers = stack.enter_context(EmbeddedServers(folder))
    environment = {**servers.services.environment(), **SETTINGS}
    url = environment["DATABASE_URL"]
    bouncer = stack.enter_context(PgBouncer(folder / "pgbouncer", url, pooled.MODE)) if options.pgbouncer else None
    if bouncer is not None:
        environment |= pooled.settings(bouncer, url)
    migrate(environment)
    acknowledged = write(environment, sends=options.sends, two_trips=(False, options.two_trips))
    found = violations(url, acknowledged)
    acks, blocks = len(acknowledged.acks), len(acknowledged.blocks)
    print(f"{acks} acknowledged, {blocks} blocks, refused: {dict(acknowledged.refusals)}")
    print("\n".join(found[:50]) or "no violation")
    if bouncer is None:
        return int(bool(found))
    smoke = pooled.smoke_test({**environment, **pooled.settings(bouncer, _new_database(url, "smoke"))}, folder)
    print(f"smoke test: {(smoke.stdout + smoke.stderr).splitlines()[-1]}")
    return int(bool(found) or smoke.returncode != 0)


def _new_database(server_url: str, name: str) -> str:
    with closing(psycopg2.connect(server_url)) as connection:
        connection.autocommit = True
        connection.cursor().execute(f"CREATE DATABASE {name}")
    return f"{server_url.rpartition('/')[0]}/{name}"


if __name__ == "__main__":
    sys.exit(main())
