"""Catching up, the same over REST and socket and in every dialect; each puts what was missed into its words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from gevent.lock import BoundedSemaphore

from chatapp.access import access_chat
from chatapp.auth.actor import Actor
from chatapp.errors import Unavailable
from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import Event
from chatapp.ids import sync_cursor
from chatapp.infra.postgres import database_connection
from chatapp.queries import catchup
from chatapp.queries import chats as chat_queries
from chatapp.queries.chat_summaries import ChatSummary
from config import Settings

MAX_CATCH_UP = 500  # messages and changes in a page; half of what a socket's queue holds (realtime.transport)
MAX_CURSOR = sync_cursor.MAX_LENGTH
HAS_MORE = "Whether more follows. A page ends at its limit, or earlier at half a megabyte."


# Pages that one worker reads side by side. When a neighbour died or a cable is back, everybody asks at once; whoever
# sends must not wait for connections until all are done, or gaps cannot be read either and make still more of them ask.
_TURNS = BoundedSemaphore(3)
_TURN_WAIT = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Missed:
    """A page of what was missed.

    Attributes:
        messages: new ones as they stand now, by chat and `seq`; oldest first where it began with a moment.
        changes: what else happened.
        chats: that something of this page belongs to, or whose place in the list changed.
        cursor: text of the cursor that shows what was seen with this page.
        full_sync: the cursor is of another life of the database: everything must be read anew.
    """

    messages: list[MessageSnapshot]
    changes: list[Event]
    chats: list[ChatSummary]
    cursor: str
    has_more: bool
    full_sync: bool


def missed_since(
    actor: Actor, since: str | dt.datetime, settings: Settings, *, limit: int, chat_id: int | None = None
) -> Missed:
    """What happened since a cursor, or from a moment on.

    Raises:
        Unreadable: `bad_cursor`.
        NotFound: not a chat of the actor's.
        Unavailable: Postgres is away, or too many catch up at the same moment.
    """
    start = sync_cursor.decode(since, settings.secret_key, actor.id) if isinstance(since, str) else since
    with _turn(), database_connection():
        if chat_id is not None:
            access_chat(actor, chat_id)
        cursor = catchup.cursor_at(actor.id, start) if isinstance(start, dt.datetime) else start
        found = catchup.page(actor, cursor, limit=limit, chat_id=chat_id)
        summaries = chat_queries.by_ids(actor, found.chat_ids)
    return Missed(
        found.messages,
        found.changes,
        summaries,
        sync_cursor.encode(found.cursor, settings.secret_key),
        found.has_more,
        found.full_sync,
    )


@contextmanager
def _turn() -> Iterator[None]:
    if not _TURNS.acquire(timeout=_TURN_WAIT):
        raise Unavailable("database")
    try:
        yield
    finally:
        _TURNS.release()


def cursor_of_now(actor: Actor, settings: Settings) -> str:
    """The cursor of somebody who sees everything until now. To be taken before what they see is read."""
    with database_connection():
        return sync_cursor.encode(catchup.cursor_of_now(actor.id), settings.secret_key)
