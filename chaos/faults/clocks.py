"""F12 and shows 4 and 5: clocks that are wrong, transactions that hang, long absences, and one who does not read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2

from chaos.cluster import Cluster
from chaos.faults.clients import CLOSED_WITHIN, DIALECTS, SLOW_CODES, await_closed, begin_chat, post
from chaos.load.poller import Walker
from chaos.machine import faketime_library
from chaos.scenario import Scene

SKIPPED = "skipped: needs Debian's libfaketime"
_READER, _WRITER, _BUSY_WRITER = 800_001, 800_002, 810_001
CHATS, MESSAGES = 50, 2000  # of the long absence: 100,000 in all


def shift_clocks(scene: Scene) -> None:
    """F12: one web server a minute behind, ahead, an hour ahead; the database an hour behind, and each back again."""
    if faketime_library() is None:
        scene.report.numbers["clocks"] = SKIPPED
        return
    for _ in range(scene.rounds):
        for whose, offset in (("web-0", "-61s"), ("web-0", "+61s"), ("web-0", "+3600s"), ("database", "-3600s")):
            scene.cluster.set_clock(whose, offset)
            time.sleep(scene.seconds / 4)
            scene.cluster.set_clock(whose, "+0s")
            scene.await_normal(time.time(), most=5.0)


def late_commit(scene: Scene) -> None:
    """Shows 5: a transaction hangs while cursors are given out past it, and clocks go back; nothing is skipped.

    The reader has another chat, too, which goes on over both workers: it may neither wait for the transaction nor move
    cursors past it.
    """
    cluster = scene.cluster
    chat, busy = begin_chat(cluster, _WRITER, _READER), begin_chat(cluster, _BUSY_WRITER, _READER)
    walkers = [Walker(cluster.webs[-1].port, _READER, dialect) for dialect in DIALECTS]
    clocks = faketime_library() is not None
    scene.report.numbers["clocks"] = "set back" if clocks else SKIPPED
    walkers[0].begin(chat, busy)
    walkers[0].start(0.1)
    if clocks:
        cluster.set_clock("database", "-600s")
    with _held_message(cluster, chat) as message:
        sent = _chatter(cluster, busy, scene.seconds / 3)
        walkers[1].begin(chat, busy)
        walkers[1].start(0.1)
        if clocks:
            cluster.set_clock("web-0", "-3600s")
        sent |= _chatter(cluster, busy, scene.seconds * 2 / 3)
        for walker in walkers:
            walker.await_known(busy, sent)
            scene.require(sent <= walker.known[busy], "a transaction that hangs kept others from being told")
            scene.require(message not in walker.known[chat], "a message was told before it was committed")
    for walker in walkers:
        walker.stop()
        scene.require(message in walker.known[chat], "a cursor skipped what committed late")
        scene.require(sent <= walker.known[busy], "a cursor skipped what committed meanwhile")


def _chatter(cluster: Cluster, chat: int, seconds: float) -> set[int]:
    """Messages to a chat over both web servers in turn, for so long; returns their ids."""
    until, sent = time.time() + seconds, set[int]()
    while time.time() < until:
        body = {"chat_id": chat, "content": f"number {len(sent)}"}
        sent.add(post(cluster, _BUSY_WRITER, body, server=len(sent)).json()["data"]["id"])
        time.sleep(0.05)
    return sent


@contextmanager
def _held_message(cluster: Cluster, chat: int) -> Iterator[int]:
    """A message whose transaction commits at the end of the block; nobody is told of it. Gives its id."""
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


def long_absence(scene: Scene) -> None:
    """Shows 5: 100,000 messages in 50 chats came meanwhile; all are there, and no page takes long."""
    cluster, partners = scene.cluster, range(_READER + 1, _READER + 1 + CHATS)
    chats = [begin_chat(cluster, partner, _READER) for partner in partners]
    walkers = [Walker(cluster.webs[0].port, _READER, dialect) for dialect in DIALECTS]
    for walker in walkers:
        walker.begin(chats[0])
    for chat, partner in zip(chats, partners, strict=True):
        _fill(cluster, chat, partner)
    cluster.sql("ANALYZE messages")
    stored = dict(cluster.sql("SELECT chat_id, array_agg(id) FROM messages WHERE chat_id = ANY(%s) GROUP BY 1", chats))
    scene.report.numbers["messages"] = CHATS * MESSAGES
    for walker, dialect in zip(walkers, DIALECTS, strict=True):
        _walk(scene, walker, dialect.name, stored)


def _walk(scene: Scene, walker: Walker, name: str, stored: dict[int, list[int]]) -> None:
    started = time.time()
    walker.catch_up()
    missing = sum(len(set(ids) - walker.known.get(chat, set())) for chat, ids in stored.items()) - (CHATS - 1)
    scene.require(missing == 0, f"{missing} messages were skipped in the {name} dialect")
    ordered = sorted(walker.seconds)
    scene.report.numbers |= {
        f"{name} pages": len(ordered),
        f"{name} page p50 ms": round(ordered[len(ordered) // 2] * 1000, 1),
        f"{name} page p99 ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 1),
        f"{name} complete after s": round(time.time() - started, 1),
    }
    scene.note(f"{name} slowest page s", ordered[-1], most=0.05)


def _fill(cluster: Cluster, chat: int, sender: int) -> None:
    """Messages as months of chat would have left them."""
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


def stalled_reader(scene: Scene) -> None:
    """Shows 4: one of a busy seller's sockets is never read; the others' delays and the memory stay."""
    time.sleep(scene.seconds)
    at = time.time()
    baseline = scene.load.ask("delays", since=at - scene.seconds, until=at)
    rss = scene.cluster.largest_rss()
    ports = set(scene.load.ask("hang", first=0, count=1))
    largest = await_closed(scene, ports)
    scene.note("closed after s", time.time() - at, most=CLOSED_WITHIN)
    time.sleep(max(0.0, at + scene.seconds - time.time()))
    until = time.time()
    scene.note("RSS growth MB", max(largest, scene.cluster.largest_rss()) - rss, most=5.0)
    during = scene.load.ask("delays", since=at, until=until)
    scene.compare("p99", baseline["p99"], during["p99"], most=1.2)
    scene.note_rate(at - scene.seconds, until)
    scene.load.ask("read_again")
    scene.await_normal(until, "the stalled one complete after s")
    closes = scene.load.ask("now")["closes"]
    scene.require(sum(closes.values()) == 1, f"not only the stalled one was closed: {closes}")
    scene.require_only(*SLOW_CODES)
