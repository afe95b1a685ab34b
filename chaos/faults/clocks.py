"""F12 and show-5: wrong clocks, transactions that commit late, and long absences."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2

from chaos.cluster import Cluster
from chaos.faults.clients import DIALECTS, begin_chat, post
from chaos.load.poller import Poller
from chaos.machine import faketime_library
from chaos.scenario import Scenario

SKIPPED = "skipped: needs Debian's libfaketime"
_READER, _WRITER, _BUSY_WRITER = 800_001, 800_002, 810_001
CHATS, MESSAGES = 50, 2000  # of the long absence: 100,000 in total


def shift_clocks(scenario: Scenario) -> None:
    """F12: one web server a minute behind, a minute ahead, an hour ahead; the database an hour behind."""
    if faketime_library() is None:
        scenario.report.measurements["clocks"] = SKIPPED
        return
    for _ in range(scenario.rounds):
        for process, offset in (("web-0", "-61s"), ("web-0", "+61s"), ("web-0", "+3600s"), ("database", "-3600s")):
            scenario.cluster.set_clock(process, offset)
            time.sleep(scenario.seconds / 4)
            scenario.cluster.set_clock(process, "+0s")
            scenario.await_normal(time.time(), most=5.0)


def late_commit(scenario: Scenario) -> None:
    """show-5: a transaction stays open while later cursors are issued and clocks go back; nothing is skipped.

    The reader has a second, busy chat on both workers: it must neither wait for the transaction nor move cursors past
    it.
    """
    cluster = scenario.cluster
    chat, busy = begin_chat(cluster, _WRITER, _READER), begin_chat(cluster, _BUSY_WRITER, _READER)
    pollers = [Poller(cluster.webs[-1].port, _READER, dialect) for dialect in DIALECTS]
    clocks = faketime_library() is not None
    scenario.report.measurements["clocks"] = "set back" if clocks else SKIPPED
    pollers[0].take_baseline(chat, busy)
    pollers[0].start(0.1)
    if clocks:
        cluster.set_clock("database", "-600s")
    with _held_message(cluster, chat) as message:
        sent = _chatter(cluster, busy, scenario.seconds / 3)
        pollers[1].take_baseline(chat, busy)
        pollers[1].start(0.1)
        if clocks:
            cluster.set_clock("web-0", "-3600s")
        sent |= _chatter(cluster, busy, scenario.seconds * 2 / 3)
        for poller in pollers:
            poller.await_known(busy, sent)
            scenario.require(sent <= poller.known[busy], "an open transaction delayed other messages")
            scenario.require(message not in poller.known[chat], "a message was visible before its commit")
    for poller in pollers:
        poller.stop()
        scenario.require(message in poller.known[chat], "a cursor skipped the late commit")
        scenario.require(sent <= poller.known[busy], "a cursor skipped a message of the busy chat")


def _chatter(cluster: Cluster, chat: int, seconds: float) -> set[int]:
    """Send messages to a chat over both web servers in turn for some seconds; returns their ids."""
    until, sent = time.time() + seconds, set[int]()
    while time.time() < until:
        body = {"chat_id": chat, "content": f"number {len(sent)}"}
        sent.add(post(cluster, _BUSY_WRITER, body, server=len(sent)).json()["data"]["id"])
        time.sleep(0.05)
    return sent


@contextmanager
def _held_message(cluster: Cluster, chat: int) -> Iterator[int]:
    """Insert a message whose transaction commits at the end of the block; no event is published. Yields its id."""
    with closing(psycopg2.connect(cluster.postgres.url)) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SELECT last_seq + 1, last_version + 1 FROM chats WHERE id = %s FOR NO KEY UPDATE", (chat,))
            seq, version = _one(cursor)
            cursor.execute(
                "INSERT INTO messages (id, chat_id, seq, version, sender_id, content, created_at)"
                " SELECT greatest(make_id(), last_message_id + 4096), id, %s, %s, %s, 'late', now() FROM chats"
                " WHERE id = %s RETURNING id",
                (seq, version, _WRITER, chat),
            )
            (message,) = _one(cursor)
            cursor.execute(
                "UPDATE chats SET last_seq = %s, last_version = %s, last_message_id = %s,"
                " changed_in = transaction_stamp() WHERE id = %s",
                (seq, version, message, chat),
            )
        yield message
        connection.commit()


def _one(cursor: Any) -> tuple[int, ...]:
    found: tuple[int, ...] | None = cursor.fetchone()
    assert found is not None
    return found


def long_absence(scenario: Scenario) -> None:
    """show-5: after 100,000 new messages in 50 chats a catch-up finds all of them, and no page is slow."""
    cluster, partners = scenario.cluster, range(_READER + 1, _READER + 1 + CHATS)
    chats = [begin_chat(cluster, partner, _READER) for partner in partners]
    pollers = [Poller(cluster.webs[0].port, _READER, dialect) for dialect in DIALECTS]
    for poller in pollers:
        poller.take_baseline(chats[0])
    for chat, partner in zip(chats, partners, strict=True):
        _fill(cluster, chat, partner)
    cluster.sql("ANALYZE messages")
    stored = dict(cluster.sql("SELECT chat_id, array_agg(id) FROM messages WHERE chat_id = ANY(%s) GROUP BY 1", chats))
    scenario.report.measurements["messages"] = CHATS * MESSAGES
    for poller, dialect in zip(pollers, DIALECTS, strict=True):
        _measure_catch_up(scenario, poller, dialect.name, stored)


def _measure_catch_up(scenario: Scenario, poller: Poller, name: str, stored: dict[int, list[int]]) -> None:
    started = time.time()
    poller.catch_up()
    missing = sum(len(set(ids) - poller.known.get(chat, set())) for chat, ids in stored.items()) - (CHATS - 1)
    scenario.require(missing == 0, f"{missing} messages were skipped in the {name} dialect")
    ordered = sorted(poller.seconds)
    scenario.report.measurements |= {
        f"{name} pages": len(ordered),
        f"{name} page p50 ms": round(ordered[len(ordered) // 2] * 1000, 1),
        f"{name} page p99 ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 1),
        f"{name} complete after s": round(time.time() - started, 1),
    }
    scenario.record(f"{name} slowest page s", ordered[-1], most=0.05)


def _fill(cluster: Cluster, chat: int, sender: int) -> None:
    """Insert messages directly, as months of use would leave them."""
    cluster.sql(
        """
        WITH head AS (SELECT last_message_id, last_seq, last_version FROM chats WHERE id = %s), written AS (
            INSERT INTO messages (id, chat_id, seq, version, sender_id, content, created_at)
            SELECT last_message_id + (n << 12), %s, last_seq + n, last_version + n, %s, 'number ' || n, now()
            FROM head, generate_series(1, %s) AS n RETURNING id, seq, version
        )
        UPDATE chats SET last_message_id = w.id, last_seq = w.seq, last_version = w.version,
            changed_in = transaction_stamp()
        FROM (SELECT max(id) AS id, max(seq) AS seq, max(version) AS version FROM written) w WHERE chats.id = %s
        """,
        chat,
        chat,
        sender,
        MESSAGES,
        chat,
    )
