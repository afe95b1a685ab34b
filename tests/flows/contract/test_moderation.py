"""Responses of the routes of moderation match the documents."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.contract.moderation_routes import SERVICE_ROUTES, USER_ROUTES
from tests.flows.contract.test_frames import openapi, problems
from tests.host import INTERNAL, Host
from tests.people import CHAT, SOCIAL, Person
from tests.servers import SERVICE_TOKEN, ChatServer, Reply


@pytest.mark.parametrize("base", [CHAT, SOCIAL])
@pytest.mark.parametrize(("method", "path"), USER_ROUTES)
def test_responses_for_users(alice: Person, bob: Person, host: Host, base: str, method: str, path: str) -> None:
    message = bob.sends("hi", to=alice)
    ids = (message["id"], alice.social.history(alice.social.opens(bob)["id"])[0]["id"])
    body: dict[str, Any] = {"message_id": ids[0]} if base == CHAT else {"messageId": ids[1]}
    theirs = bob.posts("/reports", {"message_id": alice.sends("hi", to=bob)["id"], "reason": "spam"}).data
    host.decides(theirs["id"], "warn", reason="Be kind.")
    warning = alice.gets("/warnings").data[0] if base == CHAT else alice.social.gets("/warnings").data["warnings"][0]

    def request(token: str | None, body: Any, warning_id: Any) -> Reply:
        options = {"json": body} if path == "/reports" else {}
        where = base + path.replace("{warning_id}", str(warning_id))
        return alice.server.request(method, where, token=token, **options)

    right = {**body, "reason": "spam"}
    missing = 987654321 if base == CHAT else "7c6b1f0e-0000-4000-8000-000000000000"
    wrong = {**dict.fromkeys(body, missing), "reason": "spam"}
    replies = [request(None, right, warning["id"]), request(alice.token, right, warning["id"])]
    replies += [request(alice.token, wrong, missing), request(alice.token, {}, warning["id"])]
    assert replies[0].status == 401
    assert replies[1].status in (200, 201)
    assert replies[2].status == (200 if path == "/warnings" else 404)
    for reply in replies:
        assert problems(alice.server, method, base + path, reply) == []


def reply_of(host: Host, method: str, path: str, report_id: int, person: Person) -> list[Reply]:
    """What a route answers to a right request, and to wrong ones."""
    bodies: dict[tuple[str, str], Any] = {
        ("post", "/moderation/reports/{report_id}"): {"action": "warn"},
        ("put", "/moderation/filters"): {"rules": []},
        ("post", "/users/{reference}/ban"): {"reason": "fraud"},
    }
    body = bodies.get((method, path))

    def request(report: int, reference: int, sent: Any, token: str = SERVICE_TOKEN) -> Reply:
        where = INTERNAL + path.replace("{report_id}", str(report)).replace("{reference}", str(reference))
        return host.server.request(method, where, token=token, **({} if sent is None else {"json": sent}))

    wrong = None if body is None else {"surprise": 1}
    return [
        request(report_id, person.id, body),
        request(2**50, 2**50, body),
        request(report_id, person.id, wrong),
        request(report_id, person.id, body, "nonsense"),
    ]


@pytest.mark.parametrize(("method", "path"), SERVICE_ROUTES)
def test_responses_for_moderators(alice: Person, bob: Person, host: Host, method: str, path: str) -> None:
    message = alice.sends("hi", to=bob)
    report = bob.posts("/reports", {"message_id": message["id"], "reason": "spam"}).data
    replies = reply_of(host, method, path, report["id"], alice)
    assert replies[0].status == 200, replies[0].text
    for reply in replies:
        assert problems(host.server, method, INTERNAL + path, reply) == []


def test_every_route_of_moderators_is_covered(server: ChatServer) -> None:
    paths = openapi(server.url)["paths"]
    found = {
        (method, path.removeprefix(INTERNAL))
        for path, methods in paths.items()
        for method in methods
        if path.startswith(f"{INTERNAL}/moderation") or (path.startswith(INTERNAL) and path.endswith("/ban"))
    }
    assert found == set(SERVICE_ROUTES)
