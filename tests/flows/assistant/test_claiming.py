"""A visitor who logs in keeps the session with its history, on all devices, and no one else has it."""

from __future__ import annotations

from tests.database import Database
from tests.flows.assistant.conftest import OpenSession
from tests.flows.assistant.visitors import SESSIONS, Visitor
from tests.people import Person, Socket
from tests.servers import Reply


def claims(visitor: Visitor, person: Person) -> Reply:
    """Log in as a user, and claim the session."""
    reply = visitor.at_session("POST", "/claim", token=person.token)
    if reply.status == 200:
        visitor.token, visitor.signed = person.token, reply.json["signed_session_id"]
    return reply


def test_a_claimed_session_keeps_its_history(opens: OpenSession, alice: Person, database: Database) -> None:
    visitor = opens()
    said = [visitor.says(text) for text in ("one", "two")]
    watching = visitor.connects()
    hers = Socket(visitor.server, query=f"?token={alice.token}", path="/api/chat/ws")
    hers.receives("connected")
    anonymous = visitor.signed

    assert claims(visitor, alice).status == 200
    assert watching.close_code() == 4401
    assert hers.receives("session.claimed")["session_id"] == visitor.session_id
    kept = [message for message in visitor.history() if message["role"] == "user"]
    assert [message["id"] for message in kept] == [message["id"] for message in said]
    assert visitor.says("three")["seq"] > said[-1]["seq"]
    assert hers.receives("message")["message"]["content"] == "three"
    listed = visitor.server.get(SESSIONS, token=alice.token).json["sessions"]
    assert [session["session_id"] for session in listed] == [visitor.session_id]
    rows = database.rows(
        "SELECT count(*) FROM messages WHERE retention = 1 AND sender_id = %s AND content IN ('one', 'two', 'three')",
        alice.id,
    )
    assert rows == [(3,)]

    replayed = visitor.server.get("/api/chat/messages", params={"session_id": anonymous})
    assert (replayed.status, replayed.json["error"]) == (404, "session_not_found")
    hers.closes()


def test_claiming_again_changes_nothing(opens: OpenSession, alice: Person, bob: Person) -> None:
    visitor = opens()
    visitor.says("mine")
    anonymous = visitor.signed
    first = claims(visitor, alice).json
    again = visitor.at_session("POST", "/claim", session_id=anonymous, token=alice.token)
    assert (again.status, again.json["session_id"]) == (200, first["session_id"])
    stolen = visitor.at_session("POST", "/claim", session_id=anonymous, token=bob.token)
    assert (stolen.status, stolen.json["error"]) == (404, "session_not_found")
    assert visitor.at_session("POST", "/claim", session_id=anonymous, token=None).status == 401


def test_a_session_without_messages_can_be_claimed(opens: OpenSession, alice: Person) -> None:
    visitor = opens()
    assert claims(visitor, alice).status == 200
    assert visitor.says("now as alice")["role"] == "user"
    assert [chat["kind"] for chat in alice.chats()] == ["assistant"]


def test_a_repeated_message_is_recognised_after_the_claim(opens: OpenSession, alice: Person) -> None:
    visitor = opens()
    first = visitor.says("once", client_message_id="k")
    claims(visitor, alice)
    assert visitor.says("once", client_message_id="k")["id"] == first["id"]
