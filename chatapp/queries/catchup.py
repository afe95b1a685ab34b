"""Catching up: everything since a cursor, page by page, from Postgres, whatever the length of the absence.

What a client has of a chat is always a beginning of the chat's versions, because the chat's row lock makes its
transactions commit in that order. All that it lacks was written by transactions that were not older than the cursor,
so going backwards from the newest change, the first one by an older transaction ends what can be lacking. No clock
takes part, and no transaction that commits late is skipped. Some changes come that were seen already: clients know
messages by their ids and versions.

Transactions are compared by their stamps (`transaction_stamp()` in the schema): transaction ids that keep rising when a
dump is restored into a server with another transaction counter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from chatapp import clock
from chatapp.auth.actor import Actor
from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import ChatChanged, ChatDeleted, ChatRead, Event
from chatapp.ids import snowflake
from chatapp.ids.sync_cursor import Cursor, Position
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import changes as change_queries
from chatapp.queries import fragments
from chatapp.queries import messages as message_queries
from chatapp.queries.page_bytes import fitting

CHATS_PER_PAGE = 50
# More than a transaction lasts: it has a few statements, each cancelled after `DATABASE_STATEMENT_TIMEOUT` (5 s), and
# the server ends it when it idles for twice as long.
LONGEST_TRANSACTION = 60_000  # milliseconds


@dataclass(frozen=True, slots=True)
class CatchUp:
    """One page.

    Attributes:
        messages: new ones as they stand now, by chat and `seq`; in a catch-up from a moment on, oldest first.
        changes: what else happened, as events: edits, deletes, reading, chats that are gone.
        chat_ids: chats that something of this page belongs to, or whose place in the list changed.
        cursor: shows what was seen with this page; the next page, or the next catch-up, begins there.
        full_sync: the cursor is of another life of the database: everything must be read anew.
    """

    messages: list[MessageSnapshot]
    changes: list[Event]
    chat_ids: list[int]
    cursor: Cursor
    has_more: bool
    full_sync: bool = False


@dataclass(frozen=True, slots=True)
class _Changed:
    """A chat that has something new, what of it this person may see, and what was told of it on the page before."""

    chat_id: int
    floor: int
    message_id: int = 0
    version: int = 0


def cursor_of_now(user_id: int) -> Cursor:
    """The cursor of a person who has seen everything that is committed now."""
    epoch, xmin = db.run(_NOW).fetchone()
    return Cursor(user_id, epoch, xmin)


def cursor_at(user_id: int, moment: dt.datetime) -> Cursor:
    """The cursor of a person who has seen everything up to a moment, for clients that have only a time.

    Messages begin with that moment, by their ids. Changes and reads may be included that happened shortly before it: no
    row says which transactions ran then, so the newest message sent before it stands in for them. Whatever commits
    after the moment has a larger stamp than a message that was sent `LONGEST_TRANSACTION` earlier.
    """
    first_id = max(1, snowflake.first_id_at(moment))
    values = {"moment": moment, "settled": first_id - (LONGEST_TRANSACTION << snowflake.SEQUENCE_BITS)}
    epoch, xmin, older, is_future = db.run(_AT, values).fetchone()
    if is_future:
        return Cursor(user_id, epoch, xmin)
    return Cursor(user_id, epoch, min(xmin, older + 1), first_id=first_id)


def page(actor: Actor, cursor: Cursor, *, limit: int, chat_id: int | None = None) -> CatchUp:
    """What happened since the cursor: at most `limit` messages and changes, and no more than fit into a page.

    Parameters:
        chat_id: only this chat; its catch-up has cursors of its own.
    """
    # One snapshot for all statements: a page that tells a change tells everything before it.
    with db.transaction("REPEATABLE READ READ ONLY"):
        return _page(actor, cursor, limit, chat_id)


def _page(actor: Actor, cursor: Cursor, limit: int, chat_id: int | None) -> CatchUp:
    now = cursor_of_now(actor.id)
    if cursor.epoch != now.epoch or cursor.xmin > now.xmin:
        return CatchUp([], [], [], now, has_more=False, full_sync=True)
    start = cursor.position or Position(now.xmin, 0, 0, 0)
    chats = _changed_chats(actor.id, cursor, start, chat_id)
    told, is_cut = _told(actor.id, chats[:CHATS_PER_PAGE], cursor, limit)
    goes_on = is_cut or len(chats) > CHATS_PER_PAGE
    if goes_on:
        done, end = _end_of_page(chats[:CHATS_PER_PAGE], told, start.target, is_cut)
        following = replace(cursor, position=end)
    else:
        done, following = chats, replace(now, xmin=start.target)
    extras: list[Event] = _reads(actor.id, done, cursor.xmin)
    if cursor.position is None and chat_id is None:
        extras += _tombstones(actor.id, cursor.xmin)
    messages = [item for item in told if isinstance(item, MessageSnapshot)]
    return CatchUp(
        messages=sorted(messages, key=lambda message: message.id) if cursor.first_id else messages,
        changes=[item for item in told if not isinstance(item, MessageSnapshot)] + extras,
        chat_ids=sorted({chat.chat_id for chat in done} | {item.chat_id for item in told}),
        cursor=following,
        # After several pages there is one more: what came meanwhile in chats that were passed already.
        has_more=goes_on or cursor.position is not None,
    )


_XMIN = "stamp_offset + pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_NOW = Statement(f"SELECT epoch::text, {_XMIN} FROM cluster_epoch")
_AT = Statement(f"""
SELECT epoch::text, {_XMIN}, coalesce((
    SELECT created_in::text::bigint FROM messages WHERE retention = 0 AND id < %(settled)s ORDER BY id DESC LIMIT 1
), -1), %(moment)s::timestamptz > clock_timestamp() FROM cluster_epoch
""")

_CHANGED_CHATS = Statement(f"""
SELECT me.chat_id, {fragments.visible_floor("me")} FROM chat_members me JOIN chats c ON c.id = me.chat_id
WHERE me.user_id = %s AND me.active_bucket > 0 AND me.chat_id >= %s AND (%s::bigint IS NULL OR me.chat_id = %s)
    AND (c.changed_in >= %s::text::xid8 OR me.changed_in >= %s::text::xid8 OR c.last_message_id >= %s)
