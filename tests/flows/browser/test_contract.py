"""The browser dialect is documented as it behaves: cookies, CSRF tokens and refusals."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.browser_client import Browser
from tests.people import Person
from tests.servers import ChatServer, Reply

COOKIE, BOTH = {"cookieAuth": []}, {"cookieAuth": [], "csrfToken": []}


@pytest.fixture(scope="module")
def openapi(server: ChatServer) -> dict[str, Any]:
    document: dict[str, Any] = server.get("/openapi.json").json
    return document


def problems(openapi: dict[str, Any], method: str, path: str, reply: Reply) -> list[str]:
    response = openapi["paths"][path][method]["responses"][str(reply.status)]
    if "$ref" in response:
        response = openapi["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema = response["content"]["application/json"]["schema"] | {"components": openapi["components"]}
    return [error.message for error in Draft202012Validator(schema).iter_errors(reply.json)]


def test_security_is_documented(openapi: dict[str, Any]) -> None:
    schemes = openapi["components"]["securitySchemes"]
    assert schemes["cookieAuth"] == {"type": "apiKey", "in": "cookie", "name": "access_token"}
    assert schemes["csrfToken"] == {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"}
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            if not path.startswith("/api/v2/"):
                assert not {"cookieAuth", "csrfToken"} & {name for one in operation.get("security", ()) for name in one}
                continue
            security = operation.get("security", [])
            if path.startswith("/api/v2/assistant/") and security != [BOTH] and security != [COOKIE]:
                assert security == ([{}, COOKIE] if method == "get" else [{"csrfToken": []}, BOTH]), path
            elif path == "/api/v2/csrf":
                assert security == []
            elif path.startswith("/api/v2/auth/") and method == "post":
                assert security == [{"csrfToken": []}], path
            else:
                assert security == ([COOKIE] if method == "get" else [BOTH]), path
            assert method == "get" or "403" in operation["responses"], path


def test_mounts_share_the_components_of_their_dialect(openapi: dict[str, Any]) -> None:
    mounts = {path: one for path, one in openapi["paths"].items() if path.startswith("/api/v2/marketplace/chat")}
    assert len(mounts) > 40
    for path, operations in mounts.items():
        for method, operation in operations.items():
            own = openapi["paths"][path.replace("/v2/", "/v1/")][method]
            for field in ("summary", "tags", "parameters", "requestBody"):
                assert operation.get(field) == own.get(field), path
            assert own["responses"].items() <= operation["responses"].items()


def test_responses_match_the_document(openapi: dict[str, Any], server: ChatServer, alice: Person) -> None:
    browser = Browser(server)
    login = {"login": alice.username, "password": alice.password}
    replies = [("post", "/api/v2/auth/login", browser.posts("/auth/login", login))]
    browser.fetches_csrf()
    replies += [
        ("get", "/api/v2/csrf", browser.gets("/csrf")),
        ("get", "/api/v2/auth/me", browser.gets("/auth/me")),
        ("post", "/api/v2/auth/refresh", browser.posts("/auth/refresh")),
        ("post", "/api/v2/auth/login", browser.posts("/auth/login", {"login": 5})),
        ("post", "/api/v2/auth/login", browser.logs_in(alice.username, alice.password)),
        ("get", "/api/v2/auth/me", browser.gets("/auth/me")),
        ("get", "/api/v2/ws-token", browser.gets("/ws-token")),
        ("post", "/api/v2/ws-ticket", browser.posts("/ws-ticket")),
        ("post", "/api/v2/auth/refresh", browser.posts("/auth/refresh")),
        ("get", "/api/v2/marketplace/chat/unread-count", browser.gets("/marketplace/chat/unread-count")),
        ("get", "/api/v2/chat/conversations", browser.gets("/chat/conversations")),
        ("post", "/api/v2/auth/logout", browser.posts("/auth/logout")),
    ]
    for method, path, reply in replies:
        assert problems(openapi, method, path, reply) == [], (path, reply.text)
    assert [reply.status for _, _, reply in replies] == [403, 200, 401, 401, 422, *[200] * 8]
