"""Tokens that a shop signs for the visitors of its pages: who they are, and which item they look at."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.auth.forging import access_token
from tests.flows.assistant.visitors import CHAT, SESSIONS
from tests.people import Socket
from tests.servers import SECRET_KEY, SHOP, ChatServer, await_true


@pytest.fixture(scope="module")
def shop(start_server: Callable[..., ChatServer]) -> ChatServer:
    """chatapp beside a shop that signs tokens."""
    return start_server(AUTH_MODE="external", JWT_SECRET=SECRET_KEY, ALLOWED_ORIGINS=SHOP)


def token_for(item: Any = None) -> str:
    """A token of a new visitor with an account of the shop."""
    return access_token(sub=str(uuid.uuid4()), name="Vera", item=item)


def item_of_session(server: ChatServer, token: str, session_id: str) -> Any:
    return server.get(f"{SESSIONS}/{session_id}", token=token).json["item"]


def test_a_session_is_about_the_item_of_the_token(shop: ChatServer) -> None:
    token = token_for({"kind": "listing", "id": 1001})
    opened = shop.post(SESSIONS, token=token, json={})
    assert opened.json["item"] == {"kind": "listing", "id": 1001}


def test_an_item_in_the_request_comes_first(shop: ChatServer) -> None:
    token, named = token_for({"kind": "listing", "id": 1001}), {"kind": "storefront_product", "id": 7}
    assert shop.post(SESSIONS, token=token, json={"item": named}).json["item"] == named


def test_a_visitor_who_goes_on_to_another_page_takes_the_session_along(shop: ChatServer) -> None:
    subject = str(uuid.uuid4())
    first = access_token(sub=subject, item={"kind": "listing", "id": 1001})
    second = access_token(sub=subject, item={"kind": "listing", "id": 1002})
    session_id = shop.post(SESSIONS, token=first, json={}).json["signed_session_id"]

    sent = shop.post(f"{CHAT}/messages", token=second, json={"session_id": session_id, "content": "And this one?"})
    assert sent.status == 200, sent.text
    assert item_of_session(shop, second, session_id.partition(".")[0]) == {"kind": "listing", "id": 1002}


def test_frames_are_about_the_item_of_the_token(shop: ChatServer) -> None:
    subject = str(uuid.uuid4())
    opened = shop.post(SESSIONS, token=access_token(sub=subject), json={}).json
    assert opened["item"] is None
    token = access_token(sub=subject, item={"kind": "listing", "id": 1003})
    socket = Socket(shop, path=f"{CHAT}/ws", subprotocols=["access_token", token])
    socket.receives("connected")
    socket.sends({"type": "message", "session_id": opened["session_id"], "content": "Hello"})
    socket.receives("message")
    await_true(lambda: item_of_session(shop, token, opened["session_id"]) == {"kind": "listing", "id": 1003})
    socket.closes()


def test_an_invalid_item_is_ignored(shop: ChatServer) -> None:
    opened = shop.post(SESSIONS, token=token_for({"kind": "user", "id": "x"}), json={})
    assert (opened.status, opened.json["item"]) == (200, None)


@pytest.mark.parametrize("path", [SESSIONS, f"{CHAT}/messages", "/api/v1/marketplace/chat/messages"])
def test_pages_of_the_shop_may_send_what_the_widget_sends(shop: ChatServer, path: str) -> None:
    asked = {
        "Origin": SHOP,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key,x-session-id",
    }
    allowed = shop.request("OPTIONS", path, headers=asked)
    assert allowed.status == 204
    assert allowed.headers["Access-Control-Allow-Origin"] == SHOP
    listed = {name.strip().lower() for name in allowed.headers["Access-Control-Allow-Headers"].split(",")}
    assert listed >= {"authorization", "content-type", "idempotency-key", "x-session-id"}
    assert "Access-Control-Allow-Credentials" not in allowed.headers

    refused = shop.request("OPTIONS", path, headers={**asked, "Origin": "https://elsewhere.example"})
    assert "Access-Control-Allow-Origin" not in refused.headers


def test_the_shops_page_reads_answers_of_every_status(shop: ChatServer) -> None:
    for token in (token_for(), "invalid"):
        reply = shop.post(SESSIONS, token=token, json={}, headers={"Origin": SHOP})
        assert reply.headers["Access-Control-Allow-Origin"] == SHOP, reply.text
