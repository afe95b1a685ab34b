"""A message names members of its chat: by ids in the marketplace dialect, by usernames in the social one."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.actions.message_body import MAX_MENTIONS
from chatapp.ids.public import encode_chat
from tests.database import Database
from tests.flows.referring.conftest import Message, conversation
from tests.people import Person
from tests.social_api import frame


def test_both_dialects_show_the_same_members(alice: Person, bob: Person, carol: Person, larger_chat: int) -> None:
    carols, carols_too = carol.connects(), carol.social.connects()
    named = [bob.id, carol.id, bob.id]
    sent = alice.sends("@bob and @carol", chat_id=larger_chat, mentions=named)
    assert sent["mentions"] == [bob.id, carol.id], "each once, in their order"
    assert carols.receives("new_message")["message"]["mentions"] == [bob.id, carol.id]
    assert carols_too.receives("message.new")["payload"]["mentions"] == [bob.username, carol.username]
    path = f"/conversations/{encode_chat(larger_chat)}/messages"
    answer = carol.social.posts(path, {"content": "@alice", "mentions": [alice.username.upper()]})
    assert answer.data["mentions"] == [alice.username]
    assert [message["mentions"] for message in bob.history(larger_chat)] == [[alice.id], [bob.id, carol.id]]


def test_sockets_send_mentions(alice: Person, bob: Person, question: Message) -> None:
    his, his_too = bob.connects(), bob.social.connects()
    sent = {"chat_id": question["chat_id"], "content": "@alice", "mentions": [alice.id], "client_message_id": "a"}
    assert his.requests(sent, "message_ack")["message"]["mentions"] == [alice.id]
    fields = {"conversationId": conversation(question), "content": "@alice", "mentions": [alice.username]}
    stored = his_too.requests(frame("message.send", **fields), "message.sent")["payload"]["message"]
    assert stored["mentions"] == [alice.username]


def test_the_first_message_of_a_chat_may_name_its_receiver(alice: Person, bob: Person, carol: Person) -> None:
    assert alice.sends("@bob", to=bob, mentions=[bob.id, alice.id])["mentions"] == [bob.id, alice.id]
    refused = alice.posts("/messages", {"receiver_id": carol.id, "content": "@bob", "mentions": [bob.id]})
    assert refused.error == "marketplace.mentionNotInChat"
    assert [chat["other_user"]["id"] for chat in alice.gets("").data] == [bob.id], "no chat begins"


@pytest.mark.parametrize("names", [["no-such-user"], [""], ["carol"], ["\u212aarol"]])
def test_only_members_can_be_named(
    alice: Person, bob: Person, carol: Person, database: Database, question: Message, names: list[str]
) -> None:
    before = database.counts()
    refused = bob.posts("/messages", {"chat_id": question["chat_id"], "content": "@", "mentions": [carol.id]})
    assert (refused.status, refused.error, list(refused.json["details"])) == (
        422, "marketplace.mentionNotInChat", ["mentions"],
    )  # fmt: skip
    path = f"/conversations/{conversation(question)}/messages"
    named = [carol.username if name == "carol" else name for name in names]
    social = bob.social.posts(path, {"content": "@", "mentions": named})
    assert (social.status, social.json["error"]["code"]) == (422, "MENTION_NOT_IN_CHAT")
    assert database.counts() == before


@pytest.mark.parametrize("bad", [5, "bob", [0], [-1], ["1"], [None], [[]], list(range(1, MAX_MENTIONS + 2))])
def test_bad_lists_are_refused(alice: Person, question: Message, bad: Any) -> None:
    refused = alice.posts("/messages", {"chat_id": question["chat_id"], "content": "x", "mentions": bad})
    assert refused.status == 422, refused.text
    assert all(name.startswith("mentions") for name in refused.json["details"])


def test_a_new_name_is_shown_in_old_messages(alice: Person, bob: Person, question: Message, database: Database) -> None:
    """Also where the page comes from the cache."""
    bob.sends("@alice", to=alice, mentions=[alice.id])
    assert bob.social.history(conversation(question))[0]["mentions"] == [alice.username]
    database.change("UPDATE users SET username = %s WHERE id = %s", f"{alice.username}-2", alice.id)
    assert bob.social.history(conversation(question))[0]["mentions"] == [f"{alice.username}-2"]
