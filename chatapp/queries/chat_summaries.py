"""Chats as rows of their summaries in the list of a member."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from chatapp import clock
from chatapp.events.snapshots import Person, SystemNote
from chatapp.queries import fragments
from chatapp.queries.rows import named, person_columns, select_list
from chatapp.queries.system_notes import note_of, people_of, system_users

FOREVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)  # muted until unmuted
MAX_DRAFT_SHOWN = 500  # characters of a draft in a list: a list of complete ones might fill the queue of a socket


@dataclass(frozen=True, slots=True)
class ItemSummary:
    """The item that a chat is about."""

    title: str
    image_url: str | None
    price: decimal.Decimal | None
    currency: str | None
    is_deleted: bool

    @property
    def shown_price(self) -> float | None:
        """The price; None for a deleted item."""
        return None if self.price is None or self.is_deleted else float(self.price)


@dataclass(frozen=True, slots=True)
class DraftSummary:
    """The beginning of a draft.

    Attributes:
        is_cut: whether the draft is longer.
    """

    content: str
    is_cut: bool
    updated_at: dt.datetime


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """What lists show of a group.

    Attributes:
        picture_name: key of the picture in the bucket, a WebP; not for clients.
        last_sender: of the last message that the viewer sees; None without one.
        last_system: what that message says, if it is a system message.
    """

    title: str
    picture_name: str | None
    member_count: int
    last_sender: Person | None
    last_system: SystemNote | None


@dataclass(frozen=True, slots=True)
class ChatSummary:
    """A chat in the list of one of its members, the viewer.

    Attributes:
        role: of the viewer.
        counterpart: the other member of a chat of two; None in a group.
        group: of a group; None in a chat of two.
        other_last_seen: when the counterpart was last seen; None also if the chat does not show presence.
        last_message_is_read: by the viewer, or by the counterpart if the viewer sent it, as far as the viewer may know.
        snoozed_until: None also if a message has ended the snooze.
        settings_version: incremented by each change of the viewer's settings or draft.
        shows_presence: whether the two see each other's presence (`queries.fragments.shows_presence`).
        may_hide: whether it may have messages that the viewer does not see (`queries.hidden_messages`).
        visible_message_at: the time of the last message, if hidden ones follow it.
    """

    id: int
    kind: str
    item_id: int | None
    role: str
    viewer: Person
    counterpart: Person | None
    viewer_email: str | None
    counterpart_email: str | None
    other_last_seen: dt.datetime | None
    last_seq: int
    last_version: int
    last_message_id: int
    last_message_text: str
    last_message_deleted: bool
    last_message_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime
    unread_count: int
    is_archived: bool
    muted_until: dt.datetime | None
    pinned_at: dt.datetime | None
    last_message_sender_id: int | None
    last_message_is_read: bool
    blocks_other: bool
    is_blocked_by_other: bool
    item: ItemSummary | None
    snoozed_until: dt.datetime | None
    is_marked_unread: bool
    settings_version: int
    draft: DraftSummary | None
    group: GroupSummary | None = None
    shows_presence: bool = False
    may_hide: bool = False
    visible_message_at: dt.datetime | None = None

    @property
    def active_at(self) -> dt.datetime:
        """The time of the last message, or of the chat's creation: the order of lists, in milliseconds."""
        return self.last_message_at or self.created_at

    @property
    def shown_message_at(self) -> dt.datetime | None:
        """The time of the last message that the viewer sees."""
        return self.visible_message_at or self.last_message_at

    @property
    def is_muted(self) -> bool:
        """Whether this member has muted the chat now."""
        return self.muted_until is not None and self.muted_until > clock.now()

    @property
    def mute_ends_at(self) -> dt.datetime | None:
        """When the mute ends; None if the chat is not muted, or until it is unmuted."""
        return self.muted_until if self.is_muted and self.muted_until != FOREVER else None

    @property
    def is_pinned(self) -> bool:
        """Whether this member has pinned the chat."""
        return self.pinned_at is not None

    @property
    def is_blocked(self) -> bool:
        """Whether either member blocks the other."""
        return self.blocks_other or self.is_blocked_by_other


