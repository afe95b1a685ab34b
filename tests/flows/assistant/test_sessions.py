"""Sessions: opening, reading, listing and ending them; whose they are, and what their ids prove."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.database import Database
from tests.flows.assistant.conftest import OpenSession
from tests.flows.assistant.visitors import CHAT, SESSIONS, Visitor
from tests.people import Person
from tests.servers import ChatServer


@pytest.fixture(scope="module")
def strict_server(start_server: Callable[..., ChatServer]) -> ChatServer:
    """Accepts signed ids only, as in production."""
    return start_server(SESSION_STRICT="1")


def forged(signed: str) -> str:
    """A signed id with another signature."""
    return signed[:-1] + ("0" if signed[-1] != "0" else "1")


def test_an_opened_session_has_no_rows_before_its_first_message(opens: OpenSession, database: Database) -> None:
    before = database.counts()
    visitor = opens()
    assert visitor.at_session("GET").json["message_count"] == 0
    assert visitor.history() == []
    socket = visitor.connects()
    assert socket.greeting["session_id"] == visitor.session_id
    assert database.counts() == before

    sent = visitor.says("Good morning")
    assert sent["role"] == "user"
    assert socket.receives("message")["message"] == sent
    shown = visitor.at_session("GET").json
    assert (shown["session_id"], shown["message_count"] >= 1) == (visitor.session_id, True)
    assert visitor.history()[0] == sent


def test_a_signed_id_has_four_parts(opens: OpenSession, alice: Person) -> None:
    anonymous, hers = opens(), opens(alice)
    session_id, signed_at, user, signature = anonymous.signed.split(".")
    assert (session_id, user, len(signature)) == (anonymous.session_id, "anonymous", 64)
    assert signed_at.isdigit()
    assert hers.signed.split(".")[2] == alice.uuid
    renewed = anonymous.server.post(f"{SESSIONS}/sign", json={"session_id": anonymous.session_id})
    assert set(renewed.json) == {"signed_session_id", "expires_at"}
    assert renewed.json["signed_session_id"].startswith(f"{anonymous.session_id}.")


def test_forged_and_truncated_ids_are_refused(opens: OpenSession) -> None:
    visitor = opens()
    visitor.says("hello")
    other = opens()
    for wrong in (
        forged(visitor.signed),
        visitor.signed[:-1],
        visitor.signed.rpartition(".")[0],
        visitor.signed.replace(visitor.session_id, other.session_id),
        visitor.signed.replace("anonymous", "1c9f3a52-5f1e-4b7e-8c0a-3d2b1a0f9e8d"),
        "a.b.c.d",
        "....",
        visitor.signed * 3,
    ):
        reply = visitor.server.get(f"{CHAT}/messages", params={"session_id": wrong})
        assert (reply.status, reply.json["error"]) in (
            (401, "session_signature_invalid"),
            (422, "validation_failed"),  # too long for the field
        ), wrong


def test_unknown_sessions_and_those_of_others_look_the_same(opens: OpenSession, alice: Person, bob: Person) -> None:
    hers = opens(alice)
    hers.says("mine")
    guessed = hers.session_id[:-1] + ("0" if hers.session_id[-1] != "0" else "1")
    refusals = [
        hers.server.get(f"{SESSIONS}/{session_id}", token=token)
        for session_id, token in (
            (guessed, bob.token),
            ("1c9f3a52-5f1e-4b7e-8c0a-3d2b1a0f9e8d", None),
            ("not-an-id", None),
            (hers.session_id, bob.token),
            (hers.session_id, None),
            (hers.signed, bob.token),
            (hers.signed, None),
        )
    ]
    assert {reply.status for reply in refusals} == {404}
    bodies = [{**reply.json, "request_id": None} for reply in refusals]
    assert all(body == bodies[0] for body in bodies)
    assert bodies[0]["error"] == "session_not_found"


def test_bare_ids_are_refused_where_signed_ones_are_required(strict_server: ChatServer) -> None:
    visitor = Visitor(strict_server)
    visitor.says("signed")
    bare = strict_server.get(f"{CHAT}/messages", params={"session_id": visitor.session_id})
    assert (bare.status, bare.json["error"]) == (401, "session_signature_required")
    header = strict_server.get(f"{CHAT}/messages", headers={"X-Session-ID": visitor.signed})
    assert header.json["messages"][0]["content"] == "signed"


def test_a_bare_id_is_enough_where_it_may_be(opens: OpenSession) -> None:
    visitor = opens()
    visitor.signed = visitor.session_id
    assert visitor.says("bare")["content"] == "bare"
    assert visitor.history()[0]["content"] == "bare"


def test_an_account_lists_its_sessions(opens: OpenSession, alice: Person, server: ChatServer) -> None:
    first, second = opens(alice), opens(alice)
    listed = server.get(SESSIONS, token=alice.token).json
    assert [session["session_id"] for session in listed["sessions"]] == [second.session_id, first.session_id]
    older = server.get(SESSIONS, token=alice.token, params={"limit": 1, "before": second.session_id}).json
    assert [session["session_id"] for session in older["sessions"]] == [first.session_id]
    assert server.get(SESSIONS).status == 401


def test_no_message_follows_the_end(opens: OpenSession) -> None:
    visitor = opens()
    visitor.says("one")
    socket = visitor.connects()
    assert visitor.at_session("DELETE").status == 200
    assert socket.receives("session.ended")["session_id"] == visitor.session_id
    assert visitor.at_session("DELETE").status == 200
    refused = visitor.posts("/messages", content="two")
    assert (refused.status, refused.json["error"]) == (409, "session_ended")
    assert visitor.history()[0]["content"] == "one"
    assert visitor.at_session("GET").json["ended_at"] is not None


def test_a_session_without_an_id_is_a_field_that_is_missing(server: ChatServer) -> None:
    reply = server.post(f"{CHAT}/messages", json={"content": "hello"})
    assert (reply.status, set(reply.json["details"])) == (422, {"session_id"})
