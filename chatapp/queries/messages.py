"""Messages as a member of their chat sees them.

Every query names the retention class and bounds the ids, so that Postgres plans few partitions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from chatapp.access import Membership
from chatapp.events.snapshots import ViewedMessage
from chatapp.ids import snowflake
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import attachments as attachment_queries
from chatapp.queries import fragments, hidden_messages, message_rows
from chatapp.queries.page_bytes import MAX_PAGE_BYTES, fitting
from chatapp.queries.version_ranges import VersionRange
from chatapp.text.links import has_links


@dataclass(frozen=True, slots=True)
class Page:
    """Messages, newest first.

    Attributes:
        total: the number of messages of the chat that are visible to the member. Of hidden ones that are older than
            the newest `hidden_messages.EXAMINED` it is not known.
        has_more: whether there are further messages in the requested direction.
        hidden: the versions of messages before, between or after these that the member does not see.
    """

    messages: list[ViewedMessage]
    total: int
    has_more: bool
    hidden: tuple[VersionRange, ...] = ()


_PAGE = """(
    SELECT * FROM messages WHERE retention = 0 AND chat_id = %(chat)s AND id BETWEEN %(low)s AND %(high)s
        AND seq > %(floor)s AND sender_id <> ALL(%(hidden)s)
    ORDER BY id {direction} LIMIT %(limit)s OFFSET %(offset)s
)"""
_NEWEST_FIRST = message_rows.statement(_PAGE.format(direction="DESC"))
_OLDEST_FIRST = message_rows.statement(_PAGE.format(direction="ASC"))


def page(
    membership: Membership,
    *,
    page: int | None = None,
    limit: int,
    before_id: int | None = None,
    after_id: int | None = None,
) -> Page:
    """A page of a chat: the newest messages, a numbered page, or the messages next to one.

    Parameters:
        page: the number of the page; 1 is the newest. A numbered page has `limit` messages whatever their bytes,
            because the next one starts at a fixed offset; all others are limited in bytes, too.
        before_id: only messages older than this one, nearest first.
        after_id: only newer ones, nearest first; the result is still ordered newest first.
    """
    chat, member = membership.chat, membership.member
    floor = member.visible_floor
    stored = max(0, chat.last_seq - floor)
    total = stored - hidden_messages.count(membership, stored)
    is_numbered = page is not None and not (before_id or after_id)
    offset = (page - 1) * limit if page is not None and is_numbered else 0
    if offset >= stored:
        return Page([], total, False)
    low = max(chat.first_message_id, (after_id or 0) + 1)
    high = min(chat.last_message_id, (before_id or snowflake.MAX_ID + 1) - 1)
    is_forward = bool(after_id) and not before_id
    values: dict[str, Any] = {"chat": chat.id, "low": low, "high": high, "floor": floor}
    values |= {"limit": limit + 1, "offset": offset, "hidden": [*membership.hidden_senders]}
    found = _snapshots(_OLDEST_FIRST if is_forward else _NEWEST_FIRST, values, member.user_id)
    found.sort(key=lambda message: message.id, reverse=not is_forward)
    whole = Page(found[:limit], total, len(found) > limit)
    shown = whole if is_numbered else cut(whole)
    if membership.hidden_senders:
        shown = replace(shown, hidden=_hidden_around(membership, shown, found, low, high, offset))
    return replace(shown, messages=sorted(shown.messages, key=lambda message: -message.id))


def _hidden_around(
    membership: Membership, shown: Page, found: list[ViewedMessage], low: int, high: int, offset: int
) -> tuple[VersionRange, ...]:
    """The versions of hidden messages on the stretch of a page: up to the next visible message that is not on it.

    Parameters:
        found: the messages of the page, and those that follow it, nearest first.
        low, high: bounds of the ids.
    """
    messages = shown.messages
    if offset:
        high = messages[0].id if messages else 0
    if shown.has_more:
        following = found[len(messages)].id
        low, high = (following + 1, high) if following < messages[0].id else (low, following - 1)
    return hidden_messages.versions_between(membership, low, high)


def cut(page: Page) -> Page:
    """The beginning of a page that fits into MAX_PAGE_BYTES. Its messages are ordered nearest first."""
    messages, is_cut = fitting(page.messages)
    return replace(page, messages=messages, has_more=page.has_more or is_cut)


def around(membership: Membership, message_id: int, *, before: int, after: int) -> tuple[Page, Page]:
    """Two pages next to a message of the chat, newest first: up to and including it, and after it.

    Parameters:
        before: the number of older messages.
        after: the number of newer messages.
    """
    older = page(membership, limit=before + 1, before_id=message_id + 1)
    return older, page(membership, limit=after, after_id=message_id)


_WITH_LINKS = message_rows.statement("""(
    SELECT * FROM messages WHERE retention = 0 AND chat_id = %(chat)s AND id BETWEEN %(low)s AND %(high)s
        AND seq > %(floor)s AND has_links AND sender_id <> ALL(%(hidden)s)
    ORDER BY id DESC LIMIT %(limit)s
)""")


def with_links(membership: Membership, *, limit: int, before_id: int | None = None) -> tuple[list[ViewedMessage], bool]:
    """Messages of a chat that contain links, newest first, and whether there are more.

    Parameters:
        before_id: only messages older than this one.
    """
    chat, member = membership.chat, membership.member
    values = {
        "chat": chat.id,
        "low": chat.first_message_id,
        "high": min(chat.last_message_id, (before_id or snowflake.MAX_ID + 1) - 1),
        "floor": member.visible_floor,
        "hidden": [*membership.hidden_senders],
        "limit": limit + 1,
    }
    found: list[ViewedMessage] = []
    while len(found) <= limit:
        read = sorted(_snapshots(_WITH_LINKS, values, member.user_id), key=lambda message: -message.id)
        # For messages stored before links were detected, the flag means only that there may be one.
        found += [message for message in read if has_links(message.content)]
        if len(read) <= limit:
            break
        values["high"] = read[-1].id - 1
    return found[:limit], len(found) > limit


def is_in(chat_id: int, message_id: int) -> bool:
    """Whether a chat has a message with this id."""
    sql = "SELECT EXISTS (SELECT 1 FROM messages WHERE retention = 0 AND id = %s AND chat_id = %s)"
    return bool(db.execute_sql(sql, (message_id, chat_id)).fetchone()[0])


_BY_ID = message_rows.statement("(SELECT * FROM messages WHERE retention = 0 AND id = ANY(%(ids)s))")


def snapshots_by_id(message_ids: list[int], viewer_id: int | None = None) -> list[ViewedMessage]:
    """Snapshots of the messages that exist.

    Parameters:
        viewer_id: the user who sees them; None for snapshots that all members may see.
    """
    return _snapshots(_BY_ID, {"ids": message_ids}, viewer_id)


_BETWEEN_VERSIONS = message_rows.statement("""(
    SELECT messages.* FROM messages JOIN chats ON chats.id = chat_id
    WHERE retention = 0 AND chat_id = %(chat)s AND messages.id BETWEEN first_message_id AND last_message_id
        AND version > %(after)s AND version < %(before)s
    ORDER BY messages.id DESC LIMIT %(limit)s
)""")


def between_versions(chat_id: int, after: int, before: int, *, limit: int) -> list[ViewedMessage]:
    """Messages whose sending gave a chat the versions strictly between two, oldest first."""
    values = {"chat": chat_id, "after": after, "before": before, "limit": limit}
    return sorted(_snapshots(_BETWEEN_VERSIONS, values), key=lambda message: message.sent_version)


# Reads only as many texts as fit into a page, and one more. Postgres knows their lengths without fetching them.
_WITHIN_BYTES = """(
    SELECT * FROM (
        SELECT found.*, sum(octet_length(found.content)) OVER (ORDER BY {order}) - octet_length(found.content) AS before
        FROM {source} found
    ) sized WHERE before <= %(bytes)s
)"""
_WRITTEN_SINCE = message_rows.statement(
    _WITHIN_BYTES.format(
        order="found.ordinal, found.id",
        source=fragments.written_since("messages", "id", "seq > wanted.floor", has_floors=True),
    )
)


def written_since(
    chat_ids: Sequence[int], after: Sequence[int], floors: Sequence[int], xmin: int, *, limit: int, viewer_id: int
) -> list[ViewedMessage]:
    """Current snapshots of messages by transactions with stamps from `xmin` on, by chat and id.

    If their texts exceed MAX_PAGE_BYTES, the messages after the one that exceeds it are left out.

    Parameters:
        chat_ids: ascending.
        after: for each chat, only messages with larger ids, because those up to it were on earlier pages or are not
            wanted; or 0.
        floors: for each chat, only messages with a larger `seq`.
    """
    values = {"chats": list(chat_ids), "after": list(after), "floors": list(floors), "xmin": xmin, "limit": limit}
    values["bytes"] = MAX_PAGE_BYTES
    found = _snapshots(_WRITTEN_SINCE, values, viewer_id)
    return sorted(found, key=lambda message: (message.chat_id, message.id))


def _snapshots(statement: Statement, values: dict[str, Any], viewer_id: int | None = None) -> list[ViewedMessage]:
    rows = db.run(statement, {**values, "viewer": viewer_id}).fetchall()
    return _with_files(message_rows.snapshots(rows))


def _with_files(messages: list[ViewedMessage]) -> list[ViewedMessage]:
    """Add attachments, by one more query if any message has some."""
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