class _Row(NamedTuple):
    """A summary, and the rows that it refers to."""

    id: int
    kind: str
    item_id: int | None
    role: str
    viewer_id: int
    viewer_uuid: str
    viewer_username: str
    viewer_name: str
    viewer_picture_url: str | None
    counterpart_id: int | None
    counterpart_uuid: str
    counterpart_username: str
    counterpart_name: str
    counterpart_picture_url: str | None
    viewer_email: str | None
    counterpart_email: str | None
    other_last_seen: dt.datetime | None
    last_seq: int
    last_version: int
    last_message_id: int
    last_message_text: str
    last_message_deleted: bool
    last_message_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime
    unread_count: int
    is_archived: bool
    muted_until: dt.datetime | None
    pinned_at: dt.datetime | None
    last_message_sender_id: int | None
    last_message_is_read: bool
    blocks_other: bool
    is_blocked_by_other: bool
    item_title: str | None
    item_image_url: str | None
    item_price: decimal.Decimal | None
    item_currency: str | None
    item_is_deleted: bool
    snoozed_until: dt.datetime | None
    is_marked_unread: bool
    settings_version: int
    draft_content: str | None
    draft_is_cut: bool
    draft_updated_at: dt.datetime
    title: str | None
    picture_name: str | None
    member_count: int
    last_sender: list[Any] | None
    last_system: dict[str, Any] | None
    last_system_users: list[list[Any]] | None
    shows_presence: bool
    may_hide: bool


_SHOWS_PRESENCE = f"coalesce({fragments.shows_presence('c', 'v', 'o')}, false)"  # no counterpart: false
_IS_LARGER = "c.pair_key IS NULL"
_IS_SYSTEM = "(c.last_system ->> 'message_id')::bigint = c.last_message_id"

_COLUMNS = {
    **{name: f"c.{name}" for name in _Row._fields},
    "role": "me.role",
    **person_columns("v", "viewer"),
    **person_columns("o", "counterpart"),
    "viewer_email": "v.email",
    "counterpart_email": "o.email",
    "other_last_seen": f"CASE WHEN {_SHOWS_PRESENCE} THEN o.last_seen_at END",
    "unread_count": fragments.unread_count("c", "me"),
    "is_archived": fragments.is_archived("c", "me"),
    "muted_until": "me.muted_until",
    "pinned_at": "me.pinned_at",
    "last_message_is_read": f"""coalesce(c.last_seq <= CASE WHEN c.last_message_sender_id = me.user_id THEN (
        SELECT {fragments.receipt_for_others("other")} FROM chat_members other
        WHERE other.chat_id = c.id AND other.user_id = o.id
    ) ELSE me.last_read_seq END, false)""",
    # OFFSET 0: looked up, never by a scan of all blocks.
    "blocks_other": """c.blocked AND EXISTS (
        SELECT FROM blocks WHERE blocker_id = me.user_id AND blocked_id = o.id OFFSET 0
    )""",
    "is_blocked_by_other": """c.blocked AND EXISTS (
        SELECT FROM blocks WHERE blocker_id = o.id AND blocked_id = me.user_id OFFSET 0
    )""",
    "item_title": "i.title",
    "item_image_url": "i.image_url",
    "item_price": "i.price",
    "item_currency": "i.currency",
    "item_is_deleted": "i.is_deleted",
    "snoozed_until": f"CASE WHEN {fragments.is_snoozed('c.last_seq', 'me')} THEN me.snoozed_until END",
    "is_marked_unread": fragments.is_marked_unread("me"),
    "settings_version": "me.settings_version",
    "draft_content": f"left(d.content, {MAX_DRAFT_SHOWN})",
    "draft_is_cut": f"length(d.content) > {MAX_DRAFT_SHOWN}",
    "draft_updated_at": "d.updated_at",
    # Only of groups, and looked up: a chat of two executes none of these.
    "picture_name": """CASE WHEN c.picture_id IS NOT NULL THEN (
        SELECT thumbnail_name FROM attachments
        WHERE id = c.picture_id AND state = 'ready' AND expires_at IS NULL OFFSET 0
    ) END""",
    "last_sender": f"""CASE WHEN {_IS_LARGER} THEN (
        SELECT json_build_array(id, uuid, username, name, picture_url) FROM users
        WHERE id = c.last_message_sender_id OFFSET 0
    ) END""",
    "last_system": f"CASE WHEN {_IS_SYSTEM} THEN c.last_system END",
    "last_system_users": f"CASE WHEN {_IS_SYSTEM} THEN {system_users('c.last_system')} END",
    "shows_presence": _SHOWS_PRESENCE,
    "may_hide": fragments.may_hide("c", "me"),
}
SELECT = f"""
SELECT {select_list(_Row, _COLUMNS)}
FROM chat_members me
JOIN chats c ON c.id = me.chat_id
JOIN users v ON v.id = me.user_id
LEFT JOIN users o ON o.id = {fragments.counterpart_id("c", "me.user_id")}
LEFT JOIN items i ON i.kind = c.kind AND i.id = c.item_id
LEFT JOIN LATERAL (
    SELECT * FROM drafts WHERE user_id = me.user_id AND chat_id = me.chat_id AND {fragments.has_draft("me")} OFFSET 0
) d ON true
"""
"""Reads rows for `summaries`, of chats `c`, memberships `me` and counterparts `o`; conditions follow."""


