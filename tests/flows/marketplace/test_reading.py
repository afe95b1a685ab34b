"""Read receipts are cumulative, pushed to both, and counted."""

from __future__ import annotations

import pytest

from tests.people import Person


def test_reading_a_message_reads_all_earlier_ones(alice: Person, bob: Person) -> None:
    first, second, third = (alice.sends(text, to=bob) for text in "123")
    assert bob.unread() == 3
    bob.reads(second)
    assert [message["is_read"] for message in bob.history(first["chat_id"])] == [False, True, True]
    assert bob.unread() == bob.chat(first["chat_id"])["unread_count"] == 1
    bob.reads(first, third)
    assert bob.unread() == bob.chat(first["chat_id"])["unread_count"] == 0


def test_reading_an_earlier_message_changes_nothing(alice: Person, bob: Person) -> None:
    first, second = alice.sends("1", to=bob), alice.sends("2", to=bob)
    bob.reads(second)
    socket = alice.connects()
    bob.reads(first)
    socket.receives_no("message_read", until=socket.pings)
    assert bob.unread() == 0


@pytest.mark.parametrize("way", ["rest", "message", "chat"])
def test_receipt_is_pushed_to_both_with_reader_and_time(alice: Person, bob: Person, way: str) -> None:
    hers, his, elsewhere = alice.connects(), bob.connects(), bob.connects()
    alice.sends("1", to=bob)
    message = alice.sends("2", to=bob)
    if way == "rest":
        bob.reads(message)
    elif way == "message":
        his.sends({"type": "mark_read", "message_id": message["id"]})
    else:
        his.sends({"type": "mark_read", "chat_id": message["chat_id"], "message_ids": [message["id"]]})
    receipts = [socket.receives("message_read") for socket in (hers, his, elsewhere)]
    assert receipts[0] == receipts[1] == receipts[2]
    receipt = receipts[0]
    assert (receipt["message_id"], receipt["chat_id"], receipt["read_by"]) == (
        message["id"],
        message["chat_id"],
        bob.id,
    )
    assert (receipt["up_to_seq"], receipt["version"]) == (2, 2)
    assert receipt["read_at"].endswith("Z")
    assert alice.history(message["chat_id"])[0]["is_read"] is True


def test_unread_counts_are_pushed(alice: Person, bob: Person, carol: Person) -> None:
    socket, elsewhere = bob.connects(), bob.connects()
    first = alice.sends("1", to=bob)
    assert socket.receives("unread_count") == elsewhere.receives("unread_count")
    alice.sends("2", to=bob)
    carol.sends("3", to=bob)
    socket.receives("unread_count", payload={"count": 3})
    bob.reads(first)
    socket.receives("unread_count", payload={"count": 2})
    elsewhere.receives("unread_count", payload={"count": 2})
    assert bob.unread() == 2


def test_sending_marks_earlier_messages_as_read(alice: Person, bob: Person) -> None:
    socket = bob.connects()
    sent = [alice.sends(text, to=bob) for text in "12"]
    socket.receives("unread_count", payload={"count": 2})
    bob.sends("answer", to=alice)
    socket.receives("unread_count", payload={"count": 0})
    assert bob.unread() == 0
    assert [message["is_read"] for message in alice.history(sent[0]["chat_id"])] == [False, True, True]
    assert alice.unread() == 1


def test_own_messages_are_never_unread(alice: Person, bob: Person) -> None:
    alice.sends("1", to=bob)
    assert alice.unread() == 0


def test_messages_of_another_chat_are_not_found(alice: Person, bob: Person, carol: Person) -> None:
    here, there = alice.sends("1", to=bob), alice.sends("2", to=carol)
    for ids in ([there["id"]], [here["id"], there["id"]], [here["id"], 2**53 - 1]):
        reply = alice.puts("/messages/read", {"chat_id": here["chat_id"], "message_ids": ids})
        assert (reply.status, reply.error) == (404, "marketplace.messageNotFound")
    reply = bob.puts("/messages/read", {"chat_id": here["chat_id"], "message_ids": [there["id"]]})
    assert (reply.status, reply.error) == (404, "marketplace.messageNotFound")
    assert bob.unread() == 1


@pytest.mark.parametrize("body", [
    {"message_ids": [1]}, {"chat_id": 1}, {"chat_id": 1, "message_ids": []}, {"chat_id": 1, "message_ids": 1},
    {"chat_id": 1, "message_ids": [0]}, {"chat_id": 1, "message_ids": ["1"]}, {"chat_id": 0, "message_ids": [1]},
    {"chat_id": 1, "message_ids": [1] * 501}, {"chat_id": 1, "message_ids": [1], "all": True},
])  # fmt: skip
def test_invalid_read_is_refused(alice: Person, body: dict[str, object]) -> None:
    assert alice.puts("/messages/read", body).status == 422


def test_duplicate_message_ids_are_read_once(alice: Person, bob: Person) -> None:
    message = alice.sends("1", to=bob)
    bob.reads(message, message)
    assert bob.unread() == 0
