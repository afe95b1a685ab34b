"""Catch-up over REST and sockets: loads a page of what a client missed, which each dialect renders."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Mapping
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

MAX_CATCH_UP = 500  # messages and changes per page; half the capacity of a socket's queue (realtime.transport)
MAX_CURSOR = sync_cursor.MAX_LENGTH
NOTHING_KNOWN = catchup.NOTHING_KNOWN
MAX_KNOWN = 100  # chats that a request may name
KNOWN = (
    "Chats in which I know every change up to a version, or need none: these messages and changes are left out. "
    "Spares a client that renews its cursor what it has received live."
)
COMPLETE = (
    "For each chat of this page, the version up to which I know every change once I have applied it, if I had applied "
    "all pages before it. A server that says so takes `known`."
)
HIDDEN = (
    "Versions of messages on this stretch of the chat that I do not see, because I block their senders. Absent if none."
)
HAS_MORE = "Whether more follows. A page ends at its limit, or earlier at half a megabyte."

# Pages that a worker loads concurrently. After an outage all clients catch up at once; if they took every database
# connection, sends would wait, and so would the reads that close gaps, which would make still more clients catch up.
_SLOTS = BoundedSemaphore(3)


@dataclass(frozen=True, slots=True)
class CatchUpPage:
    """A page of what a client missed.

    Attributes:
        messages: new ones in their current state, by chat and `seq`; oldest first if the page starts at a time.
        changes: other events.
        chats: those of the messages and changes, and those whose position in the list changed.
        complete: by chat of this page, the version up to which nothing is missing now.
        cursor: continues after this page.
        full_sync: whether the cursor is from before a restored backup, so that the client must load everything again.
    """

    messages: list[MessageSnapshot]
    changes: list[Event]
    chats: list[ChatSummary]
    complete: dict[int, int]
    cursor: str
    has_more: bool
    full_sync: bool


def load_page(
    actor: Actor,
    since: str | dt.datetime,
    settings: Settings,
    *,
    limit: int,
    chat_id: int | None = None,
    known: Mapping[int, int] = NOTHING_KNOWN,
) -> CatchUpPage:
    """A page of what happened after a cursor, or from a time on.

    Parameters:
        chat_id: only this chat.
        known: by chat, the version up to which the client knows every change: these are left out.

    Raises:
        Unreadable: `bad_cursor`.
        NotFound: `chat_not_found`.
        Unavailable: Postgres is down, or too many clients are catching up.
    """
    start = sync_cursor.decode(since, settings.secret_key, actor.id) if isinstance(since, str) else since
    with _slot(settings.database_wait) as wait, database_connection(wait=wait):
        if chat_id is not None:
            access_chat(actor, chat_id)
        cursor = catchup.cursor_at(actor.id, start) if isinstance(start, dt.datetime) else start
        found = catchup.page(actor, cursor, limit=limit, chat_id=chat_id, known=known)
        summaries = chat_queries.by_ids(actor, found.chat_ids)
    return CatchUpPage(
        found.messages,
        found.changes,
        summaries,
        found.complete,
        sync_cursor.encode(found.cursor, settings.secret_key),
        found.has_more,
        found.full_sync,
    )


@contextmanager
def _slot(wait: float) -> Iterator[float]:
    """Hold a slot for the length of a block; yields what is left of the seconds to wait."""
    began = time.monotonic()
    if not _SLOTS.acquire(timeout=wait):
        raise Unavailable("database")
    try:
        yield max(0.0, wait - (time.monotonic() - began))
    finally:
        _SLOTS.release()


def current_cursor(actor: Actor, settings: Settings) -> str:
    """The cursor of a client that has seen everything until now. Take it before reading what the client is shown."""
    with database_connection():
        return sync_cursor.encode(catchup.cursor_of_now(actor.id), settings.secret_key)
