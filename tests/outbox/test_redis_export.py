"""The Redis keys for other services match Postgres, also after Redis lost data or was away."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.exceptions import RedisError

from chatapp import presence
from chatapp.ids import public
from chatapp.ops import runtime
from chatapp.outbox import positions, redis_export, redis_export_keys
from chatapp.outbox.redis_export import RedisExport
from config import load
from deploy.embedded import RedisServer
from tests.database import Database
from tests.flows.members.larger_chats import make_larger_chat
from tests.ops.worker.test_process import Start
from tests.outbox.conftest import export_changes
from tests.people import Person
from tests.servers import await_true

WEEK = 7 * 86400
WAITING = "SELECT count(*) FROM outbox, outbox_consumers WHERE name = 'redis_export' AND id > position"


@pytest.fixture
def keys(environment: dict[str, str]) -> Iterator[redis.Redis]:
    """This process runs beside the server, as `worker` does, with the export up to date; returns a Redis client."""
    runtime.build(load(environment))
    export_changes()
    with redis.Redis.from_url(environment["REDIS_URL"], decode_responses=True) as client:
        yield client
    runtime.close()


def unread_key(person: Person, chat_id: int) -> str:
    return f"unread:{person.uuid}:{public.encode_chat(chat_id)}"


def last_message_key(chat_id: int) -> str:
    return f"last_msg:{public.encode_chat(chat_id)}"


def shown(keys: redis.Redis, person: Person) -> dict[str, Any]:
    """The exported keys of a user, in the shape of `true`."""
    total: Any = keys.get(f"unread:{person.uuid}")
    chats = {chat["id"]: keys.get(unread_key(person, chat["id"])) for chat in person.chats(limit=100)}
    return {"total": total, "chats": chats, "last": {id: keys.hgetall(last_message_key(id)) for id in chats}}


def true(person: Person) -> dict[str, Any]:
    """The same, as REST returns it."""
    chats = person.chats(limit=100)
    return {
        "total": str(person.unread()),
        "chats": {chat["id"]: str(chat["unread_count"]) for chat in chats},
        "last": {chat["id"]: last_of(person.history(chat["id"], limit=1)[0], person) for chat in chats},
    }


def last_of(message: dict[str, Any], person: Person) -> dict[str, str]:
    return {
        "id": public.encode_message(message["id"]),
        "sender_id": person.uuid if message["sender_id"] == person.id else _others[message["sender_id"]],
        "content": "" if message["is_deleted"] else message["content"],
        "created_at": message["created_at"],
    }


_others: dict[int, str] = {}


@pytest.fixture
def friends(alice: Person, bob: Person, carol: Person, keys: redis.Redis) -> list[Person]:
    """Three users with a chat between each two."""
    people = [alice, bob, carol]
    _others.update({person.id: person.uuid for person in people})
    alice.sends("hi bob", to=bob)
    bob.sends("hi carol", to=carol)
    carol.sends("hi alice", to=alice)
    export_changes()
    return people


def test_messages_and_reads_are_exported(alice: Person, bob: Person, keys: redis.Redis) -> None:
    first = alice.sends("one", to=bob)
    second = alice.sends("two", to=bob)
    chat_id = first["chat_id"]
    assert export_changes() >= 2
    assert [keys.get(f"unread:{bob.uuid}"), keys.get(unread_key(bob, chat_id))] == ["2", "2"]
    assert [keys.get(f"unread:{alice.uuid}"), keys.get(unread_key(alice, chat_id))] == ["0", "0"]
    assert keys.hgetall(last_message_key(chat_id)) == {
        "id": public.encode_message(second["id"]),
        "sender_id": alice.uuid,
        "content": "two",
        "created_at": second["created_at"],
    }
    bob.reads(first)
    export_changes()
    assert [keys.get(f"unread:{bob.uuid}"), keys.get(unread_key(bob, chat_id))] == ["1", "1"]
    for key in (f"unread:{bob.uuid}", unread_key(bob, chat_id), last_message_key(chat_id)):
        assert WEEK - 60 < int(keys.ttl(key)) <= WEEK


def test_edits_and_deletes_of_the_last_message_are_exported(alice: Person, bob: Person, keys: redis.Redis) -> None:
    sent = alice.sends("secret", to=bob)
    alice.edits(sent, "harmless")
    export_changes()
    assert keys.hget(last_message_key(sent["chat_id"]), "content") == "harmless"
    alice.deletes_message(sent)
    export_changes()
    assert keys.hget(last_message_key(sent["chat_id"]), "content") == ""


def test_keys_of_a_deleted_chat_go(alice: Person, bob: Person, keys: redis.Redis) -> None:
    chat_id = alice.sends("gone soon", to=bob)["chat_id"]
    export_changes()
    assert keys.get(f"unread:{bob.uuid}") == "1"
    assert bob.deletes(f"/{chat_id}").status == 200
    export_changes()
    assert keys.exists(last_message_key(chat_id), unread_key(alice, chat_id), unread_key(bob, chat_id)) == 0
    assert keys.get(f"unread:{bob.uuid}") == "0"


def test_members_of_a_larger_chat_are_exported(
    friends: list[Person], keys: redis.Redis, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_export, "READ_BATCH", 7)
    alice, bob, _ = friends
    chat_id = make_larger_chat(database, [person.id for person in friends], members=20)

    def numbers() -> dict[str, tuple[Any, ...]]:
        return {
            person.username: (keys.get(f"unread:{person.uuid}"), keys.get(unread_key(person, chat_id)))
            for person in friends
        }

    def assert_true(*unread: int) -> None:
        export_changes()
        assert numbers() == {
            person.username: (str(person.unread()), str(count)) for person, count in zip(friends, unread, strict=True)
        }

    first = alice.sends("to all", chat_id=chat_id)
    alice.sends("again", chat_id=chat_id)
    assert_true(0, 2, 2)
    silent = database.rows(
        "SELECT u.uuid::text FROM users u JOIN chat_members ON user_id = u.id WHERE chat_id = %s"
        " AND username LIKE 'silent-%%'",
        chat_id,
    )
    assert [keys.get(f"unread:{uuid}") for (uuid,) in silent] == ["2"] * 17
    assert keys.hget(last_message_key(chat_id), "content") == "again"
    bob.reads(first)
    assert_true(0, 1, 2)
    keys.flushall()
    assert_true(0, 1, 2)
    assert alice.deletes(f"/{chat_id}").status == 200
    export_changes()
    assert numbers() == {person.username: (str(person.unread()), None) for person in friends}
    assert [keys.get(f"unread:{uuid}") for (uuid,) in silent] == ["0"] * 17
    assert keys.exists(last_message_key(chat_id)) == 0


def test_nothing_drifts(friends: list[Person], keys: redis.Redis) -> None:
    dice = random.Random(7)
    sent: list[tuple[Person, dict[str, Any]]] = []
    for number in range(40):
        writer, reader = dice.sample(friends, 2)
        happens = dice.choice(["send", "send", "read", "edit", "delete", "export"])
        if happens == "send":
            sent.append((writer, writer.sends(f"message {number}", to=reader)))
        elif happens == "export":
            export_changes()
        elif sent and happens == "read":
            _, message = dice.choice(sent)
            next(person for person in friends if person.id == message["receiver_id"]).reads(message)
        elif sent and happens == "edit":
            author, message = sent[-1]
            if not message.get("is_deleted"):
                author.edits(message, f"changed {number}")
        elif sent:
            author, message = sent[-1]
            message.update(author.deletes_message(message))
    export_changes()
    for person in friends:
        assert shown(keys, person) == true(person)


def test_a_flush_is_followed_by_a_rebuild(friends: list[Person], keys: redis.Redis, database: Database) -> None:
    old = friends[0].sends("long ago", to=friends[1])["chat_id"]
    export_changes()
    database.change("UPDATE chats SET last_message_at = now() - interval '2 days' WHERE id = %s", old)
    database.change("UPDATE users SET last_seen_at = '2026-01-01T00:00:00Z' WHERE id = %s", friends[2].id)
    keys.flushall()
    export_changes()
    carol = friends[2]
    assert shown(keys, carol) == true(carol)
    assert keys.get(f"last_seen:{carol.uuid}") == "1767225600"
    # Chats without a message for a day are exported with their next message.
    assert keys.exists(last_message_key(old)) == 0
    friends[0].sends("again", to=friends[1])
    export_changes()
    assert all(shown(keys, person) == true(person) for person in friends)


def test_online_users_are_restored_completely(friends: list[Person], keys: redis.Redis, database: Database) -> None:
    bob = friends[1]
    database.change("UPDATE chats SET last_message_at = now() - interval '2 days'")
    keys.flushall()
    export_changes()
    assert keys.get(f"unread:{bob.uuid}") is None
    bob.connects().pings()  # after the answer, the connection is in Redis
    keys.set("mirror", int(keys.time()[0]) - presence.TTL - 1)
    export_changes()
    assert keys.get("mirror") == redis_export_keys.COMPLETE
    assert keys.get(f"unread:{bob.uuid}") == str(bob.unread()) == "1"
    chats = bob.chats(limit=100)
    unread = {chat["id"]: str(chat["unread_count"]) for chat in chats if chat["unread_count"]}
    assert {id: keys.get(unread_key(bob, id)) for id in unread} == unread


def test_rows_wait_while_redis_is_away(
    alice: Person, bob: Person, environment: dict[str, str], tmp_path: Path, keys: redis.Redis
) -> None:
    with RedisServer(tmp_path / "redis") as own:
        runtime.build(load({**environment, "REDIS_URL": own.url}))
        export_changes()
        own.kill()
        chat_id = alice.sends("while it is away", to=bob)["chat_id"]
        with pytest.raises(RedisError):
            export_changes()
        own.start()
        export_changes()
        with redis.Redis.from_url(own.url, decode_responses=True) as client:
            assert client.get(unread_key(bob, chat_id)) == "1"


def test_a_backlog_that_is_too_old_is_replaced_by_a_rebuild(
    friends: list[Person], keys: redis.Redis, database: Database
) -> None:
    alice, bob, _ = friends
    stale = alice.sends("stale", to=bob)["chat_id"]
    export_changes()
    keys.set(unread_key(alice, stale), "99")
    bob.sends("not exported", to=alice)
    alice.sends("not exported", to=bob)
    database.change("UPDATE outbox SET created_at = created_at - interval '2 minutes'")
    database.change("UPDATE chats SET last_message_at = now() - interval '2 days' WHERE id <> %s", stale)
    assert export_changes() == 0
    assert keys.get(unread_key(alice, stale)) == "0"
    assert keys.get("mirror") != redis_export_keys.COMPLETE
    assert shown(keys, bob)["last"][stale]["content"] == "not exported"
    assert database.rows(WAITING) == [(0,)]
    # Keys that were not rebuilt are gone, so no service reads an old one.
    others = [chat["id"] for chat in bob.chats(limit=100) if chat["id"] != stale]
    assert keys.exists(*(last_message_key(id) for id in others)) == 0


def test_a_row_that_another_process_locks_is_exported_once(
    alice: Person, bob: Person, keys: redis.Redis, database: Database
) -> None:
    chat_id = alice.sends("held", to=bob)["chat_id"]
    with database.holding("SELECT 1 FROM outbox FOR UPDATE"):
        assert export_changes() == 1
        assert keys.get(unread_key(bob, chat_id)) == "1"
    assert export_changes() == 0


def test_what_the_release_before_has_exported_is_skipped(
    alice: Person, bob: Person, keys: redis.Redis, database: Database
) -> None:
    alice.sends("by this release", to=bob)
    by_the_release_before = "INSERT INTO outbox (events) SELECT events FROM outbox ORDER BY id DESC LIMIT 1"
    database.change(by_the_release_before)
    assert export_changes() == 2
    database.change(by_the_release_before)
    database.change("UPDATE outbox SET handed_on_at = now() WHERE handed_on_at IS NULL")
    assert export_changes() == 0
    assert database.rows(WAITING) == [(0,)]


def test_a_leader_that_dies_before_its_position_moves_is_succeeded(
    alice: Person, bob: Person, database: Database, keys: redis.Redis, start_worker: Start
) -> None:
    leader, successor = (start_worker(DATABASE_URL=database.url) for _ in range(2))
    await_true(lambda: leader.said("leading") + successor.said("leading") == 1)
    if successor.said("leading"):
        leader, successor = successor, leader
    with database.holding("SELECT 1 FROM outbox_consumers WHERE name = 'redis_export' FOR UPDATE"):
        chat_id = alice.sends("handled, not recorded", to=bob)["chat_id"]
        await_true(lambda: keys.get(unread_key(bob, chat_id)) == "1")
        leader.process.kill()
        leader.process.wait()
        keys.delete(unread_key(bob, chat_id))
    await_true(lambda: keys.get(unread_key(bob, chat_id)) == "1")
    await_true(lambda: database.rows(WAITING) == [(0,)])
    assert successor.said("leading") == 1


def test_the_worker_process_exports(
    alice: Person, bob: Person, environment: dict[str, str], keys: redis.Redis, start_worker: Start
) -> None:
    worker = start_worker(DATABASE_URL=environment["DATABASE_URL"])
    worker.says("leading")
    chat_id = alice.sends("hello", to=bob)["chat_id"]
    await_true(lambda: keys.get(unread_key(bob, chat_id)) == "1")
    keys.flushall()
    await_true(lambda: keys.get(unread_key(bob, chat_id)) == "1")
    worker.says("redis export rebuilt")


def test_a_long_backlog_is_exported_in_batches(
    alice: Person, bob: Person, keys: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "ROWS_PER_BATCH", 2)
    monkeypatch.setattr(redis_export, "READ_BATCH", 1)
    monkeypatch.setattr(RedisExport, "rows_per_run", 6)
    for number in range(8):
        alice.sends(f"message {number}", to=bob)
    assert [export_changes(), export_changes(), export_changes()] == [6, 2, 0]
    assert keys.get(f"unread:{bob.uuid}") == "8"


def test_presence_is_restored_within_seconds(bob: Person, keys: redis.Redis) -> None:
    bob.connects().pings()
    assert keys.exists(f"online:{bob.uuid}") == 1
    keys.flushall()
    # A worker notices with its next report, every two seconds; the heartbeat comes every twenty.
    await_true(lambda: keys.exists(f"online:{bob.uuid}") == keys.exists(f"ws:{bob.uuid}") == 1)


def test_who_leaves_a_group_has_no_count_of_it(friends: list[Person], keys: redis.Redis) -> None:
    alice, bob, carol = friends
    group = alice.posts("/groups", {"title": "Neighbours", "member_ids": [bob.id, carol.id]}).data["id"]
    export_changes()
    assert keys.get(unread_key(bob, group)) == keys.get(unread_key(carol, group)) == "1"
    bob.posts(f"/groups/{group}/leave")
    export_changes()
    assert keys.get(unread_key(bob, group)) is None
    assert keys.get(unread_key(carol, group)) == "2"
    assert keys.get(f"unread:{bob.uuid}") == str(bob.unread())
    alice.posts(f"/groups/{group}/members", {"user_ids": [bob.id]})
    export_changes()
    assert keys.get(unread_key(bob, group)) == "1"
    for person in (bob, carol, alice):
        person.posts(f"/groups/{group}/leave")
    export_changes()
    assert keys.exists(last_message_key(group), *(unread_key(person, group) for person in friends)) == 0
