"""Cursors of the social dialect's lists: base64 of JSON, a time and a public id, opaque to clients.

A cursor that this list could not have given to this user is refused, so that mixed-up cursors are noticed at once. A
cursor stays valid when its entry is deleted between two pages.
"""

from __future__ import annotations

import base64
import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

import orjson

from chatapp import clock
from chatapp.auth.actor import Actor
from chatapp.errors import Unreadable
from chatapp.events.snapshots import AttachmentSnapshot, MessageSnapshot
from chatapp.ids import public, snowflake
from chatapp.queries import blocks as block_queries
from chatapp.queries import chats as chat_queries
from chatapp.queries import messages as message_queries
from chatapp.queries import people
from chatapp.queries.blocks import BlockedPerson
from chatapp.queries.chat_summaries import ChatSummary
from chatapp.queries.chats import Position
from chatapp.queries.groups import MemberPosition

CREATED, UPDATED, PINNED = "created_at", "updated_at", "pinned_at"
MAX_LENGTH = 300  # characters of a cursor; ours have 110, those of files 190
# A chat's time is that of its transaction, slightly before that of its id, and clocks differ.
SLACK = dt.timedelta(minutes=1)


def meta(has_more: bool, cursor: str | None) -> dict[str, Any]:
    """Whether a list continues, and where.

    Parameters:
        cursor: of the last entry of the page; None on an empty page.
    """
    return {"hasMore": has_more, **({"nextCursor": cursor} if has_more and cursor is not None else {})}


def context_meta(messages: Sequence[MessageSnapshot], *, older: bool, newer: bool) -> dict[str, Any]:
    """Whether messages, newest first, continue on either side, and where."""
    before = {"beforeCursor": message_cursor(messages[-1].id)} if older else {}
    after = {"afterCursor": message_cursor(messages[0].id)} if newer else {}
    return {"hasMoreBefore": older, "hasMoreAfter": newer, **before, **after}


def message_cursor(message_id: int) -> str:
    """The cursor of a message."""
    return _encode(CREATED, snowflake.moment_of(message_id), public.encode_message(message_id))


def parse_message_cursor(text: str, chat_id: int) -> int:
    """The id of the message of this chat that a cursor points to.

    Raises:
        Unreadable: `bad_cursor`.
    """
    moment, id = _decode(CREATED, text)
    found = public.parse_message_uuid(id)
    if found is None or snowflake.moment_of(found) != moment or not message_queries.is_in(chat_id, found):
        raise Unreadable("bad_cursor")
    return found


def conversation_cursor(summary: ChatSummary) -> str:
    """The cursor of a conversation at its current position in the list."""
    if summary.pinned_at is not None:
        return _encode(PINNED, summary.pinned_at, public.encode_chat(summary.id))
    return _encode(UPDATED, summary.active_at, public.encode_chat(summary.id))


def parse_conversation_cursor(text: str, actor: Actor) -> Position:
    """The position in the actor's list.

    Raises:
        Unreadable: `bad_cursor`.
    """
    is_pinned = False
    try:
        moment, id = _decode(UPDATED, text)
    except Unreadable:
        moment, id = _decode(PINNED, text)
        is_pinned = True
    chat_id = public.parse_chat_uuid(id)
    if chat_id is None or not snowflake.moment_of(chat_id) - SLACK <= moment <= clock.now() + SLACK:
        raise Unreadable("bad_cursor")
    if not chat_queries.was_ever_in(actor.id, chat_id):
        raise Unreadable("bad_cursor")
    return Position(moment, chat_id, is_pinned)


def block_cursor(block: BlockedPerson) -> str:
    """The cursor of a block."""
    return _encode(CREATED, block.created_at, block.person.uuid)


def parse_block_cursor(text: str, actor: Actor) -> tuple[dt.datetime, int]:
    """The time and user id of a position in the actor's list of blocks; the block may have been removed since.

    Raises:
        Unreadable: `bad_cursor`.
    """
    moment, id = _decode(CREATED, text)
    person = people.person_of_reference(id) if _is_uuid(id) else None
    if person is None or moment > clock.now() + SLACK:
        raise Unreadable("bad_cursor")
    existing = block_queries.of_pair(actor.id, person.id)
    if existing is not None and existing.created_at < moment:
        raise Unreadable("bad_cursor")
    return moment, person.id


def file_cursor(file: AttachmentSnapshot) -> str:
    """The cursor of a file of a message."""
    assert file.message_id is not None
    moment, message = clock.rfc3339(snowflake.moment_of(file.message_id)), public.encode_message(file.message_id)
    position = {CREATED: moment, "id": public.encode_file(file.id), "message": message}
    return base64.b64encode(orjson.dumps(position)).decode()


def parse_file_cursor(text: str, chat_id: int) -> tuple[int, int]:
    """The ids of the message and file that a cursor points to; the file may have been deleted since.

    Raises:
        Unreadable: `bad_cursor`.
    """
    moment, id, message = _decode(CREATED, text, "message")
    message_id, file_id = public.parse_message_uuid(message), public.parse_file_uuid(id)
    if message_id is None or file_id is None or snowflake.moment_of(message_id) != moment:
        raise Unreadable("bad_cursor")
    if not message_queries.is_in(chat_id, message_id):
        raise Unreadable("bad_cursor")
    return message_id, file_id


def member_cursor(position: MemberPosition) -> str:
    """The cursor of a member of a group at its current position in the list."""
    return base64.b64encode(orjson.dumps(position._asdict())).decode()


def parse_member_cursor(text: str) -> MemberPosition:
    """The position that a cursor points to; the member may have left, or have another role since.

    Raises:
        Unreadable: `bad_cursor`.
    """
    try:
        if len(text) > MAX_LENGTH:
            raise ValueError
        position = MemberPosition(**orjson.loads(base64.b64decode(text, validate=True)))
    except (ValueError, TypeError):
        raise Unreadable("bad_cursor") from None
    if not all(type(value) is int and 0 <= value <= snowflake.MAX_ID for value in position):
        raise Unreadable("bad_cursor")
    return position


def _encode(name: str, moment: dt.datetime, id: str) -> str:
    return base64.b64encode(orjson.dumps({name: clock.rfc3339(moment), "id": id})).decode()


def _decode(name: str, text: str, *others: str) -> tuple[Any, ...]:
    """The time under `name`, the id, and the texts under other names. A cursor with anything else is refused."""
    try:
        if len(text) > MAX_LENGTH:
            raise ValueError
        parsed = orjson.loads(base64.b64decode(text, validate=True))
        moment, texts = clock.parse_rfc3339(parsed[name]), [parsed[text_name] for text_name in ("id", *others)]
    except (ValueError, TypeError, KeyError):
        raise Unreadable("bad_cursor") from None
    if len(parsed) != 1 + len(texts) or not all(isinstance(each, str) for each in texts):
        raise Unreadable("bad_cursor")
    return moment, *texts


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
