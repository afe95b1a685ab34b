"""Reactions of larger chats are gathered, and no version is missing or out of order."""

from __future__ import annotations

from collections.abc import Sequence

import gevent
from hypothesis import given, settings
from hypothesis import strategies as st

from chatapp.events.families import ChatAdvanced, ChatChanged, Event
from chatapp.events.marks import ReactionChanged, ReactionsGathered
from chatapp.events.types import MessageDeleted
from chatapp.realtime import gathering
from chatapp.realtime.gathering import ReactionGatherer

CHAT = 7
LONG = 60.0  # a period that does not end during a test


def reaction(
    version: int, *, message_id: int = 1, sender_id: int = 100, recipients: tuple[int, ...] = ()
) -> ReactionChanged:
    return ReactionChanged(
        recipients,
        chat_id=CHAT,
        version=version,
        message_id=message_id,
        sender_id=sender_id,
        user_id=version,
        emoji="👍",
        is_added=True,
        reactions=(),
    )


def deletion(version: int) -> ChatChanged:
    return MessageDeleted((), chat_id=CHAT, version=version, message_id=1, deleted_by=1, deleted_at="")


def versions(events: Sequence[Event]) -> list[tuple[int, int]]:
    """The first and last version of each pushed event."""
    return [
        (event.from_version, event.version) if isinstance(event, ReactionsGathered) else (event.version, event.version)  # type: ignore[attr-defined]
        for event in events
    ]


def test_the_first_leaves_at_once_and_the_others_together() -> None:
    pushed: list[Event] = []
    gatherer = ReactionGatherer(pushed.append, period=0.05)
    for version in range(1, 101):
        gatherer.deliver(reaction(version))
    assert versions(pushed) == [(1, 1)]
    assert gatherer.pushed_version(CHAT, 100) == 1
    while len(pushed) < 2:
        gevent.sleep(0.01)
    assert versions(pushed) == [(1, 1), (2, 100)]
    assert gatherer.pushed_version(CHAT, 100) == 100
    gatherer.deliver(reaction(101))  # within the next period
    while len(pushed) < 3:
        gevent.sleep(0.01)
    assert pushed[2] == reaction(101)


def test_another_change_is_not_held_back_and_follows_what_is_held() -> None:
    pushed: list[Event] = []
    gatherer = ReactionGatherer(pushed.append, period=LONG)
    for event in (reaction(1), reaction(2), reaction(3), deletion(4)):
        gatherer.deliver(event)
    assert versions(pushed) == [(1, 1), (2, 3), (4, 4)]


def test_reactions_of_a_chat_of_two_are_not_gathered() -> None:
    pushed: list[Event] = []
    gatherer = ReactionGatherer(pushed.append, period=LONG)
    events = [reaction(version, recipients=(1, 2)) for version in range(1, 5)]
    for event in events:
        gatherer.deliver(event)
    assert pushed == events
    assert gatherer.pushed_version(CHAT, 4) == 4


def test_a_gap_stays_visible() -> None:
    pushed: list[Event] = []
    gatherer = ReactionGatherer(pushed.append, period=LONG)
    for version in (1, 2, 3, 5, 6):
        gatherer.deliver(reaction(version))
    gatherer.deliver(deletion(7))
    assert versions(pushed) == [(1, 1), (2, 3), (5, 6), (7, 7)]


def test_a_flood_is_bounded_in_bytes() -> None:
    pushed: list[Event] = []
    gatherer = ReactionGatherer(pushed.append, period=LONG)
    messages = gathering.MAX_BYTES // gathering._MESSAGE + 1
    for version in range(1, messages + 2):
        gatherer.deliver(reaction(version, message_id=version))
    assert len(pushed) == 2


def test_a_forgotten_chat_loses_nothing() -> None:
    pushed: list[Event] = []
    gatherer = ReactionGatherer(pushed.append, period=LONG)
    gatherer.deliver(reaction(1))
    gatherer.deliver(reaction(2))
    for number in range(gathering.CHATS_REMEMBERED):
        gatherer._remember(1000 + number)
    assert versions(pushed) == [(1, 1), (2, 2)]


@settings(max_examples=200)
@given(st.lists(st.booleans(), max_size=40), st.lists(st.integers(0, 40), max_size=5))
def test_every_version_is_pushed_once_and_in_order(are_reactions: list[bool], flushes: list[int]) -> None:
    pushed: list[Event] = []
    gatherer = ReactionGatherer(pushed.append, period=LONG)
    for version, is_reaction in enumerate(are_reactions, 1):
        gatherer.deliver(reaction(version) if is_reaction else deletion(version))
        if version in flushes and CHAT in gatherer._chats:
            gatherer._flush_due(CHAT, gatherer._chats[CHAT])
    gatherer.deliver(deletion(len(are_reactions) + 1))
    covered = [version for first, last in versions(pushed) for version in range(first, last + 1)]
    assert covered == list(range(1, len(are_reactions) + 2))


def test_who_does_not_see_a_message_gets_the_rest_with_all_versions() -> None:
    changes = (reaction(1, message_id=10), reaction(2, message_id=20))
    gathered = ReactionsGathered((), chat_id=CHAT, from_version=1, version=2, changes=changes)
    seen = gathered.without({10})
    assert isinstance(seen, ReactionsGathered)
    assert (seen.from_version, seen.version, seen.changes) == (1, 2, (changes[1],))
    assert gathered.without({10, 20}) == ChatAdvanced((), CHAT, 1, 2)
