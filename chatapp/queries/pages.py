"""Pages of a chat: the first page from the cache if it is there, all others from Postgres."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from chatapp.access import Membership, sees_own_shadow
from chatapp.events.snapshots import Person, ViewedMessage
from chatapp.infra.bound import Bound
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import fragments
from chatapp.queries import messages as message_queries
from chatapp.queries.messages import Page
from chatapp.queries.page_cache import PageCache
from chatapp.queries.rows import person_list

MESSAGE_COST = 1000  # bytes of a message in memory without its text
EXTRAS_COST = 3000  # bytes of a quote, and of some people
FILE_COST = 2000  # bytes of an attachment: names, and a waveform
REACTION_COST = 1500  # bytes of a kind of reaction, with ten users
PAGE_COST = 500  # bytes of a page without its messages

first_pages: Bound[PageCache[Page]] = Bound(
    "The cache of first pages", lambda settings: PageCache("first_page", settings.page_cache_bytes)
)


class _Key(NamedTuple):
    """The key of a state of a first page.

    Attributes:
        version: every change of the chat's messages increments it.
        last_message_id: contains a time, so it distinguishes the same version in a database that was restored.
        floor: the `seq` up to which messages are hidden from this member.
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
    """A page of a chat as by `messages.page`, with one query: a small one if the page is cached.

    What a member sees who does not see all, or who sees what others do not, is not cached.
    """
    is_special = membership.hides_some or sees_own_shadow(membership.member.user_id)
    if is_special or page not in (None, 1) or before_id or after_id:
        return message_queries.page(membership, page=page, limit=limit, before_id=before_id, after_id=after_id)
    first = _first_page(membership, limit)
    return first if page == 1 else message_queries.cut(first)


def _first_page(membership: Membership, limit: int) -> Page:
    chat, member = membership.chat, membership.member
    key = _Key(chat.id, chat.last_version, chat.last_message_id, member.visible_floor, limit)
    cached = first_pages().get(key)
    if cached is not None:
        return _with_current_state(cached, membership)
    found = message_queries.page(membership, page=1, limit=limit)
    # If the chat has changed since its version was read, the page belongs to a later version and is not cached.
    if all(message.version <= chat.last_version for message in found.messages):
        first_pages().put(key, found, _size(found))
    return found


# What changes without the version: the profiles of these people, how far each has read as far as this viewer may know,
# and which files have expired because their sender was erased. (Their removal changes the version.) And the viewer's
# own reactions. A sender may have left a larger chat.
_OVERLAY = Statement(f"""
SELECT {person_list("u")}, coalesce({fragments.receipt("m")}, 0),
    ARRAY(SELECT id FROM attachments WHERE message_id = ANY(%(having_files)s) AND expires_at IS NOT NULL),
    (SELECT jsonb_agg(jsonb_build_array(message_id, emoji)) FROM reactions
        WHERE message_id = ANY(%(reacted_to)s) AND user_id = %(viewer)s)
FROM users u LEFT JOIN chat_members m ON m.user_id = u.id AND m.chat_id = %(chat)s
WHERE u.id = ANY(%(people)s) AND EXISTS (SELECT FROM chats WHERE id = %(chat)s)
""")


def _with_current_state(page: Page, membership: Membership) -> Page:
    viewer_id = membership.member.user_id
    shown = {person.id for message in page.messages for person in message.people}
    values = {
        "viewer": viewer_id,
        "chat": membership.chat.id,
        "people": [*(shown | {viewer_id})],
        "having_files": [message.id for message in page.messages if message.attachments],
        "reacted_to": [message.id for message in page.messages if message.reactions],
    }
    rows = db.run(_OVERLAY, values).fetchall()
    if not rows:  # the chat was deleted since access was checked
        return replace(page, messages=[], has_more=False)
    people: dict[int, Person] = {}
    receipts: dict[int, int] = {}
    expired: frozenset[int] = frozenset()
    own_reactions: dict[int, set[str]] = {}
    for *profile, receipt, expired_ids, own in rows:
        person = Person(*profile)
        people[person.id], receipts[person.id], expired = person, receipt, frozenset(expired_ids)
        for message_id, emoji in own or ():
            own_reactions.setdefault(message_id, set()).add(emoji)
    messages = [_refreshed(message, viewer_id, people, receipts, expired) for message in page.messages]
    seen = [message.with_own_reactions(own_reactions.get(message.id, frozenset())) for message in messages]
    return replace(page, messages=seen)


def _refreshed(
    message: ViewedMessage,
    viewer_id: int,
    people: dict[int, Person],
    receipts: dict[int, int],
    expired: frozenset[int],
) -> ViewedMessage:
    # As in `message_rows`.
    sender, counterpart = message.sender, message.counterpart
    reader_id = counterpart.id if counterpart else viewer_id if viewer_id != sender.id else None
    is_read = reader_id is not None and receipts[reader_id] >= message.seq
    if expired and any(attachment.id in expired for attachment in message.attachments):
        left = tuple(attachment for attachment in message.attachments if attachment.id not in expired)
        message = replace(message, attachments=left, attachments_count=len(left))
    message = message.with_people(people)
    return message if message.is_read == is_read else replace(message, is_read=is_read)


def _size(page: Page) -> int:
    # Python takes at most four bytes per character.
    return PAGE_COST + sum(
        MESSAGE_COST
        + (EXTRAS_COST if message.extras else 0)
        + 4 * len(message.content)
        + FILE_COST * len(message.attachments)
        + REACTION_COST * len(message.reactions)
        for message in page.messages
    )
