"""Requests that another site could cause are refused before they change anything."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from tests.browser_client import Browser
from tests.people import Person
from tests.servers import SECRET_KEY, ChatServer, Reply

SEND = "/marketplace/chat/messages"


def refusal(reply: Reply) -> tuple[int, Any]:
    error = reply.json["error"]
    return reply.status, error["code"] if isinstance(error, dict) else error


def forged(content: str, holder: str) -> str:
    """A token with a valid signature, as only the server could make it."""
    key = hmac.new(SECRET_KEY.encode(), b"csrf", hashlib.sha256).digest()
    return f"{content}.{hmac.new(key, f'{holder}|{content}'.encode(), hashlib.sha256).hexdigest()}"


def test_every_write_needs_a_token(alices: Browser, bob: Person) -> None:
    alices.csrf_token = None
    body = {"receiver_id": bob.id, "content": "hello"}
    for method, path, code in (
        ("POST", SEND, "marketplace.csrf"),
        ("PUT", "/marketplace/chat/messages/read", "marketplace.csrf"),
        ("PATCH", "/marketplace/chat/messages/1", "marketplace.csrf"),
        ("DELETE", "/marketplace/chat/1", "marketplace.csrf"),
        ("POST", "/chat/blocks", "CSRF"),
        ("DELETE", f"/chat/blocks/{bob.username}", "CSRF"),
        ("POST", "/assistant/sessions", "csrf"),
        ("POST", "/assistant/chat/messages", "csrf"),
        ("POST", "/ws-ticket", "auth.csrf"),
        ("POST", "/auth/login", "auth.csrf"),
        ("POST", "/auth/signup", "auth.csrf"),
        ("POST", "/auth/refresh", "auth.csrf"),
        ("POST", "/auth/logout", "auth.csrf"),
    ):
        reply = alices.requests(method, f"/api/v2{path}", json=body)
        assert refusal(reply) == (403, code), path
        assert alices.answers == {}
    assert bob.gets("").data == []
    assert alices.gets("/auth/me").status == 200


def test_the_right_token_passes_and_its_neighbours_do_not(alices: Browser, bob: Person) -> None:
    right = alices.csrf_token
    assert right is not None
    content, signature = right.rsplit(".", 1)
    expires, nonce = content.split(".")
    for wrong in (
        "",
        "x",
        signature,
        f"{content}.{'0' * 64}",
        f"{int(expires) + 1}.{nonce}.{signature}",
        f"{expires}.{nonce[::-1]}.{signature}",
        right + "\u00e9",
        right.upper(),
        f"{right} ",
        "9" * 5000,
    ):
        alices.csrf_token = wrong.encode().decode("latin-1")
        reply = alices.posts(SEND, {"receiver_id": bob.id, "content": "hello"})
        if wrong.strip() != right:  # a server strips white space around a header
            assert refusal(reply) == (403, "marketplace.csrf"), wrong
    alices.csrf_token = right
    assert alices.posts(SEND, {"receiver_id": bob.id, "content": "hello"}).status == 200


def test_a_token_expires(alices: Browser) -> None:
    access = alices.cookies["access_token"].value
    holder = f"sid:{jwt.decode(access, SECRET_KEY, algorithms=['HS256'])['sid']}"
    nonce = "n" * 22
    alices.csrf_token = forged(f"{int(time.time()) + 60}.{nonce}", holder)
    assert alices.posts("/ws-ticket").status == 200
    alices.csrf_token = forged(f"{int(time.time()) - 1}.{nonce}", holder)
    assert refusal(alices.posts("/ws-ticket")) == (403, "auth.csrf")


def test_a_token_of_another_log_in_does_not_pass(
    server: ChatServer, alices: Browser, alice: Person, bob: Person
) -> None:
    for person in (bob, alice):
        other = Browser(server)
        other.logs_in(person.username, person.password)
        alices.csrf_token = other.csrf_token
        assert refusal(alices.posts("/ws-ticket")) == (403, "auth.csrf")
    seeded = Browser(server)
    alices.csrf_token = seeded.fetches_csrf()
    alices.cookies["csrf_seed"] = seeded.cookies["csrf_seed"]
    assert refusal(alices.posts("/ws-ticket")) == (403, "auth.csrf"), "a log-in has tokens of its own alone"


def test_nobody_can_be_logged_in_by_another_site(server: ChatServer, alice: Person) -> None:
    """Log-in CSRF: a page that knows a valid token of its own browser cannot use it in another."""
    attacker, victim = Browser(server), Browser(server)
    victim.csrf_token = attacker.fetches_csrf()
    body = {"login": alice.username, "password": alice.password}
    assert refusal(victim.posts("/auth/login", body)) == (403, "auth.csrf")
    victim.fetches_csrf()
    victim.csrf_token = attacker.csrf_token
    assert refusal(victim.posts("/auth/login", body)) == (403, "auth.csrf")
    assert "access_token" not in victim.cookies
    seed = victim.cookies["csrf_seed"]
    assert (seed["httponly"], seed["samesite"], seed["path"], seed["max-age"]) == (True, "Strict", "/api/v2", "")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("site", ["cross-site", "same-site", "future-site"])
def test_pages_of_other_sites_are_refused(alices: Browser, method: str, site: str) -> None:
    path = "/api/v2/auth/me" if method == "GET" else "/api/v2/ws-ticket"
    reply = alices.requests(method, path, headers={"Sec-Fetch-Site": site})
    assert refusal(reply) == (403, "auth.originNotAllowed")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "https://shop.example"])
def test_writes_of_other_origins_are_refused(quick_server: ChatServer, quick_alice: Person, origin: str) -> None:
    """ALLOWED_ORIGINS, where quick_server lists the shop, is for bearer tokens."""
    browser = Browser(quick_server)
    browser.logs_in(quick_alice.username, quick_alice.password)
    reply = browser.requests("POST", "/api/v2/ws-ticket", headers={"Origin": origin})
    assert refusal(reply) == (403, "auth.originNotAllowed")
    assert "Access-Control-Allow-Credentials" not in reply.headers
    assert browser.posts("/ws-ticket").status == 200


def test_a_client_that_is_no_browser_needs_the_token_alone(alices: Browser) -> None:
    headers = {"Origin": None, "Sec-Fetch-Site": None}
    assert alices.requests("POST", "/api/v2/ws-ticket", headers=headers).status == 200  # type: ignore[arg-type]


def test_bodies_are_json_only(alices: Browser, bob: Person) -> None:
    reply = alices.requests("POST", f"/api/v2{SEND}", data={"receiver_id": bob.id, "content": "hello"})
    assert refusal(reply) == (415, "marketplace.unsupportedMediaType")


def test_refused_requests_are_limited_by_address(start_server: Callable[..., ChatServer]) -> None:
    server = start_server(LIMIT_DEFAULT="3/minute", PROXY_HOPS="1")
    browser = Browser(server)
    via = {"X-Forwarded-For": "203.0.113.7"}
    statuses = [browser.requests("POST", "/api/v2/auth/logout", headers=via).status for _ in range(5)]
    assert statuses == [403] * 3 + [429] * 2
    assert browser.requests("POST", "/api/v2/auth/logout", headers={"X-Forwarded-For": "203.0.113.8"}).status == 403
