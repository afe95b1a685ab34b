"""What the filters do to messages, edits and forwards, and what they leave alone."""

from __future__ import annotations

import pytest

from chatapp.actions import blocking, editing, forwarding, sending
from chatapp.actions.chats import Target
from chatapp.actions.moderation import bans, filters, reporting, screening
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Forbidden, Invalid, NotFound
from chatapp.events.snapshots import MessageSnapshot
from chatapp.text.content_rules import Rule
from tests.actions.moderation.words import decided, open_reports, refusal, said, stored
from tests.database import Database

RULES = [
    Rule("word", "reject me", "reject"),
    Rule("word", "hold me", "hold"),
    Rule("word", "mask me", "mask"),
    Rule("word", "report me", "report"),
]


@pytest.fixture(autouse=True)
def rules(core: Database) -> None:
    """One rule of each action."""
    filters.put_rules(RULES)


def send(actor: Actor, chat_id: int, content: str, key: str | None = None) -> MessageSnapshot:
    return sending.send_message(actor, chat_id, content, idempotency_key=key)


def messages(core: Database) -> list[str]:
    """The texts of all stored messages."""
    return [content for (content,) in core.rows("SELECT content FROM messages ORDER BY id")]


def test_a_rejected_message_leaves_nothing(actors: list[Actor], core: Database) -> None:
    alice, bob, _ = actors
    with refusal(Invalid, "content_rejected"):
        sending.send_to(alice, Target(other_id=bob.id), "please REJECT me", strict_items=True)
    assert core.rows("SELECT 1 FROM chats") == core.rows("SELECT 1 FROM reports") == []
    assert messages(core) == []


def test_a_masked_message_is_stored_masked(actors: list[Actor], chat_id: int, core: Database) -> None:
    alice = actors[0]
    message = send(alice, chat_id, "oh mask me!", key="k")
    assert message.content == "oh ***!"
    assert core.rows("SELECT content, last_message_text FROM messages JOIN chats ON chats.id = chat_id") == [
        ("oh ***!", "oh ***!")
    ]
    assert "mask me" not in str(core.rows("SELECT events FROM outbox"))
    assert send(alice, chat_id, "oh mask me!", key="k").id == message.id
    filters.put_rules([])
    assert send(alice, chat_id, "oh mask me!", key="k").content == "oh ***!", "the repetition is the same message"
    with refusal(Conflict, "client_key_reused"):
        send(alice, chat_id, "oh ***!", key="k")


def test_a_reported_message_is_sent_and_in_the_queue(actors: list[Actor], chat_id: int) -> None:
    alice = actors[0]
    message = said(alice, chat_id, "do report me")
    (report,) = open_reports()
    assert (report.source, report.message_id, report.author_id) == ("filter", message.id, alice.id)
    assert (report.reporter_id, report.reason, report.text) == (None, "filter", "report me")
    assert [one["content"] for one in stored(report).evidence] == ["do report me"]


def test_a_repeated_send_is_returned_whatever_the_rules_say_now(actors: list[Actor], chat_id: int) -> None:
    alice = actors[0]
    filters.put_rules([])
    sent = [send(alice, chat_id, text, key=text) for text in ("reject me", "hold me")]
    filters.put_rules(RULES)
    assert [send(alice, chat_id, text, key=text).id for text in ("reject me", "hold me")] == [one.id for one in sent]
    assert open_reports() == []


def test_a_repeated_send_is_held_once(actors: list[Actor], chat_id: int, core: Database) -> None:
    alice = actors[0]
    for _ in range(2):
        with refusal(Forbidden, "content_held"):
            send(alice, chat_id, "hold me", key="k")
    (report,) = open_reports()
    decided(report, "dismiss")
    assert send(alice, chat_id, "hold me", key="k").content == "hold me"
    assert messages(core) == ["hold me"]


def test_a_discarded_message_is_not_held_again(actors: list[Actor], chat_id: int) -> None:
    alice = actors[0]
    for _ in range(2):
        with refusal(Forbidden, "content_held"):
            send(alice, chat_id, "hold me", key="k")
        for report in open_reports():
            decided(report, "remove_message")
    assert open_reports() == []


def test_what_would_be_refused_anyway_is_not_held(actors: list[Actor], chat_id: int) -> None:
    alice, bob, carol = actors
    with refusal(NotFound, "chat_not_found"):
        send(carol, chat_id, "hold me")
    with pytest.raises(Invalid, match="location_required"):
        sending.send_message(alice, chat_id, "hold me", message_type="location")
    blocking.block(bob, "alice")
    with refusal(Forbidden, "blocked"):
        send(alice, chat_id, "hold me")
    assert open_reports() == []


