"""Erased data is gone from every table and every Redis key, and is not delivered any more."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import redis
from psycopg2.errors import UndefinedTable
from redis.exceptions import RedisError

from chatapp.ids import public
from chatapp.ops import runtime
from chatapp.outbox import redacting
from config import load
from tests.database import Database
from tests.flows.attachments.words import adds, named
from tests.ops.worker.test_process import Start
from tests.outbox.conftest import export_changes, relay
from tests.people import CHAT, Person
from tests.servers import ChatServer, await_true

NOWHERE = "redis://127.0.0.1:1"
INTERNAL = "/api/v1/internal"
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"


@pytest.fixture
def keys(environment: dict[str, str]) -> Iterator[redis.Redis]:
    """This process stands beside the server, as `worker` does; gives Redis to look with."""
    runtime.build(load(environment))
    export_changes()
    with redis.Redis.from_url(environment["REDIS_URL"]) as client:
        yield client
    runtime.close()


def tables_with(database: Database, canary: str) -> list[str]:
    """The tables in any of whose rows a text is found."""
    holds = """SELECT '{0}' WHERE EXISTS (SELECT FROM "{0}" row WHERE row::text LIKE %(pattern)s)"""
    while True:
        parts = [holds.format(table) for (table,) in database.rows(TABLES)]
        with database.autocommitting() as cursor, suppress(UndefinedTable):  # a rebuild of the search drops its copies
            cursor.execute(" UNION ALL ".join(parts), {"pattern": f"%{canary}%"})
            return sorted(table for (table,) in cursor.fetchall())


def keys_with(keys: redis.Redis, canary: str) -> list[bytes]:
    """The keys in whose name or value a text is found. Pieces of a dump this short are not compressed by Redis."""
    wanted = canary.encode()
    found: Any = keys.scan_iter(count=1000)
    return [key for key in found if wanted in key or wanted in (keys.dump(key) or b"")]


def pending(database: Database, kind: str, subject_id: int) -> int:
    return len(database.rows("SELECT 1 FROM redactions WHERE kind = %s AND subject_id = %s", kind, subject_id))


def test_a_message_taken_back_leaves_no_copy(alice: Person, bob: Person, database: Database, keys: redis.Redis) -> None:
    message = alice.sends("canary-first-text", to=bob)
    alice.edits(message, "canary-second-text")
    export_changes()
    assert "outbox" in tables_with(database, "canary-first-text"), "there is something to remove"
    assert "outbox" in tables_with(database, "canary-second-text")
    assert keys_with(keys, "canary-second-text")
    kept = alice.sends("kept-beside-it", to=bob)
    alice.deletes_message(message)
    redacting.redact()
    export_changes()
    for canary in ("canary-first-text", "canary-second-text"):
        assert (tables_with(database, canary), keys_with(keys, canary)) == ([], [])
    assert "outbox" in tables_with(database, "kept-beside-it")
    assert bob.history(kept["chat_id"])[0]["content"] == "kept-beside-it"
    assert pending(database, "message", message["id"]) == 0


def test_a_chat_removed_for_good_leaves_no_copy(
    alice: Person, bob: Person, database: Database, keys: redis.Redis
) -> None:
    message = alice.sends("canary-of-a-chat", to=bob)
    export_changes()
    assert alice.deletes(f"/{message['chat_id']}").status == 200
    redacting.redact()
    export_changes()
    assert (tables_with(database, "canary-of-a-chat"), keys_with(keys, "canary-of-a-chat")) == ([], [])
    assert pending(database, "chat", message["chat_id"]) == 0


def test_a_file_taken_from_its_message_leaves_no_copy_of_its_name(
    alice: Person, bob: Person, database: Database, keys: redis.Redis
) -> None:
    message = alice.sends("with files", to=bob)
    canary, kept = adds(alice, message, named("canaryfile-of-one.png"), named("keptfile-of-one.png"))
    assert "outbox" in tables_with(database, "canaryfile-of-one")
    assert alice.deletes(f"/attachments/{canary['id']}").status == 200
    redacting.redact()
    assert tables_with(database, "canaryfile-of-one") == []
    assert "outbox" in tables_with(database, "keptfile-of-one")
    assert [file["id"] for file in bob.history(message["chat_id"])[0]["attachments"]] == [kept["id"]]


def test_an_erased_person_leaves_no_copy(
    make_person: Callable[..., Person], bob: Person, server: ChatServer, service_token: str, database: Database,
    environment: dict[str, str], keys: redis.Redis, start_worker: Start,
) -> None:  # fmt: skip
    person = make_person("canaryname")
    message = person.sends("stays with bob", to=bob)
    adds(person, message, named("canaryfile.png"))
    bob.sends("unread by the erased", to=person)
    person.connects().closes()
    names = (person.username, "canaryname", "canaryfile", f"{person.username}@example.com")
    mine = [f"last_seen:{person.uuid}", f"unread:{person.uuid}"]
    mine.append(f"unread:{person.uuid}:{public.encode_chat(message['chat_id'])}")
    start_worker(DATABASE_URL=environment["DATABASE_URL"])
    await_true(lambda: keys.exists(*mine) == 3)
    assert all("outbox" in tables_with(database, name) for name in names[:3])
    assert server.delete(f"{INTERNAL}/users/{person.id}", token=service_token).status == 200

    def left() -> list[Any]:
        return [
            *((name, tables_with(database, name), keys_with(keys, name)) for name in names),
            *(key for key in mine if keys.exists(key)),
        ]

    nothing = [(name, [], []) for name in names]
    await_true(lambda: not keys.exists(*mine))  # the last that goes, and looking through everything takes long
    await_true(lambda: left() == nothing, what=left)
    assert bob.sends("without a recipient", to=None, chat_id=message["chat_id"])
    bob.sends("and to another", to=make_person("later"))
    waiting = "SELECT count(*) FROM outbox, outbox_consumers WHERE name = 'redis_export' AND id > position"
    await_true(lambda: database.rows(waiting) == [(0,)])
    assert left() == nothing, "the export does not write it again"
    database.change("UPDATE redactions SET created_at = created_at - interval '1 minute'")
    await_true(lambda: pending(database, "user", person.id) == 0)


def test_an_undelivered_message_is_delivered_without_its_deleted_text(
    alice: Person, bob: Person, database: Database, keys: redis.Redis, start_server: Callable[..., ChatServer]
) -> None:
    first = alice.sends("before", to=bob)
    his = bob.connects()
    cut_off = start_server(REDIS_URL=NOWHERE)  # commits, and cannot publish
    body = {"chat_id": first["chat_id"], "content": "canary-in-the-dark"}
    sent = cut_off.post(f"{CHAT}/messages", token=alice.token, json=body).data
    assert cut_off.delete(f"{CHAT}/messages/{sent['id']}", token=alice.token).status == 200
    cut_off.stop(signal.SIGKILL)
    database.change("UPDATE outbox SET created_at = created_at - interval '3 seconds'")
    relay()
    assert his.receives("new_message")["message"]["is_deleted"] is True
    assert his.receives("message_deleted")["message_id"] == sent["id"]
    assert "canary-in-the-dark" not in str(his.received)


def test_a_row_that_is_held_is_redacted_later(
    alice: Person, bob: Person, database: Database, keys: redis.Redis
) -> None:
    message = alice.sends("canary-that-is-held", to=bob)
    alice.deletes_message(message)
    with database.holding("SELECT 1 FROM outbox WHERE events LIKE %s FOR UPDATE", "%canary-that-is-held%"):
        redacting.redact()
        assert "outbox" in tables_with(database, "canary-that-is-held")
        assert pending(database, "message", message["id"]) == 1
    redacting.redact()
    assert tables_with(database, "canary-that-is-held") == []
    assert pending(database, "message", message["id"]) == 0


def test_events_of_a_newer_release_stay_as_they_are(
    alice: Person, bob: Person, database: Database, keys: redis.Redis
) -> None:
    message = alice.sends("canary-beside-the-new", to=bob)
    newer = '["message_sealed",{"chat_id":1,"wax":"red"}]'
    database.change(
        "UPDATE outbox SET events = left(events, -1) || %s WHERE events LIKE %s",
        f",{newer}]",
        "%canary-beside-the-new%",
    )
    alice.deletes_message(message)
    redacting.redact()
    assert tables_with(database, "canary-beside-the-new") == []
    assert database.rows("SELECT 1 FROM outbox WHERE events LIKE %s", f"%{newer}%")


def test_without_redis_texts_go_all_the_same_and_people_wait(
    alice: Person, bob: Person, carol: Person, server: ChatServer, service_token: str, database: Database,
    environment: dict[str, str], keys: redis.Redis,
) -> None:  # fmt: skip
    message = alice.sends("canary-without-redis", to=bob)
    alice.deletes_message(message)
    server.delete(f"{INTERNAL}/users/{carol.id}", token=service_token)
    runtime.build(load({**environment, "REDIS_URL": NOWHERE}))
    with pytest.raises(RedisError):
        redacting.redact()
    assert tables_with(database, "canary-without-redis") == []
    assert (pending(database, "message", message["id"]), pending(database, "user", carol.id)) == (0, 1)
    runtime.build(load(environment))
    database.change("UPDATE redactions SET created_at = created_at - interval '1 minute'")
    redacting.redact()
    assert pending(database, "user", carol.id) == 0
