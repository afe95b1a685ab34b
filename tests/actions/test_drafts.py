"""Drafts beside sends and reads of other devices."""

from __future__ import annotations

import pytest

from chatapp.access import Membership
from chatapp.actions import drafts
from chatapp.actions.drafts import SavedDraft, load_draft, save_draft, sweep_drafts
from chatapp.actions.reading import mark_read
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from chatapp.errors import Invalid, NotFound
from chatapp.events.bus import bus
from chatapp.events.types import DraftUpdated
from tests.database import Database

STORED = "SELECT content FROM drafts"


def published() -> list[DraftUpdated]:
    """What this process has published and not yet sent to Redis."""
    events = [event for parcel in bus._parcels.take_all() for event in parcel.events]
    return [event for event in events if isinstance(event, DraftUpdated)]


def test_the_last_draft_counts_and_its_event_has_it(core: Database, actors: list[Actor], chat_id: int) -> None:
    alice = actors[0]
    save_draft(alice, chat_id, "one")
    saved = save_draft(alice, chat_id, "two")
    assert load_draft(alice, chat_id) == saved
    assert (saved.content, saved.seq, saved.settings_version) == ("two", 0, 2)
    first, second = published()
    assert (first.content, first.settings_version) == ("one", 1)
    assert second == DraftUpdated((alice.id,), chat_id, "two", 0, 2, str(saved.updated_at))
    assert save_draft(alice, chat_id, " ") == SavedDraft("", 0, 3, None)
    (removed,) = published()
    assert (removed.content, removed.settings_version) == ("", 3)


def test_a_sent_message_voids_it_and_the_sweep_erases_it(core: Database, actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    save_draft(alice, chat_id, "mine")
    save_draft(bob, chat_id, "his")
    send_message(bob, chat_id, "sent")
    mark_read(alice, chat_id)
    assert load_draft(alice, chat_id).content == "mine"
    assert load_draft(bob, chat_id).content == ""
    assert sweep_drafts() == 1
    assert core.rows(STORED) == [("mine",)]
    assert sweep_drafts() == 0
    save_draft(bob, chat_id, "again")
    assert load_draft(bob, chat_id).content == "again"


def test_refusals(core: Database, actors: list[Actor], chat_id: int) -> None:
    alice, _, carol = actors
    with pytest.raises(Invalid) as refused:
        save_draft(alice, chat_id, "x" * 10_001)
    assert refused.value.code == "content_too_long"
    for call in (lambda: save_draft(carol, chat_id, "x"), lambda: load_draft(carol, chat_id)):
        with pytest.raises(NotFound):
            call()
    assert core.rows(STORED) == []


def test_a_chat_deleted_meanwhile_is_not_found(
    core: Database, actors: list[Actor], chat_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = drafts.access_chat

    def access_a_moment_early(actor: Actor, wanted: int) -> Membership:
        membership = access(actor, wanted)
        core.change("DELETE FROM chats WHERE id = %s", wanted)
        return membership

    monkeypatch.setattr(drafts, "access_chat", access_a_moment_early)
    with pytest.raises(NotFound):
        save_draft(actors[0], chat_id, "x")
