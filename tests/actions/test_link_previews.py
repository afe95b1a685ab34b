"""Previews are added to the message that still has their link, as a change without an edit mark."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from chatapp.actions import link_previews
from chatapp.actions.blocking import block
from chatapp.actions.chats import find_or_create_chat
from chatapp.actions.editing import delete_message, edit_message
from chatapp.actions.link_previews import attach, previewed_url
from chatapp.actions.removal import delete_chat
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from chatapp.events.encoding import from_json, to_json
from chatapp.events.redaction import Redactions
from chatapp.events.snapshots import LinkPreview, MessageSnapshot
from chatapp.events.types import LinkPreviewUpdated
from chatapp.infra.postgres import database_connection
from chatapp.queries import changes, messages
from tests.database import Database

URL = "https://example.com/a"
PREVIEW = LinkPreview(URL, "Title", "Description", "Example", "https://example.com/a.png")


def current(message: MessageSnapshot) -> MessageSnapshot:
    """The message as it is now."""
    with database_connection():
        (found,) = messages.snapshots_by_id([message.id])
    return found


def preview_of(message: MessageSnapshot) -> LinkPreview | None:
    """The preview that the message has now."""
    extras = current(message).extras
    return None if extras is None else extras.link_preview


@pytest.fixture
def message(core: Database, actors: list[Actor], chat_id: int) -> MessageSnapshot:
    """A message with a link."""
    return send_message(actors[0], chat_id, f"see {URL} and https://example.org")


def test_a_preview_is_the_next_version_and_no_edit(core: Database, message: MessageSnapshot) -> None:
    assert attach(message.id, PREVIEW) is True
    found = current(message)
    assert preview_of(message) == PREVIEW
    assert (found.version, found.is_edited, found.updated_at) == (2, False, message.updated_at)
    with database_connection():
        (change,) = changes.between_versions(message.chat_id, 1, 3, limit=9)
    assert isinstance(change, LinkPreviewUpdated)
    assert (change.version, change.message, change.author_id) == (2, found, message.sender.id)
    (row,) = core.rows("SELECT events FROM outbox ORDER BY id DESC LIMIT 1")
    assert from_json(row[0]) == from_json(to_json([change])) == [change]
    erased = Redactions(messages={message.id}).applied_to(change)
    assert isinstance(erased, LinkPreviewUpdated)
    assert erased.message.extras is None


def test_the_same_preview_again_changes_nothing(message: MessageSnapshot) -> None:
    assert attach(message.id, PREVIEW) is True
    assert attach(message.id, PREVIEW) is False
    assert current(message).version == 2


OVERTAKEN: dict[str, Callable[[Actor, Actor, MessageSnapshot], object]] = {
    "an edit to another link": lambda alice, bob, message: edit_message(alice, message.id, "https://example.org"),
    "an edit without a link": lambda alice, bob, message: edit_message(alice, message.id, "nothing"),
    "a deletion": lambda alice, bob, message: delete_message(alice, message.id),
    "a block": lambda alice, bob, message: block(bob, alice.username),
    "a deleted chat": lambda alice, bob, message: delete_chat(alice, message.chat_id),
}


@pytest.mark.parametrize("is_late", [False, True])
def test_an_overtaken_preview_is_dropped(
    core: Database, actors: list[Actor], monkeypatch: pytest.MonkeyPatch, is_late: bool
) -> None:
    """The change is committed before the preview is added, or between the look at the message and the lock."""
    alice, bob, _ = actors
    for change in OVERTAKEN.values():
        message = send_message(alice, find_or_create_chat(alice, other_id=bob.id), f"see {URL}")
        overtake = partial(change, alice, bob, message)
        with monkeypatch.context() as patch:
            if is_late:
                patch.setattr(link_previews, "lock_chat", locked_after(overtake))
            else:
                overtake()
            assert attach(message.id, PREVIEW) is False
        core.change("DELETE FROM blocks")
        core.change("UPDATE chats SET blocked = false")
    assert core.rows("SELECT count(*) FROM message_changes WHERE kind = 'link_preview'") == [(0,)]


def locked_after(overtake: Callable[[], object]) -> Callable[[int], object]:
    """Locks a chat after something else has happened."""
    lock = link_previews.lock_chat

    def lock_a_moment_late(chat_id: int) -> object:
        overtake()
        return lock(chat_id)

    return lock_a_moment_late


def test_edits_keep_the_preview_while_its_link_is_the_first(actors: list[Actor], message: MessageSnapshot) -> None:
    attach(message.id, PREVIEW)
    edit_message(actors[0], message.id, f"look at {URL}")
    assert preview_of(message) == PREVIEW
    edit_message(actors[0], message.id, f"https://example.org before {URL}")
    assert preview_of(message) is None


def test_an_edit_without_the_link_and_a_deletion_erase_the_preview(
    core: Database, actors: list[Actor], message: MessageSnapshot
) -> None:
    attach(message.id, PREVIEW)
    assert edit_message(actors[0], message.id, "no link").extras is None
    edit_message(actors[0], message.id, URL)
    attach(message.id, PREVIEW)
    delete_message(actors[0], message.id)
    assert core.rows("SELECT link_preview FROM messages") == [(None,)]


def test_the_first_link_is_previewed() -> None:
    assert previewed_url("see example.com/x, then https://b.example.org") == "https://example.com/x"
    assert previewed_url("no link") is None
