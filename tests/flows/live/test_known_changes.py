"""A client that says what it knows of a chat is not sent it again, and misses nothing."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from chatapp.ids.public import encode_chat
from tests.people import Person, Socket

VERSIONED = ("message_edited", "message_deleted", "reaction_added", "message_pinned")


def resume(socket: Socket, cursor: str, known: dict[int, int], **options: Any) -> dict[str, Any]:
    named = [{"chat_id": chat_id, "version": version} for chat_id, version in known.items()]
    return socket.requests({"type": "resume", "cursor": cursor, "known": named, **options}, "resumed")


def versions_of(page: dict[str, Any]) -> list[int]:
    """The versions that a page brings, in order; no message of these tests changed after it was sent."""
    changes = [change["version"] for change in page["changes"] if change["type"] in VERSIONED]
    return sorted([message["version"] for message in page["messages"]] + changes)


def complete_of(page: dict[str, Any]) -> dict[int, int]:
    return {entry["chat_id"]: entry["version"] for entry in page["complete"]}


@pytest.fixture
def away(alice: Person, bob: Person) -> tuple[int, str]:
    """A chat with eleven changes since a cursor of bob, and that cursor."""
    first = alice.sends("before", to=bob)
    bob.awaits_old_transactions()
    cursor = bob.cursor(first["chat_id"])
    for number in range(4):
        alice.sends(f"{number}", chat_id=first["chat_id"])
    alice.posts(f"/messages/{first['id']}/reactions", {"emoji": "👍"})
    alice.posts(f"/messages/{first['id']}/pin")
    alice.edits(first, "changed")
    for number in range(4):
        alice.sends(f"{number}", chat_id=first["chat_id"])
    bob.awaits_old_transactions()
    return first["chat_id"], cursor


def test_what_is_known_is_left_out(away: tuple[int, str], bob: Person) -> None:
    chat_id, cursor = away
    socket = bob.connects()
    for known in range(14):
        page = resume(socket, cursor, {chat_id: known})
        assert versions_of(page) == list(range(max(known, 1) + 1, 13))
        assert complete_of(page) == {chat_id: 12}
        assert [chat["id"] for chat in page["chats"]] == [chat_id]  # read positions are in no version


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_each_page_says_how_far_it_reaches(away: tuple[int, str], bob: Person, limit: int) -> None:
    chat_id, cursor = away
    socket, page, received = bob.connects(), {"has_more": True}, [1]
    while page["has_more"]:
        page = resume(socket, cursor, {}, limit=limit)
        cursor = page["cursor"]
        received += versions_of(page)
        assert complete_of(page).get(chat_id, received[-1]) == received[-1] == len(received)
    assert received == list(range(1, 13))


def test_a_page_continues_behind_what_came_live(away: tuple[int, str], bob: Person) -> None:
    chat_id, cursor = away
    socket = bob.connects()
    page = resume(socket, cursor, {}, limit=3)
    assert versions_of(page) == [2, 3, 4]
    rest = resume(socket, page["cursor"], {chat_id: 9})
    assert versions_of(rest) == [10, 11, 12]


def test_nothing_is_repeated_while_others_write(alice: Person, bob: Person) -> None:
    chat_id = alice.sends("begins", to=bob)["chat_id"]
    cursor, socket = bob.cursor(chat_id), bob.connects()
    writer = threading.Thread(target=lambda: [alice.sends(f"{number}", chat_id=chat_id) for number in range(40)])
    writer.start()
    known, received, has_more = {chat_id: 1}, [1], True
    while writer.is_alive() or has_more:
        page = resume(socket, cursor, known, limit=3)
        cursor, has_more = page["cursor"], page["has_more"]
        received += versions_of(page)
        known |= complete_of(page)
    page = resume(socket, cursor, known)
    received += versions_of(page)
    assert received == list(range(1, 42))


def test_other_chats_do_not_depend_on_it(away: tuple[int, str], alice: Person, bob: Person, carol: Person) -> None:
    chat_id, cursor = away
    theirs = alice.sends("not bob's", to=carol)["chat_id"]
    page = resume(bob.connects(), cursor, {theirs: 5, chat_id + 1: 5})
    assert versions_of(page) == list(range(2, 13))


def test_the_social_dialect_takes_it_too(away: tuple[int, str], bob: Person) -> None:
    chat_id, cursor = away
    named = [{"conversationId": encode_chat(chat_id), "version": 10}]
    socket = bob.connects(path="/api/v1/chat/ws")
    payload = {"cursor": cursor, "known": named}
    page = socket.requests({"type": "resume", "payload": payload}, "resumed")["payload"]
    assert [message["version"] for message in page["messages"]] == [11, 12]
    assert page["complete"] == [{"conversationId": encode_chat(chat_id), "version": 12}]


@pytest.mark.parametrize(
    "known", [1, {"1": 2}, [1], [{"chat_id": 1}], [{"chat_id": 1, "version": -1}], [{"chat_id": 1, "version": 1}] * 101]
)
def test_a_malformed_list_is_refused(away: tuple[int, str], bob: Person, known: Any) -> None:
    frame = {"type": "resume", "cursor": away[1], "known": known}
    assert bob.connects().requests(frame, "error")["error"] == "marketplace.validationFailed"
