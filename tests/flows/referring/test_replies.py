"""A reply quotes the message that it answers, in every message and frame; the quote follows edits and deletions."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.ids.public import encode_message
from chatapp_client import ChatState
from tests.database import Database
from tests.flows.members.larger_chats import make_larger_chat
from tests.flows.referring.conftest import Message, conversation
from tests.people import Person
from tests.social_api import frame

GONE = 987_654_321


def quote_of(question: Message, alice: Person, **changed: Any) -> Message:
    """What a reply shows of it."""
    quote = {
        "id": question["id"],
        "sender_id": alice.id,
        "content": question["content"],
        "message_type": "text",
        "is_deleted": False,
    }
    return {**quote, **changed}


def social_quote_of(question: Message, alice: Person, **changed: Any) -> Message:
    """The same in the social dialect."""
    quote = {
        "id": encode_message(question["id"]),
        "senderId": alice.uuid,
        "content": question["content"],
        "messageType": "text",
        "isDeleted": False,
    }
    return {**quote, **changed}


def test_every_message_shows_the_quote(alice: Person, bob: Person, question: Message) -> None:
    quote, social_quote = quote_of(question, alice), social_quote_of(question, alice)
    hers, hers_too = alice.connects(), alice.social.connects()
    cursor = alice.cursor(question["chat_id"])
    answer = bob.sends("Yes", to=alice, reply_to_id=question["id"])
    assert answer["reply_to"] == quote
    assert hers.receives("new_message")["message"]["reply_to"] == quote
    assert hers_too.receives("message.new")["payload"]["replyTo"] == social_quote
    assert alice.history(question["chat_id"])[0]["reply_to"] == quote
    assert alice.social.history(conversation(question))[0]["replyTo"] == social_quote
    (missed,) = alice.catches_up(cursor)["messages"]
    assert missed["reply_to"] == quote
    assert "reply_to" in question
    assert question["reply_to"] is None


def test_both_sockets_send_replies(alice: Person, bob: Person, question: Message) -> None:
    his, his_too = bob.connects(), bob.social.connects()
    sent = {"chat_id": question["chat_id"], "content": "Yes", "reply_to_id": question["id"], "client_message_id": "a"}
    acknowledged = his.requests(sent, "message_ack")["message"]
    assert acknowledged["reply_to"] == quote_of(question, alice)
    fields = {"conversationId": conversation(question), "content": "Yes", "replyToId": encode_message(question["id"])}
    stored = his_too.requests(frame("message.send", **fields), "message.sent")["payload"]["message"]
    assert stored["replyTo"] == social_quote_of(question, alice)


def test_the_quote_follows_the_message(alice: Person, bob: Person, question: Message) -> None:
    bob.sends("Yes", to=alice, reply_to_id=question["id"])
    for _ in range(2):  # from Postgres, and from the cache of first pages
        assert bob.history(question["chat_id"])[0]["reply_to"] == quote_of(question, alice)
    alice.edits(question, "x" * 600)
    assert bob.history(question["chat_id"])[0]["reply_to"]["content"] == "x" * 499 + "…"
    alice.deletes_message(question)
    expected = quote_of(question, alice, content="[deleted]", is_deleted=True)
    for _ in range(2):
        assert bob.history(question["chat_id"])[0]["reply_to"] == expected
    shown = bob.social.history(conversation(question))[0]["replyTo"]
    assert shown == social_quote_of(question, alice, content="[deleted]", isDeleted=True)


def test_a_device_follows_it_by_frames(alice: Person, bob: Person, question: Message) -> None:
    """Old state and frames are the state that is read afterwards."""
    his = bob.connects()
    state = ChatState(bob.id)
    state.apply_message(question)
    answer = bob.sends("Yes", to=alice, reply_to_id=question["id"])
    alice.edits(question, "y" * 600)
    state.apply(his.receives("new_message"))
    state.apply(his.receives("message_edited"))
    for change in ("edited", "deleted"):
        live = [message["reply_to"] for message in state.messages(question["chat_id"])]
        read = [message["reply_to"] for message in reversed(bob.history(question["chat_id"]))]
        assert live == read, change
        if change == "edited":
            alice.deletes_message(question)
            state.apply(his.receives("message_deleted"))
    alice_state = ChatState(alice.id)
    alice_state.apply({"type": "message_deleted", "chat_id": answer["chat_id"], "message_id": question["id"],
                       "version": 4, "deleted_at": "2026-01-01T00:00:00Z"})  # fmt: skip
    alice_state.apply_message(answer)
    assert alice_state.messages(answer["chat_id"])[0]["reply_to"]["is_deleted"], "whichever came first"


def test_a_deleted_reply_quotes_nothing(alice: Person, bob: Person, question: Message) -> None:
    answer = bob.sends("Yes", to=alice, reply_to_id=question["id"], mentions=[alice.id])
    deleted = bob.deletes_message(answer)
    assert (deleted["reply_to"], deleted["mentions"], deleted["original_language"]) == (None, [], None)


@pytest.mark.parametrize("kind", ["of another chat", "of others", "unknown"])
def test_what_is_not_of_the_chat_cannot_be_answered(
    alice: Person, bob: Person, carol: Person, database: Database, question: Message, kind: str
) -> None:
    id = {
        "of another chat": alice.sends("elsewhere", to=carol)["id"],
        "of others": bob.sends("foreign", to=carol)["id"],
        "unknown": GONE,
    }[kind]
    before = database.counts()
    refused = alice.posts("/messages", {"chat_id": question["chat_id"], "content": "x", "reply_to_id": id})
    assert (refused.status, refused.error, list(refused.json["details"])) == (
        422, "marketplace.replyNotInChat", ["reply_to_id"],
    )  # fmt: skip
    body = {"content": "x", "replyToId": encode_message(id)}
    social = alice.social.posts(f"/conversations/{conversation(question)}/messages", body)
    assert (social.status, social.json["error"]["code"]) == (422, "REPLY_NOT_IN_CHAT")
    assert list(social.json["error"]["details"]) == ["replyToId"]
    answer = alice.connects().requests({"chat_id": question["chat_id"], "content": "x", "reply_to_id": id}, "error")
    assert answer["error"] == "marketplace.replyNotInChat"
    assert database.counts() == before


def test_a_reply_begins_no_chat(alice: Person, carol: Person, database: Database, question: Message) -> None:
    before = database.counts()
    refused = alice.posts("/messages", {"receiver_id": carol.id, "content": "x", "reply_to_id": question["id"]})
    assert (refused.status, refused.error) == (422, "marketplace.replyNotInChat")
    assert database.counts() == before


@pytest.mark.parametrize("bad", ["1", 1.5, -1, True, [], {}, 2**63])
def test_an_id_of_a_wrong_type_is_refused(alice: Person, question: Message, bad: object) -> None:
    refused = alice.posts("/messages", {"chat_id": question["chat_id"], "content": "x", "reply_to_id": bad})
    assert (refused.status, list(refused.json["details"])) == (422, ["reply_to_id"])


@pytest.mark.parametrize("absent", [0, None])
def test_no_reply_is_a_usual_message(alice: Person, question: Message, absent: int | None) -> None:
    sent = alice.posts("/messages", {"chat_id": question["chat_id"], "content": "x", "reply_to_id": absent})
    assert sent.data["reply_to"] is None


def test_who_blocks_the_quoted_user_sees_no_quote(
    alice: Person, bob: Person, carol: Person, database: Database
) -> None:
    """Live, in pages and in catch-ups; the reply itself is of someone else, and shown."""
    chat_id = make_larger_chat(database, [alice.id, bob.id, carol.id])
    hidden = bob.sends("from bob", chat_id=chat_id)
    alice.blocks(bob)
    hers, hers_too, carols = alice.connects(), alice.social.connects(), carol.connects()
    cursor = alice.cursor(chat_id)
    carol.sends("answer", chat_id=chat_id, reply_to_id=hidden["id"])
    assert hers.receives("new_message")["message"]["reply_to"] is None
    assert "replyTo" not in hers_too.receives("message.new")["payload"]
    assert carols.receives("new_message")["message"]["reply_to"]["content"] == "from bob"
    assert alice.history(chat_id)[0]["reply_to"] is None
    assert carol.history(chat_id)[0]["reply_to"]["content"] == "from bob"
    assert [message["reply_to"] for message in alice.catches_up(cursor)["messages"]] == [None]
    refused = alice.posts("/messages", {"chat_id": chat_id, "content": "x", "reply_to_id": hidden["id"]})
    assert refused.error == "marketplace.replyNotInChat", "what is hidden cannot be answered"
