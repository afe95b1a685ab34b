"""Sending messages, and reading them back."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.database import Database
from tests.people import Person


def test_text_is_stored_unchanged(alice: Person, bob: Person) -> None:
    content = "  Здравствуйте! <b>สวัสดี</b>\r\n\t\u202e👩‍👩‍👧 e\u0301 &amp;  "
    sent = alice.sends(content, to=bob)
    (read,) = bob.history(sent["chat_id"])
    assert read == sent
    assert read["content"] == content
    assert (read["message_type"], read["location_data"], read["is_read"]) == ("text", None, False)
    assert (read["sender"]["id"], read["receiver"]["id"]) == (alice.id, bob.id)


def test_control_characters_are_dropped(alice: Person, bob: Person) -> None:
    assert alice.sends("a\x01\x1b[31mb\x7f\x85c", to=bob)["content"] == "a[31mbc"


def test_location_is_stored_unchanged(alice: Person, bob: Person) -> None:
    place = {"latitude": 44.8, "longitude": -20, "address": "Кнез Михаилова 1"}
    sent = alice.sends("", to=bob, message_type="location", location_data=place)
    (read,) = bob.history(sent["chat_id"])
    assert (read["message_type"], read["location_data"], read["content"]) == ("location", place, "")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"content": ""}, "contentRequired"),
        ({}, "contentRequired"),
        ({"content": " \n\u200b\t"}, "contentRequired"),
        ({"content": "\x01\x02"}, "contentRequired"),
        ({"content": "x" * 10_001}, "contentTooLong"),
        ({"message_type": "location"}, "locationRequired"),
        ({"content": "x", "message_type": "voice"}, "attachmentsRequired"),
        ({"content": "x", "message_type": "sticker"}, "validationFailed"),
        ({"content": "x", "location_data": {"latitude": 1, "longitude": 1}}, "validationFailed"),
        ({"message_type": "location", "location_data": {"latitude": 91, "longitude": 1}}, "validationFailed"),
        ({"message_type": "location", "location_data": {"latitude": 1, "longitude": -181}}, "validationFailed"),
        ({"message_type": "location", "location_data": {"latitude": "1", "longitude": 1}}, "validationFailed"),
        ({"message_type": "location", "location_data": {"longitude": 1}}, "validationFailed"),
        ({"message_type": "location", "location_data": {"latitude": 1, "longitude": 1, "z": 1}}, "validationFailed"),
    ],
)
def test_invalid_message_is_refused_and_creates_no_chat(
    alice: Person, bob: Person, database: Database, body: dict[str, Any], error: str
) -> None:
    before = database.counts()
    reply = alice.posts("/messages", {"receiver_id": bob.id, **body})
    assert (reply.status, reply.error) == (422, f"marketplace.{error}")
    assert database.counts() == before


def test_length_is_counted_in_characters(alice: Person, bob: Person) -> None:
    assert alice.sends("🚲" * 10_000, to=bob)["content"] == "🚲" * 10_000


def test_history_is_paginated_newest_first(alice: Person, bob: Person) -> None:
    sent = [alice.sends(str(number), to=bob) for number in range(5)]
    chat_id, newest_first = sent[0]["chat_id"], sent[::-1]
    pages = [bob.gets("/messages", chat_id=chat_id, page=page, limit=2).data for page in (1, 2, 3, 4)]
    assert [page["messages"] for page in pages] == [newest_first[:2], newest_first[2:4], newest_first[4:], []]
    assert [page["has_more"] for page in pages] == [True, True, False, False]
    assert {(page["total"], page["limit"]) for page in pages} == {(5, 2)}
    assert [page["page"] for page in pages] == [1, 2, 3, 4]
    assert bob.gets("/messages", chat_id=chat_id, limit=10**9).data["limit"] == 100


def test_history_continues_from_a_message(alice: Person, bob: Person) -> None:
    sent = [alice.sends(str(number), to=bob) for number in range(6)]
    chat_id = sent[0]["chat_id"]

    def page(**params: int) -> tuple[list[str], bool]:
        data = bob.gets("/messages", chat_id=chat_id, limit=2, **params).data
        assert data["total"] == 6
        return [message["content"] for message in data["messages"]], data["has_more"]

    assert page(before_id=sent[4]["id"]) == (["3", "2"], True)
    assert page(before_id=sent[2]["id"]) == (["1", "0"], False)
    assert page(before_id=sent[0]["id"]) == ([], False)
    assert page(after_id=sent[1]["id"]) == (["3", "2"], True)
    assert page(after_id=sent[3]["id"]) == (["5", "4"], False)
    assert page(after_id=sent[5]["id"]) == ([], False)


def test_history_is_found_by_user_and_item(alice: Person, bob: Person) -> None:
    nothing = alice.gets("/messages", receiver_id=bob.id).data
    assert nothing.pop("cursor")
    assert nothing == {"messages": [], "total": 0, "page": 1, "limit": 20, "has_more": False}
    sent = alice.sends("hi", to=bob)
    assert alice.gets("/messages", receiver_id=bob.id).data["messages"] == [sent]
    assert bob.gets("/messages", receiver_id=alice.id).data["messages"] == [sent]


def test_since_returns_new_messages_of_all_chats_oldest_first(alice: Person, bob: Person, carol: Person) -> None:
    first = alice.sends("1", to=bob)
    rest = [alice.sends("2", to=carol), bob.sends("3", to=alice), carol.sends("4", to=alice)]
    since = alice.gets("/messages/since", since=first["created_at"]).data
    assert [message["content"] for message in since["messages"]] == ["1", "2", "3", "4"]
    assert {chat["id"] for chat in since["chats"]} == {first["chat_id"], rest[0]["chat_id"]}
    assert {change["type"] for change in since["changes"]} == {"message_read"}, "answering reads"
    assert since["has_more"] is False
    only = alice.gets("/messages/since", since=first["created_at"], chat_id=rest[0]["chat_id"]).data
    assert [message["content"] for message in only["messages"]] == ["2", "4"]
    shown = bob.gets("/messages/since", since=first["created_at"]).data["messages"]
    assert shown[0]["read_at"] is not None
    read = {**first, "is_read": True, "read_at": shown[0]["read_at"]}  # replying marks as read
    assert shown == [read, rest[1]]


def test_since_is_paginated(alice: Person, bob: Person) -> None:
    sent = [alice.sends(str(number), to=bob) for number in range(7)]
    seen: dict[int, str] = {}
    moment, has_more = sent[0]["created_at"], True
    while has_more:
        since = bob.gets("/messages/since", since=moment, limit=3).data
        assert len(since["messages"]) <= 3
        seen |= {message["id"]: message["content"] for message in since["messages"]}
        moment, has_more = since["messages"][-1]["created_at"], since["has_more"]
    assert list(seen.values()) == [message["content"] for message in sent]


def test_since_accepts_any_offset_and_future_times(alice: Person, bob: Person) -> None:
    sent = alice.sends("hi", to=bob)
    moment = dt.datetime.fromisoformat(sent["created_at"])
    elsewhere = moment.astimezone(dt.timezone(dt.timedelta(hours=5, minutes=30))).isoformat()
    assert bob.gets("/messages/since", since=elsewhere).data["messages"] == [sent]
    later = (moment + dt.timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    assert bob.gets("/messages/since", since=later).data["messages"] == []
    assert bob.gets("/messages/since", since="1970-01-01T00:00:00Z").data["messages"] == [sent]


@pytest.mark.parametrize("since", ["", "yesterday", "2025-01-01", "2025-01-01T00:00:00", "2025-13-01T00:00:00Z",
                                   "1700000000", "2025-02-30T00:00:00Z", "9999-12-31T23:59:59-23:59"])  # fmt: skip
def test_since_requires_a_timestamp_with_an_offset(alice: Person, since: str) -> None:
    reply = alice.gets("/messages/since", since=since)
    assert (reply.status, list(reply.json["details"])) == (422, ["since"])


def test_repeated_key_returns_the_first_message(alice: Person, bob: Person, carol: Person) -> None:
    first = alice.sends("once", to=bob, client_message_id="k1")
    assert alice.sends("once", to=bob, client_message_id="k1") == first
    assert alice.sends("once", chat_id=first["chat_id"], client_message_id="k1") == first
    assert first["client_message_id"] == "k1"
    assert bob.sends("once", to=alice, client_message_id="k1")["id"] != first["id"]
    assert [message["seq"] for message in alice.history(first["chat_id"])] == [2, 1]


@pytest.mark.parametrize("change", [{"content": "twice"}, {"to": "carol"}, {"message_type": "location"}])
def test_key_with_another_message_is_a_conflict(
    alice: Person, bob: Person, carol: Person, change: dict[str, str]
) -> None:
    place = {"location_data": {"latitude": 1, "longitude": 2}} if "message_type" in change else {}
    first = alice.sends("once", to=bob, client_message_id="k2")
    body = {"content": "once", "receiver_id": (carol if change.pop("to", "") else bob).id, **change, **place}
    reply = alice.posts("/messages", {**body, "client_message_id": "k2"})
    assert (reply.status, reply.error) == (409, "marketplace.clientKeyReused")
    assert alice.history(first["chat_id"]) == [first]
    assert carol.gets("/unread-count").data["count"] == 0


def test_idempotency_header_is_a_key(alice: Person, bob: Person) -> None:
    body = {"content": "hi", "receiver_id": bob.id}
    first = alice.posts("/messages", body, **{"Idempotency-Key": "k3"})
    again = alice.posts("/messages", body, **{"Idempotency-Key": "k3"})
    named = alice.posts("/messages", {**body, "client_message_id": "k3"})
    assert first.data == again.data == named.data
    other = alice.posts("/messages", {**body, "content": "x"}, **{"Idempotency-Key": "k3"})
    assert (other.status, other.error) == (409, "marketplace.clientKeyReused")


@pytest.mark.parametrize("key", ["x" * 129, "\xff\x80"])
def test_malformed_idempotency_key_is_refused(alice: Person, bob: Person, key: str) -> None:
    reply = alice.posts("/messages", {"content": "hi", "receiver_id": bob.id}, **{"Idempotency-Key": key})
    assert (reply.status, list(reply.json["details"])) == (422, ["Idempotency-Key"])


def test_key_is_shared_by_rest_and_socket(alice: Person, bob: Person) -> None:
    socket = alice.connects()
    frame = {"receiver_id": bob.id, "content": "hi", "client_message_id": "k4"}
    ack = socket.requests(frame, "message_ack")
    assert alice.sends("hi", to=bob, client_message_id="k4") == ack["message"]
    assert socket.requests(frame, "message_ack")["message"] == ack["message"]
    refused = socket.requests({**frame, "content": "other"}, "error")
    assert (refused["error"], refused["client_message_id"]) == ("marketplace.clientKeyReused", "k4")


def test_twenty_concurrent_sends_with_one_key_create_one_message(alice: Person, bob: Person) -> None:
    sockets = [alice.connects() for _ in range(4)]

    def send(number: int) -> int:
        if number < 4:
            frame = {"receiver_id": bob.id, "content": "hi", "client_message_id": "k5"}
            return int(sockets[number].requests(frame, "message_ack")["message"]["id"])
        return int(alice.sends("hi", to=bob, client_message_id="k5")["id"])

    with ThreadPoolExecutor(20) as pool:
        ids = set(pool.map(send, range(20)))
    assert len(ids) == 1
    (chat,) = alice.chats()
    assert [message["id"] for message in alice.history(chat["id"])] == list(ids)


def test_message_changes_only_in_whether_and_when_it_was_read(alice: Person, bob: Person) -> None:
    sent = alice.sends("hi", to=bob, client_message_id="k6")
    bob.reads(sent)
    repeated = alice.sends("hi", to=bob, client_message_id="k6")
    assert repeated["read_at"] is not None
    assert repeated == {**sent, "is_read": True, "read_at": repeated["read_at"]}
