"""Every route and frame of both dialects serves a member of a larger chat."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from chatapp import create_app
from chatapp.ids.public import encode_chat
from chatapp.ops import runtime
from config import load
from tests.database import Database
from tests.flows.attachments.words import uploads
from tests.flows.members.larger_chats import make_larger_chat
from tests.flows.pools.scene import REFUSED_HERE, USES_UP, Scene
from tests.flows.pools.test_frames import is_answered, marketplace_frames, social_frames
from tests.flows.pools.test_routes import METHODS
from tests.people import Person

DIALECTS = ("marketplace", "social")
OF_ALICE = ("<int:attachment_id>", "<file:file_id>", "/since", "/exports/")  # files not sent, her cursors and exports


class LargerScene(Scene):
    """The same with a new chat of three; alice wrote its first message."""

    def __init__(self, people: list[Person], database: Database) -> None:
        self.alice, self.bob, self.carol = people
        self.alice.social.unblocks(self.bob)  # whether a route has blocked him or not
        # Files of the scenes before count as not sent, and the number of those is bounded.
        database.change("DELETE FROM attachments WHERE uploader_id = %s AND message_id IS NULL", self.alice.id)
        self.chat_id = make_larger_chat(database, [person.id for person in people])
        self.message = self.alice.sends("see https://example.com", chat_id=self.chat_id)
        self.file = uploads(self.alice)[0]["id"]
        self.conversation = encode_chat(self.chat_id)
        self.social_message = self.alice.social.history(self.conversation)[0]["id"]
        self.social_file = self.uploads_socially()
        self.group_id = self.chat_id


@pytest.fixture
def people(alice: Person, bob: Person, carol: Person) -> list[Person]:
    """The members."""
    return [alice, bob, carol]


@pytest.fixture(scope="module")
def rules(environment: dict[str, str]) -> Iterator[list[tuple[Rule, str]]]:
    """Every route of the dialects with each of its methods."""
    app: Flask = create_app(load(environment))
    yield [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) & METHODS)
        if rule.endpoint.startswith(DIALECTS)
    ]
    runtime.close()


def test_every_route_serves_the_author_of_a_message(
    people: list[Person], database: Database, rules: list[tuple[Rule, str]]
) -> None:
    assert len(rules) > 50
    scene = LargerScene(people, database)
    for rule, method in rules:
        for options in scene.calls(rule.endpoint):
            path = scene.path(rule.rule)
            reply = scene.alice.server.request(method, path, token=scene.alice.token, **options)
            assert reply.status < (500 if rule.endpoint in REFUSED_HERE else 400), (method, path, reply.text)
        if rule.endpoint in USES_UP:
            scene = LargerScene(people, database)


def test_every_route_serves_or_refuses_another_member(
    people: list[Person], database: Database, rules: list[tuple[Rule, str]]
) -> None:
    scene = LargerScene(people, database)
    for rule, method in rules:
        for options in scene.calls(rule.endpoint):
            path = scene.path(rule.rule)
            reply = scene.carol.server.request(method, path, token=scene.carol.token, **options)
            reads = method == "GET" and not any(part in rule.rule for part in OF_ALICE)
            assert reply.status < (400 if reads else 500), (method, path, reply.text)
        if rule.endpoint in USES_UP:
            scene = LargerScene(people, database)


def test_every_frame_serves_a_member(people: list[Person], database: Database) -> None:
    scene = LargerScene(people, database)
    sends = {"message": {"chat_id": scene.chat_id, "content": "hi", "attachment_ids": [scene.file]}}
    socket = scene.alice.connects()
    for kind, fields in {**marketplace_frames(scene), **sends}.items():
        assert not is_answered(socket, {"type": kind, **fields}), kind
    socket = scene.alice.social.connects()
    for kind, fields in social_frames(scene).items():
        assert not is_answered(socket, {"type": kind, "payload": fields}), kind
