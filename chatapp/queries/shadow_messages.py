"""What only its author sees: messages and edits of users who are, or were, shadow-banned.

They are outside the sequences of their chats, in tables that the queries for other users do not read. Reads of their
authors add them here; `access.sees_own_shadow` says which users that are, so the reads of all others cost nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from chatapp import clock
from chatapp.access import Membership, sees_own_shadow
from chatapp.events.snapshots import AttachmentSnapshot, ViewedMessage
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import attachments as attachment_queries
from chatapp.queries import message_rows
from chatapp.queries.chat_summaries import ChatSummary
from chatapp.queries.previews import preview

MOST = 500  # of one author that a catch-up adds: a moderator has ended the ban before, or the user has given up

_OWN = "sender_id = %(viewer)s"
_BY_ID = message_rows.statement(f"(SELECT * FROM shadow_messages WHERE id = ANY(%(ids)s) AND {_OWN})")
_PAGE = f"""(
    SELECT * FROM shadow_messages WHERE {_OWN} AND chat_id = %(chat)s AND id BETWEEN %(low)s AND %(high)s
    ORDER BY id {{direction}} LIMIT %(limit)s OFFSET %(offset)s
)"""
_NEWEST_FIRST = message_rows.statement(_PAGE.format(direction="DESC"))
_OLDEST_FIRST = message_rows.statement(_PAGE.format(direction="ASC"))
_CHANGED_SINCE = message_rows.statement(f"""(
    SELECT * FROM shadow_messages WHERE {_OWN} AND changed_in >= %(xmin)s::text::xid8
        AND (%(chat)s::bigint IS NULL OR chat_id = %(chat)s)
    ORDER BY changed_in DESC LIMIT {MOST}
)""")


def by_ids(message_ids: Sequence[int], author_id: int) -> list[ViewedMessage]:
    """Those of the messages that exist and are of this author."""
    return _snapshots(_BY_ID, {"ids": list(message_ids)}, author_id)


def find(author_id: int, message_id: int) -> ViewedMessage | None:
    """A message that only its author sees; None if it is none, or another's."""
    if not sees_own_shadow(author_id):
        return None
    return next(iter(by_ids([message_id], author_id)), None)


def between(
    membership: Membership, low: int, high: int, *, limit: int, skip: int = 0, is_forward: bool = False
) -> list[ViewedMessage]:
    """What only this member sees of a chat between two ids, both included; the nearest `limit` after `skip`."""
    values = {"chat": membership.chat.id, "low": low, "high": high, "limit": limit, "offset": skip}
    return _snapshots(_OLDEST_FIRST if is_forward else _NEWEST_FIRST, values, membership.member.user_id)


_POSITIONS = Statement(f"""
SELECT id, seq FROM shadow_messages WHERE {_OWN} AND chat_id = %(chat)s ORDER BY id DESC
""")


def count_before(membership: Membership, offset: int) -> tuple[int, int]:
    """How many there are in a chat, and how many of the newest `offset` messages they are, for numbered pages.

    `seq` of such a message is the one after the last message before it, so it says how many followed.
    """
    if not sees_own_shadow(membership.member.user_id):
        return 0, 0
    values = {"viewer": membership.member.user_id, "chat": membership.chat.id}
    rows: list[Any] = db.run(_POSITIONS, values).fetchall()
    newer = [index + membership.chat.last_seq - (seq - 1) for index, (_, seq) in enumerate(rows)]
    return len(rows), sum(position < offset for position in newer)


def changed_since(author_id: int, xmin: int, chat_id: int | None) -> list[ViewedMessage]:
    """What this author wrote, edited or deleted in transactions with stamps from `xmin` on: the newest `MOST`.

    Parameters:
        chat_id: only in this chat.
    """
    return _snapshots(_CHANGED_SINCE, {"xmin": xmin, "chat": chat_id}, author_id)


_EDITS = Statement("""
SELECT message_id, content, edited_at, edits FROM shadow_edits
WHERE message_id = ANY(%(ids)s) AND sender_id = %(author)s
""")
_EDITED_SINCE = Statement(f"""
SELECT message_id FROM shadow_edits WHERE sender_id = %(author)s AND changed_in >= %(xmin)s::text::xid8
    AND (%(chat)s::bigint IS NULL OR chat_id = %(chat)s)
ORDER BY changed_in DESC LIMIT {MOST}
""")


