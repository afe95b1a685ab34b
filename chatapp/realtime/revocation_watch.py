"""Closes the sockets of users who logged out, were banned or were erased, even if Redis lost the event.

Usually an event closes them at once. It is lost while Redis is away, and may be lost when it restarts, so Postgres is
queried as well, for all users of this worker at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from itertools import islice
from time import monotonic

import gevent

from chatapp.errors import Unavailable
from chatapp.queries.people import Entry
from chatapp.realtime.closing import Close
from chatapp.realtime.connection import Connection
from chatapp.realtime.roster import Roster

log = logging.getLogger(__name__)

PERIOD = 30.0  # seconds between two checks while events are received
# While they are not. It takes up to ten seconds to notice that Redis hangs (`subscriptions.PING_PERIOD`, twice) and up
# to five for the query (DATABASE_STATEMENT_TIMEOUT), so a revoked socket is closed within 30 s.
DISCONNECTED_PERIOD = 5.0
CHUNK = 2000  # users per query: two look-ups by key for each

FindRevoked = Callable[[Collection[Entry]], set[Entry]]


class RevocationWatch:
    """Checks periodically that the users connected here are still allowed to be.

    Parameters:
        find_revoked: returns those whose access was revoked; raises Unavailable.
        receives_events: whether events of other workers are received.
    """

    def __init__(self, roster: Roster, find_revoked: FindRevoked, receives_events: Callable[[], bool]) -> None:
        self._roster = roster
        self._find_revoked = find_revoked
        self._receives_events = receives_events
        self._checked_at = monotonic()
        self._checking: gevent.Greenlet[..., None] | None = None

    def check_when_due(self) -> None:
        """Check in a separate greenlet, which may wait for Postgres, unless the previous check is still running."""
        period = PERIOD if self._receives_events() else DISCONNECTED_PERIOD
        if self._checking or monotonic() - self._checked_at < period:
            return
        self._checked_at = monotonic()
        self._checking = gevent.spawn(self._close_revoked)

    def _close_revoked(self) -> None:
        """Close revoked connections with 4401. While Postgres is away none is closed."""
        waiting = iter({entry for connection in self._roster if (entry := _entry(connection)) is not None})
        revoked: set[Entry] = set()
        try:
            while chunk := list(islice(waiting, CHUNK)):
                revoked |= self._find_revoked(chunk)
        except Unavailable:
            log.warning("account status not checked, will retry")
        except Exception:
            log.exception("account status not checked")
        for connection in self._roster if revoked else ():
            if _entry(connection) in revoked:
                connection.close(Close.UNAUTHORISED)


def _entry(connection: Connection) -> Entry | None:
    """The user and log-in of a connection; None if it is not authenticated."""
    actor = connection.actor
    return None if actor is None else (actor.id, actor.family_id)
