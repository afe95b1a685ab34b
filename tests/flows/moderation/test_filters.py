"""Filters in front of every route and frame that sends or edits."""

from __future__ import annotations

import uuid

import pytest

from tests.host import Host
from tests.people import Person, PersonMaker
from tests.servers import ChatServer, await_true


@pytest.fixture
def word(moderators: Host) -> str:
    """A prefix of words that rules act on."""
    word = f"w{uuid.uuid4().hex[:8]}"
    moderators.filters(*(("word", f"{word}{action}", action) for action in ("reject", "hold", "mask", "report")))
    return word


def test_rules_hold_in_both_dialects_over_rest(alice: Person, bob: Person, word: str) -> None:
    rejected = alice.posts("/messages", {"receiver_id": bob.id, "content": f"so {word}reject"})
    assert (rejected.status, rejected.error) == (422, "marketplace.contentRejected")
    conversation = alice.social.opens(bob)["id"]
    refused = alice.social.posts(f"/conversations/{conversation}/messages", {"content": f"{word}REJECT"})
    assert (refused.status, list(refused.json["error"]["details"])) == (422, ["content"])
    held = alice.social.posts(f"/conversations/{conversation}/messages", {"content": f"{word}hold"})
    assert held.status == 403
    message = alice.sends(f"oh {word}mask!", to=bob)
    assert message["content"] == "oh ***!"
    assert alice.patches(f"/messages/{message['id']}", {"content": f"{word}reject"}).status == 422
    assert alice.edits(message, f"again {word}mask")["content"] == "again ***"
    assert [one["content"] for one in bob.history(message["chat_id"])] == ["again ***"]


def test_rules_hold_over_sockets(alice: Person, bob: Person, word: str, moderators: Host) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    conversation = alice.social.opens(bob)["id"]
    hers, hers_too, his = alice.connects(), alice.social.connects(), bob.connects()
    hers.sends({"type": "message", "chat_id": chat_id, "content": f"{word}reject", "client_message_id": "k1"})
    error = hers.receives("error")
    assert (error["error"], error["client_message_id"]) == ("marketplace.contentRejected", "k1")
    payload = {"conversationId": conversation, "content": f"{word}hold", "tempId": "k2"}
    hers_too.sends({"type": "message.send", "payload": payload})
    assert hers_too.receives("message.error")["payload"]["tempId"] == "k2"
    his.receives_no("new_message", his.pings)

    (report,) = [one for one in moderators.reports() if one["author_id"] == alice.id]
    assert (report["source"], report["chat_id"], report["text"]) == ("held", chat_id, f"{word}hold")
    assert moderators.report(report["id"])["held_content"] == f"{word}hold"
    assert moderators.decides(report["id"], "dismiss").status == 200
    assert his.receives("new_message")["message"]["content"] == f"{word}hold"
    assert hers_too.receives("message.new")["payload"]["content"] == f"{word}hold"


def test_what_is_found_is_reported(alice: Person, bob: Person, word: str, moderators: Host) -> None:
    message = alice.sends(f"look {word}report", to=bob)
    (report,) = [one for one in moderators.reports() if one["message_id"] == message["id"]]
    assert (report["source"], report["text"]) == ("filter", f"{word}report")


def test_the_other_workers_learn_new_rules(two_workers: ChatServer, make_person: PersonMaker, moderators: Host) -> None:
    word = f"w{uuid.uuid4().hex[:8]}"
    alice = make_person("alice", server=two_workers)
    bob = make_person("bob", server=two_workers)
    Host(two_workers).filters(("word", word, "mask"))

    def masks_everywhere() -> bool:
        return {alice.sends(word, to=bob)["content"] for _ in range(8)} == {"***"}

    await_true(masks_everywhere, what=lambda: "a worker does not know the rule")
