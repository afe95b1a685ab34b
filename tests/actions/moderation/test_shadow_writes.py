"""What shadow-banned users write: their own devices see it, and nothing of it is anywhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chatapp.access import access_chat
from chatapp.actions import blocking, editing, forwarding, reactions, reading, removal, sending, typing
from chatapp.actions.chats import Target
from chatapp.actions.moderation import bans
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Forbidden, Invalid, NotFound
from chatapp.events.bus import bus
from chatapp.events.moderation import ShadowMessageDeleted, ShadowMessageEdited, ShadowMessageSent
from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import ChatRead, Event, TypingChanged
from chatapp.infra.postgres import database_connection
from chatapp.queries import chats as chat_queries
from chatapp.queries import messages as message_queries
from tests.actions.attachments.conftest import Storage
from tests.actions.attachments.conftest import inspectors as inspectors
from tests.actions.attachments.conftest import rebind as rebind
from tests.actions.attachments.conftest import storage as storage
from tests.actions.moderation.words import refusal, said
from tests.database import Database
from tests.files.corpus import JPEG

VISIBLE = ("messages", "message_changes", "outbox", "read_marks", "chats", "redactions")


def shadow_ban(actor: Actor) -> None:
    bans.ban(actor.id, is_shadow=True)


def history(actor: Actor, chat_id: int, **options: Any) -> list[str]:
    """The texts of a chat as one member sees them, oldest first."""
    with database_connection():
        page = message_queries.page(access_chat(actor, chat_id), **{"limit": 50, **options})
    return [message.content for message in page.messages][::-1]


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """What is published from now on."""
    seen: list[Event] = []
    monkeypatch.setattr(bus, "_listener", lambda event, via: seen.append(event))
    return seen


@pytest.fixture
def state(core: Database) -> Callable[[], object]:
    """All rows that are not the author's alone."""

    def read() -> object:
        rows = {table: core.rows(f"SELECT t::text FROM {table} t ORDER BY 1") for table in VISIBLE}
        return rows | {"members": core.rows("SELECT user_id, has_unread, last_read_seq FROM chat_members ORDER BY 1")}

    return read


def test_a_message_is_stored_for_its_sender_alone(
    actors: list[Actor], chat_id: int, events: list[Event], state: Callable[[], object]
) -> None:
    alice, bob, _ = actors
    before = said(alice, chat_id, "before")
    shadow_ban(alice)
    events.clear()
    others = state()
    message = sending.send_message(alice, chat_id, "unseen", idempotency_key="k", origin="socket")
    assert state() == others
    assert (message.content, message.seq, message.version, message.client_key) == ("unseen", 2, 1, "k")
    assert message.id > before.id
    (event,) = events
    assert event == ShadowMessageSent((alice.id,), chat_id, 1, message=message, origin="socket")
    assert history(alice, chat_id) == ["before", "unseen"]
    assert history(bob, chat_id) == ["before"]


def test_repeating_it_stores_it_once(actors: list[Actor], chat_id: int, core: Database) -> None:
    alice = actors[0]
    first = sending.send_message(alice, chat_id, "before", idempotency_key="first")
    shadow_ban(alice)
    second = sending.send_message(alice, chat_id, "unseen", idempotency_key="second")
    assert sending.send_message(alice, chat_id, "before", idempotency_key="first").id == first.id
    assert sending.send_message(alice, chat_id, "unseen", idempotency_key="second").id == second.id
    with refusal(Conflict, "client_key_reused"):
        sending.send_message(alice, chat_id, "another", idempotency_key="second")
    assert core.rows("SELECT count(*) FROM shadow_messages") == [(1,)]
    editing.delete_message(alice, first.id)
    core.change("DELETE FROM messages WHERE id = %s", first.id)
    with refusal(NotFound, "message_not_found"):
        sending.send_message(alice, chat_id, "before", idempotency_key="first")


def test_it_is_refused_as_any_other(actors: list[Actor], chat_id: int) -> None:
    alice, bob, carol = actors
    shadow_ban(alice)
    shadow_ban(carol)
    with refusal(NotFound, "chat_not_found"):
        sending.send_message(carol, chat_id, "hi")
    with pytest.raises(Invalid):
        sending.send_message(alice, chat_id, "")
    blocking.block(bob, "alice")
    with refusal(Forbidden, "blocked"):
        sending.send_message(alice, chat_id, "hi")


def test_the_sender_has_read_the_chat(actors: list[Actor], chat_id: int, events: list[Event]) -> None:
    alice, bob, _ = actors
    said(bob, chat_id)
    shadow_ban(alice)
    said(alice, chat_id, "unseen")
    with database_connection():
        assert chat_queries.unread_counts([alice.id, bob.id]) == {alice.id: 0, bob.id: 0}
    assert [type(event) for event in events][-2:] == [ChatRead, ShadowMessageSent]


