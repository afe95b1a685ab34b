"""Settings that devices change at once, and snoozes that end."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from chatapp import clock
from chatapp.actions import chat_settings
from chatapp.actions.chats import find_or_create_chat
from chatapp.actions.reading import mark_read
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Invalid, NotFound
from chatapp.events.encoding import from_json, to_json
from chatapp.events.snapshots import ChatSettings
from chatapp.events.types import ChatSettingsChanged
from chatapp.infra.postgres import database_connection
from chatapp.queries import chats
from chatapp.queries.chat_summaries import FOREVER, ChatSummary
from tests.database import Database
from tests.flows.members.larger_chats import make_larger_chat

LATER = clock.now() + dt.timedelta(days=1)
DUE = "UPDATE chat_members SET snoozed_until = now() - interval '1 s' WHERE snoozed_until IS NOT NULL"
MARKED = ChatSettings(1, 0, False, False, None, False, None, True)


def events_of(core: Database) -> list[ChatSettingsChanged]:
    """The changes of settings in the outbox."""
    stored = [event for (row,) in core.rows("SELECT events FROM outbox ORDER BY id") for event in from_json(row)]
    return [event for event in stored if isinstance(event, ChatSettingsChanged)]


def entry(actor: Actor, chat_id: int) -> ChatSummary:
    """The chat in the actor's list."""
    with database_connection():
        (summary,) = chats.by_ids(actor, [chat_id])
    return summary


def shown(summary: ChatSummary) -> ChatSettings:
    """The settings in a list, as an event has them."""
    return ChatSettings(
        summary.settings_version,
        summary.last_seq,
        summary.is_archived,
        summary.is_muted,
        clock.rfc3339_or_none(summary.mute_ends_at),
        summary.is_pinned,
        clock.rfc3339_or_none(summary.snoozed_until),
        summary.is_marked_unread,
    )


def test_each_event_has_what_a_fresh_read_has(core: Database, actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    send_message(bob, chat_id, "hi")
    changes = [
        partial(chat_settings.set_archived, alice, chat_id, True),
        partial(chat_settings.set_archived, alice, chat_id, False),
        partial(chat_settings.set_muted, alice, chat_id, LATER),
        partial(chat_settings.set_muted, alice, chat_id, FOREVER),
        partial(chat_settings.set_muted, alice, chat_id, LATER - dt.timedelta(days=2)),
        partial(chat_settings.set_muted, alice, chat_id, None),
        partial(chat_settings.set_pinned, alice, chat_id, True),
        partial(chat_settings.set_pinned, alice, chat_id, False),
        partial(chat_settings.snooze, alice, chat_id, LATER),
        partial(chat_settings.unsnooze, alice, chat_id),
        partial(chat_settings.mark_unread, alice, chat_id),
        partial(mark_read, alice, chat_id),
    ]
    for number, change in enumerate(changes, 1):
        change()
        event = events_of(core)[-1]
        assert (event.recipients, event.chat_id) == ((alice.id,), chat_id)
        assert event.settings == shown(entry(alice, chat_id))
        assert event.settings.version == number
    assert shown(entry(bob, chat_id)) == ChatSettings(0, 1, False, False, None, False, None, False)


def test_events_of_the_release_before_have_no_settings() -> None:
    event = ChatSettingsChanged((1,), 2, MARKED)
    assert from_json(to_json([event])) == [event]
    assert from_json('[["chat_settings_changed",{"recipients":[1],"chat_id":2}]]') == [replace(event, settings=None)]


@pytest.mark.parametrize("is_larger", [False, True])
def test_what_a_message_ended_stays_ended(core: Database, actors: list[Actor], chat_id: int, is_larger: bool) -> None:
    alice, bob, _ = actors
    if is_larger:
        chat_id = make_larger_chat(core, [actor.id for actor in actors])
    chat_settings.set_archived(alice, chat_id, True)
    chat_settings.snooze(alice, chat_id, LATER)
    assert shown(entry(alice, chat_id)).is_archived
    send_message(bob, chat_id, "hi")
    chat_settings.set_muted(alice, chat_id, FOREVER)
    settings = events_of(core)[-1].settings
    assert settings == shown(entry(alice, chat_id))
    assert settings is not None
    assert (settings.is_archived, settings.snoozed_until, settings.seq) == (False, None, 1)


def test_devices_that_pin_at_once_do_not_exceed_the_limit(core: Database, actors: list[Actor]) -> None:
    alice, bob, carol = actors
    wanted = [find_or_create_chat(alice, other_id=bob.id), find_or_create_chat(alice, other_id=carol.id)]
    core.change(
        "WITH made AS (INSERT INTO chats (kind) SELECT 'direct' FROM generate_series(1, %s) RETURNING id)"
        " INSERT INTO chat_members (chat_id, user_id, role, pinned_at) SELECT id, %s, 'member', now() FROM made",
        chat_settings.MAX_PINNED - 1,
        alice.id,
    )

    def pin(chat_id: int) -> bool:
        try:
            chat_settings.set_pinned(alice, chat_id, True)
        except Conflict as refused:
            assert refused.code == "too_many_pinned_chats"
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(pin, wanted)) == [False, True]
    pinned = "SELECT count(*) FROM chat_members WHERE user_id = %s AND pinned_at IS NOT NULL"
    assert core.rows(pinned, alice.id) == [(chat_settings.MAX_PINNED,)]


