"""What a user wrote: without its author, or gone; readable for the others in either case."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatapp.access import access_chat
from chatapp.actions import editing
from chatapp.actions.erasure import messages
from chatapp.actions.erasure.requests import erase_person
from chatapp.actions.forwarding import forward_message
from chatapp.actions.groups.creation import create_group
from chatapp.actions.groups.membership import change_role
from chatapp.actions.groups.people import Named
from chatapp.actions.groups.profile import change_profile
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from chatapp.events.redaction import ERASED_TITLE
from chatapp.infra.postgres import database_connection
from chatapp.queries import messages as message_queries
from config import Settings
from tests.actions.attachments.conftest import Storage
from tests.actions.groups.words import notes
from tests.files.corpus import JPEG

PLACE = {"latitude": 1.0, "longitude": 2.0}


def texts(viewer: Actor, chat_id: int) -> list[tuple[str, bool]]:
    """What a member reads in a chat, oldest first, and whether it was deleted."""
    with database_connection():
        page = message_queries.page(access_chat(viewer, chat_id), limit=100)
    return [(message.content, message.is_deleted) for message in reversed(page.messages)]


@pytest.fixture
def conversation(storage: Storage) -> Callable[..., list[tuple[str, bool]]]:
    """Alice and Bob write, and Alice is erased; returns what Bob reads then."""

    def run(policy: str, rebind: Callable[..., Settings]) -> list[tuple[str, bool]]:
        rebind(ERASE_CONTENT=policy)
        alice, bob, _ = storage.actors
        storage.sends("hello", idempotency_key="key of alice")
        send_message(bob, storage.chat_id, "hi")
        edited = storage.sends("first words")
        editing.edit_message(alice, edited.id, "last words")
        storage.sends("", message_type="location", location=PLACE)
        editing.delete_message(alice, storage.sends("taken back").id)
        erase_person(alice.id)
        return texts(bob, storage.chat_id)

    return run


def test_anonymised_texts_stay(
    storage: Storage, conversation: Callable[..., list[tuple[str, bool]]], rebind: Callable[..., Settings]
) -> None:
    assert conversation("anonymise", rebind) == [
        ("hello", False),
        ("hi", False),
        ("last words", False),
        ("", True),
        ("", True),
    ]
    assert storage.database.rows("SELECT count(*) FROM messages WHERE client_key IS NOT NULL AND sender_id = %s",
                                 storage.actors[0].id) == [(0,)]  # fmt: skip
    assert storage.database.rows("SELECT old_content FROM message_changes WHERE old_content IS NOT NULL") == [
        ("first words",)
    ]


def test_removed_texts_leave_their_places(
    storage: Storage, conversation: Callable[..., list[tuple[str, bool]]], rebind: Callable[..., Settings]
) -> None:
    assert conversation("remove", rebind) == [("", True), ("hi", False), ("", True), ("", True), ("", True)]
    assert storage.database.rows("SELECT 1 FROM message_changes WHERE old_content IS NOT NULL") == []
    kinds = [kind for kind, _ in storage.changes()]
    assert kinds == ["edited", "deleted", "deleted", "deleted", "deleted"]
    versions = [version for _, version in storage.changes()]
    assert versions == sorted(versions)


@pytest.mark.parametrize("policy", ["anonymise", "remove"])
def test_copies_that_others_forwarded(storage: Storage, rebind: Callable[..., Settings], policy: str) -> None:
    rebind(ERASE_CONTENT=policy)
    alice, bob, _ = storage.actors
    sent = storage.sends("look", storage.uploads(JPEG))
    (copy,) = forward_message(bob, sent.id, [storage.chat_id])
    erase_person(alice.id)
    assert storage.is_empty(), "the file goes, with its copy"
    expected = ("look", False) if policy == "anonymise" else ("", True)
    assert texts(bob, storage.chat_id) == [expected, expected]
    with database_connection():
        (shown,) = message_queries.snapshots_by_id([copy.id])
    assert shown.attachments == ()


def test_many_messages_are_erased_in_batches(
    storage: Storage, rebind: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    rebind(ERASE_CONTENT="remove")
    monkeypatch.setattr(messages, "WINDOW", 3)
    monkeypatch.setattr(messages, "BATCH", 2)
    alice, bob, _ = storage.actors
    for number in range(4):
        storage.sends(f"a{number}")
        send_message(bob, storage.chat_id, f"b{number}")
    storage.sends("a4")
    storage.sends("a5")
    erasure = erase_person(alice.id)
    assert erasure.report["messages"] == 6
    assert [text for text, is_deleted in texts(bob, storage.chat_id) if not is_deleted] == ["b0", "b1", "b2", "b3"]


def test_messages_of_a_deleted_chat_are_left_to_its_job(storage: Storage, rebind: Callable[..., Settings]) -> None:
    rebind(ERASE_CONTENT="remove")
    storage.sends("hello", idempotency_key="key")
    storage.database.change("DELETE FROM chats")
    assert erase_person(storage.actors[0].id).report["messages"] == 0
    assert storage.database.rows("SELECT content, client_key FROM messages") == [("hello", None)]


def test_a_title_that_a_group_had_before_is_erased(storage: Storage, rebind: Callable[..., Settings]) -> None:
    rebind(ERASE_CONTENT="remove")
    alice, bob, _ = storage.actors
    group = create_group(bob, "First title", Named(ids=[alice.id]))
    change_role(bob, group, alice.id, "admin")
    change_profile(alice, group, title="Title of alice")
    change_profile(bob, group, title="Title of bob")
    erase_person(alice.id)
    assert [note.title for note in notes(bob, group) if note.event == "title_changed"] == [ERASED_TITLE, "Title of bob"]
    assert storage.database.rows("SELECT title FROM chats WHERE id = %s", group) == [("Title of bob",)]
