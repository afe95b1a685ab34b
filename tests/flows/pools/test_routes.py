"""No route keeps a connection of the pool, whatever is sent to it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from flask import Flask
from werkzeug.routing import Rule

from chatapp import create_app
from chatapp.ops import runtime
from config import load
from tests.flows.attachments.words import uploads
from tests.flows.pools.conftest import POOL, SmallPool
from tests.flows.pools.scene import MOUNTS, REFUSED_HERE, USES_UP, Options, Scene, invalid_path

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
    yield [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) & METHODS)
        if not rule.endpoint.startswith(MOUNTS)
    ]
    runtime.close()


def test_every_route_that_succeeds_gives_its_connection_back(small: SmallPool, rules: list[tuple[Rule, str]]) -> None:
    scene = Scene(small.make_person)
    for rule, method in rules:
        if rule.endpoint.startswith("sockets."):
            continue  # tests/flows/pools/test_frames.py
        for options in scene.calls(rule.endpoint):
            path = scene.path(rule.rule)
            reply = scene.caller(rule.endpoint)(method, path, **options)
            assert reply.status < (500 if rule.endpoint in REFUSED_HERE else 400), (method, path, reply.text)
            small.is_left_unused(f"{method} {path} {options}")
        if rule.endpoint in USES_UP:
            scene = Scene(small.make_person)


def test_every_route_that_refuses_gives_its_connection_back(small: SmallPool, rules: list[tuple[Rule, str]]) -> None:
    scene = Scene(small.make_person)
    for rule, method in rules:
        if rule.endpoint in ("account.log_out", "browser_account.log_out"):
            continue  # succeeds whatever it is sent
        invalid, valid = invalid_path(rule.rule), scene.path(rule.rule)
        knows = scene.caller(rule.endpoint)
        for path, caller in product((invalid, valid), (*scene.strangers(rule.endpoint), knows)):
            if method == "DELETE" and path == valid and caller is knows:
                continue  # succeeds
            for options in WRONG:
                reply = caller(method, path, **options)
                assert reply.status not in (500, 502, 503, 504), (method, path, options, reply.text)
        small.is_left_unused(f"{method} {rule.rule}")
        if rule.endpoint in USES_UP:
            scene = Scene(small.make_person)


@pytest.mark.parametrize("are_valid", [True, False])
def test_first_messages_with_files_do_not_exhaust_the_pool(small: SmallPool, are_valid: bool) -> None:
    alice = small.make_person("alice")
    for _ in range(POOL + 2):
        bob = small.make_person("bob")
        file = uploads(alice)[0]["id"] if are_valid else 987654321
        reply = alice.posts("/messages", {"receiver_id": bob.id, "attachment_ids": [file]})
        assert reply.status == (200 if are_valid else 422), reply.text
    small.is_left_unused("first messages with files")