def test_snoozes_end_and_mark_quiet_chats_as_unread(core: Database, actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    send_message(bob, chat_id, "hi")
    chat_settings.snooze(alice, chat_id, LATER)
    assert chat_settings.end_snoozes() == 0
    core.change(DUE)
    assert chat_settings.end_snoozes() == 1
    assert events_of(core)[-1].settings == shown(entry(alice, chat_id))
    assert (entry(alice, chat_id).snoozed_until, entry(alice, chat_id).is_marked_unread) == (None, True)
    assert core.rows("SELECT count(*) FROM chat_members WHERE snoozed_until IS NOT NULL") == [(0,)]
    assert chat_settings.end_snoozes() == 0


def test_a_snooze_that_a_message_has_ended_marks_nothing(core: Database, actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    chat_settings.snooze(alice, chat_id, LATER)
    send_message(bob, chat_id, "hi")
    mark_read(alice, chat_id)
    core.change(DUE)
    assert chat_settings.end_snoozes() == 1
    assert entry(alice, chat_id).is_marked_unread is False


def test_a_chat_that_was_snoozed_again_or_deleted_is_left_alone(
    core: Database, actors: list[Actor], chat_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both happen after the worker has found what is due."""
    alice, _, carol = actors
    other_chat = find_or_create_chat(alice, other_id=carol.id)
    for snoozed in (chat_id, other_chat):
        chat_settings.snooze(alice, snoozed, LATER)
    core.change(DUE)
    lock = chat_settings.lock_chat

    def lock_a_moment_late(wanted: int) -> object:
        if wanted == chat_id:
            core.change("UPDATE chat_members SET snoozed_until = %s WHERE chat_id = %s", LATER, chat_id)
        else:
            core.change("DELETE FROM chats WHERE id = %s", wanted)
        return lock(wanted)

    monkeypatch.setattr(chat_settings, "lock_chat", lock_a_moment_late)
    before = len(events_of(core))
    assert chat_settings.end_snoozes() == 2
    assert len(events_of(core)) == before
    assert entry(alice, chat_id).snoozed_until == LATER


def test_refusals(core: Database, actors: list[Actor], chat_id: int) -> None:
    alice, _, carol = actors
    with pytest.raises(Invalid) as refused:
        chat_settings.snooze(alice, chat_id, clock.now())
    assert refused.value.fields == {"until": ["not_in_future"]}
    for change in (
        partial(chat_settings.set_archived, carol, chat_id, True),
        partial(chat_settings.set_muted, carol, chat_id, None),
        partial(chat_settings.set_pinned, carol, chat_id, True),
        partial(chat_settings.snooze, carol, chat_id, LATER),
        partial(chat_settings.unsnooze, carol, chat_id),
        partial(chat_settings.mark_unread, carol, chat_id),
    ):
        with pytest.raises(NotFound):
            change()
    assert events_of(core) == []
