"""Editing and deleting own messages, and removing a chat."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.database import Database
from tests.people import Person
from tests.servers import await_true


def test_edit_reaches_all_devices_and_keeps_the_old_text(alice: Person, bob: Person) -> None:
    message = alice.sends("one", to=bob)
    hers, his = alice.connects(), bob.connects()
    edited = alice.edits(message, "two")
    assert (edited["content"], edited["is_edited"], edited["seq"]) == ("two", True, message["seq"])
    assert edited["version"] == message["version"] + 1
    for socket in (hers, his):
        frame = socket.receives("message_edited")
        assert frame["message"] == edited
        assert frame["version"] == edited["version"]
        assert frame["payload"]["content"] == "two"
    (past,) = bob.gets(f"/messages/{message['id']}/history").data
    assert past["content"] == "one"
    assert bob.chat(message["chat_id"])["last_message"]["content"] == "two"


def test_edit_over_the_socket_is_acknowledged_with_its_key(alice: Person, bob: Person) -> None:
    message = alice.sends("one", to=bob)
    socket = alice.connects()
    frame = {"type": "edit_message", "message_id": message["id"], "content": "two", "client_message_id": "edit-1"}
    ack = socket.requests(frame, "message_ack")
    assert (ack["client_message_id"], ack["message"]["content"]) == ("edit-1", "two")


def test_deleted_message_leaves_a_tombstone_without_text(alice: Person, bob: Person, database: Database) -> None:
    canary = uuid.uuid4().hex
    message = alice.sends(f"{canary} one", to=bob)
    alice.edits(message, f"{canary} two")
    his = bob.connects()
    deleted = alice.deletes_message(message)
    assert (deleted["content"], deleted["is_deleted"], deleted["seq"]) == ("[deleted]", True, message["seq"])
    frame = his.receives("message_deleted")
    assert (frame["message_id"], frame["deleted_by"], frame["version"]) == (message["id"], alice.id, 3)
    assert bob.history(message["chat_id"])[0]["content"] == "[deleted]"
    assert bob.gets(f"/messages/{message['id']}/history").data == []
    last = bob.chat(message["chat_id"])["last_message"]
    assert (last["content"], last["is_deleted"], last["sender_id"]) == ("[deleted]", True, alice.id)
    for table in ("messages", "message_changes", "chats"):
        found = database.rows(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", f"%{canary}%")
        assert found == [(0,)], table


def test_repeated_edit_and_deletion_change_nothing(alice: Person, bob: Person, database: Database) -> None:
    message = alice.sends("one", to=bob)
    alice.edits(message, "two")
    before = database.counts()
    assert alice.edits(message, "two")["version"] == 2
    assert database.counts() == before
    gone = alice.deletes_message(message)
    before = database.counts()
    assert alice.deletes_message(message) == gone
    assert database.counts() == before


def test_late_retry_of_an_edit_does_not_undo_a_newer_one(alice: Person, bob: Person) -> None:
    path = f"/messages/{alice.sends('one', to=bob)['id']}"
    assert alice.patches(path, {"content": "two"}, **{"Idempotency-Key": "first"}).status == 200
    alice.patches(path, {"content": "three"})
    repeated = alice.patches(path, {"content": "two"}, **{"Idempotency-Key": "first"})
    assert (repeated.status, repeated.data["content"]) == (200, "three")
    other = alice.patches(path, {"content": "four"}, **{"Idempotency-Key": "first"})
    assert (other.status, other.error) == (409, "marketplace.clientKeyReused")


def test_edit_of_an_outdated_version_is_refused(alice: Person, bob: Person) -> None:
    message = alice.sends("one", to=bob)
    alice.edits(message, "two", version=1)
    stale = alice.patches(f"/messages/{message['id']}", {"content": "three", "version": 1})
    assert (stale.status, stale.error) == (409, "marketplace.staleEdit")
    alice.deletes_message(message)
    late = alice.patches(f"/messages/{message['id']}", {"content": "three"})
    assert (late.status, late.error) == (409, "marketplace.messageDeleted")


@pytest.mark.parametrize("verb", ["PATCH", "DELETE"])
def test_only_the_author_can_change_a_message(alice: Person, bob: Person, database: Database, verb: str) -> None:
    message = alice.sends("one", to=bob)
    before = database.counts()
    path = f"/messages/{message['id']}"
    reply = bob.patches(path, {"content": "mine"}) if verb == "PATCH" else bob.deletes(path)
    assert (reply.status, reply.error) == (403, "marketplace.notAuthor")
    assert database.counts() == before


@pytest.mark.parametrize(
    "body",
    [{}, {"content": ""}, {"content": " \n"}, {"content": "x" * 10_001}, {"content": 5}, {"content": "a\x00b"},
     {"content": "ok", "more": 1}, {"content": "ok", "version": "1"}, {"content": "ok", "version": 0}],
)  # fmt: skip
def test_invalid_edit_is_refused(alice: Person, bob: Person, database: Database, body: object) -> None:
    message = alice.sends("one", to=bob)
    before = database.counts()
    assert alice.patches(f"/messages/{message['id']}", body).status == 422
    assert database.counts() == before


def test_removed_chat_is_gone_for_both(alice: Person, bob: Person, database: Database) -> None:
    message = alice.sends("canary of a removed chat", to=bob)
    hers, his = alice.connects(), bob.connects()
    assert bob.deletes(f"/{message['chat_id']}").data == {"message": "marketplace.chatDeleted"}
    for socket in (hers, his):
        frame = socket.receives("chat_deleted")
        assert (frame["chat_id"], frame["deleted_by"]) == (message["chat_id"], bob.id)
    for person in (alice, bob):
        assert person.chats() == []
        assert person.gets("/messages", chat_id=message["chat_id"]).status == 404
        assert person.deletes(f"/{message['chat_id']}").status == 200, "repeated by who was in it"
    for table in ("messages", "chats", "chat_members", "read_marks"):
        column = "id" if table == "chats" else "chat_id"
        found = database.rows(f"SELECT count(*) FROM {table} WHERE {column} = %s", message["chat_id"])
        assert found == [(0,)], table


@pytest.mark.parametrize("way", ["read", "edit", "remove", "send"])
def test_actions_waiting_for_a_removed_chat_are_not_found(
    alice: Person, bob: Person, database: Database, way: str
) -> None:
    message = alice.sends("hi", to=bob)
    chat_id = message["chat_id"]
    act = {
        "read": lambda: alice.puts("/messages/read", {"chat_id": chat_id, "message_ids": [message["id"]]}),
        "edit": lambda: alice.patches(f"/messages/{message['id']}", {"content": "late"}),
        "remove": lambda: alice.deletes(f"/{chat_id}"),
        "send": lambda: alice.posts("/messages", {"chat_id": chat_id, "content": "late"}),
    }[way]
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    # Removing takes the lock first, so concurrent actions wait behind it.
    with ThreadPoolExecutor(1) as pool, database.holding("DELETE FROM chats WHERE id = %s", chat_id) as removing:
        late = pool.submit(act)
        if way != "send":  # sending does not wait in Postgres
            await_true(lambda: database.rows(waits) == [(1,)])
        removing.connection.commit()
        reply = late.result(10)
    missing = "message" if way == "edit" else "chat"  # what the request names
    assert (reply.status, reply.error) == (404, f"marketplace.{missing}NotFound")


def test_new_chat_of_the_same_users_starts_empty(alice: Person, bob: Person) -> None:
    old = alice.sends("old", to=bob)
    alice.deletes(f"/{old['chat_id']}")
    new = alice.sends("new", to=bob)
    assert new["chat_id"] != old["chat_id"]
    assert new["seq"] == 1


def test_non_member_cannot_remove_a_chat(alice: Person, bob: Person, carol: Person) -> None:
    message = alice.sends("ours", to=bob)
    assert carol.deletes(f"/{message['chat_id']}").status == 404
    alice.deletes(f"/{message['chat_id']}")
    assert carol.deletes(f"/{message['chat_id']}").status == 404
