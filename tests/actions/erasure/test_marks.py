"""Reactions of an erased user are taken back, and their own marks are deleted."""

from __future__ import annotations

import pytest

from chatapp.actions import marks as mark_actions
from chatapp.actions.erasure import marks
from chatapp.actions.erasure.requests import erase_person
from chatapp.actions.reactions import add_reaction
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from chatapp.infra.postgres import database_connection
from chatapp.queries import messages as message_queries
from tests.database import Database


def test_reactions_are_taken_back_in_batches(
    core: Database, actors: list[Actor], chat_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks, "BATCH", 2)
    alice, bob, _ = actors
    sent = send_message(bob, chat_id, "hello")
    for emoji in ("👍", "🎉", "🔥"):
        add_reaction(alice, sent.id, emoji)
    add_reaction(bob, sent.id, "👍")
    assert erase_person(alice.id).report["reactions"] == 3
    with database_connection():
        (shown,) = message_queries.snapshots_by_id([sent.id])
    assert [(reaction.emoji, reaction.user_ids) for reaction in shown.reactions] == [("👍", (bob.id,))]
    assert core.rows("SELECT user_id FROM reactions") == [(bob.id,)]
    kinds = core.rows("SELECT kind FROM message_changes ORDER BY version")
    assert [kind for (kind,) in kinds] == ["reaction_added"] * 4 + ["reaction_removed"] * 3


def test_reactions_without_their_chat_are_deleted(core: Database, actors: list[Actor], chat_id: int) -> None:
    sent = send_message(actors[1], chat_id, "hello")
    add_reaction(actors[0], sent.id, "👍")
    core.change("DELETE FROM chats")
    erase_person(actors[0].id)
    assert core.rows("SELECT 1 FROM reactions") == []


def test_own_marks_are_deleted(core: Database, actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    sent = send_message(bob, chat_id, "hello")
    for actor in (alice, bob):
        mark_actions.star(actor, sent.id)
    assert erase_person(alice.id).report["marks"] == 1
    assert core.rows("SELECT user_id FROM message_marks") == [(bob.id,)]
