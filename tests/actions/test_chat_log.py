"""One log for every kind of change: what is published live is what gaps and catch-ups read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chatapp.access import access_own_message
from chatapp.actions import removal, sending
from chatapp.actions.chat_log import Change, record
from chatapp.auth.actor import Actor
from chatapp.events import chat_log, encoding
from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import ChatChanged, ChatDeleted, Event
from chatapp.infra.postgres import database_connection
from chatapp.queries import catchup
from chatapp.queries import changes as change_queries
from chatapp.transaction import unit_of_work
from tests.database import Database

# A change of each kind, and what its event carries beside the message.
CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("edited", {}),
    ("attachments", {}),
    ("attachments", {"are_added": False}),
    ("link_preview", {}),
    ("reaction_added", {"emoji": "👍"}),
    ("reaction_removed", {"emoji": "👍"}),
    ("pinned", {}),
    ("unpinned", {}),
    ("deleted", {}),
    ("claimed", {}),
]


def published(core: Database) -> Event:
    """The newest event of the outbox."""
    ((text,),) = core.rows("SELECT events FROM outbox ORDER BY id DESC LIMIT 1")
    (event,) = encoding.from_json(text)
    return event


def change(actor: Actor, message: MessageSnapshot, kind: str, detail: dict[str, Any]) -> MessageSnapshot:
    """Record a change of a message."""
    with unit_of_work() as work:
        own = access_own_message(actor, message.id)
        return record(work, own.chat, Change(kind, message.id, actor.id, {"content": kind}, detail=detail))


def changes_of(chat_id: int) -> list[ChatChanged]:
    """All changes of a chat as a gap reads them."""
    with database_connection():
        return change_queries.between_versions(chat_id, 0, 1_000, limit=1_000)


def test_every_kind_of_change_is_listed_here() -> None:
    assert {kind for kind, _ in CHANGES} == set(chat_log.KINDS)


@pytest.mark.parametrize(("kind", "detail"), CHANGES)
def test_a_change_is_read_from_the_log_as_it_was_published(
    core: Database, actors: list[Actor], chat_id: int, kind: str, detail: dict[str, Any]
) -> None:
    message = sending.send_message(actors[0], chat_id, "first")
    changed = change(actors[0], message, kind, detail)
    assert (changed.version, changed.content) == (2, kind)
    live = published(core)
    assert changes_of(chat_id) == [live]
    assert core.rows("SELECT last_version, last_message_text FROM chats WHERE id = %s", chat_id) == [(2, kind)]


def test_only_the_newest_message_changes_the_head(core: Database, actors: list[Actor], chat_id: int) -> None:
    older = sending.send_message(actors[0], chat_id, "older")
    sending.send_message(actors[1], chat_id, "newer")
    change(actors[0], older, "edited", {})
    assert core.rows("SELECT last_version, last_message_text FROM chats WHERE id = %s", chat_id) == [(3, "newer")]


def test_kinds_of_a_later_release_are_skipped(core: Database, actors: list[Actor], chat_id: int) -> None:
    with database_connection():
        cursor = catchup.cursor_of_now(actors[1].id)
    message = sending.send_message(actors[0], chat_id, "first")
    for kind in ("edited", "attachments", "edited"):
        change(actors[0], message, kind, {})
    core.change("UPDATE message_changes SET kind = 'invented_later' WHERE version = 3")
    assert [event.version for event in changes_of(chat_id)] == [2, 4]
    with database_connection():
        page = catchup.page(actors[1], cursor, limit=100)
    assert [event.kind for event in page.changes if isinstance(event, ChatChanged)] == ["message_edited"] * 2


def test_an_entry_without_its_message_is_not_shown_as_a_deletion(actors: list[Actor], chat_id: int) -> None:
    message = sending.send_message(actors[0], chat_id, "first")
    entry = chat_log.LogEntry("edited", chat_id, 2, message.id, actors[0].id, actors[0].uuid, message.created_at)
    assert chat_log.event_of(entry, (1, 2), None) is None
    assert chat_log.event_of(replace(entry, kind="invented_later"), (1, 2), message) is None


def test_a_deletion_of_the_chat_has_the_next_version(core: Database, actors: list[Actor], chat_id: int) -> None:
    sending.send_message(actors[0], chat_id, "first")
    removal.delete_chat(actors[0], chat_id)
    members = (actors[0].id, actors[1].id)
    event = published(core)
    assert isinstance(event, ChatDeleted)
    assert (event.version, sorted(event.recipients), event.deleted_by_uuid) == (2, sorted(members), actors[0].uuid)
    assert core.rows("SELECT user_id, version FROM chat_tombstones ORDER BY 1") == [(id, 2) for id in sorted(members)]
