"""How a worker orders the changes of chats."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import gevent
import orjson
import pytest
from gevent import Greenlet
from gevent.event import Event as Signal

from chatapp.dialects.marketplace import frames as marketplace
from chatapp.dialects.social import frames as social
from chatapp.errors import Unavailable
from chatapp.events.snapshots import MessageSnapshot, Person
from chatapp.events.types import ChatChanged, MessageSent
from chatapp.ops import runtime
from chatapp.queries import live
from chatapp.realtime import ordering
from chatapp.realtime.ordering import ChatOrder
from config import load
from tests import people

PERSON = Person(1, "c7a995d9-7357-4ec1-9cd3-5f94a682394c", "alice", "Alice", None)
TIMEOUT = 60.0


# Those of earlier tests in this process, whose timers are none of ours. Kept, so that none of ours has their ids.
_others: list[Greenlet] = []


@pytest.fixture(scope="module", autouse=True)
def others() -> Iterator[None]:
    """Know the greenlets that other tests have left."""
    _others.extend(greenlets())
    yield
    _others.clear()


def greenlets() -> list[Greenlet]:
    """All that have not ended."""
    return [found for found in gc.get_objects() if isinstance(found, Greenlet) and not found.dead]


def let_end() -> None:
    """Wait until the greenlets of these tests have ended."""
    others = {id(other) for other in _others}
    while ours := [found for found in greenlets() if id(found) not in others]:
        assert len(gevent.joinall(ours, timeout=TIMEOUT)) == len(ours)


def change(version: int, chat_id: int = 7) -> MessageSent:
    """The message that gave a chat this version."""
    at = "2025-11-21T13:00:00.000Z"
    message = MessageSnapshot(version, chat_id, version, version, PERSON, PERSON, "text", "", None, None, at, at)
    return MessageSent(recipients=(1, 2), chat_id=chat_id, version=version, message=message)


class Listener:
    """A `ChatOrder` and what it delivered."""

    def __init__(
        self,
        read_gap: Callable[[int, int, int, int], Sequence[ChatChanged]] | None = None,
        *,
        has_listeners: bool = True,
        start: Callable[[int], int] = lambda before: before - 1,
    ) -> None:
        self.delivered: list[tuple[int, int]] = []
        self.gaps: list[tuple[int, int, int, int]] = []
        self.has_listeners = has_listeners
        self.listening_since = 0.0
        self._read = read_gap or (lambda *gap: [])
        self._grew = Signal()
        self.starts = 0
        self._start = start
        self.order = ChatOrder(self._deliver, self._read_gap, self._read_start, self._listening_since)

    def admits(self, *versions: int, chat_id: int = 7) -> list[int]:
        """Admit changes in this order; returns the versions delivered so far, and at the start of a chat."""
        for version in versions:
            self.order.admit(change(version, chat_id))
            gevent.sleep(0)
        return self.versions(chat_id)

    def versions(self, chat_id: int = 7) -> list[int]:
        """The versions delivered for a chat."""
        return [version for chat, version in self.delivered if chat == chat_id]

    def waits_for(self, count: int) -> list[int]:
        """Wait until so many are delivered."""
        deadline = time.monotonic() + TIMEOUT
        while len(self.delivered) < count:
            assert self._grew.wait(deadline - time.monotonic()), f"only {self.delivered}"
            self._grew.clear()
        return self.versions()

    def connects(self) -> None:
        """The first user who receives the chats connects now."""
        self.has_listeners, self.listening_since = True, time.monotonic()

    def _listening_since(self, event: ChatChanged) -> float | None:
        return self.listening_since if self.has_listeners else None

    def _deliver(self, event: ChatChanged) -> None:
        self.delivered.append((event.chat_id, event.version))
        self._grew.set()

    def _read_start(self, chat_id: int, before: int, seconds: float) -> int:
        self.starts += 1
        return self._start(before)

    def _read_gap(self, *gap: int) -> Sequence[ChatChanged]:
        self.gaps.append(gap)  # type: ignore[arg-type]
        return self._read(*gap)


def wait_until_delivered(listener: Listener, version: int) -> None:
    gevent.spawn(listener.order.wait_until_delivered, 7, version).get(timeout=TIMEOUT)


def test_changes_in_order_are_delivered_at_once() -> None:
    assert Listener().admits(1, 2, 3) == [1, 2, 3]


def test_the_first_change_received_is_the_start() -> None:
    assert Listener().admits(40, 41) == [40, 41]


def test_a_delivered_change_is_dropped() -> None:
    assert Listener().admits(5, 5, 6, 4, 5, 6, 7, 7) == [5, 6, 7]


def test_an_early_change_waits_for_its_predecessor() -> None:
    listener = Listener()
    assert listener.admits(1, 3) == [1]
    assert listener.admits(4) == [1]
    assert listener.admits(2) == [1, 2, 3, 4]
    let_end()
    assert listener.gaps == [], "nothing was missing"
    assert listener.admits(3, 4, 5) == [1, 2, 3, 4, 5]


def test_a_held_change_that_comes_again_is_delivered_once() -> None:
    assert Listener().admits(1, 3, 3, 2, 3) == [1, 2, 3]


def test_chats_do_not_wait_for_each_other() -> None:
    listener = Listener()
    listener.admits(1, 3)
    assert listener.admits(1, 2, chat_id=8) == [1, 2]
    assert listener.versions() == [1]


def test_a_lost_change_is_read_after_a_while() -> None:
    listener = Listener(lambda chat, after, before, limit: [change(version) for version in range(after + 1, before)])
    assert listener.admits(1, 5) == [1]
    gevent.idle()
    assert listener.gaps == [], "its predecessors may still come"
    assert listener.waits_for(5) == [1, 2, 3, 4, 5]
    assert listener.gaps == [(7, 1, 5, ordering.GAP_LIMIT)]


def test_two_gaps_are_both_closed() -> None:
    listener = Listener(lambda chat, after, before, limit: [change(version) for version in range(after + 1, before)])
    listener.admits(1, 3, 6)
    assert listener.waits_for(6) == [1, 2, 3, 4, 5, 6]


def test_a_change_held_while_a_gap_is_read_waits_for_its_own_predecessor() -> None:
    def read(chat: int, after: int, before: int, limit: int) -> Sequence[ChatChanged]:
        if before == 3:
            listener.admits(5)  # 4 is on its way, from another worker
        return [change(version) for version in range(after + 1, before)]

    listener = Listener(read)
    listener.admits(1, 3)
    assert listener.waits_for(3) == [1, 2, 3]
    assert listener.admits(4) == [1, 2, 3, 4, 5]


def test_a_gap_before_a_change_held_while_a_gap_is_read_is_read_next() -> None:
    def read(chat: int, after: int, before: int, limit: int) -> Sequence[ChatChanged]:
        if before == 3:
            listener.admits(5)
        return [change(version) for version in range(after + 1, before)]

    listener = Listener(read)
    listener.admits(1, 3)
    assert listener.waits_for(5) == [1, 2, 3, 4, 5]


def test_the_first_two_changes_can_overtake_each_other() -> None:
    listener = Listener(start=lambda before: 0)
    assert listener.admits(2) == []
    assert listener.admits(1, 3) == [1, 2, 3]
    assert (listener.starts, listener.gaps) == (1, [])


def test_a_change_that_listeners_knew_when_they_connected_is_dropped() -> None:
    listener = Listener(start=lambda before: 3)
    assert listener.admits(5) == []
    assert listener.admits(3, 4) == [4, 5]


def test_the_first_two_changes_after_a_connection_can_overtake_each_other() -> None:
    listener = Listener(has_listeners=False, start=lambda before: 1)
    listener.admits(1)
    listener.connects()
    assert listener.admits(3) == [1]
    assert listener.admits(2) == [1, 2, 3]
    assert (listener.starts, listener.gaps) == (1, [])


def test_what_changed_before_a_connection_is_no_gap() -> None:
    listener = Listener(has_listeners=False, start=lambda before: 1)  # as by a clock that is behind
    listener.admits(1, 2)
    listener.connects()
    assert listener.admits(3) == [1, 2, 3]
    listener = Listener(has_listeners=False, start=lambda before: 7)
    listener.admits(1, 2)
    listener.connects()
    assert listener.admits(8) == [1, 2, 8]


def test_a_lost_first_change_is_read() -> None:
    listener = Listener(lambda chat, after, before, limit: [change(1)], start=lambda before: 0)
    listener.admits(2)
    assert listener.waits_for(2) == [1, 2]


def test_changes_are_held_while_the_start_is_read() -> None:
    may_read = Signal()

    def start(before: int) -> int:
        may_read.wait()
        return before - 1

    listener = Listener(start=start)
    assert listener.admits(8, 7, 9) == []
    shown: list[int] = []
    listener.order.with_version(7, 9, shown.append)
    waiting = gevent.spawn(wait_until_delivered, listener, 9)
    may_read.set()
    waiting.get(timeout=TIMEOUT)
    assert listener.versions() == [8, 9]
    assert shown == [9], "a signal does not overtake changes"


def test_signals_keep_their_place_between_changes_while_the_start_is_read() -> None:
    may_read = Signal()

    def start(before: int) -> int:
        may_read.wait()
        return before - 1

    listener = Listener(start=start)
    for version in (8, 9):
        assert listener.admits(version) == []
        listener.order.with_version(7, version, lambda shown: listener.delivered.append((-1, shown)))
    waiting = gevent.spawn(wait_until_delivered, listener, 9)
    may_read.set()
    waiting.get(timeout=TIMEOUT)
    gevent.sleep(0)
    assert listener.delivered == [(7, 8), (-1, 8), (7, 9), (-1, 9)]


@pytest.mark.parametrize("error", [Unavailable("postgres"), ValueError("broken")])
def test_a_chat_starts_with_its_first_change_if_nothing_can_be_read(error: Exception) -> None:
    def start(before: int) -> int:
        raise error

    assert Listener(start=start).admits(8, 9) == [8, 9]


def test_a_chat_without_listeners_starts_without_reading() -> None:
    listener = Listener(has_listeners=False)
    assert listener.admits(8, 9) == [8, 9]
    assert listener.starts == 0


def test_a_change_that_comes_after_its_gap_was_read_is_dropped() -> None:
    listener = Listener(lambda chat, after, before, limit: [change(2)])
    listener.admits(1, 3)
    listener.waits_for(3)
    assert listener.admits(2, 3, 4) == [1, 2, 3, 4]


def test_while_postgres_is_away_delivery_continues_with_a_visible_jump() -> None:
    def away(*gap: int) -> Sequence[ChatChanged]:
        raise Unavailable("database")

    listener = Listener(away)
    listener.admits(1, 3)
    assert listener.waits_for(2) == [1, 3]
    assert listener.admits(2, 4) == [1, 3, 4]


def test_a_gap_is_read_at_once_while_no_events_of_others_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordering, "HOLD", 10 * TIMEOUT)
    delivered: list[int] = []
    order = ChatOrder(
        lambda event: delivered.append(event.version),
        lambda chat, after, before, limit: [change(version) for version in range(after + 1, before)],
        lambda chat, before, seconds: before - 1,
        lambda event: 0.0,
        lambda: False,
    )
    for version in (1, 3):
        order.admit(change(version))
    let_end()
    assert delivered == [1, 2, 3]


def test_a_held_event_takes_precedence_over_its_row() -> None:
    """Only the event names the socket that a message came over."""
    delivered: list[ChatChanged] = []
    order = ChatOrder(
        delivered.append,
        lambda chat, after, before, limit: [change(version) for version in range(after + 1, before)],
        lambda chat, before, seconds: before - 1,
        lambda event: 0.0,
    )
    for version in (1, 3, 5):
        order.admit(replace(change(version), origin="socket"))
    let_end()
    assert [(event.version, event.origin) for event in delivered if isinstance(event, MessageSent)] == [
        (1, "socket"), (2, None), (3, "socket"), (4, None), (5, "socket")
    ]  # fmt: skip


def test_an_awaited_version_is_read_if_its_event_does_not_come() -> None:
    listener = Listener(lambda chat, after, before, limit: [change(version) for version in range(after + 1, before)])
    listener.admits(1)
    wait_until_delivered(listener, 3)
    assert listener.versions() == [1, 2, 3]
    assert listener.gaps == [(7, 1, 4, ordering.GAP_LIMIT)]


def test_waiting_ends_when_the_event_of_the_version_comes() -> None:
    listener = Listener()
    listener.admits(1)
    waiting = gevent.spawn(listener.order.wait_until_delivered, 7, 3)
    gevent.idle()
    assert listener.admits(2) == [1, 2]
    gevent.idle()
    assert not waiting.ready(), "the version after it is awaited"
    assert listener.admits(3) == [1, 2, 3]
    waiting.get(timeout=TIMEOUT)
    let_end()
    assert listener.gaps == []


@pytest.mark.parametrize("error", [Unavailable("database"), ValueError("a defect")])
def test_waiting_ends_if_the_version_cannot_be_read(error: Exception) -> None:
    def fail(*gap: int) -> Sequence[ChatChanged]:
        raise error

    listener = Listener(fail)
    listener.admits(1)
    wait_until_delivered(listener, 2)
    assert listener.admits(2) == [1, 2]


def test_what_comes_before_an_awaited_version_of_an_unknown_chat_is_delivered_first() -> None:
    listener = Listener(start=lambda before: 1)
    waiting = gevent.spawn(listener.order.wait_until_delivered, 7, 3)
    gevent.idle()
    assert (listener.starts, waiting.ready()) == (1, False)
    assert listener.admits(3, 2) == [2, 3]
    waiting.get(timeout=TIMEOUT)


def test_the_event_of_an_awaited_version_may_come_while_the_start_is_read() -> None:
    listener = Listener(start=lambda before: 1)
    waiting = gevent.spawn(listener.order.wait_until_delivered, 7, 3)
    gevent.sleep(0)
    listener.admits(3)
    assert listener.admits(2) == [2, 3]
    waiting.get(timeout=TIMEOUT)
    assert listener.starts == 1


def test_nothing_is_awaited_if_the_start_of_an_unknown_chat_is_not_before_it() -> None:
    listener = Listener()
    wait_until_delivered(listener, 2)
    assert (listener.versions(), listener.gaps) == ([], [])


def test_waiting_goes_on_when_a_chat_begins_again_before_the_version() -> None:
    listener = Listener(start=lambda before: 8)
    listener.admits(1)
    listener.connects()
    waiting = gevent.spawn(listener.order.wait_until_delivered, 7, 10)
    gevent.sleep(0)
    listener.admits(10)
    gevent.idle()
    assert not waiting.ready(), "the change before it is on its way"
    assert listener.admits(9) == [1, 9, 10]
    waiting.get(timeout=TIMEOUT)


@pytest.mark.parametrize("chat_ids", [(7,), (8, 9)], ids=["started again", "forgotten"])
def test_waiting_ends_when_a_chat_is_started_again_or_forgotten(
    chat_ids: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "CHATS_REMEMBERED", 1)
    listener = Listener(has_listeners=False)
    listener.admits(1)
    waiting = gevent.spawn(listener.order.wait_until_delivered, 7, 2)
    gevent.idle()
    for chat_id in chat_ids:
        listener.admits(20, chat_id=chat_id)
    waiting.get(timeout=TIMEOUT)


def test_a_gap_is_not_delivered_after_the_chat_began_again() -> None:
    is_reading, may_read = Signal(), Signal()

    def read(chat: int, after: int, before: int, limit: int) -> Sequence[ChatChanged]:
        is_reading.set()
        may_read.wait()
        return [change(2), change(3)]

    listener = Listener(read)
    listener.admits(1)
    waiting = gevent.spawn(wait_until_delivered, listener, 3)
    assert is_reading.wait(TIMEOUT)
    listener.has_listeners = False
    assert listener.admits(5) == [1, 5]
    may_read.set()
    waiting.get(timeout=TIMEOUT)
    let_end()
    assert listener.versions() == [1, 5]


def test_changes_without_listeners_are_no_gap() -> None:
    listener = Listener(has_listeners=False)
    assert listener.admits(1, 20, 21) == [1, 20, 21]
    let_end()
    assert listener.gaps == []


def test_a_forgotten_chat_starts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordering, "CHATS_REMEMBERED", 2)
    listener = Listener()
    for chat_id in (7, 8, 9):
        listener.admits(1, chat_id=chat_id)
    assert listener.admits(30) == [1, 30]


@pytest.fixture
def core(environment: dict[str, str]) -> Iterator[None]:
    """The core of this process, on the server's database."""
    runtime.build(load(environment))
    yield
    runtime.close()