def test_held_texts_of_a_user_are_bounded(actors: list[Actor], chat_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screening, "MAX_HELD", 2)
    for _ in range(2):
        with refusal(Forbidden, "content_held"):
            send(actors[0], chat_id, "hold me")
    with refusal(Conflict, "too_many_held"):
        send(actors[0], chat_id, "hold me")
    with refusal(Forbidden, "content_held"):
        send(actors[1], chat_id, "hold me")


def test_a_first_message_is_held_with_its_target(actors: list[Actor], core: Database) -> None:
    alice, bob, _ = actors
    with refusal(Forbidden, "content_held"):
        sending.send_to(alice, Target(other_id=bob.id), "hold me", strict_items=True)
    assert core.rows("SELECT 1 FROM chats") == []
    (report,) = open_reports()
    assert report.chat_id is None
    decided(report, "dismiss")
    assert messages(core) == ["hold me"]


def test_edits_are_screened(actors: list[Actor], chat_id: int, core: Database) -> None:
    alice, bob, _ = actors
    message = said(alice, chat_id)
    with refusal(Invalid, "content_rejected"):
        editing.edit_message(alice, message.id, "reject me")
    assert editing.edit_message(alice, message.id, "mask me", idempotency_key="k").content == "***"
    filters.put_rules([])
    assert editing.edit_message(alice, message.id, "mask me", idempotency_key="k").content == "***"
    filters.put_rules(RULES)
    editing.edit_message(alice, message.id, "report me")
    assert [report.message_id for report in open_reports()] == [message.id]
    with refusal(NotFound, "message_not_found"):
        editing.edit_message(actors[2], message.id, "hold me")
    with refusal(Forbidden, "not_author"):
        editing.edit_message(bob, message.id, "hold me")
    assert len(open_reports()) == 1


def test_a_held_edit_is_carried_out_by_moderators(actors: list[Actor], chat_id: int, core: Database) -> None:
    alice = actors[0]
    message = said(alice, chat_id)
    with refusal(Forbidden, "content_held"):
        editing.edit_message(alice, message.id, "hold me")
    assert messages(core) == ["hello"]
    (report,) = open_reports()
    decided(report, "dismiss")
    assert messages(core) == ["hold me"]


def test_a_held_edit_of_a_deleted_message_stays_in_the_queue(actors: list[Actor], chat_id: int) -> None:
    alice = actors[0]
    message = said(alice, chat_id)
    with refusal(Forbidden, "content_held"):
        editing.edit_message(alice, message.id, "hold me")
    editing.delete_message(alice, message.id)
    (report,) = open_reports()
    with refusal(Conflict, "message_deleted"):
        decided(report, "dismiss")
    assert [one.id for one in open_reports()] == [report.id]
    decided(report, "remove_message")


def test_forwards_are_screened(actors: list[Actor], chat_id: int, core: Database) -> None:
    alice = actors[0]
    filters.put_rules([])
    sources = [said(alice, chat_id, text) for text in ("reject me", "hold me", "mask me", "report me")]
    filters.put_rules(RULES)
    for source in sources[:2]:  # a held copy would outlive its source
        with refusal(Invalid, "content_rejected"):
            forwarding.forward_message(alice, source.id, [chat_id])
        with refusal(Invalid, "content_rejected"):
            forwarding.forward_to(alice, Target(chat_id), source.id, strict_items=True)
    assert forwarding.forward_message(alice, sources[2].id, [chat_id])[0].content == "***"
    (copy,) = forwarding.forward_message(alice, sources[3].id, [chat_id])
    assert [report.message_id for report in open_reports()] == [copy.id]


def test_a_message_stays_sent_if_it_cannot_be_reported(
    actors: list[Actor], chat_id: int, core: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deleted(*arguments: object) -> None:
        raise NotFound("message_not_found")

    monkeypatch.setattr(reporting, "report_by_filter", deleted)
    said(actors[0], chat_id, "report me")
    assert messages(core) == ["report me"]
    assert open_reports() == []


def test_messages_of_shadow_banned_users_are_screened_but_not_reported(actors: list[Actor], chat_id: int) -> None:
    alice = actors[0]
    bans.ban(alice.id, is_shadow=True)
    assert said(alice, chat_id, "report me, mask me").content == "report me, ***"
    with refusal(Invalid, "content_rejected"):
        said(alice, chat_id, "reject me")
    assert open_reports() == []
