"""The Redis export: unread counts and last messages as Redis keys, for other services to read (docs/operations.md).

The keys are a cache. Each is written from the current state in Postgres when an event names its chat: whole values,
never increments, so handling an event twice is harmless and nothing drifts. A key expires after
`redis_export_keys.LIFE`; a service that finds none uses the REST API. What Redis lost, or did not receive for
`MAX_LAG`, is rebuilt from Postgres.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Iterable, Sequence

from chatapp import clock, presence
from chatapp.events.types import ChatChanged, ChatRead, Event
from chatapp.infra.batching import in_batches
from chatapp.outbox import redis_export_keys
from chatapp.outbox.consumer import Consumer
from chatapp.queries import redis_export as export_queries

log = logging.getLogger(__name__)

READ_BATCH = 500  # chats or users that one query reads
MAX_LAG = 60.0  # seconds that the oldest event may wait; past it a rebuild costs less than the backlog
REBUILT_PERIOD = dt.timedelta(days=1)  # a rebuild covers chats with a message since then; others follow with their next
SCAN_BATCH = 5000  # chats scanned by one query of a rebuild: some 10 ms


class RedisExport(Consumer):
    """Writes the keys of the chats and users that events name."""

    name = "redis_export"
    done_column = "handed_on_at"  # for processes of the previous release
    overwrites = True

    def rebuild(self, lag: float) -> bool:
        """Rebuild the keys if Redis has lost them or misses too much; a minute later, add the users who are online.

        Raises:
            RedisError: Redis is away.
            Unavailable: Postgres is away.
        """
        state = redis_export_keys.state()
        if state is None or lag > MAX_LAG:
            _rebuild(is_lost=state is None)
            return True
        if state.isdigit() and time.time() - int(state) > presence.TTL:
            _add_online_users()
        return False

    def handle(self, events: Sequence[Event]) -> None:
        """Write the current state of the chats that changed or were read.

        Raises:
            RedisError: Redis is away.
            Unavailable: Postgres is away.
        """
        changed: dict[int, set[int]] = {}  # recipients by chat id
        for event in events:
            if isinstance(event, ChatChanged | ChatRead):
                changed.setdefault(event.chat_id, set()).update(event.recipients)
        _write(changed)


def _write(changed: dict[int, set[int]]) -> None:
    for chat_ids in in_batches(changed, READ_BATCH):
        existing = _write_chats(chat_ids)
        deleted = set(chat_ids) - existing
        if deleted:
            members = export_queries.load_current_users({user_id for id in deleted for user_id in changed[id]})
            redis_export_keys.forget_chats({id: [members[user_id].uuid for user_id in changed[id]] for id in deleted})
    _write_users({user_id for user_ids in changed.values() for user_id in user_ids})


def _write_chats(chat_ids: Iterable[int]) -> set[int]:
    """Write the current state of chats; returns the ids of those that exist."""
    unread, last_messages = export_queries.load_current_chats(list(chat_ids))
    redis_export_keys.write_unread(unread)
    redis_export_keys.write_last_messages(last_messages)
    return {entry.chat_id for entry in unread}


def _write_users(user_ids: Iterable[int]) -> None:
    for batch in in_batches(user_ids, READ_BATCH):
        redis_export_keys.write_users(export_queries.load_current_users(batch).values())


def _rebuild(*, is_lost: bool) -> None:
    """Write the keys of all chats with a message in the last day, and of their members.

    The state is written last, and the position moves afterwards: an interrupted rebuild starts again.
    """
    if not is_lost:
        redis_export_keys.forget_all()
    since = clock.now() - REBUILT_PERIOD
    written: set[int] = set()
    chats = 0
    after: int | None = 0
    while after is not None:
        active, after = export_queries.find_active_chats(since, after=after, limit=SCAN_BATCH)
        chats += len(active)
        for chat_ids in in_batches(active, READ_BATCH):
            _write_chats(chat_ids)
        user_ids = {user_id for members in active.values() for user_id in members} - written
        _write_users(user_ids)
        written |= user_ids
    redis_export_keys.set_state(str(int(time.time())))
    log.info("redis export rebuilt", extra={"chats": chats, "users": len(written)})


def _add_online_users() -> None:
    """The second half of a rebuild: by now the heartbeats have restored who is online."""
    for user_ids in in_batches(presence.online_users(), READ_BATCH):
        _write_users(user_ids)
        redis_export_keys.write_unread(export_queries.load_unread_chats(user_ids))
    redis_export_keys.set_state(redis_export_keys.COMPLETE)
