"""A block refuses messages in both directions; history stays, and authors may delete."""

from __future__ import annotations

from typing import Any

import pytest

from tests.database import Database
from tests.host import Host
from tests.people import Person
from tests.servers import Reply

pytestmark = pytest.mark.usefixtures("consistent")
BLOCKED = (403, "marketplace.blocked")


@pytest.fixture(params=["the writer", "the other"])
def pair(request: pytest.FixtureRequest, alice: Person, bob: Person) -> tuple[Person, Person]:
    """The blocker and the blocked user; alice is each in turn."""
    return (alice, bob) if request.param == "the writer" else (bob, alice)


def refused(reply: Reply) -> bool:
    """Whether the reason is a block."""
    return (reply.status, reply.error) == BLOCKED


def answer(person: Person, frame: dict[str, Any]) -> dict[str, Any]:
    """The answer to a frame of a user."""
    socket = person.connects()
    socket.sends(frame)
    return socket.receives_any("error", "message_ack")


def test_neither_can_write_in_a_shared_chat(
    alice: Person, bob: Person, carol: Person, pair: tuple[Person, Person], host: Host, database: Database
) -> None:
    listing = host.lists("Lamp", seller=bob)
    direct = alice.sends("direct", to=bob)["chat_id"]
    about_item = alice.sends("about it", listing_id=listing)["chat_id"]
    pair[0].blocks(pair[1])
    before = database.counts()
    for chat_id in (direct, about_item):
        for person in (alice, bob):
            assert refused(person.posts("/messages", {"chat_id": chat_id, "content": "no"}))
    for person, other in ((alice, bob), (bob, alice)):
        assert refused(person.posts("/messages", {"receiver_id": other.id, "content": "no"}))
        received = answer(person, {"receiver_id": other.id, "content": "no", "client_message_id": "k"})
        assert (received["error"], received["client_message_id"]) == ("marketplace.blocked", "k")
    assert refused(alice.posts("/messages", {"listing_id": listing, "content": "no"}))
    assert database.counts() == before
    for person in (alice, bob):
        assert person.sends("to a third user", to=carol)["seq"] in (1, 2)


def test_no_chat_starts(
    alice: Person, bob: Person, pair: tuple[Person, Person], host: Host, database: Database
) -> None:
    listing = host.lists("Lamp", seller=bob)
    pair[0].blocks(pair[1])
    before = database.counts()
    for body in ({"receiver_id": bob.id}, {"listing_id": listing}, {"listing_id": listing, "receiver_id": bob.id}):
        assert refused(alice.posts("/messages", {**body, "content": "hi"}))
        assert answer(alice, {**body, "content": "hi"})["error"] == "marketplace.blocked"
    assert refused(bob.posts("/messages", {"receiver_id": alice.id, "content": "hi"}))
    assert database.counts() == before


@pytest.mark.parametrize(("language", "words"), [
    ("en", "You cannot exchange messages with this user."),
    ("ru", "Вы не можете обмениваться сообщениями с этим пользователем."),
])  # fmt: skip
def test_error_does_not_reveal_who_blocked(alice: Person, bob: Person, language: str, words: str) -> None:
    """The error is the same for both."""
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    bob.blocks(alice)
    replies = [
        person.posts("/messages", {"chat_id": chat_id, "content": "no"}, **{"Accept-Language": language})
        for person in (alice, bob)
    ]
    assert [reply.json["message"] for reply in replies] == [words, words]


def test_repeated_key_is_answered_after_a_block(alice: Person, bob: Person, pair: tuple[Person, Person]) -> None:
    sent = alice.sends("hi", to=bob, client_message_id="k")
    pair[0].blocks(pair[1])
    assert alice.sends("hi", to=bob, client_message_id="k")["id"] == sent["id"]
    frame = {"chat_id": sent["chat_id"], "content": "hi", "client_message_id": "k"}
    assert answer(alice, frame)["message"]["id"] == sent["id"]


def test_edits_are_refused_but_deletions_are_not(alice: Person, bob: Person, pair: tuple[Person, Person]) -> None:
    message = alice.sends("hi", to=bob)
    pair[0].blocks(pair[1])
    his = bob.connects()
    assert refused(alice.patches(f"/messages/{message['id']}", {"content": "changed"}))
    refusal = alice.connects().requests({"type": "edit_message", "message_id": message["id"], "content": "x"}, "error")
    assert refusal["error"] == "marketplace.blocked"
    assert bob.history(message["chat_id"])[0]["content"] == "hi"
    assert alice.deletes_message(message)["is_deleted"] is True
    assert his.receives("message_deleted")["message_id"] == message["id"]


def test_history_stays_readable(alice: Person, bob: Person, pair: tuple[Person, Person]) -> None:
    sent = [alice.sends("1", to=bob), bob.sends("2", to=alice)]
    pair[0].blocks(pair[1])
    for person in (alice, bob):
        found = person.history(sent[0]["chat_id"])
        assert [message["id"] for message in found] == [message["id"] for message in reversed(sent)]
        assert person.chat(sent[0]["chat_id"])["last_message"]["content"] == "2"
        assert person.gets("/messages", receiver_id=(bob if person is alice else alice).id).data["total"] == 2


def test_own_chat_settings_still_work(alice: Person, bob: Person, pair: tuple[Person, Person]) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    pair[0].blocks(pair[1])
    for verb in ("archive", "mute", "pin"):
        assert alice.posts(f"/{chat_id}/{verb}").status == 200
    assert alice.deletes(f"/{chat_id}").status == 200
    assert refused(alice.posts("/messages", {"receiver_id": bob.id, "content": "again"}))


def test_unblock_restores_everything(alice: Person, bob: Person, pair: tuple[Person, Person]) -> None:
    first = alice.sends("hi", to=bob)
    pair[0].blocks(pair[1])
    pair[0].unblocks(pair[1])
    his = bob.connects()
    assert alice.edits(first, "changed")["content"] == "changed"
    assert his.receives("message_edited")["message"]["content"] == "changed"
    assert alice.sends("again", to=bob)["seq"] == 2
    assert his.receives("new_message")["message"]["content"] == "again"


def test_block_ends_when_both_unblock(alice: Person, bob: Person) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    alice.blocks(bob)
    bob.blocks(alice)
    for person, other in ((alice, bob), (bob, alice)):
        assert refused(alice.posts("/messages", {"chat_id": chat_id, "content": "no"}))
        person.unblocks(other)
    assert alice.sends("yes", chat_id=chat_id)["seq"] == 2
