"""Messages as their readers see them. Every query names the retention class and bounds ids, so few partitions plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from chatapp import clock
from chatapp.access import Membership
from chatapp.events.snapshots import MessageSnapshot, Person
from chatapp.ids import snowflake
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import attachments as attachment_queries
from chatapp.queries import fragments
from chatapp.queries.page_bytes import MAX_PAGE_BYTES, fitting
from chatapp.text.links import has_links

_SNAPSHOT = f"""
SELECT m.id, m.chat_id, m.seq, m.version, m.changed_version, m.message_type, m.content, m.location, m.client_key,
    m.created_at, m.edited_at, m.deleted_at, m.attachments_count,
    m.seq <= {fragments.receipt("reader")},
    s.id, s.uuid::text, s.username, s.name, s.picture_url, r.id, r.uuid::text, r.username, r.name, r.picture_url
FROM {{source}} m
JOIN chats c ON c.id = m.chat_id
JOIN users s ON s.id = m.sender_id
JOIN users r ON r.id = CASE WHEN m.sender_id = c.buyer_id THEN c.seller_id ELSE c.buyer_id END
JOIN chat_members reader ON reader.chat_id = m.chat_id AND reader.user_id = r.id
"""


def _of(source: str) -> Statement:
    """What reads the messages of a subquery as snapshots."""
    return Statement(_SNAPSHOT.format(source=source))


@dataclass(frozen=True, slots=True)
class Page:
    """Messages, newest first.

    Attributes:
        total: messages of the chat that the reader may see, whatever page.
        has_more: whether there are further ones in the direction that was asked for.
    """

    messages: list[MessageSnapshot]
    total: int
    has_more: bool


_PAGE = """(
    SELECT * FROM messages WHERE retention = 0 AND chat_id = %(chat)s AND id BETWEEN %(low)s AND %(high)s
        AND seq > %(floor)s
    ORDER BY id {direction} LIMIT %(limit)s OFFSET %(offset)s
)"""
_NEWEST_FIRST = _of(_PAGE.format(direction="DESC"))
_OLDEST_FIRST = _of(_PAGE.format(direction="ASC"))


def page(
    membership: Membership,
    *,
    page: int | None = None,
    limit: int,
    before_id: int | None = None,
    after_id: int | None = None,
) -> Page:
    """A page of a chat: the newest messages, or by number, or next to a message.

    Parameters:
        page: its number; 1 is the newest. Such a page has `limit` messages whatever their bytes, since the next begins
            where it should have ended; all others are cut by their bytes, too.
        before_id: only older messages than this, nearest first.
        after_id: only newer ones, nearest first; the page still reads newest first.
    """
    chat, member = membership.chat, membership.member
    floor = member.visible_floor
    total = max(0, chat.last_seq - floor)
    is_numbered = page is not None and not (before_id or after_id)
    offset = (page - 1) * limit if page is not None and is_numbered else 0
    if offset >= total:
        return Page([], total, False)
    low = max(chat.first_message_id, (after_id or 0) + 1)
    high = min(chat.last_message_id, (before_id or snowflake.MAX_ID + 1) - 1)
    is_forward = bool(after_id) and not before_id
    values = {"chat": chat.id, "low": low, "high": high, "floor": floor, "limit": limit + 1, "offset": offset}
    found = _snapshots(_OLDEST_FIRST if is_forward else _NEWEST_FIRST, values, member.user_id)
    found.sort(key=lambda message: message.id, reverse=not is_forward)
    whole = Page(found[:limit], total, len(found) > limit)
    shown = whole if is_numbered else cut(whole)
    return replace(shown, messages=sorted(shown.messages, key=lambda message: -message.id))


def cut(page: Page) -> Page:
    """As much of a page as fits into its bytes; its messages are given nearest first."""
    messages, is_cut = fitting(page.messages)
    return replace(page, messages=messages, has_more=page.has_more or is_cut)


def around(membership: Membership, message_id: int, *, before: int, after: int) -> tuple[Page, Page]:
    """The messages next to one of the chat's: those up to it, it among them, and those after it; both newest first.

    Parameters:
        before: how many older ones.
        after: how many newer ones.
    """
    older = page(membership, limit=before + 1, before_id=message_id + 1)
    return older, page(membership, limit=after, after_id=message_id)


_WITH_LINKS = _of("""(
    SELECT * FROM messages WHERE retention = 0 AND chat_id = %(chat)s AND id BETWEEN %(low)s AND %(high)s
        AND seq > %(floor)s AND has_links
    ORDER BY id DESC LIMIT %(limit)s
)""")


def with_links(
    membership: Membership, *, limit: int, before_id: int | None = None
) -> tuple[list[MessageSnapshot], bool]:
    """Messages of a chat that hold links, newest first, and whether there are more.

    Parameters:
        before_id: only older messages than this.
    """
    chat, member = membership.chat, membership.member
    values = {
        "chat": chat.id,
        "low": chat.first_message_id,
        "high": min(chat.last_message_id, (before_id or snowflake.MAX_ID + 1) - 1),
        "floor": member.visible_floor,
        "limit": limit + 1,
    }
    found: list[MessageSnapshot] = []
    while len(found) <= limit:
        read = sorted(_snapshots(_WITH_LINKS, values, member.user_id), key=lambda message: -message.id)
        # Of messages from before links were looked for, the flag says only that there may be one.
        found += [message for message in read if has_links(message.content)]
        if len(read) <= limit:
            break
        values["high"] = read[-1].id - 1
    return found[:limit], len(found) > limit


def is_in(chat_id: int, message_id: int) -> bool:
    """Whether a chat has a message of this id."""
    sql = "SELECT EXISTS (SELECT 1 FROM messages WHERE retention = 0 AND id = %s AND chat_id = %s)"
    return bool(db.execute_sql(sql, (message_id, chat_id)).fetchone()[0])


_BY_ID = _of("(SELECT * FROM messages WHERE retention = 0 AND id = ANY(%(ids)s))")


def snapshots_by_id(message_ids: list[int], viewer_id: int | None = None) -> list[MessageSnapshot]:
    """Those of the messages that exist.

    Parameters:
        viewer_id: who is shown them; None for all of the chat, who may know as little as any of them.
    """
    return _snapshots(_BY_ID, {"ids": message_ids}, viewer_id)


# What exceeds the bytes of a page is not read: of the texts, only those that fit and one more. Their lengths are known
# without fetching them.
_WITHIN_BYTES = """(
    SELECT * FROM (
        SELECT found.*, sum(octet_length(found.content)) OVER (ORDER BY {order}) - octet_length(found.content) AS before
        FROM {source} found
    ) sized WHERE before <= %(bytes)s
)"""

_BETWEEN_VERSIONS = _of("""(
    SELECT messages.* FROM messages JOIN chats ON chats.id = chat_id
    WHERE retention = 0 AND chat_id = %(chat)s AND messages.id BETWEEN first_message_id AND last_message_id
        AND version > %(after)s AND version < %(before)s
    ORDER BY messages.id DESC LIMIT %(limit)s
)""")


def between_versions(chat_id: int, after: int, before: int, *, limit: int) -> list[MessageSnapshot]:
    """Messages that gave a chat the versions strictly between two, oldest first."""
    values = {"chat": chat_id, "after": after, "before": before, "limit": limit}
    return sorted(_snapshots(_BETWEEN_VERSIONS, values), key=lambda message: message.sent_version)


_WRITTEN_SINCE = _of(
    _WITHIN_BYTES.format(
        order="found.ordinal, found.id",
        source=fragments.written_since("messages", "id", "seq > wanted.floor", has_floors=True),
    )
)


def written_since(
    chat_ids: Sequence[int], after: Sequence[int], floors: Sequence[int], xmin: int, *, limit: int, viewer_id: int
) -> list[MessageSnapshot]:
    """Messages in chats by transactions with stamps from `xmin` on, by chat and id, as they stand now.

    Parameters:
        chat_ids: ascending.
        after: for each chat, only messages with larger ids than this, because those up to it were sent on earlier pages
            or are not wanted; or 0.
        floors: for each chat, only messages with a larger `seq`.

    Where their texts exceed MAX_PAGE_BYTES, those behind the one that does are left out.
    """
    values = {"chats": list(chat_ids), "after": list(after), "floors": list(floors), "xmin": xmin, "limit": limit}
    values["bytes"] = MAX_PAGE_BYTES
    found = _snapshots(_WRITTEN_SINCE, values, viewer_id)
    return sorted(found, key=lambda message: (message.chat_id, message.id))


def _snapshots(statement: Statement, values: dict[str, Any], viewer_id: int | None = None) -> list[MessageSnapshot]:
    cursor = db.run(statement, {**values, "viewer": viewer_id})
    return _with_files([_snapshot(row) for row in cursor.fetchall()])


def _with_files(messages: list[MessageSnapshot]) -> list[MessageSnapshot]:
    """Their attachments, by one more query where there are any."""
    having = [message.id for message in messages if message.attachments_count]
    if not having:
        return messages
    found = attachment_queries.of_messages(having)
    return [
        replace(message, attachments=found.get(message.id, ()), attachments_count=len(found.get(message.id, ())))
        if message.attachments_count
        else message
        for message in messages
    ]


def _snapshot(row: tuple[Any, ...]) -> MessageSnapshot:
    id, chat_id, seq, sent_version, changed_version, message_type, content, location, client_key = row[:9]
    created_at, edited_at, deleted_at, attachments_count, is_read = row[9:14]
    written_at, changed_at = clock.rfc3339(created_at), deleted_at or edited_at
    return MessageSnapshot(
        id=id,
        chat_id=chat_id,
        seq=seq,
        version=changed_version or sent_version,
        sent_version=sent_version,
        sender=Person(*row[14:19]),
        receiver=Person(*row[19:24]),
        message_type=message_type,
        content=content,
        location=location,
        client_key=client_key,
        created_at=written_at,
        updated_at=written_at if changed_at is None else clock.rfc3339(changed_at),
        is_read=is_read,
        is_deleted=deleted_at is not None,
        is_edited=edited_at is not None,
        attachments_count=attachments_count,
    )
