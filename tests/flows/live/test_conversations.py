"""List entries of conversations are pushed live to all devices, whatever changed them, in few frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.flows.live.workers import on_each_worker
from tests.people import Person, PersonMaker, Socket
from tests.servers import ChatServer, await_true

Act = Callable[[Person, dict[str, Any]], object]


def await_update(device: Socket, person: Person) -> dict[str, Any]:
    """The latest update that a device received of its user's only conversation, once it equals a fresh list."""
    update: dict[str, Any] = {}

    def is_fresh() -> bool:
        nonlocal update
        (fresh,) = person.social.conversations()
        device.pings()
        for frame in [frame for frame in device.unclaimed if frame["type"] == "conversation.updated"]:
            device.unclaimed.remove(frame)
            update = frame["payload"]
        return update == fresh

    await_true(is_fresh, what=lambda: f"{update} differs from the list")
    return update


@pytest.fixture
def devices(alice: Person, bob: Person) -> list[Socket]:
    """Two devices of bob, who has one conversation with alice."""
    alice.sends("first", to=bob)
    alice.connects()
    return [bob.social.connects(), bob.social.connects()]


def test_a_message_of_another_dialect_updates_all_devices(alice: Person, bob: Person, devices: list[Socket]) -> None:
    alice.sends("second", to=bob)
    for device in devices:
        update = await_update(device, bob)
        assert (update["unreadCount"], update["lastMessage"]["content"]) == (2, "second")
        assert update["otherUser"]["isOnline"] is True
        assert device.receives("notification.unread")["payload"] == {"count": 2}


CHANGES: dict[str, tuple[Act, Callable[[dict[str, Any]], bool]]] = {
    "an edit": (lambda alice, sent: alice.edits(sent, "edited"), lambda c: c["lastMessage"]["content"] == "edited"),
    "a delete": (lambda alice, sent: alice.deletes_message(sent), lambda c: c["lastMessage"]["content"] == "[deleted]"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_the_last_message_updates_the_list(
    name: str, alice: Person, bob: Person, devices: list[Socket]
) -> None:
    act, holds = CHANGES[name]
    act(alice, alice.sends("second", to=bob))
    assert holds(await_update(devices[0], bob))


@pytest.mark.parametrize("setting", ["archive", "mute", "pin"])
def test_a_setting_of_one_device_updates_the_others(setting: str, bob: Person, devices: list[Socket]) -> None:
    chat_id = bob.chats()[0]["id"]
    field = {"archive": "isArchived", "mute": "isMuted", "pin": "isPinned"}[setting]
    assert bob.posts(f"/{chat_id}/{setting}").status == 200
    for device in devices:
        device.receives("conversation.updated", **{field: True})
    assert bob.posts(f"/{chat_id}/un{setting}").status == 200
    for device in devices:
        device.receives("conversation.updated", **{field: False})


def test_reading_updates_both_members(alice: Person, bob: Person, devices: list[Socket]) -> None:
    hers = alice.social.connects()
    conversation = bob.social.conversations()[0]
    assert bob.social.reads(conversation["id"]) == 1
    assert await_update(devices[1], bob)["unreadCount"] == 0
    assert await_update(hers, alice)["lastMessage"]["isRead"] is True


def test_many_messages_are_pushed_in_few_frames(alice: Person, bob: Person, devices: list[Socket]) -> None:
    sending = alice.connects()
    for number in range(100):
        sending.sends({"receiver_id": bob.id, "content": str(number)})
    sending.receives_all("message_ack", 100)
    assert await_update(devices[0], bob)["unreadCount"] == 101
    updates = [frame for frame in devices[0].received if frame["type"] == "conversation.updated"]
    counts = [frame["payload"]["unreadCount"] for frame in updates]
    assert counts == sorted(counts)
    assert len(updates) < 20


def test_devices_on_both_workers_are_updated(make_person: PersonMaker, two_workers: ChatServer) -> None:
    alice, bob = make_person("alice", server=two_workers), make_person("bob", server=two_workers)
    alice.sends("first", to=bob)
    devices = on_each_worker(bob, two_workers, connect=bob.social.connects)
    alice.sends("second", to=bob)
    for device in devices:
        assert await_update(device, bob)["unreadCount"] == 2
    assert bob.posts(f"/{bob.chats()[0]['id']}/pin").status == 200
    for device in devices:
        assert await_update(device, bob)["isPinned"] is True


def test_a_deleted_chat_is_no_longer_counted(alice: Person, bob: Person, devices: list[Socket]) -> None:
    alice.sends("second", to=bob)
    devices[0].receives("notification.unread", count=2)
    assert alice.deletes(f"/{bob.chats()[0]['id']}").status == 200
    devices[0].receives("notification.unread", count=0)
