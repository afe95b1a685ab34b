"""Joining and leaving while connected: on all devices, in both dialects, on two workers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import redis

from chatapp.ids.public import encode_chat
from tests.flows.attachments.words import uploads
from tests.flows.groups.conftest import Group
from tests.flows.live.workers import on_each_worker
from tests.people import Person, PersonMaker, Socket
from tests.servers import ChatServer, await_true


@pytest.fixture
def people(make_person: PersonMaker, two_workers: ChatServer) -> list[Person]:
    """Alice, bob and carol on a server of two workers."""
    return [make_person(name, server=two_workers) for name in ("alice", "bob", "carol")]


@pytest.fixture
def sockets(people: list[Person], two_workers: ChatServer) -> dict[str, list[Socket]]:
    """Two of each person, one on each worker; those of carol speak the social dialect."""
    alice, bob, carol = people
    return {
        "alice": on_each_worker(alice, two_workers),
        "bob": on_each_worker(bob, two_workers),
        "carol": on_each_worker(carol, two_workers, connect=carol.social.connects),
    }


def test_all_devices_of_the_members_get_a_new_group_and_its_messages(
    people: list[Person], sockets: dict[str, list[Socket]]
) -> None:
    alice, bob, carol = people
    group_id = alice.posts("/groups", {"title": "Live", "member_ids": [bob.id, carol.id]}).data["id"]
    for socket in (*sockets["alice"], *sockets["bob"]):
        joined = socket.receives("chat_joined")
        assert (joined["chat_id"], joined["version"], joined["chat"]["title"]) == (group_id, 0, "Live")
        assert socket.receives("new_message")["message"]["system"]["event"] == "created"
    for socket in sockets["carol"]:
        payload = socket.receives("conversation.joined")["payload"]
        assert (payload["conversationId"], payload["version"]) == (encode_chat(group_id), 0)
        assert payload["conversation"]["memberCount"] == 3
        assert socket.receives("message.new")["payload"]["system"]["event"] == "created"
        socket.receives("notification.unread", count=1)
    for number in range(5):
        bob.sends(str(number), chat_id=group_id)
    for socket in (*sockets["alice"], *sockets["bob"]):
        assert [frame["message"]["content"] for frame in socket.receives_all("new_message", 5)] == list("01234")
    for socket in sockets["carol"]:
        assert [frame["payload"]["content"] for frame in socket.receives_all("message.new", 5)] == list("01234")


def test_who_is_added_and_removed_live(people: list[Person], sockets: dict[str, list[Socket]]) -> None:
    alice, bob, carol = people
    group_id = alice.posts("/groups", {"title": "Live", "member_ids": [bob.id]}).data["id"]
    alice.sends("before", chat_id=group_id)
    alice.posts(f"/groups/{group_id}/members", {"user_ids": [carol.id]})
    alice.sends("with carol", chat_id=group_id)
    for socket in sockets["carol"]:
        assert socket.receives("conversation.joined")["payload"]["version"] == 2
        assert socket.receives("message.new")["payload"]["version"] == 3
        assert socket.receives("message.new")["payload"]["content"] == "with carol"
    alice.deletes(f"/groups/{group_id}/members/{carol.id}")
    alice.sends("without carol", chat_id=group_id)
    for socket in sockets["carol"]:
        assert socket.receives("conversation.left")["payload"] == {
            "conversationId": encode_chat(group_id), "removedBy": alice.uuid, "version": 5
        }  # fmt: skip
        socket.receives("notification.unread", count=0)
        assert not [frame for frame in socket.unclaimed if frame["type"] == "message.new"]
        assert "without" not in str(socket.received) and "before" not in str(socket.received)
    for socket in sockets["bob"]:
        notes = [frame["message"] for frame in socket.receives_all("new_message", 6)]
        assert [note["content"] or note["system"]["event"] for note in notes] == [
            "created", "before", "member_added", "with carol", "member_removed", "without carol"
        ]  # fmt: skip


def test_who_leaves_gets_it_on_all_devices_and_may_come_back(
    people: list[Person], sockets: dict[str, list[Socket]]
) -> None:
    alice, bob, _ = people
    group_id = alice.posts("/groups", {"title": "Live", "member_ids": [bob.id]}).data["id"]
    for socket in sockets["bob"]:
        socket.receives("chat_joined")
        socket.receives("new_message")
    bob.posts(f"/groups/{group_id}/leave")
    for socket in sockets["bob"]:
        assert socket.receives("chat_left") == {
            "type": "chat_left", "chat_id": group_id, "removed_by": None, "version": 2
        }  # fmt: skip
    alice.sends("meanwhile", chat_id=group_id)
    alice.posts(f"/groups/{group_id}/members", {"user_ids": [bob.id]})
    alice.sends("again", chat_id=group_id)
    for socket in sockets["bob"]:
        assert socket.receives("chat_joined")["version"] == 3
        assert [frame["version"] for frame in socket.receives_all("new_message", 2)] == [4, 5]
        assert "meanwhile" not in str(socket.received)


def test_workers_subscribe_only_while_a_member_is_connected(
    people: list[Person], sockets: dict[str, list[Socket]], environment: dict[str, str]
) -> None:
    alice, _, carol = people
    with redis.Redis.from_url(environment["REDIS_URL"]) as bus:

        def subscribers() -> int:
            return int(bus.pubsub_numsub(f"chat:{group_id}")[0][1])

        group_id = alice.posts("/groups", {"title": "Live", "member_ids": [carol.id]}).data["id"]
        await_true(lambda: subscribers() == 2)
        for socket in sockets["alice"]:
            socket.closes()
        assert subscribers() == 2
        alice.deletes(f"/groups/{group_id}/members/{carol.id}")
        await_true(lambda: subscribers() == 0)
        alice.posts(f"/groups/{group_id}/members", {"user_ids": [carol.id]})
        await_true(lambda: subscribers() == 2)


def test_only_the_owners_devices_get_its_deletion_and_all_members(
    people: list[Person], sockets: dict[str, list[Socket]]
) -> None:
    alice, bob, carol = people
    group_id = alice.posts("/groups", {"title": "Live", "member_ids": [bob.id, carol.id]}).data["id"]
    for name, kind in (("alice", "new_message"), ("bob", "new_message"), ("carol", "message.new")):
        for socket in sockets[name]:
            socket.receives(kind)
    alice.deletes(f"/{group_id}")
    for socket in (*sockets["alice"], *sockets["bob"]):
        assert socket.receives("chat_deleted")["version"] == 2
    for socket in sockets["carol"]:
        assert socket.receives("conversation.deleted")["payload"]["version"] == 2


CHANGES: dict[str, Callable[[Group], object]] = {
    "created": lambda group: group.alice.posts("/groups", {"title": "New", "member_ids": [group.carol.id]}),
    "member_added": lambda group: group.adds(group.dave),
    "member_removed": lambda group: group.removes(group.bob),
    "left": lambda group: group.bob.posts(f"{group.path}/leave"),
    "role_changed": lambda group: group.alice.patches(f"{group.path}/members/{group.bob.id}", {"role": "admin"}),
    "title_changed": lambda group: group.alice.patches(group.path, {"title": "New"}),
    "picture_changed": lambda group: group.alice.patches(
        group.path, {"picture_attachment_id": uploads(group.alice)[0]["id"]}
    ),
}


@pytest.mark.parametrize("event", CHANGES)
def test_each_change_is_the_same_live_in_pages_and_in_catch_ups(group: Group, event: str) -> None:
    group.carol.awaits_old_transactions()
    cursor = group.carol.gets("/messages/since", since="2100-01-01T00:00:00Z").data["cursor"]
    live, social = group.carol.connects(), group.carol.social.connects()
    CHANGES[event](group)
    message = live.receives("new_message")["message"]
    assert message["system"]["event"] == event
    assert group.carol.history(message["chat_id"])[0] == message
    assert group.carol.catches_up(cursor)["messages"] == [message]
    shown = social.receives("message.new")["payload"]
    assert group.carol.social.history(encode_chat(message["chat_id"]))[0]["system"] == shown["system"]
    assert shown["system"]["event"] == event
