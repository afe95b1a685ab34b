"""Invalid frames get an error frame, store nothing, and keep the socket open."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.database import Database
from tests.flows.marketplace.conftest import Pair
from tests.people import Person, Socket
from tests.servers import ChatServer

pytestmark = pytest.mark.usefixtures("clean_log")

UNREADABLE: dict[str, str | bytes] = {
    "broken JSON": '{"type":',
    "no JSON": "hello",
    "nothing": "",
    "single quotes": "{'type': 'ping'}",
    "more after it": '{"type":"ping"} x',
    "two frames in one": '{"type":"ping"}{"type":"ping"}',
    "an array": '[{"type":"ping"}]',
    "a number": "1",
    "null": "null",
    "a text": '"ping"',
    "NaN": '{"type":"ping","chat_id":NaN}',
    "Infinity": '{"chat_id":-Infinity,"content":"x"}',
    "a lone surrogate": '{"receiver_id":%(bob)d,"content":"\\ud800"}',
    "a lone surrogate in a name": '{"\\udfff":1}',
    "100,000 levels": '{"content":' + "[" * 25_000 + "]" * 25_000 + "}",
    "the same field twice": '{"receiver_id":%(bob)d,"content":"a","content":"b"}',
    "a byte order mark": "\ufeff" + '{"type":"ping"}',
    "binary": b'{"type":"ping"}',
    "binary rubbish": b"\x00\xff\xfe",
}
WRONG: dict[str, str | dict[str, Any]] = {
    "an unknown type": {"type": "fly"},
    "a type of a server's frame": {"type": "new_message"},
    "a type that is a number": {"type": 1},
    "a type that is null": {"type": None},
    "a type that is an object": {"type": {"type": "ping"}},
    "a cursor that is none": {"type": "resume", "cursor": "x"},
    "a cursor that is a number": {"type": "resume", "cursor": 5},
    "no cursor": {"type": "resume"},
    "editing nothing": {"type": "edit_message"},
    "editing what is not there": {"type": "edit_message", "message_id": 2**53 - 1, "content": "x"},
    "editing with a number": {"type": "edit_message", "message_id": 1, "content": 5},
    "deleting nothing": {"type": "delete_message"},
    "deleting a text": {"type": "delete_message", "message_id": "1"},
    "deleting what is not there": {"type": "delete_message", "message_id": 2**53 - 1},
    "an empty object": {},
    "no recipient": {"content": "x"},
    "a message without a text": {"receiver_id": "bob"},
    "a blank text": {"receiver_id": "bob", "content": " \u200b "},
    "a text that is a number": {"receiver_id": "bob", "content": 5},
    "a text that is a list": {"receiver_id": "bob", "content": ["x"]},
    "10,001 characters": {"receiver_id": "bob", "content": "x" * 10_001},
    "U+0000 in a text": {"receiver_id": "bob", "content": "a\0b"},
    "U+0000 in a key": {"receiver_id": "bob", "content": "x", "client_message_id": "\0"},
    "an empty key": {"receiver_id": "bob", "content": "x", "client_message_id": ""},
    "a long key": {"receiver_id": "bob", "content": "x", "client_message_id": "k" * 129},
    "a key that is a number": {"receiver_id": "bob", "content": "x", "client_message_id": 7},
    "an unknown field": {"receiver_id": "bob", "content": "x", "urgent": True},
    "a forged sender": {"receiver_id": "bob", "content": "x", "sender_id": 1},
    "a receiver that is a text": {"receiver_id": "7", "content": "x"},
    "a receiver that is true": {"receiver_id": True, "content": "x"},
    "a receiver with a fraction": {"receiver_id": 1.5, "content": "x"},
    "a negative receiver": {"receiver_id": -1, "content": "x"},
    "2**53": {"receiver_id": 2**53, "content": "x"},
    "2**63": {"receiver_id": 2**63, "content": "x"},
    "5,000 digits": '{"receiver_id":' + "7" * 5_000 + ',"content":"x"}',
    "1e400": '{"receiver_id":1e400,"content":"x"}',
    "oneself": {"receiver_id": "alice", "content": "x"},
    "unknown recipient": {"receiver_id": 2**53 - 1, "content": "x"},
    "an item that is none": {"receiver_id": "bob", "content": "x", "listing_id": 2**53 - 1},
    "two targets": {"receiver_id": "bob", "content": "x", "listing_id": 1, "storefront_product_id": 1},
    "an unknown message type": {"receiver_id": "bob", "content": "x", "message_type": "video"},
    "900 levels": '{"receiver_id":' + "[" * 900 + "]" * 900 + ',"content":"x"}',
    "a location off the Earth": {
        "receiver_id": "bob", "message_type": "location", "location_data": {"latitude": 1e300, "longitude": 0}},
    "typing nowhere": {"type": "typing"},
    "typing with a number": {"type": "typing", "chat_id": 1, "is_typing": 1},
    "typing with a text": {"type": "typing", "chat_id": 1, "is_typing": "yes"},
    "typing in chat 0": {"type": "typing", "chat_id": 0, "is_typing": True},
    "reading nothing": {"type": "mark_read"},
    "reading both ways": {"type": "mark_read", "message_id": 1, "chat_id": 1, "message_ids": [1]},
    "reading no list": {"type": "mark_read", "chat_id": 1, "message_ids": 1},
    "reading an empty list": {"type": "mark_read", "chat_id": 1, "message_ids": []},
    "reading 501 messages": {"type": "mark_read", "chat_id": 1, "message_ids": [1] * 501},
    "reading a text": {"type": "mark_read", "message_id": "1"},
    "reading what is not there": {"type": "mark_read", "message_id": 2**53 - 1},
    "asking with a field": {"type": "get_online_users", "all": True},
}  # fmt: skip


def written(frame: str | dict[str, Any], pair: Pair) -> str:
    """The text of a frame, with the ids of its users filled in."""
    people = {"alice": pair.alice.id, "bob": pair.bob.id}
    if isinstance(frame, str):
        return frame.replace("%(bob)d", str(pair.bob.id))
    return json.dumps({name: people.get(value, value) if isinstance(value, str) and name == "receiver_id" else value
                       for name, value in frame.items()})  # fmt: skip


@pytest.mark.parametrize("case", UNREADABLE)
def test_unreadable_frame_is_answered_by_an_error(pair: Pair, database: Database, case: str) -> None:
    socket, before = pair.alice.connects(), database.counts()
    frame = UNREADABLE[case]
    if isinstance(frame, bytes):
        socket.sends_bytes(frame)
    else:
        socket.sends(written(frame, pair))
    error = socket.receives("error")
    assert error["message"] == "The request cannot be read."
    assert socket.pings()
    assert [frame["type"] for frame in socket.unclaimed] == []
    assert database.counts() == before
    socket.closes()


@pytest.mark.parametrize("case", WRONG)
def test_invalid_frame_is_answered_by_its_error(pair: Pair, database: Database, case: str) -> None:
    socket, before = pair.alice.connects(), database.counts()
    socket.sends(written(WRONG[case], pair))
    error = socket.receives("error")
    assert error["error"].startswith("marketplace.")
    assert error["error"] != "marketplace.internalError"
    assert error["message"]
    if error["error"] == "marketplace.validationFailed":
        assert error["details"]
    assert socket.pings()
    assert socket.unclaimed == []
    assert database.counts() == before
    socket.closes()


@pytest.mark.parametrize(
    "frame",
    [json.dumps({"content": "x" * 66_000}), json.dumps({"content": "я" * 33_000}, ensure_ascii=False)],
    ids=["characters", "bytes"],
)
def test_frame_over_64_kilobytes_closes_the_socket(pair: Pair, database: Database, frame: str) -> None:
    socket, before = pair.alice.connects(), database.counts()
    socket.sends(frame)
    assert socket.close_code() == 1009
    assert database.counts() == before


def test_ten_unreadable_frames_close_the_socket(pair: Pair) -> None:
    socket = pair.alice.connects()
    for _ in range(9):
        socket.requests("{", "error")
    socket.pings()
    for _ in range(10):
        socket.sends("{")
    assert socket.close_code() == 4400


def test_thousand_typing_frames_store_nothing(pair: Pair, database: Database) -> None:
    socket, before = pair.alice.connects(), database.counts()
    for number in range(1000):
        socket.sends({"type": "typing", "chat_id": pair.chat_id, "is_typing": number % 2 == 0})
    socket.sends({"type": "ping"})
    socket.receives("pong")
    assert socket.unclaimed == []
    assert database.counts() == before


@pytest.mark.parametrize(
    "frame",
    [{"type": "ping"}, {"type": "message"}, {"type": "auth"}, {"type": "auth", "token": 5},
     {"type": "auth", "token": "x"}, [], "{"],
)  # fmt: skip
def test_frames_before_authentication_close_the_socket(
    server: ChatServer, pair: Pair, database: Database, frame: Any
) -> None:
    before = database.counts()
    socket = Socket(server)
    socket.sends(frame)
    socket.sends({"receiver_id": pair.bob.id, "content": "unauthenticated"})
    assert socket.close_code() == 4401
    assert database.counts() == before


def test_invalid_frame_does_not_affect_other_sockets(pair: Pair, alice: Person, bob: Person) -> None:
    good, bad = alice.connects(), pair.alice.connects()
    for number in range(20):
        bad.sends({"receiver_id": bob.id, "content": "x\0"})
        good.sends({"receiver_id": bob.id, "content": str(number)})
    assert [ack["message"]["content"] for ack in good.receives_all("message_ack", 20)] == [str(n) for n in range(20)]
    assert len(bad.receives_all("error", 20)) == 20
