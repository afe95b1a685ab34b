"""Two people with a chat that has one of everything, and the calls of every route that succeed there."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from tests.flows.attachments.words import named, uploads
from tests.people import PASSWORD, Person, PersonMaker
from tests.servers import SERVICE_TOKEN

Options = dict[str, Any]


class Scene:
    """Alice, and what she may name: her chat with bob, a message, a file that she has not sent yet."""

    def __init__(self, make_person: PersonMaker) -> None:
        self.alice: Person = make_person("alice")
        self.bob: Person = make_person("bob")
        self.message = self.alice.sends("see https://example.com", to=self.bob)
        self.chat_id: int = self.message["chat_id"]
        self.file: int = uploads(self.alice)[0]["id"]
        self.conversation: str = self.alice.social.opens(self.bob)["id"]
        self.social_message: str = self.alice.social.history(self.conversation)[0]["id"]
        self.social_file: str = self.uploads_socially()

    def uploads_socially(self) -> str:
        """A file of the social dialect that is not sent yet."""
        reply = self.alice.social.requests("POST", "/files", files=[named("picture.png")])
        assert reply.status in (200, 201), reply.text
        return str(reply.data[0]["id"])

    def path(self, rule: str) -> str:
        """The path of a route, about what is there."""
        values: dict[str, object] = {
            "<int:chat_id>": self.chat_id,
            "<int:message_id>": self.message["id"],
            "<int:attachment_id>": self.file,
            "<chat:conversation_id>": self.conversation,
            "<message:message_id>": self.social_message,
            "<file:file_id>": self.social_file,
            "<username>": self.bob.username,
            "<reference>": self.bob.id,
            "<any(listing, storefront_product):kind>": "listing",
            "<int:id>": 1001,
            "<name>": "swagger-ui.css",
        }
        return filled(rule, values)

    def calls(self, endpoint: str) -> list[Options]:
        """How a route is called so that it succeeds: what goes with the request beside the token."""
        return CALLS.get(endpoint, lambda scene: [{}])(self)


def invalid_path(rule: str) -> str:
    """The path of a route, with ids that do not exist."""
    nothing: dict[str, object] = {
        "<int:chat_id>": 987654321,
        "<int:message_id>": 987654321,
        "<int:attachment_id>": 987654321,
        "<chat:conversation_id>": uuid.uuid4(),
        "<message:message_id>": uuid.uuid4(),
        "<file:file_id>": uuid.uuid4(),
        "<username>": "no-such-user",
        "<reference>": 987654321,
        "<any(listing, storefront_product):kind>": "listing",
        "<int:id>": 987654321,
        "<name>": "nothing.css",
    }
    return filled(rule, nothing)


def filled(rule: str, values: dict[str, object]) -> str:
    """A rule with values in place of its arguments; fails for an argument that has none."""
    for argument, value in values.items():
        rule = rule.replace(argument, str(value))
    assert "<" not in rule, f"no value for an argument of {rule}"
    return rule


def _sends(scene: Scene) -> list[Options]:
    bob = scene.bob.id
    return [
        {"json": {"chat_id": scene.chat_id, "content": "by chat"}},
        {"json": {"receiver_id": bob, "content": "by receiver", "client_message_id": uuid.uuid4().hex}},
        {"json": {"receiver_id": bob, "attachment_ids": [scene.file]}},
    ]


def _signs_up(scene: Scene) -> list[Options]:
    name = f"new-{uuid.uuid4().hex[:10]}"
    return [{"json": {"username": name, "email": f"{name}@example.com", "password": PASSWORD, "name": "New"}}]


def _unblocks(scene: Scene) -> list[Options]:
    assert scene.alice.social.blocks(scene.bob).status == 201
    return [{}]


def _cursors(scene: Scene) -> list[Options]:
    return [{"params": {"cursor": scene.alice.social.gets("/messages/since").data["cursor"]}}]


CALLS: dict[str, Callable[[Scene], list[Options]]] = {
    "marketplace.list_chats": lambda scene: [{}, {"params": {"q": "bob", "archived": "true"}}],
    "marketplace.list_messages": lambda scene: [
        {"params": {"chat_id": scene.chat_id}},
        {"params": {"receiver_id": scene.bob.id, "limit": 1}},
    ],
    "marketplace.list_since": _cursors,
    "marketplace.send": _sends,
    "marketplace.edit": lambda scene: [{"json": {"content": "edited"}}],
    "marketplace.mark_read": lambda scene: [
        {"json": {"chat_id": scene.chat_id, "message_ids": [scene.message["id"]]}},
    ],
    "marketplace.mute": lambda scene: [{"json": {"until": "2090-01-01T00:00:00Z"}}],
    "marketplace_files.add_files": lambda scene: [{"files": [named("more.png")]}],
    "marketplace_files.upload": lambda scene: [{"files": [named("more.png")]}],
    "marketplace_files.prepare_uploads": lambda scene: [{"json": {"files": [{"file_name": "a.png", "file_size": 99}]}}],
    "marketplace_files.complete_upload": lambda scene: [{"json": {}}],
    "social.list_since": lambda scene: [{}, *_cursors(scene)],
    "social.send": lambda scene: [
        {"json": {"content": "hello", "tempId": uuid.uuid4().hex}},
        {"json": {"content": "", "attachmentIds": [scene.social_file]}},
    ],
    "social.mark_read": lambda scene: [{"json": {}}, {"json": {"messageId": scene.social_message}}],
    "social.edit": lambda scene: [{"json": {"content": "edited"}}],
    "social.block": lambda scene: [{"json": {"username": scene.bob.username}}],
    "social.unblock": _unblocks,
    "social_files.add_files": lambda scene: [{"files": [named("more.png")]}],
    "social_files.upload": lambda scene: [{"files": [named("more.png")]}],
    "social_files.prepare_uploads": lambda scene: [{"json": {"files": [{"fileName": "a.png", "fileSize": 99}]}}],
    "social_files.complete_upload": lambda scene: [{"json": {}}],
    "service.put_item": lambda scene: [{"json": {"title": "Bicycle", "seller_id": scene.bob.id}}],
    "service.put_user": lambda scene: [{"json": {"verified": True}}],
    "account.sign_up": _signs_up,
    "account.log_in": lambda scene: [{"json": {"login": scene.alice.username, "password": PASSWORD}}],
    "account.refresh": lambda scene: [{"json": {"refresh_token": scene.alice.refresh_token}}],
}

REFUSED_HERE = {"marketplace_files.complete_upload", "social_files.complete_upload"}
"""Routes that can only succeed with the object store's help; what they refuse here they have looked up all the same."""


def token_for(endpoint: str, scene: Scene) -> str:
    """What opens a route."""
    return SERVICE_TOKEN if endpoint.startswith("service.") else scene.alice.token