def test_a_lost_message_is_read_from_postgres(
    core: None, alice: people.Person, bob: people.Person, carol: people.Person
) -> None:
    sent = []
    for number in range(6):
        sent.append(alice.sends(f"{number}", to=bob))
        alice.sends("elsewhere", to=carol)
    chat_id = sent[0]["chat_id"]
    snapshots: list[ChatChanged] = []
    order = ChatOrder(snapshots.append, live.changes_between, live.version_before, lambda event: 0.0)
    for version in (1, 2, 5):
        order.admit(replace(change(version, chat_id), version=version))
    let_end()
    assert [event.version for event in snapshots] == [1, 2, 3, 4, 5]
    for event, message in zip(snapshots[2:4], sent[2:4], strict=True):
        assert isinstance(event, MessageSent)
        assert set(event.recipients) == {alice.id, bob.id}
        assert (event.message.id, event.message.content) == (message["id"], message["content"])
        assert (event.message.seq, event.version) == (message["seq"], message["version"])


@pytest.mark.parametrize(("seconds", "expected"), [(8.0, [1, 2, 3, 4]), (0.0, [4])])
def test_a_chat_starts_with_what_was_written_since_its_listeners_connected(
    core: None, alice: people.Person, bob: people.Person, seconds: float, expected: list[int]
) -> None:
    sent = [alice.sends(text, to=bob) for text in ("1", "2")]
    alice.edits(sent[0], "changed")
    chat_id = alice.sends("4", to=bob)["chat_id"]
    snapshots: list[ChatChanged] = []
    since = time.monotonic() - seconds
    order = ChatOrder(snapshots.append, live.changes_between, live.version_before, lambda event: since)
    order.admit(replace(change(4, chat_id), version=4))
    let_end()
    assert [event.version for event in snapshots] == expected


def test_a_change_read_later_is_delivered_with_its_original_version(
    core: None, alice: people.Person, bob: people.Person
) -> None:
    """A message that was edited since is read in its current state; its frames must not overtake those that follow."""
    first, second = (alice.sends(text, to=bob) for text in "12")
    for content in ("one", "uno"):
        alice.edits(first, content)
    alice.sends("3", to=bob)
    events = live.changes_between(second["chat_id"], 0, 6, 10)
    assert [orjson.loads(marketplace.encode(event) or b"")["version"] for event in events] == [1, 2, 3, 4, 5]
    assert [orjson.loads(social.encode(event) or b"")["payload"]["version"] for event in events] == [1, 2, 3, 4, 5]
