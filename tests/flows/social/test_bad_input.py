"""Invalid input has clear errors in the shape of the dialect, and changes nothing."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

import pytest

from chatapp.ids.public import encode_chat, encode_message
from tests.database import Database
from tests.flows.social.conftest import Pair
from tests.flows.social.refusals import assert_refused
from tests.host import Host
from tests.people import Person, PersonMaker
from tests.social_api import frame

pytestmark = pytest.mark.usefixtures("clean_log")

IDS = ["5", "0", "-1", "nonsense", "%00", "null", "9" * 40, str(uuid.UUID(int=0)), "%F0%9F%90%A2", "x' OR '1'='1"]


SETTINGS = ("archive", "unarchive", "mute", "unmute", "pin", "unpin", "unsnooze", "mark-unread")


@pytest.mark.parametrize("kind", ["none", "forged", "other kind", "another user's", "unknown", *IDS])
def test_malformed_id_is_not_found(pair: Pair, carol: Person, database: Database, kind: str) -> None:
    """All ids get the same error, so that existence is not revealed."""
    chat, message = pair.conversation_id, pair.messages[0]["id"]
    ids = {
        "none": (str(uuid.uuid4()), str(uuid.uuid4())),
        "forged": (chat[:-1] + ("0" if chat[-1] != "0" else "1"), message[:-1] + ("0" if message[-1] != "0" else "1")),
        "other kind": (message, chat),
        "another user's": (chat, message),
        "unknown": (encode_chat(7), encode_message(7)),
    }.get(kind, (kind, kind))
    person = carol if kind == "another user's" else pair.bob
    hers = person.social.connects()
    before = database.counts()
    in_chat, in_message = f"/conversations/{ids[0]}", f"/messages/{ids[1]}"
    received = [
        person.social.gets(f"{in_chat}/messages"),
        person.social.gets(f"{in_chat}/links"),
        person.social.posts(f"{in_chat}/messages", {"content": "x"}),
        person.social.posts(f"{in_chat}/read"),
        person.social.deletes(in_chat),
        person.social.gets(f"{in_chat}/draft"),
        person.social.requests("PUT", f"{in_chat}/draft", json={"content": "x"}),
        person.social.posts(f"{in_chat}/snooze", {"until": "2199-01-01T00:00:00Z"}),
        *(person.social.posts(f"{in_chat}/{verb}") for verb in SETTINGS),
    ]
    for reply in received:
        assert_refused(reply, 404, "CONVERSATION_NOT_FOUND")
    for reply in (
        person.social.gets(in_message),
        person.social.gets(f"{in_message}/context"),
        person.social.patches(in_message, {"content": "x"}),
        person.social.posts(f"{in_message}/forward", {"conversationIds": [pair.conversation_id]}),
        person.social.gets(f"{in_message}/receipts"),
        person.social.deletes(in_message),
    ):
        assert_refused(reply, 404, "MESSAGE_NOT_FOUND")
    raw = [id if "%" not in id else "\U0001f422" for id in ids]
    sent = hers.requests(frame("message.send", conversationId=raw[0], content="x", tempId="t"), "message.error")
    assert sent["payload"]["code"] == "CONVERSATION_NOT_FOUND"
    for wrong, code in (
        (frame("message.read", conversationId=raw[0]), "CONVERSATION_NOT_FOUND"),
        (frame("typing", conversationId=raw[0], isTyping=True), "CONVERSATION_NOT_FOUND"),
        (frame("message.edit", messageId=raw[1], content="x"), "MESSAGE_NOT_FOUND"),
        (frame("message.delete", messageId=raw[1]), "MESSAGE_NOT_FOUND"),
    ):
        assert hers.requests(wrong, "error")["payload"]["code"] == code
    assert database.counts() == before


@pytest.mark.parametrize("bad", ["5f0a2c5e-9a6b-4c1d-8e2f-0b3a4d5c6e7f", "nonsense", ""])
def test_reading_up_to_an_unknown_message_is_refused(pair: Pair, database: Database, bad: str) -> None:
    before = database.counts()
    assert_refused(pair.bob.social.posts(f"{pair.path}/read", {"messageId": bad}), 404, "MESSAGE_NOT_FOUND")
    received = pair.bob.social.connects().requests(
        frame("message.read", conversationId=pair.conversation_id, messageId=bad), "error"
    )
    assert received["payload"]["code"] == "MESSAGE_NOT_FOUND"
    assert database.counts() == before


BODIES = [
    ({}, {"content"}),
    ({"content": ""}, {"content"}),
    ({"content": " \n\u200b"}, {"content"}),
    ({"content": "x" * 10_001}, {"content"}),
    ({"content": 5}, {"content"}),
    ({"content": None}, {"content"}),
    ({"content": "a\x00b"}, {"content"}),
    ({"content": "ok", "more": 1}, {"more"}),
    ({"content": "ok", "tempId": ""}, {"tempId"}),
    ({"content": "ok", "tempId": 7}, {"tempId"}),
    ({"content": "ok", "tempId": "x" * 129}, {"tempId"}),
]


@pytest.mark.parametrize(("body", "wrong"), BODIES)
def test_invalid_message_is_refused(pair: Pair, database: Database, body: dict[str, Any], wrong: set[str]) -> None:
    before = database.counts()
    reply = pair.alice.social.posts(f"{pair.path}/messages", body)
    assert (reply.status, set(reply.json["error"]["details"])) == (422, wrong), reply.text
    socket = pair.alice.social.connects()
    received = socket.requests(frame("message.send", conversationId=pair.conversation_id, **body), "message.error")[
        "payload"
    ]
    assert set(received["details"]) == wrong
    assert socket.pings()
    assert database.counts() == before


@pytest.mark.parametrize("path", ["messages", "read"])
@pytest.mark.parametrize(
    ("data", "status"),
    [("{", 400), ("[]", 400), ("5", 400), ('{"content":"\\ud800"}', 400), ('{"a":1,"a":1}', 400), ('{"x":1}', 422)],
)
def test_unreadable_body_is_refused(pair: Pair, path: str, data: str, status: int) -> None:
    reply = pair.alice.social.requests(
        "POST", f"{pair.path}/{path}", data=data, headers={"Content-Type": "application/json"}
    )
    assert (reply.status, reply.json["success"]) == (status, False)
    assert pair.alice.social.requests("POST", f"{pair.path}/{path}", data=data).status == 415


NAMES = ["unknown", " ", "a" * 3000, "..", "%00", "a%00b", "%F0%9F%90%A2", "al%2Fice", "%25", "*", "' OR 1=1 --", "ﬁ"]


@pytest.mark.parametrize("name", NAMES)
def test_unknown_username_is_not_found(pair: Pair, database: Database, name: str) -> None:
    before = database.counts()
    path = name if "%" in name else quote(name, safe="")
    for reply in (
        pair.alice.social.gets(f"/blocks/status/{path}"),
        pair.alice.social.deletes(f"/blocks/{path}"),
        pair.alice.social.gets(f"/conversations/with/{path}"),
    ):
        assert reply.status == 404, reply.text
        assert reply.code in ("USER_NOT_FOUND", "NOT_FOUND")
    assert database.counts() == before


def test_homoglyphs_are_different_usernames(alice: Person, make_person: PersonMaker) -> None:
    """Letters of other scripts, and one that becomes a Latin letter in lower case."""
    other = make_person("kate")
    for letter in ("\u212a", "к", "ｋ"):
        look_alike = letter + other.username[1:]
        assert_refused(alice.social.gets(f"/conversations/with/{quote(look_alike)}"), 404, "USER_NOT_FOUND")
        assert_refused(alice.social.posts("/blocks", {"username": look_alike}), 404, "USER_NOT_FOUND")


def test_deleted_users_are_not_found_but_their_messages_remain(
    alice: Person, make_person: PersonMaker, host: Host
) -> None:
    gone = make_person("gone")
    message = gone.social.sends("hi", to=alice)
    alice.social.blocks(gone)
    host.erases(gone)
    for reply in (
        alice.social.gets(f"/conversations/with/{gone.username}"),
        alice.social.blocks(gone),
        alice.social.unblocks(gone),
        alice.social.gets(f"/blocks/status/{gone.username}"),
    ):
        assert_refused(reply, 404, "USER_NOT_FOUND")
    assert alice.social.gets("/blocks").data["blocks"] == []
    assert [one["content"] for one in alice.social.history(message["conversationId"])] == ["hi"]


def test_users_cannot_write_to_themselves(alice: Person) -> None:
    for name in (alice.username, alice.username.upper()):
        assert_refused(alice.social.gets(f"/conversations/with/{name}"), 422, "CANNOT_MESSAGE_SELF")


@pytest.mark.parametrize("body", [{}, {"username": 5}, {"username": None}, {"username": "a\x00b"}, {"user": "bob"}])
def test_block_without_a_user_is_refused(pair: Pair, database: Database, body: dict[str, Any]) -> None:
    before = database.counts()
    assert_refused(pair.alice.social.posts("/blocks", body), 422, "VALIDATION_FAILED")
    assert database.counts() == before


@pytest.mark.parametrize(
    "bad",
    [
        {"type": "dance"}, {"payload": {}}, {"type": 5}, {"type": None}, {"type": ["ping"]},
        {"type": "typing", "payload": []}, {"type": "typing", "payload": "x"}, {"type": "typing"},
        {"type": "typing", "payload": {"conversationId": 5, "isTyping": True}},
        {"type": "typing", "payload": {"conversationId": "x", "isTyping": "yes"}},
        {"type": "message.read", "payload": {"conversationId": None}},
        {"type": "message.edit", "payload": {"messageId": "x"}},
        {"type": "resume", "payload": {"cursor": 5}},
        {"type": "resume", "payload": {"cursor": "x", "limit": 0}},
        {"type": "message.sent", "payload": {}},
        {"conversationId": "x", "content": "hi"},
    ],
)  # fmt: skip
def test_invalid_frame_is_answered_and_the_socket_stays_open(pair: Pair, database: Database, bad: object) -> None:
    before = database.counts()
    socket = pair.alice.social.connects()
    received = socket.requests(bad, "error")["payload"]
    assert set(received) >= {"code", "error"}
    assert socket.pings()["payload"]["timestamp"]
    assert database.counts() == before


@pytest.mark.parametrize("payload", [None, [], "x", {"tempId": 5}, {"tempId": "t"}])
def test_invalid_send_is_answered_by_message_error(pair: Pair, payload: object) -> None:
    received = pair.alice.social.connects().requests({"type": "message.send", "payload": payload}, "message.error")[
        "payload"
    ]
    assert received["code"] == "VALIDATION_FAILED"
    assert received["tempId"] == ("t" if payload == {"tempId": "t"} else None)


@pytest.mark.parametrize("text", ["{", "[]", '"ping"', "5", '{"type":"ping","type":"ping"}', '{"type":"\\ud800"}'])
def test_malformed_frame_is_answered_by_an_error(pair: Pair, text: str) -> None:
    socket = pair.alice.social.connects()
    assert socket.requests(text, "error")["payload"]["error"]
    assert socket.pings()


def test_errors_are_in_the_language_of_the_user(pair: Pair) -> None:
    reply = pair.bob.social.requests("GET", f"/messages/{encode_message(7)}", headers={"Accept-Language": "th"})
    assert (reply.code, reply.json["message"]) == ("MESSAGE_NOT_FOUND", "ไม่พบข้อความนี้")


def test_routes_require_a_token(pair: Pair) -> None:
    reply = pair.alice.server.get("/api/v1/chat/conversations")
    assert_refused(reply, 401, "TOKEN_MISSING")
    assert_refused(pair.alice.social.gets("/nowhere"), 404, "NOT_FOUND")
    assert_refused(pair.alice.social.requests("PUT", "/conversations"), 405, "METHOD_NOT_ALLOWED")
