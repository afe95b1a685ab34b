"""No frame of any dialect keeps a connection of the pool while its socket waits for the next one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chatapp.dialects import DIALECTS
from chatapp.ops.contract.asyncapi import asyncapi_document
from tests.flows.pools.conftest import POOL, SmallPool
from tests.flows.pools.scene import Scene
from tests.people import SOCIAL, Socket

Frame = dict[str, Any]

PINGS: dict[str, Frame] = {"ping": {}}  # last: their own pongs would be taken for those that say a frame was handled


@pytest.fixture(scope="module")
def scene(small: SmallPool) -> Iterator[Scene]:
    """Whose sockets the frames go over."""
    yield Scene(small.make_person)


def frames(dialect: str) -> set[str]:
    """The types that clients of a dialect send."""
    prefix = f"{dialect}.client."
    names = asyncapi_document(DIALECTS)["components"]["messages"]
    return {name.removeprefix(prefix) for name in names if name.startswith(prefix)}


def marketplace_frames(scene: Scene) -> dict[str, Frame]:
    """One of each that succeeds, in the order in which they do."""
    chat, message = scene.chat_id, scene.message["id"]
    cursor = scene.alice.social.gets("/messages/since").data["cursor"]
    return {
        "get_online_users": {},
        "typing": {"chat_id": chat, "is_typing": True},
        "message": {"receiver_id": scene.bob.id, "attachment_ids": [scene.file], "client_message_id": "frame-1"},
        "mark_read": {"message_id": message},
        "edit_message": {"message_id": message, "content": "edited"},
        "add_reaction": {"message_id": message, "emoji": "👍"},
        "remove_reaction": {"message_id": message, "emoji": "👍"},
        "resume": {"cursor": cursor},
        "delete_message": {"message_id": message},
        **PINGS,
        "heartbeat": {},
    }


def social_frames(scene: Scene) -> dict[str, Frame]:
    """One of each that succeeds, in the order in which they do; `auth` only opens a socket."""
    conversation, file = scene.conversation, scene.social_file
    sent = scene.alice.social.sends("for frames", to=conversation)["id"]
    cursor = scene.alice.social.gets("/messages/since").data["cursor"]
    return {
        "typing": {"conversationId": conversation, "isTyping": True},
        "message.send": {"conversationId": conversation, "content": "", "attachmentIds": [file], "tempId": "frame-2"},
        "message.read": {"conversationId": conversation},
        "message.edit": {"messageId": sent, "content": "edited"},
        "message.react": {"messageId": sent, "emoji": "👍"},
        "message.unreact": {"messageId": sent, "emoji": "👍"},
        "resume": {"cursor": cursor},
        "message.delete": {"messageId": sent},
        **PINGS,
    }


def wrong(fields: Frame) -> list[Frame]:
    """Frames of the same type that are refused, or name ids that do not exist."""
    missing = "0a9b7fe8-2500-8ef2-8e89-c4b079a09df9"
    absent = {name: missing if name.endswith("Id") and name != "tempId" else value for name, value in fields.items()}
    absent |= {name: 987654321 for name in fields if name in ("chat_id", "message_id", "receiver_id")}
    absent |= {name: [987654321] for name in fields if name == "attachment_ids"}
    absent |= {name: [missing] for name in fields if name == "attachmentIds"}
    absent |= {name: "another key" for name in fields if name in ("client_message_id", "tempId")}
    return [absent, {"surprise": 1}, {name: [] for name in fields}]


def test_marketplace_frames(small: SmallPool, scene: Scene) -> None:
    right = marketplace_frames(scene)
    assert set(right) == frames("marketplace")
    socket = scene.alice.connects()
    small.is_left_unused("opening")
    for kind, fields in right.items():
        for given in wrong(fields):
            is_answered(socket, {"type": kind, **given})
            small.is_left_unused(f"{kind} {given}")
        assert not is_answered(socket, {"type": kind, **fields}), kind
        small.is_left_unused(f"{kind} {fields}")


def test_social_frames(small: SmallPool, scene: Scene) -> None:
    right = social_frames(scene)
    assert {*right, "auth"} == frames("social")
    socket = scene.alice.social.connects()
    small.is_left_unused("opening")
    for kind, fields in right.items():
        for given in wrong(fields):
            is_answered(socket, {"type": kind, "payload": given})
            small.is_left_unused(f"{kind} {given}")
        assert not is_answered(socket, {"type": kind, "payload": fields}), kind
        small.is_left_unused(f"{kind} {fields}")


def is_answered(socket: Socket, frame: Frame) -> list[Frame]:
    """Send a frame and wait until it was handled; the refusals that came meanwhile."""
    socket.unclaimed.clear()
    socket.sends(frame)
    socket.pings()
    return [frame for frame in socket.unclaimed if "error" in frame["type"]]


def test_what_is_no_frame(small: SmallPool, scene: Scene) -> None:
    for socket in (scene.alice.connects(), scene.alice.social.connects()):
        for text in ("{", "[]", "1", '{"type": 5}', '{"type": "made up"}'):
            socket.sends(text)
            socket.pings()
            small.is_left_unused(text)


def test_a_socket_that_is_authenticated_by_its_first_frame(small: SmallPool, scene: Scene) -> None:
    for token in (scene.alice.token, "nonsense"):
        socket = Socket(small.server, path=f"{SOCIAL}/ws")
        socket.sends({"type": "auth", "payload": {"token": token}})
        assert socket.is_admitted() == (token == scene.alice.token)
        small.is_left_unused("auth")
        socket.closes()
    socket = Socket(small.server, query="?ticket=nonsense")
    assert not socket.is_admitted()
    small.is_left_unused("a bad ticket")


def test_more_first_messages_over_a_socket_than_the_pool_has(small: SmallPool, scene: Scene) -> None:
    socket = scene.alice.connects()
    for number in range(POOL + 2):
        socket.sends({"type": "message", "receiver_id": scene.bob.id, "attachment_ids": [number + 1], "content": ""})
    socket.pings()
    small.is_left_unused("first messages")
