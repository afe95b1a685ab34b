"""Messages of a session over REST and socket: history, since, after, resume, and bad input."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.database import Database
from tests.flows.assistant.conftest import OpenSession
from tests.flows.assistant.visitors import CHAT, Visitor
from tests.people import Person, Socket
from tests.servers import ChatServer


def contents(messages: list[dict[str, Any]]) -> list[str]:
    """The texts of the visitor."""
    return [message["content"] for message in messages if message["role"] == "user"]


def times(count: int) -> list[str]:
    return [f"message {number}" for number in range(count)]


@pytest.fixture
def talking(opens: OpenSession, host: Any) -> Visitor:
    """A visitor who has sent five messages."""
    visitor = opens()
    for text in times(5):
        visitor.says(text)
    return visitor


def test_messages_are_of_a_class_of_their_own(talking: Visitor, database: Database) -> None:
    found = database.rows(
        "SELECT DISTINCT m.retention, c.kind FROM messages m JOIN chats c ON c.id = chat_id WHERE content = 'message 4'"
    )
    assert found == [(1, "assistant")]


def test_history_comes_in_pages_oldest_first(talking: Visitor) -> None:
    assert contents(talking.history()) == times(5)
    shown: list[dict[str, Any]] = []
    before: dict[str, str] = {}
    while True:
        page = talking.gets("/messages", limit=2, **before).json
        assert page["message_count"] == len(page["messages"]) <= 2
        shown = [*page["messages"], *shown]
        if not page["has_more"]:
            break
        before = {"before": page["messages"][0]["id"]}
    assert contents(shown) == times(5)


def test_since_returns_what_followed_a_time(talking: Visitor) -> None:
    third = talking.history()
    at = next(message for message in third if message["content"] == "message 2")["created_at"]
    page = talking.gets("/messages/since", since=at).json
    assert contents(page["messages"]) == ["message 3", "message 4"]
    assert (page["session_id"], page["since"], page["has_more"]) == (talking.session_id, at, False)
    assert contents(talking.gets("/messages/since", since="1970-01-01T00:00:00Z").json["messages"]) == times(5)
    assert talking.gets("/messages/since", since="2999-01-01T00:00:00+02:00").json["messages"] == []
    first = talking.gets("/messages/since", since="1970-01-01T00:00:00Z", limit=2).json
    assert (first["message_count"], first["has_more"]) == (2, True)


@pytest.mark.parametrize("since", ["2026-01-01T00:00:00", "yesterday", "", "2026-13-01T00:00:00Z"])
def test_since_needs_a_time_with_a_zone(talking: Visitor, since: str) -> None:
    reply = talking.gets("/messages/since", since=since)
    assert (reply.status, set(reply.json["details"])) == (422, {"since"})


def test_after_returns_what_followed_a_message(talking: Visitor, opens: OpenSession) -> None:
    messages = [message for message in talking.history() if message["role"] == "user"]
    page = talking.gets("/messages/after", after_id=messages[1]["id"]).json
    assert contents(page["messages"]) == times(5)[2:]
    other = opens()
    other.says("elsewhere")
    for after_id in (other.history()[0]["id"], "nonsense", "1c9f3a52-5f1e-4b7e-8c0a-3d2b1a0f9e8d"):
        reply = talking.gets("/messages/after", after_id=after_id)
        assert (reply.status, reply.json["error"]) == (404, "message_not_found")


def test_a_repeated_message_is_sent_once(opens: OpenSession) -> None:
    visitor = opens()
    first = visitor.says("only once", client_message_id="k")
    assert visitor.says("only once", client_message_id="k") == first
    refused = visitor.posts("/messages", content="something else", client_message_id="k")
    assert (refused.status, refused.json["error"]) == (409, "client_key_reused")
    assert contents(visitor.history()) == ["only once"]


def test_every_device_receives_every_message_once(opens: OpenSession, alice: Person) -> None:
    visitor = opens(alice)
    devices = [visitor.connects() for _ in range(3)]
    devices[0].sends(
        {"type": "message", "content": "from a socket", "client_message_id": "s", "session_id": visitor.signed}
    )
    frames = [device.receives("message") for device in devices]
    assert all(frame == frames[0] for frame in frames)
    assert frames[0]["message"]["client_message_id"] == "s"
    sent = visitor.says("over REST")
    assert [device.receives("message")["message"] for device in devices] == [sent] * 3


def test_resume_returns_what_was_missed(talking: Visitor) -> None:
    messages = [message for message in talking.history() if message["role"] == "user"]
    socket = talking.connects()
    missed = socket.requests({"type": "resume", "after_id": messages[2]["id"]}, "resumed")
    assert contents(missed["messages"]) == times(5)[3:]
    assert contents(socket.requests({"type": "resume"}, "resumed")["messages"]) == times(5)
    assert socket.requests({"type": "resume", "after_id": "x"}, "error")["error"] == "message_not_found"


def test_a_socket_needs_a_session(opens: OpenSession, server: ChatServer, alice: Person) -> None:
    visitor = opens()
    refused = Socket(server, query=f"?session_id={visitor.signed[:-1]}", path=f"{CHAT}/ws")
    assert refused.close_code() == 4401
    hers = Socket(server, query=f"?token={alice.token}", path=f"{CHAT}/ws")
    assert hers.receives("connected")["session_id"] is None
    assert hers.requests({"type": "message", "content": "where?"}, "error")["details"].keys() == {"session_id"}
    hers.closes()


def test_pings_and_unknown_frames(opens: OpenSession) -> None:
    socket = opens().connects()
    assert set(socket.pings()) == {"type", "timestamp"}
    assert socket.requests({"type": "heartbeat"}, "pong")
    assert socket.requests({"type": "nonsense"}, "error")["error"] == "unknown_frame_type"
    assert socket.requests({"type": "message", "content": ""}, "error")["error"] == "content_required"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("", "content_required"),
        (" \u200b ", "content_required"),
        ("x" * 10_001, "content_too_long"),
        ("\x00", "validation_failed"),
    ],
)
def test_bad_content_stores_nothing(opens: OpenSession, database: Database, content: str, error: str) -> None:
    visitor = opens()
    before = database.counts()
    reply = visitor.posts("/messages", content=content)
    assert (reply.status, reply.json["error"]) == (422, error)
    assert database.counts() == before


def test_long_and_odd_questions_are_taken(opens: OpenSession) -> None:
    visitor = opens()
    for content in ("ж" * 10_000, "🛋🛋🛋", "ъ", "qwertz asdf", "<b>&amp;</b>"):
        assert visitor.says(content)["content"] == content


def test_sessions_are_chats_in_the_other_dialects(opens: OpenSession, alice: Person) -> None:
    visitor = opens(alice)
    visitor.says("hello")
    (chat,) = [chat for chat in alice.chats() if chat["kind"] == "assistant"]
    assert chat["title"] == "Assistant"
    page = alice.gets("/messages", chat_id=chat["id"]).data
    assert "hello" in [message["content"] for message in page["messages"]]
    alice.sends("from the marketplace", chat_id=chat["id"])
    assert "from the marketplace" in contents(visitor.history())
    since = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)).isoformat()
    caught_up = alice.gets("/messages/since", since=since).data
    assert {"hello", "from the marketplace"} <= {message["content"] for message in caught_up["messages"]}
