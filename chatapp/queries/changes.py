"""What happened to messages after they were sent, as the events that told it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatapp import clock
from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import (
    AttachmentsUpdated,
    ChatChanged,
    MessageDeleted,
    MessageEdited,
)
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import fragments
from chatapp.queries import messages as message_queries
from chatapp.queries.page_bytes import MAX_PAGE_BYTES

# Changes that are told with the message as it stands now.
_SHOWN_ANEW: dict[str, type[MessageEdited] | type[AttachmentsUpdated]] = {
    "edited": MessageEdited,
    "attachments": AttachmentsUpdated,
}

_DELETED = "deleted"
# A later release may have written other kinds before a rollback to this one. They are skipped in SQL, before LIMIT, so
# that a full page still shows that there is more. Their versions are then missing from what clients receive: a client
# that sees the gap in a live frame catches up once, and the end of the catch-up closes the gap (docs/sockets.md).
_KNOWN = "kind IN ({})".format(", ".join(f"'{kind}'" for kind in (_DELETED, *_SHOWN_ANEW)))

_SELECT = """
SELECT k.message_id, k.chat_id, k.version, k.actor_id, k.kind, k.created_at, u.uuid::text, c.buyer_id, c.seller_id
FROM {source} k JOIN chats c ON c.id = k.chat_id JOIN users u ON u.id = k.actor_id
"""

_WRITTEN_SINCE = Statement(_SELECT.format(source=fragments.written_since("message_changes", "version", _KNOWN)))

_BETWEEN_VERSIONS = Statement(
    _SELECT.format(
        source=f"""(
    SELECT * FROM message_changes WHERE retention = 0 AND chat_id = %s AND version > %s AND version < %s AND {_KNOWN}
    ORDER BY version LIMIT %s
)"""
    )
)


def between_versions(chat_id: int, after: int, before: int, *, limit: int) -> list[ChatChanged]:
    """Changes of a known kind that gave a chat the versions strictly between two."""
    return _changes(_BETWEEN_VERSIONS, (chat_id, after, before, limit))


def written_since(
    chat_ids: Sequence[int], after: Sequence[int], xmin: int, *, limit: int, viewer_id: int
) -> list[ChatChanged]:
    """Changes of a known kind in chats by transactions with stamps from `xmin` on, by chat and version.

    Parameters:
        chat_ids: ascending.
        after: for each chat, only versions above this, up to which all was told of it since the cursor; or 0.
    """
    values = {"chats": list(chat_ids), "after": list(after), "xmin": xmin, "limit": limit}
    rows = db.run(_WRITTEN_SINCE, values).fetchall()
    return _shown(_within_bytes(rows), viewer_id)


# The latest texts, as many as fit into a page.
_HISTORY = """
SELECT old_content, created_at FROM (
    SELECT old_content, created_at, version,
        sum(octet_length(old_content)) OVER (ORDER BY version DESC) - octet_length(old_content) AS later
    FROM message_changes
    WHERE retention = 0 AND message_id = %s AND kind = 'edited' AND old_content IS NOT NULL
) texts WHERE later <= %s ORDER BY version
"""


def history(message_id: int) -> list[tuple[str, str]]:
    """Earlier texts of a message and when each was replaced, oldest first; the latest MAX_PAGE_BYTES of them."""
    rows = db.execute_sql(_HISTORY, (message_id, MAX_PAGE_BYTES)).fetchall()
    return [(old_content, clock.rfc3339(created_at)) for old_content, created_at in rows]


_TEXT_BYTES = Statement("SELECT id, octet_length(content) FROM messages WHERE retention = 0 AND id = ANY(%s)")


def _within_bytes(rows: list[Any]) -> list[Any]:
    """Changes up to the one with which their messages' texts exceed MAX_PAGE_BYTES: one edited often comes often."""
    changed = list({row[0] for row in rows if row[4] in _SHOWN_ANEW})
    sizes = dict(db.run(_TEXT_BYTES, (changed,)).fetchall()) if changed else {}
    total = 0
    for count, row in enumerate(rows, 1):
        total += sizes.get(row[0], 0) if row[4] in _SHOWN_ANEW else 0
        if total > MAX_PAGE_BYTES:
            return rows[:count]
    return rows


def _changes(statement: Statement, values: Any) -> list[ChatChanged]:
    return _shown(db.run(statement, values).fetchall())


def _shown(rows: list[Any], viewer_id: int | None = None) -> list[ChatChanged]:
    changed = [row[0] for row in rows if row[4] in _SHOWN_ANEW]
    snapshots = message_queries.snapshots_by_id(changed, viewer_id) if changed else []
    messages = {message.id: message for message in snapshots}
    changes = [_change(row, messages.get(row[0])) for row in rows]
    return sorted(changes, key=lambda change: (change.chat_id, change.version))


def _change(row: tuple[Any, ...], message: MessageSnapshot | None) -> ChatChanged:
    message_id, chat_id, version, actor_id, kind, created_at, actor_uuid, *recipients = row
    if kind != _DELETED and message is not None:
        return _SHOWN_ANEW[kind](recipients=tuple(recipients), chat_id=chat_id, version=version, message=message)
    return MessageDeleted(
        recipients=tuple(recipients),
        chat_id=chat_id,
        version=version,
        message_id=message_id,
        deleted_by=actor_id,
        deleted_at=clock.rfc3339(created_at),
        deleted_by_uuid=actor_uuid,
    )
