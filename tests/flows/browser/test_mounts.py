"""The routes of the other dialects, entered with cookies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from chatapp import create_app
from chatapp.dialects import DIALECTS
from chatapp.ops import runtime
from config import load
from tests.browser_client import Browser
from tests.flows.attachments.words import PNG, named
from tests.people import Person
from tests.servers import ChatServer


def test_marketplace(alices: Browser, bob: Person) -> None:
    body = {"receiver_id": bob.id, "content": "hello", "client_message_id": "a"}
    sent = alices.posts("/marketplace/chat/messages", body)
    assert sent.status == 200 and sent.data["content"] == "hello"
    assert alices.posts("/marketplace/chat/messages", body).data["id"] == sent.data["id"]
    chat_id = sent.data["chat_id"]
    assert [chat["id"] for chat in alices.gets("/marketplace/chat").data] == [chat_id]
    file = alices.posts("/marketplace/chat/attachments", files=[named("a.png", PNG)]).data[0]
    assert alices.gets(f"/marketplace/chat/attachments/{file['id']}/download").status == 200
    assert alices.requests("DELETE", f"/api/v2/marketplace/chat/{chat_id}").status == 200
    assert alices.gets("/marketplace/chat/messages", chat_id=chat_id).error == "marketplace.chatNotFound"


def test_social(alices: Browser, alice: Person, bob: Person) -> None:
    found = alices.gets(f"/chat/conversations/with/{bob.username}")
    assert found.json["message"] == alice.social.gets(f"/conversations/with/{bob.username}").json["message"]
    sent = alices.posts(f"/chat/conversations/{found.data['id']}/messages", {"content": "hello"})
    assert (sent.status, sent.data["content"]) == (201, "hello")
    assert alices.gets("/chat/messages/00000000-0000-0000-0000-000000000000").code == "MESSAGE_NOT_FOUND"


def test_assistant_of_a_person(alices: Browser, alice: Person) -> None:
    opened = alices.posts("/assistant/sessions").json
    listed = alices.gets("/assistant/sessions").json["sessions"]
    assert [session["session_id"] for session in listed] == [opened["session_id"]]
    question = {"session_id": opened["signed_session_id"], "content": "hello"}
    assert alices.posts("/assistant/chat/messages", question).status == 200


def test_assistant_of_a_visitor(browser: Browser) -> None:
    browser.fetches_csrf()
    opened = browser.posts("/assistant/sessions").json
    question = {"session_id": opened["signed_session_id"], "content": "hello"}
    assert browser.posts("/assistant/chat/messages", question).status == 200
    assert browser.gets("/assistant/sessions").status == 401


def test_unknown_paths_have_the_shape_of_their_dialect(browser: Browser) -> None:
    assert browser.gets("/marketplace/chat/nothing/here").error == "marketplace.notFound"
    assert browser.gets("/chat/nothing/here").code == "NOT_FOUND"
    assert browser.gets("/nothing").json["error"] == "auth.notFound"


@pytest.fixture(scope="module")
def app(environment: dict[str, str]) -> Iterator[Flask]:
    app = create_app(load(environment))
    yield app
    runtime.close()


def test_mounts_have_every_route_of_their_dialect(app: Flask) -> None:
    rules = {rule.rule: rule for rule in app.url_map.iter_rules()}
    prefixes = {dialect.name: dialect.prefix for dialect in DIALECTS}
    mounts = {name: prefix for name, prefix in prefixes.items() if f"browser_{name}" in prefixes and name != "account"}
    assert set(mounts) == {"marketplace", "social", "assistant", "assistant_sessions"}
    compared = 0
    for name, prefix in mounts.items():
        (dialect,) = (dialect for dialect in DIALECTS if dialect.name == name)
        owned = {blueprint.name for blueprint in dialect.blueprints}
        for path, rule in rules.items():
            if rule.endpoint.partition(".")[0] in owned:
                mounted = rules[prefixes[f"browser_{name}"] + path.removeprefix(prefix)]
                assert mounted.methods == rule.methods
                assert app.view_functions[mounted.endpoint] is app.view_functions[rule.endpoint]
                compared += 1
    assert compared > 100


def test_the_limits_are_those_of_the_person(server: ChatServer, alices: Browser, alice: Person) -> None:
    """A second way in is no second allowance."""
    before = int(alice.gets("/unread-count").headers["X-RateLimit-Remaining"])
    after = int(alices.gets("/marketplace/chat/unread-count").headers["X-RateLimit-Remaining"])
    assert after == before - 1
