"""Invalid cursors and limits have clear errors in the shape of the dialect."""

from __future__ import annotations

import base64
import json
import uuid
from typing import Any

import pytest

from chatapp.ids.public import encode_chat, encode_message
from tests.flows.social.conftest import Pair
from tests.flows.social.refusals import assert_refused
from tests.people import Person, PersonMaker
from tests.social_api import frame

pytestmark = pytest.mark.usefixtures("clean_log")

MOMENT = "2026-01-01T10:00:00Z"
LISTS = ["/conversations", "/blocks", "messages", "links"]


def cursor(value: Any) -> str:
    """Encode a value like a cursor."""
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.b64encode(text.encode()).decode()


def path_of(pair: Pair, name: str) -> str:
    return name if name.startswith("/") else f"{pair.path}/{name}"


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "bad",
    [
        "nonsense",
        "%%%",
        "ไทย",
        "a" * 5000,
        "AAAA\x00",
        cursor("null"),
        cursor("[]"),
        cursor("7"),
        cursor("{"),
        cursor('"created_at"'),
        cursor({}),
        cursor({"id": encode_chat(5)}),
        cursor({"created_at": MOMENT}),
        cursor({"created_at": MOMENT, "id": 5}),
        cursor({"created_at": MOMENT, "id": None}),
        cursor({"created_at": 1735689600, "id": encode_message(5)}),
        cursor({"created_at": "yesterday", "id": encode_message(5)}),
        cursor({"created_at": "0001-01-01T00:00:00+14:00", "id": encode_message(5)}),
        cursor({"created_at": "9999-12-31T23:59:59Z", "id": str(uuid.uuid4())}),
        cursor({"updated_at": "9999-12-31T23:59:59Z", "id": encode_chat(5)}),
        cursor({"created_at": MOMENT, "id": "msg-050"}),
        cursor({"created_at": MOMENT, "id": str(uuid.uuid4())}),
        cursor({"updated_at": MOMENT, "id": str(uuid.uuid4())}),
        cursor({"created_at": MOMENT, "updated_at": MOMENT, "id": encode_message(5)}),
        "eyJjcmVhdGVkX2F0IjoiMjAyNC0wMS0wMVQxMDowMDowMFoiLCJpZCI6Im1zZy0wNTAifQ==",
    ],
)
def test_malformed_cursor_is_refused(pair: Pair, name: str, bad: str) -> None:
    assert_refused(pair.bob.social.gets(path_of(pair, name), cursor=bad), 400, "INVALID_CURSOR")


def test_message_cursor_is_valid_only_for_its_conversation_and_user(pair: Pair, carol: Person) -> None:
    """Truncated, changed, of another conversation, list or user."""
    good = pair.bob.social.gets(f"{pair.path}/messages", limit=2).data["meta"]["nextCursor"]
    parsed = json.loads(base64.b64decode(good))
    assert parsed == {"created_at": pair.messages[2]["createdAt"], "id": pair.messages[2]["id"]}
    theirs = carol.social.sends("x", to=pair.bob)
    foreign = cursor({"created_at": theirs["createdAt"], "id": theirs["id"]})
    changed = cursor({**parsed, "created_at": pair.messages[1]["createdAt"]})
    finer = cursor({**parsed, "created_at": parsed["created_at"].replace("Z", "1Z")})
    made_up = encode_message(5)
    forged = cursor({"created_at": "2024-01-01T00:00:00.000Z", "id": made_up})
    for bad in (good[:-8], good[4:], good[:-3], foreign, changed, finer, forged):
        assert_refused(pair.bob.social.gets(f"{pair.path}/messages", cursor=bad), 400, "INVALID_CURSOR")
    for name in ("/conversations", "/blocks"):
        assert_refused(pair.bob.social.gets(name, cursor=good), 400, "INVALID_CURSOR")
    assert_refused(carol.social.gets(f"{pair.path}/messages", cursor=good), 404, "CONVERSATION_NOT_FOUND")
    assert pair.alice.social.gets(f"{pair.path}/messages", cursor=good).status == 200


def test_conversation_cursor_is_valid_only_for_its_user(pair: Pair, carol: Person, make_person: PersonMaker) -> None:
    for _ in range(2):
        carol.social.sends("x", to=make_person())
    good = carol.social.gets("/conversations", limit=1).data["meta"]["nextCursor"]
    assert set(json.loads(base64.b64decode(good))) == {"updated_at", "id"}
    assert carol.social.gets("/conversations", cursor=good).status == 200
    before_it_was = cursor({**json.loads(base64.b64decode(good)), "updated_at": "2024-01-01T00:00:00Z"})
    for person, bad in ((pair.alice, good), (carol, before_it_was), (carol, good[:-8])):
        assert_refused(person.social.gets("/conversations", cursor=bad), 400, "INVALID_CURSOR")


@pytest.mark.parametrize("bad", ["", "nonsense", "0", "null"])
def test_sync_cursor_is_validated(pair: Pair, carol: Person, bad: str) -> None:
    theirs = carol.social.gets("/messages/since").data["cursor"]
    for wrong in (bad or theirs, theirs[:-1]):
        assert_refused(pair.bob.social.gets("/messages/since", cursor=wrong), 400, "INVALID_CURSOR")
        received = pair.bob.social.connects().requests(frame("resume", cursor=wrong), "error")["payload"]
        assert received["code"] == "INVALID_CURSOR"


@pytest.mark.parametrize("name", [*LISTS, "/messages/since"])
@pytest.mark.parametrize("bad", ["0", "-1", "text", "", "1.5", "1e2", "٣"])
def test_invalid_limit_is_refused(pair: Pair, name: str, bad: str) -> None:
    reply = pair.bob.social.gets(path_of(pair, name), limit=bad)
    assert_refused(reply, 422, "VALIDATION_FAILED")
    assert set(reply.json["error"]["details"]) == {"limit"}


@pytest.mark.parametrize("name", [*LISTS, "/messages/since"])
def test_huge_limit_is_capped(pair: Pair, name: str) -> None:
    assert pair.bob.social.gets(path_of(pair, name), limit="9" * 30).status == 200


@pytest.mark.parametrize("field", ["before", "after"])
@pytest.mark.parametrize("bad", ["-1", "text"])
def test_invalid_context_size_is_refused(pair: Pair, field: str, bad: str) -> None:
    reply = pair.bob.social.gets(f"/messages/{pair.messages[0]['id']}/context", **{field: bad})
    assert_refused(reply, 422, "VALIDATION_FAILED")


def test_unknown_and_repeated_parameters_are_refused(pair: Pair) -> None:
    for query in ("page=1", "limit=1&limit=2", "direction=up"):
        reply = pair.bob.social.gets(f"{pair.path}/messages?{query}")
        assert_refused(reply, 422, "VALIDATION_FAILED")
