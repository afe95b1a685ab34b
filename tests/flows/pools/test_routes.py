"""No route keeps a connection of the pool, whatever is sent to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from chatapp import create_app
from chatapp.ops import runtime
from config import load
from tests.flows.attachments.words import uploads
from tests.flows.pools.conftest import POOL, SmallPool
from tests.flows.pools.scene import REFUSED_HERE, USES_UP, Options, Scene, invalid_path, token_for

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
WRONG: list[Options] = [
    {},
    {"json": {"surprise": 1}},
    {"json": [], "params": {"limit": "x", "cursor": "nonsense", "chat_id": "-1"}},
    {"data": "{", "headers": {"Content-Type": "application/json"}},
    {"files": [("files", ("empty.png", b"", "image/png"))]},
]


@pytest.fixture(scope="module")
def rules(environment: dict[str, str]) -> Iterator[list[tuple[Rule, str]]]:
    """Every route with each of its methods."""
    app: Flask = create_app(load(environment))
    yield [(rule, method) for rule in app.url_map.iter_rules() for method in sorted((rule.methods or set()) & METHODS)]
    runtime.close()


def test_every_route_that_succeeds_gives_its_connection_back(small: SmallPool, rules: list[tuple[Rule, str]]) -> None:
    scene = Scene(small.make_person)
    for rule, method in rules:
        if rule.endpoint.startswith("sockets."):
            continue  # tests/flows/pools/test_frames.py
        for options in scene.calls(rule.endpoint):
            path = scene.path(rule.rule)
            reply = small.server.request(method, path, token=token_for(rule.endpoint, scene), **options)
            assert reply.status < (500 if rule.endpoint in REFUSED_HERE else 400), (method, path, reply.text)
            small.is_left_unused(f"{method} {path} {options}")
        if rule.endpoint in USES_UP:
            scene = Scene(small.make_person)


def test_every_route_that_refuses_gives_its_connection_back(small: SmallPool, rules: list[tuple[Rule, str]]) -> None:
    scene = Scene(small.make_person)
    for rule, method in rules:
        if rule.endpoint == "account.log_out":
            continue  # succeeds whatever it is sent
        for path in (invalid_path(rule.rule), scene.path(rule.rule)):
            for token in (None, "nonsense", token_for(rule.endpoint, scene)):
                if method == "DELETE" and path == scene.path(rule.rule) and token == token_for(rule.endpoint, scene):
                    continue  # succeeds
                for options in WRONG:
                    reply = small.server.request(method, path, token=token, **options)
                    assert reply.status not in (500, 502, 503, 504), (method, path, options, reply.text)
        small.is_left_unused(f"{method} {rule.rule}")


@pytest.mark.parametrize("are_valid", [True, False])
def test_first_messages_with_files_do_not_exhaust_the_pool(small: SmallPool, are_valid: bool) -> None:
    alice = small.make_person("alice")
    for _ in range(POOL + 2):
        bob = small.make_person("bob")
        file = uploads(alice)[0]["id"] if are_valid else 987654321
        reply = alice.posts("/messages", {"receiver_id": bob.id, "attachment_ids": [file]})
        assert reply.status == (200 if are_valid else 422), reply.text
    small.is_left_unused("first messages with files")
