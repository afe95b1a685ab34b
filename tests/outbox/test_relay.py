"""The relay publishes what a worker committed but could not publish, within five seconds."""

from __future__ import annotations

import signal
from collections.abc import Callable

from tests.database import Database
from tests.ops.worker.test_process import Start
from tests.people import CHAT, Person
from tests.servers import ChatServer, await_true

NOWHERE = "redis://127.0.0.1:1"


def test_a_message_of_a_worker_that_died_before_telling_it_is_heard_once(
    alice: Person,
    bob: Person,
    environment: dict[str, str],
    database: Database,
    start_server: Callable[..., ChatServer],
    start_worker: Start,
) -> None:
    first = alice.sends("before", to=bob)
    his = bob.connects()
    relay = start_worker(DATABASE_URL=environment["DATABASE_URL"])
    relay.says("leading")
    cut_off = start_server(REDIS_URL=NOWHERE)  # commits, and cannot publish
    body = {"chat_id": first["chat_id"], "content": "in the dark", "client_message_id": "dark"}
    sent = cut_off.post(f"{CHAT}/messages", token=alice.token, json=body).data
    cut_off.stop(signal.SIGKILL)

    frame = his.receives("new_message")
    assert (frame["message"], frame["version"]) == (sent, first["version"] + 1)
    relay.says("relayed")
    # It is published until it is too old to have been missed, then marked; still it is received once.
    waiting = "SELECT count(*) FROM outbox WHERE published_at IS NULL AND events::text LIKE %s"
    await_true(lambda: database.rows(waiting, f"%{sent['id']}%") == [(0,)])
    his.receives_no("new_message", until=his.pings)
    relay.ends(signal.SIGTERM)
