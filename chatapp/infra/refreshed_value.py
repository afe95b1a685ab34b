"""Values that every process reads from Postgres once and keeps in memory, until an event says that they changed.

An event may be lost while Redis is away, so they are read again from time to time as well.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

import gevent
from gevent.lock import RLock

from chatapp.errors import Unavailable
from chatapp.infra.postgres import database_connection
from config import Settings

log = logging.getLogger(__name__)

PERIOD = 30.0  # seconds between two readings while events are received
DISCONNECTED_PERIOD = 5.0  # while they are not

T = TypeVar("T")


class RefreshedValue(Generic[T]):
    """A value of the database, small and read often; calling it returns the value, with a query only the first time.

    Parameters:
        name: in the log.
        read: reads the value, over a connection that is borrowed for it.
    """

    def __init__(self, name: str, read: Callable[[], T]) -> None:
        self._name = name
        self._read = read
        self._values: list[T] = []
        self._lock = RLock()

    def __call__(self) -> T:
        """The value.

        Raises:
            Unavailable: it was not read yet, and Postgres is away.
        """
        return self._values[0] if self._values else self.refresh()

    def refresh(self) -> T:
        """Read the value now; returns it.

        Raises:
            Unavailable: Postgres is away; the value stays as it is.
        """
        with self._lock:  # a reading that began before a change must not end after one that began later
            with database_connection():
                value = self._read()
            self._values[:] = [value]
            return value

    def refresh_or_log(self) -> None:
        """Read the value now; if Postgres is away, it stays as it is."""
        try:
            self.refresh()
        except Unavailable:
            log.warning("value not refreshed, will retry", extra={"value": self._name})
        except Exception:
            log.exception("value not refreshed", extra={"value": self._name})

    def bind(self, settings: Settings) -> None:
        """Forget the value: the database may be another one."""
        self._values.clear()


def refresh_soon(values: Iterable[RefreshedValue[Any]]) -> None:
    """Read the values again in a greenlet, after an event. Never blocks."""
    for value in values:
        gevent.spawn(value.refresh_or_log)


def keep_refreshing(
    values: Iterable[RefreshedValue[Any]], receives_events: Callable[[], bool]
) -> gevent.Greenlet[..., None]:
    """Start a greenlet that reads the values now, and from time to time; returns it.

    Parameters:
        receives_events: whether events of other workers are received now.
    """
    return gevent.spawn(_keep_refreshing, tuple(values), receives_events)


def _keep_refreshing(values: tuple[RefreshedValue[Any], ...], receives_events: Callable[[], bool]) -> None:
    waited = PERIOD
    while True:
        if waited >= PERIOD or not receives_events():
            waited = 0.0
            for value in values:
                value.refresh_or_log()
        gevent.sleep(DISCONNECTED_PERIOD)
        waited += DISCONNECTED_PERIOD
