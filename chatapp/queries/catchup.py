"""Catch-up: everything since a cursor, page by page, read from Postgres, however long the client was away.

The versions of a chat that a client has seen are always a prefix, because the row lock of the chat makes its
transactions commit in the order of the versions. Everything after that prefix was written by transactions that are not
older than the cursor. So, going backwards from the newest change of a chat, the first one by an older transaction ends
the search. This depends on no clock and skips no transaction that commits late. Some changes are sent that the client
has seen; it recognises messages by ids and versions. A client that says which prefix of a chat it knows is not sent
that again: otherwise the renewal of a cursor would repeat everything that was received live.

Transactions are compared by their stamps (`transaction_stamp()` in the schema): transaction ids that keep rising when a
dump is restored into a server with another transaction counter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from chatapp.access import blocked_in, hidden_senders, sees_own_shadow
from chatapp.auth.actor import Actor
from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import ChatAdvanced, ChatChanged, Event
from chatapp.ids import snowflake
from chatapp.ids.sync_cursor import Cursor, Position
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.models.chats import ASSISTANT, CHAT_CLASS, SESSION_CLASS
from chatapp.queries import catchup_extras, fragments, shadow_messages
from chatapp.queries import changes as change_queries
from chatapp.queries import marks as mark_queries
from chatapp.queries import messages as message_queries
from chatapp.queries.page_bytes import fitting
from chatapp.queries.retention import classes_of

CHATS_PER_PAGE = 50
_MARKS = snowflake.MAX_ID + 1  # in the position of a cursor: behind all chats, where the user's own marks are
# Longer than any transaction: it has a few statements, each cancelled after `DATABASE_STATEMENT_TIMEOUT` (5 s), and the
# server ends it when it idles for twice as long.
LONGEST_TRANSACTION = 60_000  # milliseconds
NOTHING_KNOWN: Mapping[int, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CatchUp:
    """One page of a catch-up.

    Attributes:
        messages: current snapshots of new messages, by chat and `seq`; in a catch-up from a time, oldest first.
        changes: everything else, as events: edits, deletes, reactions, reads, deleted chats, groups that the user left,
            the user's own marks, and versions that the user does not see. Those groups come first: the user may have
            joined again since.
        chat_ids: chats with messages or changes on this page, or whose position in the list changed.
        complete: by chat of this page, the version up to which nothing is missing now.
        cursor: what was seen including this page; the next page, or the next catch-up, starts there.
        full_sync: the cursor belongs to another epoch of the database, so the client must read everything again.
    """

    messages: list[MessageSnapshot]
    changes: list[Event]
    chat_ids: list[int]
    complete: dict[int, int]
    cursor: Cursor
    has_more: bool
    full_sync: bool = False


@dataclass(frozen=True, slots=True)
class _ChangedChat:
    """A chat with changes.

    Attributes:
        floor, floor_id: the `seq` and the id up to which messages are hidden from the user.
        hidden_senders: the users whose messages are hidden from the user.
        has_hidden: whether the user has hidden messages of the chat.
        retention: the class of its messages.
        last_version: the newest one.
        message_id, version: up to which the previous page included everything; 0 if the chat was not on it.
        known: the version up to which the client knows every change, by pages or live; 0 if it did not say.
    """

    chat_id: int
    floor: int
    floor_id: int = 0
    hidden_senders: frozenset[int] = frozenset()
    has_hidden: bool = False
    retention: int = CHAT_CLASS
    last_version: int = 0
    message_id: int = 0
    version: int = 0
    known: int = 0

    def after(self, key: int) -> int:
        """Where reading starts, if the previous page ended at this key; 0 to search for it."""
        return 0 if self.known > self.version else key


def cursor_of_now(user_id: int) -> Cursor:
    """The cursor of a user who has seen everything that is committed now."""
    epoch, xmin = db.run(_NOW).fetchone()
    return Cursor(user_id, epoch, xmin)


def cursor_at(user_id: int, moment: dt.datetime) -> Cursor:
    """The cursor of a user who has seen everything up to a time, for clients without a cursor.

    Messages start at that time, by their ids. Changes and reads may include some from shortly before: no row records
    which transactions were running then, so the stamp of an older message replaces them. Whatever commits after the
    time has a larger stamp than a message that was sent `LONGEST_TRANSACTION` before it.
    """
    first_id = max(1, snowflake.first_id_at(moment))
    values = {"moment": moment, "older_than": first_id - (LONGEST_TRANSACTION << snowflake.SEQUENCE_BITS)}
    epoch, xmin, older, is_future = db.run(_AT, values).fetchone()
    if is_future:
        return Cursor(user_id, epoch, xmin)
    return Cursor(user_id, epoch, min(xmin, older + 1), first_id=first_id)


def page(
    actor: Actor,
    cursor: Cursor,
    *,
    limit: int,
    chat_id: int | None = None,
    known: Mapping[int, int] = NOTHING_KNOWN,
) -> CatchUp:
    """Everything since the cursor: at most `limit` messages and changes, and no more than MAX_PAGE_BYTES.

    Parameters:
        chat_id: only this chat. Its cursors are separate from those of the catch-up over all chats.
        known: by chat, the version up to which the client knows every change: these messages and changes are left out.
    """
    # One snapshot for all statements: a page with a change includes everything before it.
    with db.transaction("REPEATABLE READ READ ONLY"):
        return _page(actor, cursor, limit, chat_id, known)


def _page(actor: Actor, cursor: Cursor, limit: int, chat_id: int | None, known: Mapping[int, int]) -> CatchUp:
    now = cursor_of_now(actor.id)
    if cursor.epoch != now.epoch or cursor.xmin > now.xmin:
        return CatchUp([], [], [], {}, now, has_more=False, full_sync=True)
    start = cursor.position or Position(now.xmin, 0, 0, 0)
    chats = [
        replace(chat, known=known.get(chat.chat_id, 0)) for chat in _changed_chats(actor.id, cursor, start, chat_id)
    ]
    items, is_cut = _read_items(actor.id, chats[:CHATS_PER_PAGE], cursor, limit)
    continues = is_cut or len(chats) > CHATS_PER_PAGE
    marks: list[Event] = []
    complete: dict[int, int] = {}
    if continues:
        done, end = _end_of_page(chats[:CHATS_PER_PAGE], items, start.target, is_cut)
        if end.version:
            complete[end.chat_id] = end.version
    else:
        done = chats
        after = start.message_id if start.chat_id == _MARKS else 0
        marks, last = _marks(actor.id, cursor.xmin, after, limit - len(items), chat_id)
        continues, end = last is not None, Position(start.target, _MARKS, last or 0, 0)
    complete |= {chat.chat_id: chat.last_version for chat in done}
    following = replace(cursor, position=end) if continues else replace(now, xmin=start.target)
    ended: list[Event] = (
        catchup_extras.ended_chats(actor.id, cursor.xmin) if cursor.position is None and chat_id is None else []
    )
    seen = _as_seen(actor.id, items, chats)
    messages = [item for item in seen if isinstance(item, MessageSnapshot)]
    extras = [*catchup_extras.reads(actor.id, [chat.chat_id for chat in done], cursor.xmin), *marks]
    if not continues and sees_own_shadow(actor.id):
        messages += shadow_messages.changed_since(actor.id, cursor.xmin, chat_id)
        extras += catchup_extras.own_edits(actor.id, cursor.xmin, chat_id)
    return CatchUp(
        messages=sorted(messages, key=lambda message: message.id) if cursor.first_id else messages,
        changes=[*ended, *(item for item in seen if not isinstance(item, MessageSnapshot)), *extras],
        chat_ids=sorted({chat.chat_id for chat in done} | {item.chat_id for item in items}),
        complete=complete,
        cursor=following,
        # After several pages there is one more, with what was written meanwhile in chats of earlier pages.
        has_more=continues or cursor.position is not None,
    )


_XMIN = "stamp_offset + pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_NOW = Statement(f"SELECT epoch::text, {_XMIN} FROM cluster_epoch")
_AT = Statement(f"""
SELECT epoch::text, {_XMIN}, coalesce((
    SELECT created_in::text::bigint FROM messages WHERE retention = 0 AND id < %(older_than)s ORDER BY id DESC LIMIT 1
), -1), %(moment)s::timestamptz > clock_timestamp() FROM cluster_epoch
""")

_CHANGED_CHATS = Statement(f"""
SELECT me.chat_id, {fragments.visible_floor("me")}, me.joined_message_id, {blocked_in("c", "me.user_id")},
    me.has_hidden, CASE c.kind WHEN '{ASSISTANT}' THEN {SESSION_CLASS} ELSE {CHAT_CLASS} END, c.last_version
