"""The contract documents are valid and complete, and the validating schemas accept their examples."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from chatapp import create_app
from chatapp.dialects import DIALECTS
from chatapp.edge.i18n.catalogue import done_text
from chatapp.ops.contract.asyncapi import asyncapi_document
from chatapp.ops.contract.openapi import openapi_document
from config import load
from tests.flows.contract.conformance import frame_problems
from tests.people import Person
from tests.servers import ChatServer

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture(scope="module")
def app(environment: dict[str, str]) -> Flask:
    return create_app(load(environment))


@pytest.fixture(scope="module")
def openapi(app: Flask) -> dict[str, Any]:
    return openapi_document(app)


def _operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, one) for path, each in document["paths"].items() for method, one in each.items()]


def test_openapi_is_valid(openapi: dict[str, Any]) -> None:
    assert openapi["openapi"] == "3.1.0"
    validate(openapi)


def test_every_route_is_documented(app: Flask, openapi: dict[str, Any]) -> None:
    routes = {
        (re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if not rule.websocket  # in AsyncAPI
        for method in (rule.methods or set()) & METHODS
    }
    assert {(path, method) for path, method, _ in _operations(openapi)} == routes


def test_every_operation_has_a_summary_and_security(openapi: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in _operations(openapi)]
    assert len(names) == len(set(names))
    for path, _, operation in _operations(openapi):
        assert operation["summary"], path
        if "requestBody" in operation:
            assert {"400", "413", "415", "422"} <= set(operation["responses"]), path


@pytest.mark.parametrize(
    ("name", "security"), [("marketplace", "bearerAuth"), ("social", "bearerAuth"), ("service", "serviceToken")]
)
def test_every_route_of_a_protected_dialect_is_protected(openapi: dict[str, Any], name: str, security: str) -> None:
    (prefix,) = (dialect.prefix for dialect in DIALECTS if dialect.name == name)
    operations = [(path, one) for path, _, one in _operations(openapi) if f"{path}/".startswith(f"{prefix}/")]
    assert operations
    for path, operation in operations:
        assert operation["security"] == [{security: []}], path
        assert {"401", "503"} <= set(operation["responses"]), path
        assert {"200", "201", "202"} & set(operation["responses"]), path


def test_every_dialect_is_documented(openapi: dict[str, Any]) -> None:
    channels = asyncapi_document(DIALECTS)["channels"]
    sockets = {dialect.name: dialect.socket.path for dialect in DIALECTS if dialect.socket is not None}
    assert {name: channel["address"] for name, channel in channels.items()} == sockets
    for dialect in DIALECTS:
        assert any(f"{path}/".startswith(f"{dialect.prefix}/") for path in openapi["paths"]), dialect.name


def test_dialects_do_not_share_names_or_paths() -> None:
    names = [dialect.name for dialect in DIALECTS]
    paths = [dialect.prefix for dialect in DIALECTS]
    paths += [dialect.socket.path for dialect in DIALECTS if dialect.socket is not None]
    assert len(set(names)) == len(names)
    assert len(set(paths)) == len(paths)


def test_every_social_success_has_a_message(app: Flask) -> None:
    dialect = ("social.", "social_files.")
    views = [endpoint.rpartition(".")[2] for endpoint in app.view_functions if endpoint.startswith(dialect)]
    assert len(views) > 10
    assert [view for view in views if done_text(view, "en") == "Done" and view != "download"] == []


def test_examples_match_their_schemas(app: Flask, openapi: dict[str, Any]) -> None:
    takes = {
        rule.endpoint: view.takes
        for rule in app.url_map.iter_rules()
        if hasattr(view := app.view_functions[rule.endpoint], "takes")
    }
    checked = 0
    for path, method, operation in _operations(openapi):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is None:
            continue
        example = body["example"]
        endpoint = operation["operationId"].rsplit(".", 1)[0]
        for taken in takes[endpoint]:
            if taken.location == "json":
                assert taken.schema().validate(example) == {}, (method, path)
                checked += 1
    assert checked >= 5
    for name, schema in openapi["components"]["schemas"].items():
        for field, shape in schema.get("properties", {}).items():
            for example in shape.get("examples", ()):
                problems = list(Draft202012Validator(shape).iter_errors(example))
                assert not problems, (name, field, problems)


def test_error_responses_match_the_document(openapi: dict[str, Any], server: ChatServer, alice: Person) -> None:
    for status, reply in {
        "401": server.get("/api/v1/marketplace/chat/unread-count"),
        "404": alice.gets("/messages", chat_id=987654321),
        "422": alice.posts("/messages", {"content": 5, "surprise": True}),
        "400": server.request("POST", "/api/v1/marketplace/chat/messages", token=alice.token, data="{",
                              headers={"Content-Type": "application/json"}),
        "415": server.request("POST", "/api/v1/marketplace/chat/messages", token=alice.token, data="{}"),
    }.items():  # fmt: skip
        assert str(reply.status) == status
        response = openapi["components"]["responses"][f"marketplace.{status}"]
        schema = response["content"]["application/json"]["schema"]
        assert not list(Draft202012Validator(schema).iter_errors(reply.json)), (status, reply.json)


def test_responses_match_the_document(openapi: dict[str, Any], alice: Person, bob: Person) -> None:
    base = "/api/v1/marketplace/chat"
    sent = alice.posts("/messages", {"receiver_id": bob.id, "content": "hello"})
    chat_id = sent.data["chat_id"]
    replies = {
        ("post", f"{base}/messages"): sent,
        ("get", base): bob.gets(""),
        ("get", f"{base}/messages"): bob.gets("/messages", chat_id=chat_id),
        ("get", f"{base}/unread-count"): bob.gets("/unread-count"),
        ("post", f"{base}/{{chat_id}}/archive"): bob.posts(f"/{chat_id}/archive"),
        ("post", f"{base}/ws-ticket"): bob.posts("/ws-ticket"),
        ("get", "/api/v1/health"): bob.server.get("/api/v1/health"),
    }
    for (method, path), reply in replies.items():
        assert reply.status == 200, reply.text
        content = openapi["paths"][path][method]["responses"]["200"]["content"]["application/json"]
        schema = {**content["schema"], "components": openapi["components"]}
        problems = [error.message for error in Draft202012Validator(schema).iter_errors(reply.json)]
        assert not problems, (path, problems)


def test_every_reference_of_asyncapi_resolves() -> None:
    document = asyncapi_document(DIALECTS)
    assert document["asyncapi"].startswith("3.0")

    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [found for value in node.values() for found in references(value)]
        return [found for value in node for found in references(value)] if isinstance(node, list) else []

    for reference in references(document):
        target: Any = document
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]
        assert target


def test_live_frames_match_the_document(alice: Person, bob: Person) -> None:
    socket, other = alice.connects(), bob.connects()
    socket.sends({"receiver_id": bob.id, "content": "hello", "client_message_id": "a"})
    frames = [socket.receives("message_ack"), socket.receives("new_message"), other.receives("new_message")]
    frames.append(socket.requests({"type": "ping"}, "pong"))
    frames.append(socket.requests({"type": "get_online_users"}, "online_users_list"))
    frames.append(other.receives("unread_count"))
    frames.append(socket.requests({"type": "unknown"}, "error"))
    for frame in [*frames, *socket.unclaimed, *other.unclaimed]:
        assert frame_problems("marketplace", "server", frame) == []


def test_frames_that_violate_the_document_are_reported() -> None:
    assert frame_problems("marketplace", "server", {"type": "pong", "timestamp": "2026-01-01T00:00:00Z"}) == []
    assert frame_problems("marketplace", "server", {"type": "pong"})
    assert frame_problems("marketplace", "server", {"type": "pong", "timestamp": 5})
    assert frame_problems("marketplace", "server", {"type": "unknown"})
    assert frame_problems("marketplace", "client", {"receiver_id": 5, "content": "hello"}) == []
    assert frame_problems("marketplace", "client", {"type": "typing", "chat_id": "5", "is_typing": True})


def test_the_page_loads_nothing_from_other_origins(server: ChatServer) -> None:
    page = server.get("/swagger/")
    assert page.status == 200
    assert "http" not in page.text.replace("http-equiv", "")
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    for name in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert server.get(f"/swagger/{name}").status == 200, name
    assert server.get("/swagger/nothing.js").status == 404
    assert server.get("/openapi.json").json["openapi"] == "3.1.0"
    assert server.get("/asyncapi.json").json == asyncapi_document(DIALECTS)