def summaries(rows: Iterable[Any]) -> list[tuple[int, ChatSummary]]:
    """Summaries, each with the id of its viewer. Summaries of one user share one `Person`."""
    people: dict[int, Person] = {}
    return [(row.viewer_id, _summary(row, people)) for row in named(_Row, rows)]


def _summary(row: _Row, people: dict[int, Person]) -> ChatSummary:
    viewer = people.get(row.viewer_id)
    if viewer is None:
        viewer = people[row.viewer_id] = Person(
            row.viewer_id, row.viewer_uuid, row.viewer_username, row.viewer_name, row.viewer_picture_url
        )
    counterpart = None if row.counterpart_id is None else people.get(row.counterpart_id)
    if counterpart is None and row.counterpart_id is not None:
        counterpart = people[row.counterpart_id] = Person(
            row.counterpart_id,
            row.counterpart_uuid,
            row.counterpart_username,
            row.counterpart_name,
            row.counterpart_picture_url,
        )
    item = None
    if row.item_title is not None:
        item = ItemSummary(row.item_title, row.item_image_url, row.item_price, row.item_currency, row.item_is_deleted)
    draft = None
    if row.draft_content is not None:
        draft = DraftSummary(row.draft_content, row.draft_is_cut, row.draft_updated_at)
    group = None
    if row.title is not None:
        sender = None if row.last_sender is None else Person(*row.last_sender)
        note = note_of(row.last_system, people_of(row.last_system_users))
        group = GroupSummary(row.title, row.picture_name, row.member_count, sender, note)
    return ChatSummary(
        row.id,
        row.kind,
        row.item_id,
        row.role,
        viewer,
        counterpart,
        row.viewer_email,
        row.counterpart_email,
        row.other_last_seen,
        row.last_seq,
        row.last_version,
        row.last_message_id,
        row.last_message_text,
        row.last_message_deleted,
        row.last_message_at,
        row.created_at,
        row.updated_at,
        row.unread_count,
        row.is_archived,
        row.muted_until,
        row.pinned_at,
        row.last_message_sender_id,
        row.last_message_is_read,
        row.blocks_other,
        row.is_blocked_by_other,
        item,
        row.snoozed_until,
        row.is_marked_unread,
        row.settings_version,
        draft,
        group,
        row.shows_presence,
        row.may_hide,
    )
