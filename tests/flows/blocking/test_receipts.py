"""During a block read receipts are frozen for the other user."""

from __future__ import annotations

from typing import Any

import pytest

from tests.people import Person

pytestmark = pytest.mark.usefixtures("consistent")


@pytest.fixture(params=["the reader", "the author"])
def blocked_pair(
    request: pytest.FixtureRequest, alice: Person, bob: Person
) -> tuple[list[dict[str, Any]], Person, Person]:
    """Two messages by Alice, the first read by Bob before the block; with the blocker and the blocked user."""
    messages = [alice.sends(text, to=bob) for text in "12"]
    bob.reads(messages[0])
    blocker, blocked = (bob, alice) if request.param == "the reader" else (alice, bob)
    blocker.blocks(blocked)
    return messages, blocker, blocked


def is_read(person: Person, chat_id: int) -> list[bool]:
    """Whether each message of a chat is read, as shown to a user, oldest first."""
    return [message["is_read"] for message in reversed(person.history(chat_id))]


def caught_up_receipts(person: Person, cursor: str) -> list[tuple[int, int]]:
    """Receipts of a catch-up: reader and `seq`."""
    changes = person.catches_up(cursor)["changes"]
    return [(change["read_by"], change["up_to_seq"]) for change in changes if change["type"] == "message_read"]


def test_reading_moves_only_the_own_pointer(
    alice: Person, bob: Person, blocked_pair: tuple[list[dict[str, Any]], Person, Person]
) -> None:
    messages, _, _ = blocked_pair
    chat_id = messages[0]["chat_id"]
    hers, his, elsewhere = alice.connects(), bob.connects(), bob.connects()
    assert bob.unread() == 1
    his.sends({"type": "mark_read", "message_id": messages[1]["id"]})
    for socket in (his, elsewhere):
        assert socket.receives("message_read")["up_to_seq"] == 2
    hers.receives_no("message_read", until=hers.pings)
    assert bob.unread() == bob.chat(chat_id)["unread_count"] == 0
    assert (is_read(alice, chat_id), is_read(bob, chat_id)) == ([True, False], [True, True])


def test_catch_up_contains_no_receipts_across_a_block(
    alice: Person, bob: Person, blocked_pair: tuple[list[dict[str, Any]], Person, Person]
) -> None:
    messages, _, _ = blocked_pair
    hers, his = alice.cursor(messages[0]["chat_id"]), bob.cursor(messages[0]["chat_id"])
    bob.reads(messages[1])
    assert caught_up_receipts(alice, hers) in ([], [(bob.id, 1)])
    assert caught_up_receipts(bob, his) == [(bob.id, 2)]


def test_receipts_during_a_block_appear_after_it(
    alice: Person, bob: Person, blocked_pair: tuple[list[dict[str, Any]], Person, Person]
) -> None:
    messages, blocker, blocked = blocked_pair
    chat_id = messages[0]["chat_id"]
    cursor = alice.cursor(chat_id)
    hers, his = alice.connects(), bob.connects()
    bob.reads(messages[1])
    his.receives("message_read")
    blocker.unblocks(blocked)
    received = hers.receives("message_read")
    assert (received["read_by"], received["message_id"], received["up_to_seq"]) == (bob.id, messages[1]["id"], 2)
    his.receives_no("message_read", until=his.pings)
    assert is_read(alice, chat_id) == [True, True]
    assert caught_up_receipts(alice, cursor) == [(bob.id, 2)]


def test_unblock_without_new_receipts_publishes_none(
    alice: Person, bob: Person, blocked_pair: tuple[list[dict[str, Any]], Person, Person]
) -> None:
    messages, blocker, blocked = blocked_pair
    hers = alice.connects()
    blocker.unblocks(blocked)
    hers.receives_no("message_read", until=hers.pings)
    assert is_read(alice, messages[0]["chat_id"]) == [True, False]


def test_second_block_does_not_move_frozen_receipts(
    alice: Person, bob: Person, blocked_pair: tuple[list[dict[str, Any]], Person, Person]
) -> None:
    messages, blocker, blocked = blocked_pair
    bob.reads(messages[1])
    blocked.blocks(blocker)
    assert is_read(alice, messages[0]["chat_id"]) == [True, False]
    blocker.unblocks(blocked)
    assert is_read(alice, messages[0]["chat_id"]) == [True, False]
    blocked.unblocks(blocker)
    assert is_read(alice, messages[0]["chat_id"]) == [True, True]


def test_catch_up_reports_blocked_chats(alice: Person, bob: Person) -> None:
    """To both, so that the blocked user learns that writing is refused."""
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    for change in (alice.blocks, alice.unblocks):
        cursors = [person.cursor(chat_id) for person in (alice, bob)]
        change(bob)
        for person, cursor in zip((alice, bob), cursors, strict=True):
            assert list(person.catches_up(cursor)["chats"]) == [chat_id]
