"""Pages of a chat as they are asked for: the first one out of memory where it is known, all others from Postgres."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from chatapp.access import Membership
from chatapp.events.snapshots import MessageSnapshot, Person
from chatapp.infra.bound import Bound
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import fragments
from chatapp.queries import messages as message_queries
from chatapp.queries.messages import Page
from chatapp.queries.page_cache import PageCache

MESSAGE_COST = 1000  # bytes of a message in memory beside its text
FILE_COST = 2000  # bytes of an attachment: names, and a waveform
PAGE_COST = 500  # bytes of a page beside its messages

first_pages: Bound[PageCache[Page]] = Bound(
    "The cache of first pages", lambda settings: PageCache("first_page", settings.page_cache_bytes)
)


class _Key(NamedTuple):
    """What names the state of a first page.

    Attributes:
        version: every change of the chat's messages moves it.
        last_message_id: holds a time, so that a database that was restored and went another way is told apart.
        floor: what of the chat this person may see at all.
    """

    chat_id: int
    version: int
    last_message_id: int
    floor: int
    limit: int


def read_page(
    membership: Membership,
    *,
    page: int | None = None,
    limit: int,
    before_id: int | None = None,
    after_id: int | None = None,
) -> Page:
    """A page of a chat, as `messages.page` gives it: one query, and a small one where the page is known."""
    if page not in (None, 1) or before_id or after_id:
        return message_queries.page(membership, page=page, limit=limit, before_id=before_id, after_id=after_id)
    first = _first_page(membership, limit)
    return first if page == 1 else message_queries.cut(first)


def _first_page(membership: Membership, limit: int) -> Page:
    chat, member = membership.chat, membership.member
    key = _Key(chat.id, chat.last_version, chat.last_message_id, member.visible_floor, limit)
    known = first_pages().get(key)
    if known is not None:
        return _as_it_stands(known, membership)
    found = message_queries.page(membership, page=1, limit=limit)
    # The chat may have moved on since its version was read: then the page is of a later one, and not kept under this.
    if all(message.version <= chat.last_version for message in found.messages):
        first_pages().put(key, found, _size(found))
    return found


# What may change while the version stands: who the two are, how far each has read, for all that this viewer sees, and
# which files have expired because their sender was erased: the version moves only when they are removed.
_OVERLAY = Statement(f"""
SELECT m.user_id, u.uuid::text, u.username, u.name, u.picture_url,
    {fragments.receipt("m")},
    ARRAY(SELECT id FROM attachments WHERE message_id = ANY(%(having_files)s) AND expires_at IS NOT NULL)
FROM chat_members m JOIN users u ON u.id = m.user_id WHERE m.chat_id = %(chat)s
""")


def _as_it_stands(page: Page, membership: Membership) -> Page:
    having_files = [message.id for message in page.messages if message.attachments]
    values = {"viewer": membership.member.user_id, "chat": membership.chat.id, "having_files": having_files}
    rows = db.run(_OVERLAY, values).fetchall()
    if not rows:  # removed for good since the reader was let in
        return replace(page, messages=[], has_more=False)
    people = {row[0]: Person(*row[:5]) for row in rows}
    read_to = {row[0]: int(row[5]) for row in rows}
    expired = frozenset(rows[0][6])
    return replace(page, messages=[_seen_now(message, people, read_to, expired) for message in page.messages])


def _seen_now(
    message: MessageSnapshot, people: dict[int, Person], read_to: dict[int, int], expired: frozenset[int]
) -> MessageSnapshot:
    sender, receiver = people[message.sender.id], people[message.receiver.id]
    is_read = read_to[receiver.id] >= message.seq
    if expired and any(attachment.id in expired for attachment in message.attachments):
        left = tuple(attachment for attachment in message.attachments if attachment.id not in expired)
        message = replace(message, attachments=left, attachments_count=len(left))
    if (message.sender, message.receiver, message.is_read) == (sender, receiver, is_read):
        return message
    return replace(message, sender=sender, receiver=receiver, is_read=is_read)


def _size(page: Page) -> int:
    # Four bytes a character is the most that Python takes.
    return PAGE_COST + sum(
        MESSAGE_COST + 4 * len(message.content) + FILE_COST * len(message.attachments) for message in page.messages
    )
