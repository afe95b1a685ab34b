"""What cannot be marked is refused in the shape of each dialect, and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.ids.public import encode_chat, encode_message
from tests.database import Database
from tests.people import Person, Socket
from tests.social_api import frame

THUMB = "👍"
FLAG = "🇷🇸"
MARKS = ("pin", "star", "hide")
NO_EMOJI: list[Any] = [
    "",
    "x",
    ":+1:",
    THUMB * 2,
    FLAG * 25,
    "\u200d".join(["👨"] * 30),
    "🏽",
    "\u200d",
    "👍\u202e",
    "👍" * 70,
]
NO_TEXT: list[Any] = [None, 1, True, [THUMB], {"emoji": THUMB}, "👍\x00"]


@pytest.mark.parametrize("emoji", [*NO_EMOJI, *NO_TEXT])
def test_a_reaction_is_one_emoji(alice: Person, bob: Person, database: Database, emoji: Any) -> None:
    message = alice.sends("hi", to=bob)
    before = database.counts()
    path, social_path = f"/messages/{message['id']}", f"/messages/{encode_message(message['id'])}"
    reply = bob.posts(f"{path}/reactions", {"emoji": emoji})
    assert (reply.status, list(reply.json["details"])) == (422, ["emoji"]), reply.text
    assert reply.error in ("marketplace.notAnEmoji", "marketplace.validationFailed")
    reply = bob.social.posts(f"{social_path}/reactions", {"emoji": emoji})
    assert (reply.status, list(reply.json["error"]["details"])) == (422, ["emoji"]), reply.text
    assert database.counts() == before


def test_the_emoji_is_given_once(alice: Person, bob: Person) -> None:
    path = f"/messages/{alice.sends('hi', to=bob)['id']}/reactions"
    for body, query in (({}, ""), ({"emoji": THUMB}, f"?emoji={THUMB}")):
        reply = bob.server.delete(f"/api/v1/marketplace/chat{path}{query}", token=bob.token, json=body)
        assert (reply.status, list(reply.json["details"])) == (422, ["emoji"]), reply.text
    assert bob.posts(path, {"emoji": THUMB, "colour": "red"}).status == 422
    assert bob.posts(path).status == 415
    assert bob.posts(path, {}).status == 422


def test_what_is_another_s_or_missing_is_not_found(alice: Person, bob: Person, carol: Person) -> None:
    message = alice.sends("hi", to=bob)
    for mark in ("reactions", *MARKS):
        body = {"emoji": THUMB} if mark == "reactions" else None
        for message_id in (message["id"], 987654321):
            assert carol.posts(f"/messages/{message_id}/{mark}", body).status == 404
            assert carol.social.posts(f"/messages/{encode_message(message_id)}/{mark}", body).status == 404
    assert carol.gets(f"/{message['chat_id']}/pins").status == 404
    assert carol.social.gets(f"/conversations/{encode_chat(message['chat_id'])}/pins").status == 404
    assert carol.social.gets("/conversations/no-id/pins").status == 404


def test_a_deleted_message_is_not_marked(alice: Person, bob: Person) -> None:
    message = alice.sends("hi", to=bob)
    alice.deletes_message(message)
    for mark in ("reactions", "pin", "star"):
        reply = bob.posts(f"/messages/{message['id']}/{mark}", {"emoji": THUMB} if mark == "reactions" else None)
        assert (reply.status, reply.error) == (409, "marketplace.messageDeleted")
    assert bob.posts(f"/messages/{message['id']}/hide").status == 200


def test_during_a_block_nobody_reacts_or_pins(alice: Person, bob: Person) -> None:
    message = alice.sends("hi", to=bob)
    alice.blocks(bob)
    for person in (alice, bob):
        for mark in ("reactions", "pin"):
            body = {"emoji": THUMB} if mark == "reactions" else None
            reply = person.posts(f"/messages/{message['id']}/{mark}", body)
            assert (reply.status, reply.error) == (403, "marketplace.blocked")
        assert person.posts(f"/messages/{message['id']}/star").status == 200


def test_members_do_not_pin_in_a_larger_chat(alice: Person, bob: Person, larger_chat: int) -> None:
    message = bob.sends("hi", chat_id=larger_chat)
    reply = bob.posts(f"/messages/{message['id']}/pin")
    assert (reply.status, reply.error) == (403, "marketplace.adminRequired")
    assert alice.posts(f"/messages/{message['id']}/pin").status == 200
    assert [pin["message"]["id"] for pin in bob.gets(f"/{larger_chat}/pins").data] == [message["id"]]


@pytest.mark.parametrize("cursor", ["x", "s", "s0", "s-1", "1", "s9007199254740993", "s١", "s1e3", "s" + "9" * 30])
def test_bad_cursors_of_starred_messages(alice: Person, cursor: str) -> None:
    expected = 422 if len(cursor) > 20 else 400
    assert alice.gets("/starred", cursor=cursor).status == expected
    assert alice.social.gets("/starred", cursor=cursor).status == 400
    assert alice.gets("/starred", limit=0).status == 422


def test_bad_frames_are_refused_and_the_socket_stays_open(alice: Person, bob: Person) -> None:
    message = alice.sends("hi", to=bob)
    socket, social = bob.connects(), bob.social.connects()
    for kind in ("add_reaction", "remove_reaction"):
        for fields in (
            {"emoji": THUMB},
            {"message_id": message["id"]},
            {"message_id": "1", "emoji": THUMB},
            {"message_id": message["id"], "emoji": FLAG * 3},
            {"message_id": 987654321, "emoji": THUMB},
        ):
            socket.requests({"type": kind, **fields}, "error")
    social_id = encode_message(message["id"])
    for kind in ("message.react", "message.unreact"):
        for payload in ({"emoji": THUMB}, {"messageId": social_id}, {"messageId": social_id, "emoji": "x"},
                        {"messageId": "no-id", "emoji": THUMB}):  # fmt: skip
            social.requests(frame(kind, **payload), "error")
    assert_open(socket, social)
    assert bob.history(message["chat_id"])[0]["reactions"] == []


def assert_open(*sockets: Socket) -> None:
    for socket in sockets:
        socket.pings()


def test_a_hidden_message_cannot_be_found_again(alice: Person, bob: Person) -> None:
    message = alice.sends("hi", to=bob)
    path, social_path = f"/messages/{message['id']}", f"/messages/{encode_message(message['id'])}"
    for _ in range(2):
        assert bob.posts(f"{path}/hide").status == bob.social.posts(f"{social_path}/hide").status == 200
    for reply in (
        bob.posts(f"{path}/reactions", {"emoji": THUMB}),
        bob.posts(f"{path}/star"),
        bob.posts(f"{path}/pin"),
        bob.gets(f"{path}/history"),
        bob.social.gets(social_path),
        bob.social.gets(f"{social_path}/context"),
    ):
        assert reply.status == 404, reply.text
    assert bob.history(message["chat_id"]) == []
    assert bob.unread() == 0
    assert alice.history(message["chat_id"])[0]["content"] == "hi"
