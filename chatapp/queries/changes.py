"""Changes of messages after they were sent, as events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from chatapp import clock
from chatapp.events.chat_log import KINDS, WITH_MESSAGE, WITH_TEXT, LogEntry, event_of
from chatapp.events.types import ChatChanged
from chatapp.ids.pair_key import members_of
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import fragments
from chatapp.queries import messages as message_queries
from chatapp.queries.page_bytes import MAX_PAGE_BYTES
from chatapp.queries.retention import by_class
from chatapp.queries.rows import named, select_list

# A later release may have written other kinds before a rollback to this one. They are skipped in SQL, before LIMIT, so
# that a full page still means that there is more. Clients never receive their versions: one that notices the gap in a
# live frame catches up once, and the end of the catch-up closes the gap (docs/sockets.md).
_KNOWN = "kind IN ({})".format(", ".join(f"'{kind}'" for kind in KINDS))


class _Row(NamedTuple):
    """A change, who made it, the key of its chat, and who has hidden the message."""

    message_id: int
    chat_id: int
    version: int
    actor_id: int
    kind: str
    created_at: dt.datetime
    detail: dict[str, Any] | None
    actor_uuid: str
    pair_key: str | None
    hidden_from: list[int]


_COLUMNS = {name: f"k.{name}" for name in _Row._fields} | {
    "actor_uuid": "u.uuid::text",
    "pair_key": "c.pair_key",
    "hidden_from": "ARRAY(SELECT user_id FROM message_marks WHERE message_id = k.message_id AND hidden_at IS NOT NULL)",
}
_SELECT = f"""
SELECT {select_list(_Row, _COLUMNS)}
FROM {{source}} k JOIN chats c ON c.id = k.chat_id JOIN users u ON u.id = k.actor_id
"""

_WRITTEN_SINCE = by_class(
    lambda retention: Statement(
        _SELECT.format(
            source=fragments.written_since(
                "message_changes", "version", f"message_id > wanted.floor AND {_KNOWN}", retention=retention
            )
        )
    )
)

_BETWEEN_VERSIONS = Statement(
    _SELECT.format(
        source=f"""(
    SELECT * FROM message_changes WHERE retention IN (0, 1) AND chat_id = %s AND version > %s AND version < %s
        AND {_KNOWN}
    ORDER BY version LIMIT %s
)"""
    )
)


def between_versions(chat_id: int, after: int, before: int, *, limit: int) -> list[ChatChanged]:
    """Changes of known kinds for the versions of a chat strictly between two."""
    rows = db.run(_BETWEEN_VERSIONS, (chat_id, after, before, limit)).fetchall()
    return _events(named(_Row, rows))


def written_since(
    chat_ids: Sequence[int],
    after: Sequence[int],
    floors: Sequence[int],
    known: Sequence[int],
    xmin: int,
    *,
    retention: int,
    limit: int,
    viewer_id: int,
) -> list[ChatChanged]:
    """Changes of known kinds by transactions with stamps from `xmin` on, by chat and version.

    Parameters:
        chat_ids: ascending.
        after: for each chat, only larger versions, because those up to it were on earlier pages; or 0.
        floors: for each chat, only changes of messages with larger ids, because the viewer does not see the others.
        known: for each chat whose `after` is 0, only larger versions.
        retention: the class of all these chats.
    """
    values: dict[str, Any] = {
        "chats": list(chat_ids),
        "after": list(after),
        "floors": list(floors),
        "known": list(known),
    }
    values |= {"xmin": xmin, "limit": limit}
    rows = db.run(_WRITTEN_SINCE[retention], values).fetchall()
    return _events(_within_bytes(named(_Row, rows)), viewer_id)


# The latest texts that fit into a page.
_HISTORY = """
SELECT old_content, created_at FROM (
    SELECT old_content, created_at, version,
        sum(octet_length(old_content)) OVER (ORDER BY version DESC) - octet_length(old_content) AS later
    FROM message_changes
    WHERE retention IN (0, 1) AND message_id = %s AND kind = 'edited' AND old_content IS NOT NULL
) texts WHERE later <= %s ORDER BY version
"""


def history(message_id: int) -> list[tuple[str, str]]:
    """Earlier texts of a message with the times of their replacement, oldest first; the latest MAX_PAGE_BYTES."""
    rows = db.execute_sql(_HISTORY, (message_id, MAX_PAGE_BYTES)).fetchall()
    return [(old_content, clock.rfc3339(created_at)) for old_content, created_at in rows]


_TEXT_BYTES = Statement("SELECT id, octet_length(content) FROM messages WHERE retention IN (0, 1) AND id = ANY(%s)")


def _within_bytes(rows: list[_Row]) -> list[_Row]:
    """Changes up to the first whose message's text exceeds MAX_PAGE_BYTES in total; each of these carries a text."""
    changed = list({row.message_id for row in rows if row.kind in WITH_TEXT})
    sizes = dict(db.run(_TEXT_BYTES, (changed,)).fetchall()) if changed else {}
    total = 0
    for count, row in enumerate(rows, 1):
        total += sizes.get(row.message_id, 0) if row.kind in WITH_TEXT else 0
        if total > MAX_PAGE_BYTES:
            return rows[:count]
    return rows


def _events(rows: list[_Row], viewer_id: int | None = None) -> list[ChatChanged]:
    changed = [row.message_id for row in rows if row.kind in WITH_MESSAGE]
    snapshots = message_queries.snapshots_by_id(changed, viewer_id) if changed else []
    messages = {message.id: message for message in snapshots}
    events = [
        event
        for row in rows
        if (event := event_of(_entry(row), members_of(row.pair_key), messages.get(row.message_id))) is not None
    ]
    return sorted(events, key=lambda event: (event.chat_id, event.version))


def _entry(row: _Row) -> LogEntry:
    return LogEntry(
        kind=row.kind,
        chat_id=row.chat_id,
        version=row.version,
        message_id=row.message_id,
        actor_id=row.actor_id,
        actor_uuid=row.actor_uuid,
        created_at=clock.rfc3339(row.created_at),
        detail=row.detail or {},
        hidden_from=tuple(row.hidden_from),
    )
