"""Drafts: on all devices of their user, in lists and catch-ups, and gone once a message is sent."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.ids.public import encode_chat
from chatapp.queries.chat_summaries import MAX_DRAFT_SHOWN
from tests.database import Database
from tests.flows.attachments.words import uploads
from tests.flows.members.larger_chats import make_larger_chat
from tests.flows.social.refusals import assert_refused
from tests.host import Host
from tests.people import Person

pytestmark = pytest.mark.usefixtures("clean_log")

STORED = "SELECT content FROM drafts WHERE user_id = %s"


def saves(who: Person, chat_id: int, content: str) -> dict[str, Any]:
    """Save a draft."""
    reply = who.puts(f"/{chat_id}/draft", {"content": content})
    assert reply.status == 200, reply.text
    saved: dict[str, Any] = reply.data
    return saved


def listed(who: Person, chat_id: int) -> tuple[Any, Any]:
    """The draft in the lists of both dialects."""
    (social,) = [chat for chat in who.social.conversations() if chat["id"] == encode_chat(chat_id)]
    return who.chat(chat_id)["draft"], social.get("draft")


def test_a_draft_is_on_all_devices_in_both_dialects(alice: Person, bob: Person) -> None:
    sent = alice.sends("hi", to=bob)
    chat_id, conversation = sent["chat_id"], encode_chat(sent["chat_id"])
    cursor = bob.cursor(chat_id)
    device, social_device, hers = bob.connects(), bob.social.connects(), alice.connects()
    saved = saves(bob, chat_id, "I was going to")
    assert (saved["content"], saved["settings_version"], saved["seq"]) == ("I was going to", 1, 0)
    assert device.receives("draft_updated") == {"type": "draft_updated", "chat_id": chat_id, **saved}
    frame = social_device.receives("draft.updated")["payload"]
    assert frame == {
        "conversationId": conversation,
        "content": "I was going to",
        "seq": 0,
        "settingsVersion": 1,
        "updatedAt": saved["updated_at"],
    }
    assert social_device.receives("conversation.updated")["payload"]["draft"]["content"] == "I was going to"
    assert bob.gets(f"/{chat_id}/draft").data == saved
    social_saved = bob.social.gets(f"/conversations/{conversation}/draft").data
    assert social_saved == {name: value for name, value in frame.items() if name != "conversationId"}
    shown = {"content": "I was going to", "is_cut": False, "updated_at": saved["updated_at"]}
    social_shown = {"content": "I was going to", "isCut": False, "updatedAt": saved["updated_at"]}
    assert listed(bob, chat_id) == (shown, social_shown)
    assert bob.catches_up(cursor)["chats"][chat_id]["draft"] == shown
    assert bob.social.opens(alice)["draft"] == social_shown
    assert alice.chat(chat_id)["draft"] is None
    hers.receives_no("draft_updated", until=hers.pings)


def test_a_social_draft_is_on_all_devices(alice: Person, bob: Person) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    device = bob.connects()
    path = f"/conversations/{encode_chat(chat_id)}/draft"
    reply = bob.social.requests("PUT", path, json={"content": "from the phone"})
    assert reply.status == 200, reply.text
    assert device.receives("draft_updated")["content"] == "from the phone"
    assert bob.gets(f"/{chat_id}/draft").data["content"] == "from the phone"


@pytest.mark.parametrize("empty", ["", "   ", "\n\t", "\u200b"])
def test_an_empty_text_removes_the_draft(alice: Person, bob: Person, database: Database, empty: str) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    saves(bob, chat_id, "maybe")
    device = bob.connects()
    assert saves(bob, chat_id, empty)["content"] == ""
    assert device.receives("draft_updated")["content"] == ""
    assert bob.gets(f"/{chat_id}/draft").data["updated_at"] is None
    assert listed(bob, chat_id) == (None, None)
    assert database.rows(STORED, bob.id) == []


@pytest.mark.parametrize("is_larger", [False, True])
def test_sending_clears_the_draft_and_reading_does_not(
    alice: Person, bob: Person, carol: Person, database: Database, is_larger: bool
) -> None:
    members = [alice.id, bob.id, carol.id]
    chat_id = make_larger_chat(database, members) if is_larger else alice.sends("hi", to=bob)["chat_id"]
    alice.sends("one", chat_id=chat_id)
    saves(bob, chat_id, "maybe")
    for text in ("two", "three"):
        bob.reads(alice.sends(text, chat_id=chat_id))
        saved = bob.gets(f"/{chat_id}/draft").data
        assert (saved["content"], saved["seq"]) == ("maybe", alice.history(chat_id)[0]["seq"])
    sent = bob.sends("no", chat_id=chat_id)
    assert bob.gets(f"/{chat_id}/draft").data["content"] == ""
    assert sent["seq"] > saved["seq"]
    bob.reads(alice.sends("four", chat_id=chat_id))
    assert bob.gets(f"/{chat_id}/draft").data["content"] == ""


@pytest.mark.parametrize("way", ["socket", "social", "files"])
def test_every_way_of_sending_clears_the_draft(alice: Person, bob: Person, way: str) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    saves(bob, chat_id, "maybe")
    if way == "socket":
        bob.connects().requests({"chat_id": chat_id, "content": "yes"}, "message_ack")
    elif way == "social":
        bob.social.sends("yes", to=encode_chat(chat_id))
    else:
        bob.sends("", chat_id=chat_id, attachment_ids=[uploads(bob)[0]["id"]])
    assert listed(bob, chat_id) == (None, None)


def test_a_message_of_the_other_keeps_the_draft(alice: Person, bob: Person) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    saves(bob, chat_id, "maybe")
    alice.sends("well?", to=bob)
    shown, social_shown = listed(bob, chat_id)
    assert shown["content"] == social_shown["content"] == "maybe"


def test_lists_show_the_beginning_of_a_long_draft(alice: Person, bob: Person) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    device = bob.connects()
    saves(bob, chat_id, "ж" * 10_000)
    shown, social_shown = listed(bob, chat_id)
    assert (shown["content"], shown["is_cut"]) == ("ж" * MAX_DRAFT_SHOWN, True)
    assert (social_shown["content"], social_shown["isCut"]) == ("ж" * MAX_DRAFT_SHOWN, True)
    assert device.receives("draft_updated")["content"] == bob.gets(f"/{chat_id}/draft").data["content"] == "ж" * 10_000


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"content": "x" * 10_001}, 422, "contentTooLong"),
        ({"content": None}, 422, "validationFailed"),
        ({"content": 5}, 422, "validationFailed"),
        ({"content": "a\x00b"}, 422, "validationFailed"),
        ({}, 422, "validationFailed"),
        ({"content": "x", "more": 1}, 422, "validationFailed"),
        ([], 400, "bodyNotAnObject"),
    ],
)
def test_a_refused_draft_changes_nothing(
    alice: Person, bob: Person, database: Database, body: Any, status: int, code: str
) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    saves(bob, chat_id, "before")
    before = database.counts()
    reply = bob.puts(f"/{chat_id}/draft", body)
    assert (reply.status, reply.error) == (status, f"marketplace.{code}")
    path = f"/conversations/{encode_chat(chat_id)}/draft"
    assert bob.social.requests("PUT", path, json=body).status == status
    assert database.counts() == before
    assert bob.gets(f"/{chat_id}/draft").data["content"] == "before"


def test_control_characters_are_removed(alice: Person, bob: Person) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    assert saves(bob, chat_id, "a\x07b\n<i>&")["content"] == "ab\n<i>&"


def test_drafts_of_others_are_not_found(alice: Person, bob: Person, carol: Person) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    for reply in (carol.gets(f"/{chat_id}/draft"), carol.puts(f"/{chat_id}/draft", {"content": "x"})):
        assert (reply.status, reply.error) == (404, "marketplace.chatNotFound")
    assert_refused(carol.social.gets(f"/conversations/{encode_chat(chat_id)}/draft"), 404, "CONVERSATION_NOT_FOUND")


def test_nothing_of_a_draft_is_in_the_outbox_and_it_goes_with_its_user_and_chat(
    alice: Person, bob: Person, carol: Person, host: Host, database: Database
) -> None:
    with_bob, with_carol = alice.sends("hi", to=bob)["chat_id"], alice.sends("hi", to=carol)["chat_id"]
    for chat_id in (with_bob, with_carol):
        saves(alice, chat_id, "canary in a draft")
    assert database.rows("SELECT 1 FROM outbox WHERE events LIKE %s", "%canary in a draft%") == []
    bob.deletes(f"/{with_bob}")
    assert database.rows(STORED, alice.id) == [("canary in a draft",)]
    host.erases(alice)
    assert database.rows(STORED, alice.id) == []
