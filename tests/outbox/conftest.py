"""Consumers and their feeds, and the worker process that runs them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chatapp.events.types import ChatChanged, ChatDeleted, Event
from chatapp.outbox.consumer import Consumer
from chatapp.outbox.feed import Feed
from chatapp.outbox.redis_export import RedisExport
from chatapp.outbox.relay import Relay
from chatapp.transaction import unit_of_work
from tests.ops.conftest import ops_environment as ops_environment
from tests.ops.worker.test_process import start_worker as start_worker

Place = tuple[int, int]  # chat id and version


class Recorder(Consumer):
    """Records what it receives, and fails where the test wants it to.

    Attributes:
        handled: chat and version of each event, in the order of arrival.
        poison: events that it fails at.
        is_away: whether its target is.
        before: called first, once.
    """

    name = "recorder"

    def __init__(self, name: str = "recorder") -> None:
        self.name = name  # type: ignore[misc]
        self.handled: list[Place] = []
        self.events: list[Event] = []
        self.poison: set[Place] = set()
        self.is_away = False
        self.before: Callable[[], object] | None = None

    def handle(self, events: Sequence[Event]) -> None:
        """Record events up to the first poisonous one."""
        before, self.before = self.before, None
        if before:
            before()
        if self.is_away:
            raise ConnectionRefusedError
        for event in events:
            assert isinstance(event, ChatChanged)
            if (event.chat_id, event.version) in self.poison:
                raise ZeroDivisionError
            self.handled.append((event.chat_id, event.version))
            self.events.append(event)


def happened(chat_id: int, version: int) -> ChatDeleted:
    """An event of a chat."""
    return ChatDeleted(recipients=(1,), chat_id=chat_id, version=version, deleted_by=1)


def write(*places: Place) -> None:
    """Commit one outbox row with an event for each place."""
    with unit_of_work() as work:
        for place in places:
            work.publish_after_commit(happened(*place))


def export_changes() -> int:
    """Run the Redis export once; returns the number of rows that it handled."""
    return Feed(RedisExport()).run()


def relay() -> int:
    """Run the relay once; returns the number of rows that it handled."""
    return Feed(Relay()).run()
