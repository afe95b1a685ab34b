"""Frames and responses of the assistant match the documents."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator

from tests.flows.assistant.conftest import OpenSession
from tests.flows.assistant.visitors import SESSIONS
from tests.flows.contract.conformance import frame_problems
from tests.people import Person, Socket
from tests.servers import ChatServer, Reply


def request(socket: Socket, answer: str, **frame: Any) -> dict[str, Any]:
    assert frame_problems("assistant", "client", frame) == []
    return socket.requests(json.dumps(frame), answer)


def test_every_frame_matches_the_document(opens: OpenSession) -> None:
    visitor = opens()
    socket = visitor.connects()
    request(socket, "message", type="message", content="hello", client_message_id="k")
    request(socket, "pong", type="ping")
    request(socket, "pong", type="heartbeat")
    request(socket, "resumed", type="resume")
    socket.sends({"type": "typing", "is_typing": True})
    request(socket, "error", type="message", content="")
    visitor.at_session("DELETE")
    socket.receives("session.ended")
    assert {
        kind for frame in socket.received if frame_problems("assistant", "server", frame) for kind in [frame["type"]]
    } == set()


def test_every_response_matches_the_document(opens: OpenSession, server: ChatServer, alice: Person) -> None:
    document = server.get("/openapi.json").json
    visitor = opens(alice)
    message = visitor.says("hello", item={"kind": "listing", "id": 7})
    replies: dict[tuple[str, str], Reply] = {
        ("post", "/api/sessions"): server.post(SESSIONS, json={}),
        ("get", "/api/sessions"): server.get(SESSIONS, token=alice.token),
        ("post", "/api/sessions/sign"): server.post(
            f"{SESSIONS}/sign", token=alice.token, json={"session_id": visitor.session_id}
        ),
        ("get", "/api/sessions/{session_id}"): visitor.at_session("GET"),
        ("post", "/api/chat/messages"): visitor.posts("/messages", content="again"),
        ("get", "/api/chat/messages"): visitor.gets("/messages"),
        ("get", "/api/chat/messages/since"): visitor.gets("/messages/since", since="2026-01-01T00:00:00Z"),
        ("get", "/api/chat/messages/after"): visitor.gets("/messages/after", after_id=message["id"]),
        ("delete", "/api/sessions/{session_id}"): visitor.at_session("DELETE"),
    }
    for (method, path), reply in replies.items():
        assert reply.status == 200, (path, reply.text)
        schema = document["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"]
        problems = Draft202012Validator({**schema, "components": document["components"]}).iter_errors(reply.json)
        assert [error.message for error in problems] == [], path
    assert replies["get", "/api/sessions/{session_id}"].json["item"] == {"kind": "listing", "id": 7}