ORDER BY me.chat_id LIMIT %s
""")


def _changed_chats(user_id: int, cursor: Cursor, start: Position, chat_id: int | None) -> list[_Changed]:
    """The next chats in which something happened, the one that the last page ended in first."""
    first_id = cursor.first_id or snowflake.MAX_ID + 1
    values = (user_id, start.chat_id, chat_id, chat_id, cursor.xmin, cursor.xmin, first_id, CHATS_PER_PAGE + 1)
    found = [_Changed(*row) for row in db.run(_CHANGED_CHATS, values).fetchall()]
    if found and found[0].chat_id == start.chat_id:
        found[0] = replace(found[0], message_id=start.message_id, version=start.version)
    return found


def _told(
    user_id: int, chats: Sequence[_Changed], cursor: Cursor, limit: int
) -> tuple[list[MessageSnapshot | ChatChanged], bool]:
    """Messages and changes by chat, then in the order of its versions; and whether limit or bytes cut them."""
    chat_ids = [chat.chat_id for chat in chats]
    if not chat_ids:
        return [], False
    after = [max(chat.message_id, cursor.first_id - 1, 0) for chat in chats]
    floors = [chat.floor for chat in chats]
    messages = message_queries.written_since(chat_ids, after, floors, cursor.xmin, limit=limit + 1, viewer_id=user_id)
    versions = [chat.version for chat in chats]
    changes = change_queries.written_since(chat_ids, versions, cursor.xmin, limit=limit + 1, viewer_id=user_id)
    found: list[MessageSnapshot | ChatChanged] = sorted([*messages, *changes], key=_place)
    # Either query left something out only if what it found is too much for this page already.
    told, is_cut = fitting(found[:limit])
    return told, is_cut or len(found) > limit


def _place(item: MessageSnapshot | ChatChanged) -> tuple[int, int]:
    """A message stands where it was sent, a change where it happened."""
    return item.chat_id, item.sent_version if isinstance(item, MessageSnapshot) else item.version


def _end_of_page(
    chats: Sequence[_Changed], told: Sequence[MessageSnapshot | ChatChanged], target: int, is_cut: bool
) -> tuple[list[_Changed], Position]:
    """The chats that are complete with this page, and where the next begins."""
    if not is_cut:
        return list(chats), Position(target, chats[-1].chat_id + 1, 0, 0)
    last = told[-1].chat_id
    before = next(chat for chat in chats if chat.chat_id == last)
    of_last = [item for item in told if item.chat_id == last]
    message_id = max((item.id for item in of_last if isinstance(item, MessageSnapshot)), default=before.message_id)
    # Everything up to the last one's place was told, so it bounds the changes, too, also before the first of them.
    version = _place(told[-1])[1]
    return [chat for chat in chats if chat.chat_id < last], Position(target, last, message_id, version)


# The newest mark, not the one at the pointer: sending moves the pointer without a mark where nothing was unread.
_READS = Statement(f"""
SELECT m.chat_id, c.last_version, m.user_id, r.up_to_seq, r.read_at, r.message_id, c.buyer_id, c.seller_id,
    u.uuid::text
FROM chat_members m
JOIN chats c ON c.id = m.chat_id
JOIN users u ON u.id = m.user_id
CROSS JOIN LATERAL (
    SELECT up_to_seq, read_at, message_id FROM read_marks
    WHERE chat_id = m.chat_id AND user_id = m.user_id
        AND up_to_seq <= {fragments.receipt("m")}
    ORDER BY up_to_seq DESC LIMIT 1
) r
WHERE m.chat_id = ANY(%(chats)s) AND m.changed_in >= %(xmin)s::text::xid8
""")


def _reads(user_id: int, chats: Sequence[_Changed], xmin: int) -> list[Event]:
    """How far everybody has read by now, in chats where somebody read on, as far as this person may know."""
    values = {"viewer": user_id, "chats": [chat.chat_id for chat in chats], "xmin": xmin}
    rows = db.run(_READS, values).fetchall() if chats else []
    return [
        ChatRead(
            recipients=(buyer_id, seller_id),
            chat_id=chat_id,
            version=version,
            reader_id=user_id,
            message_id=message_id,
            up_to_seq=up_to_seq,
            read_at=clock.rfc3339(read_at),
            reader_uuid=uuid,
        )
        for chat_id, version, user_id, up_to_seq, read_at, message_id, buyer_id, seller_id, uuid in rows
    ]


_TOMBSTONES = Statement("""
SELECT chat_id, version, deleted_by, coalesce(u.uuid::text, '') FROM chat_tombstones
LEFT JOIN users u ON u.id = deleted_by WHERE user_id = %s AND created_in >= %s::text::xid8
""")


def _tombstones(user_id: int, xmin: int) -> list[Event]:
    rows: list[Any] = db.run(_TOMBSTONES, (user_id, xmin)).fetchall()
    return [
        ChatDeleted(
            recipients=(user_id,), chat_id=chat_id, version=version, deleted_by=deleted_by, deleted_by_uuid=uuid
        )
        for chat_id, version, deleted_by, uuid in rows
    ]
