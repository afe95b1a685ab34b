"""Whose events which connected users do not see: `chatapp.realtime.hidden_senders`."""

from __future__ import annotations

from chatapp.events.types import BlockChanged
from chatapp.realtime.hidden_senders import HiddenSenders

ALICE, BOB, CAROL = 1, 2, 3


def changed(viewer_id: int, sender_id: int, *, is_blocked: bool) -> BlockChanged:
    return BlockChanged((viewer_id,), blocked_id=sender_id, is_blocked=is_blocked, chat_ids=())


def test_viewers_are_found_by_the_sender() -> None:
    hidden = HiddenSenders(is_active=True)
    hidden.put(ALICE, [BOB, CAROL])
    hidden.put(CAROL, [BOB])
    assert hidden.viewers_of(BOB) == {ALICE, CAROL}
    assert hidden.viewers_of(CAROL) == {ALICE}
    assert hidden.viewers_of(ALICE) == hidden.viewers_of(None) == frozenset()


def test_a_changed_block_counts_for_connected_users() -> None:
    hidden = HiddenSenders(is_active=True)
    hidden.put(ALICE, [])
    for viewer_id in (ALICE, CAROL):
        hidden.change(changed(viewer_id, BOB, is_blocked=True))
    assert hidden.viewers_of(BOB) == {ALICE}
    for _ in range(2):
        hidden.change(changed(ALICE, BOB, is_blocked=False))
    assert hidden.viewers_of(BOB) == frozenset()
    assert hidden.changes == 4


def test_nothing_is_kept_of_users_who_have_left() -> None:
    hidden = HiddenSenders(is_active=True)
    hidden.put(ALICE, [BOB])
    hidden.put(ALICE, [CAROL])
    assert hidden.viewers_of(BOB) == frozenset()
    hidden.put(CAROL, [BOB])
    for _ in range(2):
        hidden.forget(ALICE)
        hidden.forget(CAROL)
    assert (hidden._viewers, hidden._senders) == ({}, {})


def test_where_blocked_people_are_shown_nobody_is_hidden() -> None:
    hidden = HiddenSenders(is_active=False)
    hidden.put(ALICE, [BOB])
    hidden.change(changed(ALICE, CAROL, is_blocked=True))
    hidden.change(changed(ALICE, CAROL, is_blocked=False))
    assert hidden.viewers_of(BOB) == hidden.viewers_of(CAROL) == frozenset()
