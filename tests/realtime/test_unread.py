"""Which unread counts and conversations are pushed, and when."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import gevent
import pytest

from chatapp.errors import Unavailable
from chatapp.events.types import Event, UnreadCounted
from chatapp.realtime import unread
from chatapp.realtime.unread import UnreadPusher

PERIOD = 0.05
TIMEOUT = 60.0  # seconds, on a busy machine


@dataclass(frozen=True, slots=True)
class Shown(Event):
    """The list entry of a conversation."""

    chat_id: int


class Listener:
    """An `UnreadPusher`, what it read and what it pushed."""

    def __init__(self) -> None:
        self.counts = {1: 5, 2: 7}
        self.is_away = False
        self.refused = 0
        self.read: list[list[tuple[int, int]]] = []
        self.pushed: list[Event] = []
        self.pusher = UnreadPusher(self._count, self._read)
        self.pusher.start(self.pushed.append)

    def counted(self) -> list[tuple[int, int]]:
        return [(event.recipients[0], event.count) for event in self.pushed if isinstance(event, UnreadCounted)]

    def shown(self) -> list[tuple[int, int]]:
        return [(event.recipients[0], event.chat_id) for event in self.pushed if isinstance(event, Shown)]

    def waits_for(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + TIMEOUT
        while not holds():
            assert time.monotonic() < deadline, self.pushed
            gevent.sleep(0.005)

    def _count(self, people: list[int]) -> dict[int, int]:
        self._refuse_while_away()
        return {user_id: self.counts[user_id] for user_id in people}

    def _read(self, conversations: Sequence[tuple[int, int]]) -> list[Event]:
        self._refuse_while_away()
        self.read.append(list(conversations))
        return [Shown(recipients=(user_id,), chat_id=chat_id) for user_id, chat_id in conversations]

    def _refuse_while_away(self) -> None:
        if self.is_away:
            self.refused += 1
            raise Unavailable("database")


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Listener:
    monkeypatch.setattr(unread, "PERIOD", PERIOD)
    return Listener()


def test_many_changes_at_once_are_pushed_once_each(listener: Listener) -> None:
    for _ in range(3):
        listener.pusher.schedule_counts([1, 2])
        listener.pusher.schedule_conversations([(1, 10), (2, 10), (1, 11)])
    listener.pusher.schedule_conversations([(1, 10)])
    listener.waits_for(lambda: len(listener.counted()) == 2)
    assert listener.read == [[(2, 10), (1, 11), (1, 10)]]
    assert sorted(listener.counted()) == [(1, 5), (2, 7)]
    assert len(listener.shown()) == 3


def test_an_unchanged_count_is_not_pushed_again(listener: Listener) -> None:
    listener.pusher.schedule_counts([1])
    listener.waits_for(lambda: listener.counted() == [(1, 5)])
    listener.pusher.schedule_counts([1])
    listener.pusher.schedule_counts([2])
    listener.waits_for(lambda: (2, 7) in listener.counted())
    listener.pusher.forget(1)
    listener.pusher.schedule_counts([1])
    listener.waits_for(lambda: listener.counted() == [(1, 5), (2, 7), (1, 5)])


def test_a_conversation_is_pushed_at_each_change(listener: Listener) -> None:
    for number in (1, 2):
        listener.pusher.schedule_conversations([(1, 10)])
        listener.waits_for(lambda: len(listener.shown()) == number)  # noqa: B023 - read within the loop only
    assert listener.read == [[(1, 10)]] * 2


def test_changes_while_postgres_is_away_are_pushed_when_it_returns(listener: Listener) -> None:
    listener.is_away = True
    listener.pusher.schedule_counts([1])
    listener.pusher.schedule_conversations([(1, 10)])
    listener.waits_for(lambda: listener.refused > 1)
    listener.pusher.schedule_conversations([(1, 10), (1, 11)])
    assert listener.pushed == []
    listener.is_away = False
    listener.waits_for(lambda: len(listener.counted()) == 1)
    assert listener.read == [[(1, 10), (1, 11)]]


def test_pushing_continues_after_a_defect(listener: Listener, caplog: pytest.LogCaptureFixture) -> None:
    listener.pusher.schedule_counts([3])  # has no count
    listener.waits_for(lambda: "unread messages not pushed" in caplog.text)
    listener.pusher.schedule_counts([2])
    listener.waits_for(lambda: listener.counted() == [(2, 7)])


def test_many_conversations_are_read_in_batches(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unread, "CONVERSATIONS_AT_ONCE", 10)
    conversations = [(1, chat_id) for chat_id in range(25)]
    listener.pusher.schedule_conversations(conversations)
    listener.waits_for(lambda: listener.shown() == conversations)
    assert [len(read) for read in listener.read] == [10, 10, 5]
