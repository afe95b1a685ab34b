"""Pages are bounded in bytes as well: the rest comes with the next page, and nothing is repeated or left out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatapp.queries.page_bytes import MAX_PAGE_BYTES
from chatapp.realtime.send_queue import MAX_QUEUED_BYTES
from tests.database import Database
from tests.people import Person

LONG = "\N{OCTOPUS}" * 10_000  # the longest text allowed, of the longest characters: 40 KB
COUNT = 40  # messages: three times as many as fit into a page


@pytest.fixture
def cursor(alice: Person, bob: Person) -> str:
    """The cursor of bob before the long messages."""
    return bob.cursor(alice.sends("before", to=bob)["chat_id"])


@pytest.fixture
def chat_id(alice: Person, bob: Person, cursor: str, database: Database) -> int:
    """A chat of one short message and COUNT long ones, from `seq` 2."""
    for _ in range(COUNT):
        sent = alice.sends("short", to=bob)
    database.change("UPDATE messages SET content = %s WHERE chat_id = %s AND seq > 1", LONG, sent["chat_id"])
    return int(sent["chat_id"])


def seqs(page: dict[str, Any]) -> list[int]:
    return [message["seq"] for message in page["messages"]]


def assert_bounded(page: dict[str, Any]) -> None:
    """The page is not empty, and fits into the queue of a socket."""
    assert page["messages"] or page["changes"]
    assert len(json.dumps(page, ensure_ascii=False).encode()) < MAX_QUEUED_BYTES


def test_catching_up_over_rest(bob: Person, cursor: str, chat_id: int) -> None:
    found, pages, has_more = [], 0, True
    while has_more:
        page = bob.gets("/messages/since", cursor=cursor, limit=500).data
        cursor, has_more = page["cursor"], page["has_more"]
        found += seqs(page)
        pages += 1
        if page["messages"]:
            assert_bounded(page)
    assert found == list(range(2, COUNT + 2))
    assert pages > COUNT * 40_000 // MAX_PAGE_BYTES


def test_catching_up_in_the_social_dialect(bob: Person, cursor: str, chat_id: int) -> None:
    found, has_more = [], True
    while has_more:
        page = bob.social.gets("/messages/since", cursor=cursor, limit=500).data
        cursor, has_more = page["cursor"], page["hasMore"]
        found += seqs(page)
        if page["messages"]:
            assert_bounded(page)
    assert found == list(range(2, COUNT + 2))


def test_pages_that_are_asked_for_at_once_come_as_the_client_reads(bob: Person, cursor: str, chat_id: int) -> None:
    """The second page waits until the first was read; without that they would be too much for the socket's queue."""
    socket = bob.connects()
    for _ in range(8):
        socket.sends({"type": "resume", "cursor": cursor, "limit": 500})
    for page in socket.receives_all("resumed", 8, within=30):
        assert seqs(page)[0] == 2
        assert_bounded(page)
    assert socket.pings()


def test_messages_since_a_moment(alice: Person, bob: Person, chat_id: int) -> None:
    moment = bob.history(chat_id, page=COUNT + 1, limit=1)[0]["created_at"]
    page = bob.gets("/messages/since", since=moment, limit=500).data
    assert page["has_more"] is True
    assert seqs(page) == list(range(1, len(page["messages"]) + 1))
    assert_bounded(page)


@pytest.mark.parametrize(
    ("direction", "expected"), [("before_id", range(COUNT, 0, -1)), ("after_id", range(2, COUNT + 2))]
)
def test_messages_beside_a_message(bob: Person, chat_id: int, direction: str, expected: range) -> None:
    place = bob.history(chat_id, page=1 if direction == "before_id" else COUNT + 1, limit=1)[0]["id"]
    found: list[int] = []
    has_more = True
    while has_more:
        page = bob.gets("/messages", chat_id=chat_id, limit=100, **{direction: place}).data
        nearest_first = page["messages"] if direction == "before_id" else page["messages"][::-1]
        found += [message["seq"] for message in nearest_first]
        place, has_more = nearest_first[-1]["id"], page["has_more"]
        assert len(page["messages"]) * 40_000 <= MAX_PAGE_BYTES
    assert found == list(expected)


def test_numbered_pages_keep_their_numbers(bob: Person, chat_id: int) -> None:
    pages = [bob.gets("/messages", chat_id=chat_id, page=number, limit=20).data for number in (1, 2, 3)]
    assert [seqs(page) for page in pages] == [
        list(range(COUNT + 1, COUNT - 19, -1)),
        list(range(COUNT - 19, COUNT - 39, -1)),
        [1],
    ]


def test_pages_of_a_conversation(bob: Person, chat_id: int) -> None:
    (conversation,) = bob.social.gets("/conversations").data["conversations"]
    path = f"/conversations/{conversation['id']}/messages"
    page = bob.social.gets(path, limit=50).data
    found = seqs(page)
    while page["meta"]["hasMore"]:
        page = bob.social.gets(path, limit=50, cursor=page["meta"]["nextCursor"]).data
        assert len(page["messages"]) * 40_000 <= MAX_PAGE_BYTES + 40_000
        found += seqs(page)
    assert found == list(range(COUNT + 1, 0, -1))
    middle = bob.social.gets(path, limit=1).data["messages"][0]
    around = bob.social.gets(f"/messages/{middle['id']}/context", before=50, after=50).data
    assert 1 < len(around["messages"]) < COUNT
    assert around["messages"][0]["seq"] == COUNT + 1


def test_a_message_that_was_edited_often(alice: Person, bob: Person, cursor: str) -> None:
    """Each edit contains the message, and in the marketplace its text twice."""
    sent = alice.sends("short", to=bob)
    for number in range(30):
        alice.edits(sent, LONG[:-2] + f"{number:02}")
    versions, has_more = [], True
    while has_more:
        page = bob.gets("/messages/since", cursor=cursor, limit=500).data
        cursor, has_more = page["cursor"], page["has_more"]
        versions += [change["version"] for change in page["changes"] if change["type"] == "message_edited"]
        if page["changes"]:
            assert_bounded(page)
    assert versions == list(range(3, 33))


def test_the_latest_earlier_texts_of_a_message(alice: Person, bob: Person) -> None:
    sent = alice.sends("short", to=bob)
    for number in range(30):
        alice.edits(sent, LONG[:-2] + f"{number:02}")
    texts = [past["content"] for past in bob.gets(f"/messages/{sent['id']}/history").data]
    assert texts == [LONG[:-2] + f"{number:02}" for number in range(29 - len(texts), 29)]
    assert len(texts) == MAX_PAGE_BYTES // 40_000 + 1
