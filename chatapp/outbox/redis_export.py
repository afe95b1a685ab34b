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
from collections.abc import Collection, Iterable, Mapping, Sequence

from chatapp import clock, presence
from chatapp.events.types import ChatChanged, ChatDeleted, ChatLeft, ChatRead, Event
from chatapp.infra.batching import in_batches
from chatapp.outbox import redis_export_keys
from chatapp.outbox.consumer import Consumer
from chatapp.queries import redis_export as export_queries

log = logging.getLogger(__name__)

READ_BATCH = 500  # chats, users or memberships that one query reads
MAX_LAG = 60.0  # seconds that the oldest event may wait; past it a rebuild costs less than the backlog
REBUILT_PERIOD = dt.timedelta(days=1)  # a rebuild covers chats with a message since then; others follow with their next
SCAN_BATCH = 5000  # chats scanned by one query of a rebuild: some 10 ms


class RedisExport(Consumer):
    """Writes the keys of the chats and users that events name."""

    name = "redis_export"
    is_due = "coalesce(handed_on_at, 'infinity') = 'infinity'"  # else the release before has exported it
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
        changed: dict[int, set[int]] = {}  # users whose numbers may have changed, by chat id
        larger: set[int] = set()
        left: set[tuple[int, int]] = set()  # users and groups; they may have joined again
        for event in events:
            if isinstance(event, ChatLeft):
                changed.setdefault(event.chat_id, set()).update(event.recipients)
                left.update((user_id, event.chat_id) for user_id in event.recipients)
            if isinstance(event, ChatChanged | ChatRead):
                members = event.members if isinstance(event, ChatDeleted) else ()
                changed.setdefault(event.chat_id, set()).update(event.recipients, members)
                if event.audience.chat_id is not None:
                    larger.add(event.chat_id)
        for chat_id in larger:
            changed[chat_id].update(export_queries.load_members(chat_id))
        _write(changed)
        if left:
            redis_export_keys.forget_unread(export_queries.load_not_members(left))


def _write(changed: dict[int, set[int]]) -> None:
    existing = _write_chats(changed)
    for chat_ids in in_batches(changed.keys() - existing, READ_BATCH):
        members = export_queries.load_current_users({user_id for id in chat_ids for user_id in changed[id]})
        redis_export_keys.forget_chats({id: [members[user_id].uuid for user_id in changed[id]] for id in chat_ids})
    _write_users({user_id for user_ids in changed.values() for user_id in user_ids})


def _write_chats(members: Mapping[int, Collection[int]]) -> set[int]:
    """Write the newest messages of chats, and what is unread of some members; returns the ids of chats that exist."""
    existing: set[int] = set()
    for chat_ids in in_batches(members, READ_BATCH):
        found, last_messages = export_queries.load_last_messages(chat_ids)
        redis_export_keys.write_last_messages(last_messages)
        existing |= found
    memberships = ((user_id, chat_id) for chat_id in existing for user_id in members[chat_id])
    for batch in in_batches(memberships, READ_BATCH):
        redis_export_keys.write_unread(export_queries.load_unread(batch))
    return existing


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
        members = {id: pair or export_queries.load_members(id) for id, pair in active.items()}
        _write_chats(members)
        user_ids = {user_id for ids in members.values() for user_id in ids} - written
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
