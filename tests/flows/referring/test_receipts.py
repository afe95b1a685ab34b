"""Who has read a message and when; when a message was read and edited; the language of its text."""

from __future__ import annotations

import pytest

from chatapp.ids.public import encode_message
from tests.flows.referring.conftest import Message, conversation
from tests.people import Person
from tests.social_api import frame


def test_the_receipts_of_a_message(alice: Person, bob: Person, carol: Person, larger_chat: int) -> None:
    message = alice.sends("hi", chat_id=larger_chat)
    carol.reads(message)
    receipts = alice.gets(f"/messages/{message['id']}/receipts").data
    assert [(receipt["user"]["id"], receipt["read_at"] is None) for receipt in receipts] == [
        (carol.id, False), (bob.id, True),
    ]  # fmt: skip
    assert [receipt["delivered_at"] for receipt in receipts] == [receipt["read_at"] for receipt in receipts]
    social = bob.social.gets(f"/messages/{encode_message(message['id'])}/receipts").data["receipts"]
    assert [receipt["user"]["username"] for receipt in social] == [carol.username, bob.username]
    assert social[0]["readAt"] == social[0]["deliveredAt"] == receipts[0]["read_at"]
    assert social[1].keys() == {"user"}


def test_every_message_over_rest_says_when_it_was_read(alice: Person, bob: Person, question: Message) -> None:
    assert question["read_at"] is None
    cursor = alice.cursor(question["chat_id"])
    bob.reads(question)
    (receipt,) = alice.gets(f"/messages/{question['id']}/receipts").data
    read_at = receipt["read_at"]
    assert read_at is not None
    for _ in range(2):  # from Postgres, and from the cache of first pages
        assert [message["read_at"] for message in alice.history(question["chat_id"])] == [read_at]
    assert [message["read_at"] for message in bob.history(question["chat_id"])] == [read_at]
    assert alice.social.history(conversation(question))[0]["readAt"] == read_at
    edited = alice.edits(question, "And now?")
    assert edited["read_at"] == read_at
    alice.sends("more", to=bob)
    assert [message["read_at"] for message in alice.catches_up(cursor)["messages"]] == [None]


def test_every_message_says_when_it_was_edited(alice: Person, bob: Person, question: Message) -> None:
    assert question["edited_at"] is None
    assert "editedAt" not in alice.social.history(conversation(question))[0]
    his, his_too = bob.connects(), bob.social.connects()
    edited = alice.edits(question, "Is it still for sale?")
    assert edited["edited_at"] == edited["updated_at"] > question["updated_at"]
    live = his.receives("message_edited")
    assert live["message"]["edited_at"] == live["payload"]["edited_at"] == edited["edited_at"]
    assert his_too.receives("message.updated")["payload"]["editedAt"] == edited["edited_at"]
    assert bob.history(question["chat_id"])[0]["edited_at"] == edited["edited_at"]
    assert alice.deletes_message(question)["edited_at"] is None


@pytest.mark.parametrize(
    ("content", "language"),
    [
        ("Is it still available?", "en"),
        ("Можно ли забрать его завтра утром?", "ru"),
        ("ยังมีของอยู่ไหม", "th"),
        ("ok", None),
    ],
)
def test_the_language_is_detected(alice: Person, bob: Person, content: str, language: str | None) -> None:
    """In every way that a message is stored and shown."""
    hers = bob.connects()
    usual = alice.sends(content, to=bob)
    answer = alice.sends(content, to=bob, reply_to_id=usual["id"])
    for message in (usual, answer):
        assert message["original_language"] == language
        assert hers.receives("new_message")["message"]["original_language"] == language
    assert [message["original_language"] for message in bob.history(usual["chat_id"])] == [language] * 2
    shown = bob.social.history(conversation(usual))[0]
    assert shown.get("originalLanguage") == language


def test_the_sender_may_name_the_language(alice: Person, bob: Person, question: Message) -> None:
    assert alice.sends("ok", to=bob, original_language="sr-Latn")["original_language"] == "sr-Latn"
    fields = {"conversationId": conversation(question), "content": "ok", "originalLanguage": "th"}
    stored = alice.social.connects().requests(frame("message.send", **fields), "message.sent")["payload"]["message"]
    assert stored["originalLanguage"] == "th"


@pytest.mark.parametrize("bad", ["", "e", "english language", "en_US", "x" * 36, "en\n", 5, ["en"]])
def test_what_is_no_language_is_refused(alice: Person, bob: Person, bad: object) -> None:
    refused = alice.posts("/messages", {"receiver_id": bob.id, "content": "hi", "original_language": bad})
    assert (refused.status, list(refused.json["details"])) == (422, ["original_language"])
