"""A dialect that is added to the registry is served, documented and counted, without a line elsewhere."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chatapp.dialects import DIALECTS
from tests.flows.contract.fifth_dialect import FIFTH, MAX_BODY_BYTES
from tests.people import Person, PersonMaker, Socket
from tests.servers import ChatServer

ROUTE = f"{FIFTH.prefix}/measure"
assert FIFTH.socket is not None
SOCKET = FIFTH.socket.path


APPLICATION = "tests.flows.contract.fifth_dialect:app()"


@pytest.fixture(scope="module")
def fifth_server(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatServer]:
    server = ChatServer(environment, log=tmp_path_factory.mktemp("fifth") / "web.log", application=APPLICATION)
    yield server
    server.stop(signal.SIGTERM)


@pytest.fixture
def strict_server(environment: dict[str, str], tmp_path: Path) -> Iterator[ChatServer]:
    """Takes two light frames of a connection, and one message."""
    limits = {"LIMIT_FRAMES_LIGHT": "2/hour", "LIMIT_FRAMES_CONNECTION": "1/hour", "LIMIT_FRAMES_CONNECTION_BURST": "0"}
    server = ChatServer({**environment, **limits}, log=tmp_path / "web.log", application=APPLICATION)
    yield server
    server.stop(signal.SIGTERM)


@pytest.fixture(scope="module")
def dana(fifth_server: ChatServer) -> Person:
    return PersonMaker(fifth_server)("dana")


@pytest.fixture
def socket(dana: Person) -> Iterator[Socket]:
    opened = Socket(dana.server, query=f"?token={dana.token}", path=SOCKET)
    assert opened.receives("welcome")["body"] == {"name": dana.username}
    yield opened
    opened.closes()


def test_its_routes_are_served_in_its_envelope(dana: Person) -> None:
    measured = dana.server.post(ROUTE, token=dana.token, json={"text": "four"})
    assert (measured.status, measured.json) == (200, {"result": {"length": 4}})
    refused = dana.server.post(ROUTE, token=dana.token, json={"text": 4})
    assert (refused.status, refused.json) == (422, {"reason": "validation_failed", "status": 422})
    missing = dana.server.get(f"{FIFTH.prefix}/nothing")
    assert missing.json == {"reason": "not_found", "status": 404}
    assert dana.server.get(SOCKET).json == {"reason": "upgrade_required", "status": 426}


def test_its_own_bound_of_bodies_holds(dana: Person) -> None:
    refused = dana.server.post(ROUTE, token=dana.token, json={"text": "x" * MAX_BODY_BYTES})
    assert (refused.status, refused.json) == (413, {"reason": "too_large", "status": 413})


def test_its_frames_are_handled(socket: Socket) -> None:
    assert socket.requests({"type": "measure", "body": {"text": "four"}}, "measured")["body"] == {"length": 4}
    assert socket.requests({"body": {"text": "default"}}, "measured")["body"] == {"length": 7}
    assert socket.requests({"type": "store", "body": {"text": "four"}}, "measured")["body"] == {"length": 4}
    assert socket.requests({"type": "hello", "body": {"ignored": 1}}, "welcome")
    for frame in ({"type": "measure"}, {"type": "measure", "body": []}, {"type": "nonsense"}):
        assert socket.requests(frame, "failure")["body"]["reason"] in ("validation_failed", "unknown_frame_type")


def test_frames_are_counted_against_their_limit_before_their_fields_are_validated(strict_server: ChatServer) -> None:
    dana = PersonMaker(strict_server)("dana")
    socket = Socket(strict_server, query=f"?token={dana.token}", path=SOCKET)
    socket.receives("welcome")
    light, message = {"type": "measure", "body": {"text": "four"}}, {"type": "store", "body": {"text": "four"}}
    for _ in range(2):
        assert socket.requests({"type": "measure"}, "failure")["body"] == {"reason": "validation_failed"}
    socket.sends(light)  # over the limit, and dropped
    assert socket.requests({"type": "store"}, "failure")["body"] == {"reason": "validation_failed"}
    assert socket.requests(message, "failure")["body"] == {"reason": "rate_limit_exceeded"}
    assert socket.requests({"type": "hello"}, "welcome")
    assert "measured" not in {frame["type"] for frame in socket.received}
    socket.closes()


def test_its_routes_are_documented(dana: Person) -> None:
    document = dana.server.get("/openapi.json").json
    operation = document["paths"][ROUTE]["post"]
    assert operation["summary"] == "Measure a text."
    assert operation["security"] == [{"bearerAuth": []}]
    assert {"200", "401", "413", "422", "429", "503"} <= set(operation["responses"])
    shape = {**operation["responses"]["200"]["content"]["application/json"]["schema"], **_components(document)}
    answer = dana.server.post(ROUTE, token=dana.token, json={"text": "four"}).json
    assert not list(Draft202012Validator(shape).iter_errors(answer))
    refusal = document["components"]["responses"]["fifth.413"]["content"]["application/json"]["example"]
    assert refusal == {"reason": "too_large", "status": 413}


def test_its_frames_are_documented(socket: Socket, dana: Person) -> None:
    document = dana.server.get("/asyncapi.json").json
    assert document["channels"]["fifth"]["address"] == SOCKET
    assert document["operations"]["fifth.client"]["messages"] == [
        {"$ref": f"#/channels/fifth/messages/fifth.client.{kind}"} for kind in ("measure", "store", "hello")
    ]
    socket.requests({"type": "measure", "body": {"text": "four"}}, "measured")
    socket.requests({"type": "nonsense"}, "failure")
    assert {frame["type"] for frame in socket.received} == {"welcome", "measured", "failure"}
    for frame in socket.received:
        message = document["components"]["messages"][f"fifth.server.{frame['type']}"]
        assert not list(Draft202012Validator({**message["payload"], **_components(document)}).iter_errors(frame))


def test_its_frames_are_counted_by_their_types(socket: Socket, dana: Person) -> None:
    before = _counted(dana.server)
    socket.requests({"type": "measure", "body": {"text": "four"}}, "measured")
    socket.requests({"body": {"text": "default"}}, "measured")
    socket.requests({"type": "nonsense"}, "failure")
    after = _counted(dana.server)
    counted = {labels: after[labels] - before.get(labels, 0) for labels in after}
    assert counted[("measure", "in")] == 2
    assert counted[("measured", "out")] == 2
    assert counted[("unknown", "in")] == 1


def test_the_other_dialects_are_served_beside_it(dana: Person) -> None:
    assert dana.chats() == []
    assert dana.social.conversations() == []
    paths = dana.server.get("/openapi.json").json["paths"]
    assert [dialect.name for dialect in DIALECTS if not any(path.startswith(dialect.prefix) for path in paths)] == []


def _components(document: dict[str, Any]) -> dict[str, Any]:
    return {"components": document["components"]}


def _counted(server: ChatServer) -> dict[tuple[str, str], float]:
    """Frames by type and direction."""
    text = server.get("/metrics", params={"scope": "process"}).text
    found = re.findall(r'chat_websocket_messages_total\{direction="(\w+)",type="([\w.]+)"\} (\S+)', text)
    return {(kind, direction): float(count) for direction, kind, count in found}
