"""The mirror: unread counts and last messages as Redis keys, for other services to read (API.md, social dialect).

They are a cache, written from what Postgres holds at the time that an outbox row is handed on: whole values, never
increments, so telling twice does no harm and nothing drifts. Each lives for `redis_export_keys.LIFE`; a service that
finds none asks us. What Redis lost, or has not heard of for longer than `TOO_OLD`, is made anew from Postgres.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Iterable

from chatapp import clock, presence
from chatapp.events import types
from chatapp.events.types import ChatChanged, ChatRead
from chatapp.infra.batching import in_batches
from chatapp.infra.postgres import database_connection, db
from chatapp.outbox import redis_export_keys
from chatapp.queries import redis_export as export_queries
from chatapp.transaction import unit_of_work

log = logging.getLogger(__name__)

ROWS = 200  # outbox rows handed on together; each may hold a group of 256 messages
ROUNDS = 50  # of them in one run, so that a run ends however much is written meanwhile
AT_ONCE = 500  # chats or people that one query reads
TOO_OLD = 60.0  # seconds that the oldest row may wait; past it all is made anew, which costs less than a long backlog
LIVELY = dt.timedelta(days=1)  # chats that were written in since then are made anew, others as somebody writes in them
WALKED = 5000  # chats looked at in one query of a rebuild, and rows marked: some 10 ms


def mirror() -> int:
    """Bring the keys up to date; returns how many outbox rows were handed on. Run every second by one process.

    Raises:
        RedisError: Redis is away. The rows wait.
        Unavailable: Postgres is away.
    """
    state = redis_export_keys.state()
    if state is None or _oldest_age() > TOO_OLD:
        _rebuild(is_lost=state is None)
    elif state.isdigit() and time.time() - int(state) > presence.TTL:
        _add_who_is_online()
    handed_on = 0
    for _ in range(ROUNDS):
        count = _hand_on()
        handed_on += count
        if count < ROWS:
            break
    return handed_on


def _hand_on() -> int:
    """Mirror what the next rows tell of; returns how many rows those were."""
    with database_connection():
        rows = db.execute_sql(
            "SELECT id, events FROM outbox WHERE handed_on_at IS NULL ORDER BY id LIMIT %s", (ROWS,)
        ).fetchall()
    if not rows:
        return 0
    changed = _changed_chats(rows)
    _write(changed)
    if _mark([id for id, _ in rows]) < len(rows):
        # Another process, which is about to lead or did until now, has the same rows: what it read may be newer than
        # what we wrote over it.
        _write(changed)
    return len(rows)


def _changed_chats(rows: Iterable[tuple[int, str]]) -> dict[int, set[int]]:
    """The chats that the rows tell of, and whose lists show them."""
    changed: dict[int, set[int]] = {}
    for _, told in rows:
        for event in types.from_json(told):
            if isinstance(event, ChatChanged | ChatRead):
                changed.setdefault(event.chat_id, set()).update(event.recipients)
    return changed


def _mark(rows: list[int]) -> int:
    """Mark rows as handed on; returns how many were not yet.

    Never waits for a row: whoever sends marks rows too, and two could wait for each other in a circle.
    """
    with unit_of_work():
        cursor = db.execute_sql(
            "UPDATE outbox SET handed_on_at = now() WHERE id IN (SELECT id FROM outbox"
            " WHERE id = ANY(%s) AND handed_on_at IS NULL FOR UPDATE SKIP LOCKED)",
            (rows,),
        )
        return int(cursor.rowcount)


def _write(changed: dict[int, set[int]]) -> None:
    for chat_ids in in_batches(changed, AT_ONCE):
        places, last_messages = export_queries.chats_as_they_stand(chat_ids)
        redis_export_keys.write_places(places)
        redis_export_keys.write_last_messages(last_messages)
        gone = set(chat_ids) - {place.chat_id for place in places}
        if gone:
            members = export_queries.people_as_they_stand({user_id for id in gone for user_id in changed[id]})
            redis_export_keys.forget_chats({id: [members[user_id].uuid for user_id in changed[id]] for id in gone})
    _write_people({user_id for people in changed.values() for user_id in people})


def _write_people(user_ids: Iterable[int]) -> None:
    for batch in in_batches(user_ids, AT_ONCE):
        redis_export_keys.write_people(export_queries.people_as_they_stand(batch).values())


def _oldest() -> int | None:
    with database_connection():
        row = db.execute_sql("SELECT min(id) FROM outbox WHERE handed_on_at IS NULL").fetchone()
    return None if row[0] is None else int(row[0])


def _oldest_age() -> float:
    """Seconds that the oldest row waits; 0 when none does."""
    with database_connection():
        row = db.execute_sql(
            "SELECT extract(epoch FROM clock_timestamp() - created_at) FROM outbox"
            " WHERE handed_on_at IS NULL ORDER BY id LIMIT 1"
        ).fetchone()
    return 0.0 if row is None else float(row[0])


def _rebuild(*, is_lost: bool) -> None:
    """Make the keys anew: of chats with something new in the last day, and their members.

    The oldest row that waits is marked last, and the state is written last: a rebuild that was cut off begins again.
    """
    witness = _oldest()
    while witness is not None and _mark(_waiting_after(witness)) > 0:
        continue
    if not is_lost:
        redis_export_keys.forget_all()
    since = clock.now() - LIVELY
    done: set[int] = set()
    chats = 0
    after: int | None = 0
    while after is not None:
        active, after = export_queries.active_chats(since, after=after, looked_at=WALKED)
        chats += len(active)
        people = {user_id for members in active.values() for user_id in members} - done
        for chat_ids in in_batches(active, AT_ONCE):
            places, last_messages = export_queries.chats_as_they_stand(chat_ids)
            redis_export_keys.write_places(places)
            redis_export_keys.write_last_messages(last_messages)
        _write_people(people)
        done |= people
    redis_export_keys.set_state(str(int(time.time())))
    if witness is not None:
        _mark([witness])
    log.info("mirror rebuilt", extra={"chats": chats, "people": len(done)})


def _waiting_after(outbox_id: int) -> list[int]:
    with database_connection():
        rows = db.execute_sql(
            "SELECT id FROM outbox WHERE handed_on_at IS NULL AND id > %s ORDER BY id LIMIT %s", (outbox_id, WALKED)
        ).fetchall()
    return [id for (id,) in rows]


def _add_who_is_online() -> None:
    """The second half of a rebuild: by now every heartbeat has said again who is there."""
    for user_ids in in_batches(presence.people_online(), AT_ONCE):
        _write_people(user_ids)
        redis_export_keys.write_places(export_queries.unread_places(user_ids))
    redis_export_keys.set_state(redis_export_keys.WHOLE)
