"""Messages as a member of their chat sees them.

Every query names the retention class and bounds the ids, so that Postgres plans few partitions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from chatapp.access import Membership, access_chat, access_message, blocked_in, hides_blocked, is_hidden_by
from chatapp.auth.actor import Actor
from chatapp.errors import NotFound
from chatapp.events.snapshots import ViewedMessage
from chatapp.ids import snowflake
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import attachments as attachment_queries
from chatapp.queries import fragments, hidden_messages, message_rows, shadow_messages
from chatapp.queries.page_bytes import MAX_PAGE_BYTES, fitting
from chatapp.queries.retention import by_class, of_chat
from chatapp.queries.version_ranges import VersionRange
from chatapp.text.links import has_links


@dataclass(frozen=True, slots=True)
class Page:
    """Messages, newest first.

    Attributes:
        total: the number of messages of the chat that are visible to the member. Hidden ones older than the newest
            `hidden_messages.EXAMINED` are counted, too.
        has_more: whether there are further messages in the requested direction.
        hidden: the versions of messages before, between or after these that the member does not see.
    """

    messages: list[ViewedMessage]
    total: int
    has_more: bool
    hidden: tuple[VersionRange, ...] = ()


# Of the viewer, who has hidden some messages of the chat.
_NOT_HIDDEN = f"NOT (%(has_hidden)s AND {is_hidden_by('%(viewer)s', 'messages.id')})"
_PAGE = f"""(
    SELECT * FROM messages WHERE retention = {{retention}} AND chat_id = %(chat)s AND id BETWEEN %(low)s AND %(high)s
        AND seq > %(floor)s AND sender_id <> ALL(%(hidden)s) AND {_NOT_HIDDEN}
    ORDER BY id {{direction}} LIMIT %(limit)s OFFSET %(offset)s
)"""
_NEWEST_FIRST = by_class(lambda retention: message_rows.statement(_PAGE.format(direction="DESC", retention=retention)))
_OLDEST_FIRST = by_class(lambda retention: message_rows.statement(_PAGE.format(direction="ASC", retention=retention)))


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
    own, own_before = shadow_messages.count_before(membership, offset)
    if offset >= stored + own:
        return Page([], total + own, False)
    low = max(chat.first_message_id, (after_id or 0) + 1)
    high = min(chat.last_message_id, (before_id or snowflake.MAX_ID + 1) - 1)
    is_forward = bool(after_id) and not before_id
    values: dict[str, Any] = {"chat": chat.id, "low": low, "high": high, "floor": floor}
    values |= {"limit": limit + 1, "offset": offset - own_before, "hidden": [*membership.hidden_senders]}
    values["has_hidden"] = member.has_hidden
    statement = of_chat(_OLDEST_FIRST if is_forward else _NEWEST_FIRST, chat)
    found = snapshots(statement, values, member.user_id)
    if own:
        first, last = (after_id or 0) + 1, (before_id or snowflake.MAX_ID + 1) - 1
        found += shadow_messages.between(
            membership, first, last, limit=limit + 1, skip=own_before, is_forward=is_forward
        )
        total += own
    found.sort(key=lambda message: message.id, reverse=not is_forward)
    whole = Page(found[:limit], total, len(found) > limit)
    shown = whole if is_numbered else cut(whole)
    if membership.hides_some:
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


_WITH_LINKS = by_class(
    lambda retention: message_rows.statement(f"""(
    SELECT * FROM messages WHERE retention = {retention} AND chat_id = %(chat)s AND id BETWEEN %(low)s AND %(high)s
        AND seq > %(floor)s AND has_links AND sender_id <> ALL(%(hidden)s) AND {_NOT_HIDDEN}
    ORDER BY id DESC LIMIT %(limit)s
)""")
)


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
        "has_hidden": member.has_hidden,
        "limit": limit + 1,
    }
    found: list[ViewedMessage] = []
    while len(found) <= limit:
        read = sorted(snapshots(of_chat(_WITH_LINKS, chat), values, member.user_id), key=lambda message: -message.id)
        # For messages stored before links were detected, the flag means only that there may be one.
        found += [message for message in read if has_links(message.content)]
        if len(read) <= limit:
            break
        values["high"] = read[-1].id - 1
    return found[:limit], len(found) > limit


def is_in(chat_id: int, message_id: int) -> bool:
    """Whether a chat has a message with this id."""
    sql = "SELECT EXISTS (SELECT 1 FROM messages WHERE retention IN (0, 1) AND id = %s AND chat_id = %s)"
    return bool(db.execute_sql(sql, (message_id, chat_id)).fetchone()[0])


_BY_ID = message_rows.statement("(SELECT * FROM messages WHERE retention IN (0, 1) AND id = ANY(%(ids)s))")


def snapshots_by_id(message_ids: list[int], viewer_id: int | None = None) -> list[ViewedMessage]:
    """Snapshots of the messages that exist.

    Parameters:
        viewer_id: the user who sees them; None for snapshots that all members may see.
    """
    return snapshots(_BY_ID, {"ids": message_ids}, viewer_id)


def as_seen_by(actor: Actor, message_id: int) -> tuple[ViewedMessage, Membership]:
    """A message as the actor sees it, and its chat.

    Raises:
        NotFound: no such message for this actor.
    """
    own = shadow_messages.find(actor.id, message_id)
    if own is not None:
        return own, access_chat(actor, own.chat_id)
    _, membership = access_message(actor, message_id)
    found = snapshots_by_id([message_id], actor.id)
    if not found:  # its chat was deleted meanwhile
        raise NotFound("message_not_found")
    return found[0], membership


_READABLE = message_rows.statement(
    """(
    SELECT messages.*, me.blocked FROM messages CROSS JOIN LATERAL (
        SELECT chat_members.*, {blocked} AS blocked FROM chat_members JOIN chats c ON c.id = chat_id
        WHERE user_id = %(viewer)s AND chat_id = messages.chat_id OFFSET 0
    ) me
    WHERE retention IN (0, 1) AND messages.id = ANY(%(ids)s) AND deleted_at IS NULL AND seq > {floor}
        AND NOT (%(hides)s AND sender_id = ANY(coalesce(me.blocked, '{{}}'))) AND NOT (me.has_hidden AND {hidden})
)""".format(
        blocked=blocked_in("c", "%(viewer)s"),
        floor=fragments.visible_floor("me"),
        hidden=is_hidden_by("%(viewer)s", "messages.id"),
    )
)


def readable_among(actor: Actor, message_ids: list[int]) -> list[ViewedMessage]:
    """Those of some messages that a user may read now, unordered. Deleted ones are left out."""
    return snapshots(_READABLE, {"ids": message_ids, "hides": hides_blocked()}, actor.id)


_BETWEEN_VERSIONS = message_rows.statement("""(
    SELECT messages.* FROM messages JOIN chats ON chats.id = chat_id
    WHERE retention IN (0, 1) AND chat_id = %(chat)s AND messages.id BETWEEN first_message_id AND last_message_id
        AND version > %(after)s AND version < %(before)s
    ORDER BY messages.id DESC LIMIT %(limit)s
)""")


def between_versions(chat_id: int, after: int, before: int, *, limit: int) -> list[ViewedMessage]:
    """Messages whose sending gave a chat the versions strictly between two, oldest first."""
    values = {"chat": chat_id, "after": after, "before": before, "limit": limit}
    return sorted(snapshots(_BETWEEN_VERSIONS, values), key=lambda message: message.sent_version)


# Reads only as many texts as fit into a page, and one more. Postgres knows their lengths without fetching them.
_WITHIN_BYTES = """(
    SELECT * FROM (
        SELECT found.*, sum(octet_length(found.content)) OVER (ORDER BY {order}) - octet_length(found.content) AS before
        FROM {source} found
    ) sized WHERE before <= %(bytes)s
)"""
_WRITTEN_SINCE = by_class(
    lambda retention: message_rows.statement(
        _WITHIN_BYTES.format(
            order="found.ordinal, found.id",
            source=fragments.written_since("messages", "id", "seq > wanted.floor", retention=retention),
        )
    )
)


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
) -> list[ViewedMessage]:
    """Current snapshots of messages by transactions with stamps from `xmin` on, by chat and id.

    If their texts exceed MAX_PAGE_BYTES, the messages after the one that exceeds it are left out.

    Parameters:
        chat_ids: ascending.
        after: for each chat, only messages with larger ids, because those up to it were on earlier pages or are not
            wanted; or 0.
        floors: for each chat, only messages with a larger `seq`.
        known: for each chat whose `after` is 0, only messages whose sending gave it a larger version.
        retention: the class of all these chats.
    """
    values: dict[str, Any] = {
        "chats": list(chat_ids),
        "after": list(after),
        "floors": list(floors),
        "known": list(known),
    }
    values |= {"xmin": xmin, "limit": limit, "bytes": MAX_PAGE_BYTES}
    found = snapshots(_WRITTEN_SINCE[retention], values, viewer_id)
    return sorted(found, key=lambda message: (message.chat_id, message.id))


def snapshots(statement: Statement, values: dict[str, Any], viewer_id: int | None = None) -> list[ViewedMessage]:
    """Snapshots with their attachments, unordered.

    Parameters:
        statement: of `message_rows`.
        viewer_id: the user who sees them; None for snapshots that all members may see.
    """
    rows = db.run(statement, {**values, "viewer": viewer_id}).fetchall()
    return shadow_messages.with_own_edits(_with_files(message_rows.snapshots(rows, viewer_id)), viewer_id)


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