def edited_since(author_id: int, xmin: int, chat_id: int | None) -> list[int]:
    """Ids of messages that all members see and that their author edited for no one else, as in `changed_since`."""
    rows = db.run(_EDITED_SINCE, {"author": author_id, "xmin": xmin, "chat": chat_id}).fetchall()
    return [message_id for (message_id,) in rows]


def with_own_edits(messages: Sequence[ViewedMessage], viewer_id: int | None) -> list[ViewedMessage]:
    """Messages as a viewer sees them: with the viewer's own edits that no one else sees."""
    if viewer_id is None or not sees_own_shadow(viewer_id):
        return list(messages)
    own = [message.id for message in messages if message.sender.id == viewer_id and not message.is_deleted]
    if not own:
        return list(messages)
    rows: list[Any] = db.run(_EDITS, {"ids": own, "author": viewer_id}).fetchall()
    edits = {message_id: edit for message_id, *edit in rows}
    return [_edited(message, *edits[message.id]) if message.id in edits else message for message in messages]


def _edited(message: ViewedMessage, content: str, edited_at: dt.datetime, edits: int) -> ViewedMessage:
    """The message with its author's text. Its version rises with each edit, so that clients replace it."""
    updated_at, version = clock.rfc3339(edited_at), message.version + edits
    return replace(message, content=content, is_edited=True, updated_at=updated_at, version=version)


_NEWEST = Statement("""
SELECT DISTINCT ON (chat_id) chat_id, id, content, deleted_at IS NOT NULL, created_at FROM shadow_messages
WHERE sender_id = %(author)s AND chat_id = ANY(%(chats)s) ORDER BY chat_id, id DESC
""")


def with_own_newest(summaries: Sequence[tuple[int, ChatSummary]]) -> list[tuple[int, ChatSummary]]:
    """Chats in lists, with the newest message that only the viewer sees, where that is the last one.

    Parameters:
        summaries: each with the id of its viewer.
    """
    newest: dict[tuple[int, int], Any] = {}
    for author_id in {viewer_id for viewer_id, _ in summaries if sees_own_shadow(viewer_id)}:
        chats = [summary.id for viewer_id, summary in summaries if viewer_id == author_id]
        rows: list[Any] = db.run(_NEWEST, {"author": author_id, "chats": chats}).fetchall()
        newest |= {(author_id, chat_id): message for chat_id, *message in rows}
    if not newest:
        return list(summaries)
    return [(viewer_id, _with_newest(summary, newest.get((viewer_id, summary.id)))) for viewer_id, summary in summaries]


def _with_newest(summary: ChatSummary, message: Sequence[Any] | None) -> ChatSummary:
    if message is None or message[0] < summary.last_message_id:
        return summary
    id, content, is_deleted, created_at = message
    return replace(
        summary,
        last_message_id=id,
        last_message_text=preview(content),
        last_message_deleted=is_deleted,
        last_message_sender_id=summary.viewer.id,
        last_message_is_read=False,
        visible_message_at=created_at,
    )


_FILES = Statement(f"""
SELECT m.id, {attachment_queries.COLUMNS} FROM shadow_messages m
CROSS JOIN LATERAL unnest(m.attachment_ids) WITH ORDINALITY AS wanted (id, position)
CROSS JOIN LATERAL (SELECT * FROM attachments WHERE id = wanted.id AND state = 'ready' OFFSET 0) a
WHERE m.id = ANY(%(ids)s) ORDER BY m.id, wanted.position
""")


def _snapshots(statement: Statement, values: dict[str, Any], author_id: int) -> list[ViewedMessage]:
    found = message_rows.snapshots(db.run(statement, {**values, "viewer": author_id}).fetchall(), author_id)
    having = [message.id for message in found if message.attachments_count]
    if not having:
        return found
    files: dict[int, tuple[AttachmentSnapshot, ...]] = {}
    for message_id, *columns in db.run(_FILES, {"ids": having}).fetchall():
        file = replace(attachment_queries.snapshot_of(columns), message_id=message_id)
        files[message_id] = (*files.get(message_id, ()), file)
    return [
        replace(message, attachments=files.get(message.id, ()), attachments_count=len(files.get(message.id, ())))
        for message in found
    ]
