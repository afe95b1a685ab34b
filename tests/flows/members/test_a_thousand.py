"""A chat with 1,000 members; some have sockets on two workers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis

from chatapp.ids.public import encode_chat, encode_message
from tests.database import Database
from tests.flows.live.workers import on_each_worker
from tests.flows.members.larger_chats import make_larger_chat
from tests.people import Person, PersonMaker, Socket
from tests.servers import ChatServer, await_true
from tests.social_api import frame

MEMBERS = 1000


@pytest.fixture
def people(make_person: PersonMaker, two_workers: ChatServer) -> list[Person]:
    """Three of the members."""
    return [make_person(name, server=two_workers) for name in ("alice", "bob", "carol")]


@pytest.fixture
def chat_id(database: Database, people: list[Person]) -> int:
    """The chat; the other members only have rows."""
    return make_larger_chat(database, [person.id for person in people], members=MEMBERS)


@pytest.fixture
def sockets(people: list[Person], chat_id: int, two_workers: ChatServer) -> list[Socket]:
    """Two of each person, one on each worker; those of carol speak the social dialect."""
    alice, bob, carol = people
    return [
        *on_each_worker(alice, two_workers),
        *on_each_worker(bob, two_workers),
        *on_each_worker(carol, two_workers, connect=carol.social.connects),
    ]


@pytest.fixture
def bus(environment: dict[str, str]) -> Iterator[redis.Redis]:
    """The Redis of the servers."""
    with redis.Redis.from_url(environment["REDIS_URL"], decode_responses=True) as client:
        yield client


@contextmanager
def published(bus: redis.Redis) -> Iterator[list[list[str]]]:
    """Record the arguments of each PUBLISH of the block, as Redis received them."""
    calls: list[list[str]] = []
    is_watching = threading.Event()

    def watch() -> None:
        with bus.monitor() as monitor:
            is_watching.set()
            for command in monitor.listen():
                words = command["command"].split(" ", 2)
                if words[0] == "PUBLISH":
                    calls.append(words[1:])
                if words == ["ECHO", "end"]:
                    return

    watcher = threading.Thread(target=watch)
    watcher.start()
    is_watching.wait()
    try:
        yield calls
    finally:
        bus.echo("end")
        watcher.join()


def messages_of(socket: Socket, count: int) -> list[tuple[int, str]]:
    """`seq` and content of the next messages, in the order of their arrival, in either dialect."""
    is_social = "payload" in socket.greeting
    kind, holder = ("message.new", "payload") if is_social else ("new_message", "message")
    found = [received[holder] for received in socket.receives_all(kind, count)]
    return [(message["seq"], message["content"]) for message in found]


def test_each_message_reaches_all_sockets_once_and_in_order(
    people: list[Person], chat_id: int, sockets: list[Socket]
) -> None:
    for number in range(20):
        for socket in (sockets[0], sockets[3]):
            socket.sends({"chat_id": chat_id, "content": f"{number}"})
    received = [messages_of(socket, 40) for socket in sockets]
    assert [seq for seq, _ in received[0]] == list(range(1, 41))
    assert all(messages == received[0] for messages in received)
    for socket in sockets:
        for kind in ("new_message", "message.new"):
            socket.receives_no(kind, until=socket.pings)


def test_a_message_has_no_receiver(people: list[Person], chat_id: int, sockets: list[Socket]) -> None:
    alice, bob, carol = people
    sent = alice.sends("hi", chat_id=chat_id)
    assert (sent["receiver_id"], sent["receiver"], sent["is_read"]) == (None, None, False)
    live = sockets[2].receives("new_message")["message"]
    assert live == sent
    assert bob.history(chat_id) == [sent]
    (shown,) = carol.social.history(encode_chat(chat_id))
    assert (shown["senderId"], shown["content"], shown["isRead"]) == (alice.uuid, "hi", False)
    reply = bob.posts("/messages", {"chat_id": chat_id, "receiver_id": alice.id, "content": "to one"})
    assert reply.error == "marketplace.receiverNotInChat"


def test_a_sender_of_the_social_dialect_is_acknowledged_in_order(
    people: list[Person], chat_id: int, sockets: list[Socket]
) -> None:
    for number in range(5):
        sockets[4].sends(frame("message.send", conversationId=encode_chat(chat_id), content="s", tempId=f"t{number}"))
        people[0].sends("a", chat_id=chat_id)
    kinds = ("message.sent", "message.new")
    seen = [sockets[4].receives_any(*kinds)["payload"] for _ in range(10)]
    assert [payload.get("message", payload)["version"] for payload in seen] == list(range(1, 11))
    assert messages_of(sockets[5], 10) == messages_of(sockets[0], 10)


def test_one_publish_carries_a_message_to_all_members(
    people: list[Person], chat_id: int, sockets: list[Socket], bus: redis.Redis
) -> None:
    with published(bus) as calls:
        for number in range(5):
            sockets[0].requests({"chat_id": chat_id, "content": f"only-{number}"}, "message_ack")
            assert [messages_of(socket, 1) for socket in sockets] == [[(number + 1, f"only-{number}")]] * len(sockets)
    carrying = [channel for channel, data in calls if "only-" in data]
    assert carrying == [f"chat:{chat_id}"] * 5


def test_a_worker_subscribes_with_the_first_socket_until_the_last_is_closed(
    people: list[Person], chat_id: int, two_workers: ChatServer, bus: redis.Redis
) -> None:
    alice, bob, _ = people

    def subscribers(channel: str = f"chat:{chat_id}") -> int:
        return int(bus.pubsub_numsub(channel)[0][1])

    assert subscribers() == 0
    alices, bobs = on_each_worker(alice, two_workers), on_each_worker(bob, two_workers)
    assert subscribers() == 2
    for socket in (alices[0], bobs[1]):
        socket.closes()
    await_true(lambda: subscribers(f"events:{alice.id}") == subscribers(f"events:{bob.id}") == 1)
    assert subscribers() == 2, "each worker still has a member"
    bobs[0].closes()
    await_true(lambda: subscribers() == 1)
    alices[1].closes()
    await_true(lambda: subscribers() == 0)


def test_counts_and_read_pointers_are_those_of_each_member(
    people: list[Person], chat_id: int, sockets: list[Socket]
) -> None:
    alice, bob, carol = people
    first, second = (alice.sends(text, chat_id=chat_id) for text in ("one", "two"))
    sockets[2].receives("unread_count", count=2)
    sockets[4].receives("notification.unread", count=2)
    assert [person.unread() for person in people] == [0, 2, 2]
    bob.reads(first)
    for device in sockets[2:4]:
        assert device.receives("message_read")["up_to_seq"] == 1
        device.receives("unread_count", count=1)
    assert [message["is_read"] for message in bob.history(chat_id)] == [False, True]
    assert carol.social.reads(encode_chat(chat_id)) == 2
    assert [person.unread() for person in people] == [0, 1, 0]
    bob.reads(second)
    # Only the reader is notified.
    for device in sockets[:2]:
        device.receives_no("message_read", until=device.pings)
    assert [message["is_read"] for message in alice.history(chat_id)] == [False, False]


def test_typing_reaches_the_others(people: list[Person], chat_id: int, sockets: list[Socket]) -> None:
    people[0].sends("hi", chat_id=chat_id)
    sockets[0].sends({"type": "typing", "chat_id": chat_id, "is_typing": True})
    for socket in sockets[2:4]:
        assert socket.receives("typing")["user_id"] == people[0].id
    for socket in sockets[4:]:
        assert socket.receives("typing")["payload"]["userId"] == people[0].uuid
    for socket in sockets[:2]:
        socket.receives_no("typing", until=socket.pings)


def test_edits_and_deletes_reach_all(people: list[Person], chat_id: int, sockets: list[Socket]) -> None:
    alice = people[0]
    sent = alice.sends("hi", chat_id=chat_id)
    alice.edits(sent, "edited")
    alice.deletes_message(sent)
    for socket in sockets[:4]:
        assert socket.receives("message_edited")["message"]["content"] == "edited"
        assert socket.receives("message_deleted")["version"] == 3
    for socket in sockets[4:]:
        assert socket.receives("message.updated")["payload"]["content"] == "edited"
        assert socket.receives("message.deleted")["payload"]["messageId"] == encode_message(sent["id"])


def test_whoever_was_away_catches_up(people: list[Person], chat_id: int) -> None:
    alice, bob, carol = people
    kept = alice.sends("kept", chat_id=chat_id)
    cursor = bob.cursor(chat_id)
    social = carol.social.gets("/messages/since").data["cursor"]
    alice.edits(kept, "edited")
    later = alice.sends("later", chat_id=chat_id)
    missed = bob.catches_up(cursor)
    assert missed["messages"] == [later]
    assert [change["message"]["content"] for change in missed["changes"]] == ["edited"]
    assert missed["chats"] == {chat_id: bob.chat(chat_id)}
    page = carol.social.gets("/messages/since", cursor=social).data
    assert "later" in [message["content"] for message in page["messages"]]
    assert [conversation["id"] for conversation in page["conversations"]] == [encode_chat(chat_id)]


def test_a_deleted_chat_is_gone_for_all(
    people: list[Person], chat_id: int, sockets: list[Socket], bus: redis.Redis, database: Database
) -> None:
    alice, bob, carol = people
    alice.sends("hi", chat_id=chat_id)
    cursor = bob.cursor(chat_id)
    with published(bus) as calls:
        assert carol.deletes(f"/{chat_id}").error == "marketplace.roleTooLow"
        assert alice.deletes(f"/{chat_id}").status == 200
        for socket in sockets[:4]:
            assert socket.receives("chat_deleted")["deleted_by"] == alice.id
        for socket in sockets[4:]:
            assert socket.receives("conversation.deleted")["payload"]["deletedBy"] == alice.uuid
    assert [channel for channel, data in calls if "chat_deleted" in data] == [f"chat:{chat_id}"]
    assert database.rows("SELECT count(*) FROM chat_tombstones WHERE chat_id = %s", chat_id) == [(MEMBERS,)]
    assert [change["type"] for change in bob.catches_up(cursor)["changes"]] == ["chat_deleted"]
    assert bob.unread() == 0
    assert bob.deletes(f"/{chat_id}").status == 200, "repeated"
    assert alice.gets("/messages", chat_id=chat_id).status == 404