FROM chat_members me JOIN chats c ON c.id = me.chat_id
WHERE me.user_id = %s AND {fragments.is_listed("me")} AND me.chat_id >= %s AND (%s::bigint IS NULL OR me.chat_id = %s)
    AND (c.changed_in >= %s::text::xid8 OR me.changed_in >= %s::text::xid8 OR c.last_message_id >= %s)
ORDER BY me.chat_id LIMIT %s
""")


def _changed_chats(user_id: int, cursor: Cursor, start: Position, chat_id: int | None) -> list[_ChangedChat]:
    """The next changed chats by id, starting with the one in which the previous page ended."""
    first_id = cursor.first_id or snowflake.MAX_ID + 1
    values = (user_id, start.chat_id, chat_id, chat_id, cursor.xmin, cursor.xmin, first_id, CHATS_PER_PAGE + 1)
    rows: list[Any] = db.run(_CHANGED_CHATS, values).fetchall()
    found = [
        _ChangedChat(chat_id, floor, floor_id, hidden_senders(blocked), has_hidden, retention, last_version)
        for chat_id, floor, floor_id, blocked, has_hidden, retention, last_version in rows
    ]
    if found and found[0].chat_id == start.chat_id:
        found[0] = replace(found[0], message_id=start.message_id, version=start.version)
    return found


def _read_items(
    user_id: int, chats: Sequence[_ChangedChat], cursor: Cursor, limit: int
) -> tuple[list[MessageSnapshot | ChatChanged], bool]:
    """Messages and changes by chat and version, and whether the limit or their bytes cut them."""
    found: list[MessageSnapshot | ChatChanged] = []
    for retention, indexes in classes_of([chat.retention for chat in chats]):
        of_class = [chats[index] for index in indexes]
        found += _read_class(user_id, of_class, cursor, limit + 1, retention)
    found.sort(key=_sort_key)
    # Each query leaves something out only if its result alone exceeds this page.
    items, is_cut = fitting(found[:limit])
    return items, is_cut or len(found) > limit


def _read_class(
    user_id: int, chats: Sequence[_ChangedChat], cursor: Cursor, limit: int, retention: int
) -> Iterator[MessageSnapshot | ChatChanged]:
    chat_ids = [chat.chat_id for chat in chats]
    known = [chat.known for chat in chats]
    after = [chat.after(max(chat.message_id, cursor.first_id - 1, 0)) for chat in chats]
    floors = [chat.floor for chat in chats]
    yield from message_queries.written_since(
        chat_ids, after, floors, known, cursor.xmin, retention=retention, limit=limit, viewer_id=user_id
    )
    versions = [chat.after(chat.version) for chat in chats]
    floor_ids = [chat.floor_id for chat in chats]
    yield from change_queries.written_since(
        chat_ids, versions, floor_ids, known, cursor.xmin, retention=retention, limit=limit, viewer_id=user_id
    )


def _sort_key(item: MessageSnapshot | ChatChanged) -> tuple[int, int]:
    """Chat and version: a message sorts by the version of its sending, a change by its own."""
    return item.chat_id, item.sent_version if isinstance(item, MessageSnapshot) else item.version


def _as_seen(
    user_id: int, items: Sequence[MessageSnapshot | ChatChanged], chats: Sequence[_ChangedChat]
) -> list[MessageSnapshot | Event]:
    """The items as a user sees them: of hidden ones only the versions, consecutive ones as one event.

    Parameters:
        chats: those of the items.
    """
    senders = {chat.chat_id: chat.hidden_senders for chat in chats}
    hiding = {chat.chat_id for chat in chats if chat.has_hidden}
    sent = [item.id for item in items if isinstance(item, MessageSnapshot) and item.chat_id in hiding]
    hidden = mark_queries.hidden_among(user_id, sent)
    seen: list[MessageSnapshot | Event] = []
    for item in items:
        if isinstance(item, MessageSnapshot):
            author_id: int | None = item.sender.id
            is_hidden = item.id in hidden
        else:
            author_id, is_hidden = item.author_id, user_id in item.hidden_from
        if not is_hidden and author_id not in senders[item.chat_id]:
            seen.append(item)
            continue
        chat_id, version = _sort_key(item)
        last = seen[-1] if seen else None
        if isinstance(last, ChatAdvanced) and (last.chat_id, last.version) == (chat_id, version - 1):
            seen[-1] = replace(last, version=version)
        else:
            seen.append(ChatAdvanced((user_id,), chat_id, from_version=version, version=version))
    return seen


def _end_of_page(
    chats: Sequence[_ChangedChat], items: Sequence[MessageSnapshot | ChatChanged], target: int, is_cut: bool
) -> tuple[list[_ChangedChat], Position]:
    """The chats that end on this page, and the position at which the next page starts."""
    if not is_cut:
        return list(chats), Position(target, chats[-1].chat_id + 1, 0, 0)
    last = items[-1].chat_id
    before = next(chat for chat in chats if chat.chat_id == last)
    of_last = [item for item in items if item.chat_id == last]
    message_id = max((item.id for item in of_last if isinstance(item, MessageSnapshot)), default=before.message_id)
    # The page includes everything up to its last item, so that also bounds the changes, even if it has none yet.
    _, version = _sort_key(items[-1])
    return [chat for chat in chats if chat.chat_id < last], Position(target, last, message_id, version)


def _marks(user_id: int, xmin: int, after: int, room: int, chat_id: int | None) -> tuple[list[Event], int | None]:
    """The user's own marks, behind all chats, so that they are of messages that the client knows.

    Returns: the events; and the message after which the next page continues, None if there is none.
    """
    if room <= 0:
        return [], after
    return mark_queries.changed_since(user_id, xmin, after=after, limit=room, chat_id=chat_id)
