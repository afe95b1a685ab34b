"""Behind a block everybody reads for themselves: receipts stand still until it is gone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.people import Person

pytestmark = pytest.mark.usefixtures("consistent")


@pytest.fixture(params=["the reader", "the author"])
def apart(request: pytest.FixtureRequest, alice: Person, bob: Person) -> tuple[list[dict[str, Any]], Person, Person]:
    """Two messages of Alice's, the first read by Bob before one blocked the other; who did, and whom."""
    messages = [alice.sends(text, to=bob) for text in "12"]
    bob.reads(messages[0])
    blocker, blocked = (bob, alice) if request.param == "the reader" else (alice, bob)
    blocker.blocks(blocked)
    return messages, blocker, blocked


def is_read(person: Person, chat_id: int) -> list[bool]:
    """What of a chat is read, as a person is shown it, oldest first."""
    return [message["is_read"] for message in reversed(person.history(chat_id))]


def reads_told(person: Person, cursor: str) -> list[tuple[int, int]]:
    """Who read how far, as catching up tells."""
    changes = person.catches_up(cursor)["changes"]
    return [(change["read_by"], change["up_to_seq"]) for change in changes if change["type"] == "message_read"]


def test_reading_moves_only_the_own_pointer(
    alice: Person, bob: Person, apart: tuple[list[dict[str, Any]], Person, Person]
) -> None:
    messages, _, _ = apart
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
    alice: Person, bob: Person, apart: tuple[list[dict[str, Any]], Person, Person]
) -> None:
    messages, _, _ = apart
    hers, his = alice.cursor(messages[0]["chat_id"]), bob.cursor(messages[0]["chat_id"])
    bob.reads(messages[1])
    assert reads_told(alice, hers) in ([], [(bob.id, 1)])
    assert reads_told(bob, his) == [(bob.id, 2)]


def test_receipts_during_a_block_appear_after_it(
    alice: Person, bob: Person, apart: tuple[list[dict[str, Any]], Person, Person]
) -> None:
    messages, blocker, blocked = apart
    chat_id = messages[0]["chat_id"]
    cursor = alice.cursor(chat_id)
    hers, his = alice.connects(), bob.connects()
    bob.reads(messages[1])
    his.receives("message_read")
    blocker.unblocks(blocked)
    told = hers.receives("message_read")
    assert (told["read_by"], told["message_id"], told["up_to_seq"]) == (bob.id, messages[1]["id"], 2)
    his.receives_no("message_read", until=his.pings)
    assert is_read(alice, chat_id) == [True, True]
    assert reads_told(alice, cursor) == [(bob.id, 2)]


def test_unblock_without_new_receipts_publishes_none(
    alice: Person, bob: Person, apart: tuple[list[dict[str, Any]], Person, Person]
) -> None:
    messages, blocker, blocked = apart
    hers = alice.connects()
    blocker.unblocks(blocked)
    hers.receives_no("message_read", until=hers.pings)
    assert is_read(alice, messages[0]["chat_id"]) == [True, False]


def test_second_block_does_not_move_frozen_receipts(
    alice: Person, bob: Person, apart: tuple[list[dict[str, Any]], Person, Person]
) -> None:
    messages, blocker, blocked = apart
    bob.reads(messages[1])
    blocked.blocks(blocker)
    assert is_read(alice, messages[0]["chat_id"]) == [True, False]
    blocker.unblocks(blocked)
    assert is_read(alice, messages[0]["chat_id"]) == [True, False]
    blocked.unblocks(blocker)
    assert is_read(alice, messages[0]["chat_id"]) == [True, True]


def test_catch_up_reports_blocked_chats(alice: Person, bob: Person) -> None:
    """To both: whom the block keeps from writing finds out by then at the latest."""
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    for change in (alice.blocks, alice.unblocks):
        cursors = [person.cursor(chat_id) for person in (alice, bob)]
        change(bob)
        for person, cursor in zip((alice, bob), cursors, strict=True):
            assert list(person.catches_up(cursor)["chats"]) == [chat_id]
