"""Sockets of people who have logged out, were banned or erased end, also where Redis did not tell of it.

Usually an event closes them at once. It is lost while Redis is away, and may be when it restarts: so Postgres is asked
as well, for all people of this worker in one query.
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

PERIOD = 30.0  # seconds between two questions while events are heard
# While they are not. It takes up to ten seconds to notice that Redis hangs (`subscriptions.PING_PERIOD`, twice) and up
# to five to be answered (DATABASE_STATEMENT_TIMEOUT): whatever was revoked is closed within 30 s.
CUT_OFF_PERIOD = 5.0
CHUNK = 2000  # people in one query: two look-ups by key for each

Ask = Callable[[Collection[Entry]], set[Entry]]


class RevocationWatch:
    """Asks from time to time whether everybody who is connected here still may be.

    Parameters:
        ask: which of these people may not; raises Unavailable.
        hears_events: whether revocations of other workers are heard.
    """

    def __init__(self, roster: Roster, ask: Ask, hears_events: Callable[[], bool]) -> None:
        self._roster = roster
        self._ask = ask
        self._hears_events = hears_events
        self._asked_at = monotonic()
        self._asking: gevent.Greenlet[..., None] | None = None

    def ask_when_due(self) -> None:
        """Ask, in a greenlet of its own, which may wait for Postgres. A question is not overtaken by the next."""
        period = PERIOD if self._hears_events() else CUT_OFF_PERIOD
        if self._asking or monotonic() - self._asked_at < period:
            return
        self._asked_at = monotonic()
        self._asking = gevent.spawn(self._close_revoked)

    def _close_revoked(self) -> None:
        """Close them with 4401. While Postgres is away nobody is: that says nothing about people."""
        waiting = iter({entry for connection in self._roster if (entry := _entry(connection)) is not None})
        revoked: set[Entry] = set()
        try:
            while chunk := list(islice(waiting, CHUNK)):
                revoked |= self._ask(chunk)
        except Unavailable:
            log.warning("account status not checked, will retry")
        except Exception:
            log.exception("account status not checked")
        for connection in self._roster if revoked else ():
            if _entry(connection) in revoked:
                connection.close(Close.UNAUTHORISED)


def _entry(connection: Connection) -> Entry | None:
    """Who is there, and by which log-in; None before they have said, and for the anonymous."""
    actor = connection.actor
    return None if actor is None else (actor.id, actor.family_id)