def test_what_others_write_follows_it(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    shadow_ban(alice)
    unseen = said(alice, chat_id, "unseen 1")
    seen = said(bob, chat_id, "seen 1")
    said(alice, chat_id, "unseen 2")
    said(bob, chat_id, "seen 2")
    assert (seen.seq, seen.version) == (1, 1)
    assert seen.id > unseen.id
    assert history(alice, chat_id) == ["unseen 1", "seen 1", "unseen 2", "seen 2"]
    assert history(bob, chat_id) == ["seen 1", "seen 2"]
    with database_connection():
        assert chat_queries.unread_counts([bob.id]) == {bob.id: 0}
        assert chat_queries.unread_counts([alice.id]) == {alice.id: 1}


def test_replies_mentions_and_forwards(actors: list[Actor], chat_id: int) -> None:
    alice, bob, carol = actors
    theirs = said(bob, chat_id, "theirs")
    elsewhere = sending.send_to(bob, Target(other_id=carol.id), "elsewhere", strict_items=True)
    shadow_ban(alice)
    reply = sending.send_message(alice, chat_id, "answer", reply_to_id=theirs.id, mention_ids=[bob.id])
    assert reply.quote is not None
    assert (reply.quote.id, reply.quote.content) == (theirs.id, "theirs")
    assert reply.extras is not None
    assert [person.id for person in reply.extras.mentions] == [bob.id]
    for other in (elsewhere.id, 2**52):
        with refusal(Invalid, "reply_not_in_chat"):
            sending.send_message(alice, chat_id, "answer", reply_to_id=other)
    with refusal(Invalid, "mention_not_in_chat"):
        sending.send_message(alice, chat_id, "hi", mention_ids=[carol.id])
    (copy,) = forwarding.forward_message(alice, theirs.id, [chat_id])
    assert copy.content == "theirs"
    assert copy.extras is not None
    assert copy.extras.forwarded_from is not None
    assert copy.extras.forwarded_from.message_id == theirs.id
    assert history(bob, chat_id) == ["theirs"]


def test_own_messages_are_edited_and_deleted(
    actors: list[Actor], chat_id: int, events: list[Event], core: Database, state: Callable[[], object]
) -> None:
    alice = actors[0]
    shadow_ban(alice)
    message = said(alice, chat_id, "unseen")
    others = state()
    events.clear()
    edited = editing.edit_message(alice, message.id, "changed https://example.com")
    assert (edited.content, edited.is_edited, edited.version) == ("changed https://example.com", True, 2)
    assert core.rows("SELECT has_links FROM shadow_messages") == [(True,)]
    with pytest.raises(Invalid):
        editing.edit_message(alice, message.id, "")
    for _ in range(2):
        deleted = editing.delete_message(alice, message.id)
        assert (deleted.content, deleted.is_deleted, deleted.version) == ("", True, 3)
    with refusal(Conflict, "message_deleted"):
        editing.edit_message(alice, message.id, "again")
    assert [type(event) for event in events] == [ShadowMessageEdited, ShadowMessageDeleted]
    assert state() == others
    assert core.rows("SELECT content FROM shadow_messages") == [("",)]


def test_they_stay_the_authors_own_after_the_ban(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    shadow_ban(alice)
    message = said(alice, chat_id, "unseen")
    bans.unban(alice.id)
    editing.edit_message(alice, message.id, "still unseen")
    said(alice, chat_id, "seen")
    assert history(alice, chat_id) == ["still unseen", "seen"]
    assert history(bob, chat_id) == ["seen"]
    with refusal(NotFound, "message_not_found"):
        editing.edit_message(bob, message.id, "x")
    with refusal(NotFound, "message_not_found"):
        editing.delete_message(bob, message.id)


def test_edits_of_earlier_messages_are_the_authors_own(
    actors: list[Actor], chat_id: int, events: list[Event], core: Database, state: Callable[[], object]
) -> None:
    alice, bob, _ = actors
    message = said(alice, chat_id, "seen by both")
    other = said(bob, chat_id, "of bob")
    shadow_ban(alice)
    others = state()
    events.clear()
    for number, text in enumerate(("first version", "second version"), start=1):
        seen = message.version + number - 1
        edited = editing.edit_message(alice, message.id, text, idempotency_key=text, expected_version=seen)
        assert (edited.content, edited.is_edited, edited.version) == (text, True, message.version + number)
    assert editing.edit_message(alice, message.id, "first version", idempotency_key="first version").content == text
    with refusal(Conflict, "stale_edit"):
        editing.edit_message(alice, message.id, "third version", expected_version=message.version)
    assert state() == others
    assert {type(event) for event in events} == {ShadowMessageEdited}
    assert {event.recipients for event in events} == {(alice.id,)}
    assert history(alice, chat_id) == ["second version", "of bob"]
    assert history(bob, chat_id) == ["seen by both", "of bob"]
    with refusal(Forbidden, "not_author"):
        editing.edit_message(alice, other.id, "x")

    bans.unban(alice.id)
    editing.edit_message(alice, message.id, "for all")
    assert history(alice, chat_id) == history(bob, chat_id) == ["for all", "of bob"]
    assert core.rows("SELECT 1 FROM shadow_edits") == []


def test_deleting_an_earlier_message_deletes_it_for_all(actors: list[Actor], chat_id: int, core: Database) -> None:
    alice, bob, _ = actors
    message = said(alice, chat_id, "seen by both")
    shadow_ban(alice)
    editing.edit_message(alice, message.id, "changed")
    assert editing.delete_message(alice, message.id).is_deleted
    assert editing.delete_message(alice, message.id).is_deleted
    assert history(alice, chat_id) == history(bob, chat_id) == [""]
    assert core.rows("SELECT 1 FROM shadow_edits") == []


def test_reactions_are_acknowledged_but_not_stored(actors: list[Actor], chat_id: int, events: list[Event]) -> None:
    alice, bob, _ = actors
    message = said(bob, chat_id, "hi")
    reactions.add_reaction(alice, message.id, "\U0001f600")
    shadow_ban(alice)
    events.clear()
    shown = reactions.add_reaction(alice, message.id, "\U0001f44d").reactions
    assert [(reaction.emoji, reaction.count, reaction.is_mine) for reaction in shown] == [
        ("\U0001f600", 1, True), ("\U0001f44d", 1, True),
    ]  # fmt: skip
    assert len(reactions.add_reaction(alice, message.id, "\U0001f600").reactions) == 1
    plain = reactions.add_reaction(alice, said(bob, chat_id, "without reactions").id, "\U0001f44d")
    assert len(plain.reactions) == 1
    assert {event.kind for event in events} == {"message_sent"}
    with database_connection():
        assert len(message_queries.snapshots_by_id([message.id], bob.id)[0].reactions) == 1


def test_typing_is_not_published(actors: list[Actor], chat_id: int, events: list[Event]) -> None:
    alice, bob, _ = actors
    said(alice, chat_id)
    shadow_ban(alice)
    events.clear()
    typing.set_typing(alice, chat_id, True, clear_after=60)
    typing.set_typing(bob, chat_id, True, clear_after=60)
    typing.set_typing(bob, chat_id, False, clear_after=60)
    assert {event.user_id for event in events if isinstance(event, TypingChanged)} == {bob.id}


def test_files_are_the_senders_own(storage: Storage) -> None:
    alice, bob, _ = storage.actors
    shadow_ban(alice)
    ids = storage.uploads(JPEG, JPEG)
    message = storage.sends(ids=ids)
    assert [file.id for file in message.attachments] == list(ids)
    assert message.attachments_count == 2
    storage.clean_up_later()
    assert len(storage.names()) == 4, "they do not expire"
    with refusal(Invalid, "attachment_not_found"):
        sending.send_message(bob, storage.chat_id, "", attachment_ids=ids)
    with refusal(Invalid, "attachment_not_found"):
        storage.sends(ids=(2**52,))
    assert storage.database.rows("SELECT 1 FROM attachments WHERE chat_id IS NOT NULL") == []
    editing.delete_message(alice, message.id)
    assert storage.is_empty()


def test_files_of_forwards_are_those_of_their_source(storage: Storage) -> None:
    alice = storage.actors[0]
    source = storage.sends(ids=storage.uploads(JPEG))
    shadow_ban(alice)
    (copy,) = forwarding.forward_message(alice, source.id, [storage.chat_id])
    assert [file.id for file in copy.attachments] == [file.id for file in source.attachments]
    editing.delete_message(alice, copy.id)
    assert len(storage.names()) == 2, "they are still those of the source"


def test_no_files_are_added_to_earlier_messages(storage: Storage) -> None:
    message = storage.sends("look")
    shadow_ban(storage.actors[0])
    with refusal(Forbidden, "forbidden"):
        storage.adds(message, JPEG)
    assert storage.is_empty()


def test_deleting_the_chat_deletes_them(storage: Storage) -> None:
    alice = storage.actors[0]
    earlier = storage.sends("earlier")
    shadow_ban(alice)
    storage.sends(ids=storage.uploads(JPEG))
    editing.edit_message(alice, earlier.id, "changed")
    removal.delete_chat(alice, storage.chat_id)
    assert storage.database.rows("SELECT 1 FROM shadow_messages") == []
    assert storage.database.rows("SELECT 1 FROM shadow_edits") == []
    assert storage.is_empty()


def test_others_cannot_read_it_up_to_there(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    shadow_ban(alice)
    message: MessageSnapshot = said(alice, chat_id, "unseen")
    for act in (
        lambda: reading.mark_read(bob, chat_id, [message.id]),
        lambda: reading.mark_message_read(bob, message.id),
        lambda: forwarding.forward_message(bob, message.id, [chat_id]),
        lambda: sending.send_message(bob, chat_id, "x", reply_to_id=message.id),
    ):
        with pytest.raises((NotFound, Invalid)):
            act()
