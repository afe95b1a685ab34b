"""Cursors of the social dialect's lists: base64 of JSON, a time and a public id, opaque to clients.

Whatever is not one that this list of this person could have given is refused, so that a client that mixes cursors up
notices at once. What is deleted between two pages leaves the cursor that names it good.
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
from chatapp.queries.chats import ChatSummary

CREATED, UPDATED = "created_at", "updated_at"
MAX_LENGTH = 300  # of a cursor; ours have 110 characters, those of files 190
SLACK = dt.timedelta(minutes=1)  # a chat's time is its transaction's, its id's is a little later; clocks differ


def meta(has_more: bool, cursor: str | None) -> dict[str, Any]:
    """Whether a list goes on, and where.

    Parameters:
        cursor: of the page's last entry; None on an empty page.
    """
    return {"hasMore": has_more, **({"nextCursor": cursor} if has_more and cursor is not None else {})}


def meta_both_ways(messages: Sequence[MessageSnapshot], *, older: bool, newer: bool) -> dict[str, Any]:
    """Whether messages, newest first, go on to either side, and where."""
    before = {"beforeCursor": of_message(messages[-1].id)} if older else {}
    after = {"afterCursor": of_message(messages[0].id)} if newer else {}
    return {"hasMoreBefore": older, "hasMoreAfter": newer, **before, **after}


def of_message(message_id: int) -> str:
    """The cursor of a message."""
    return _encode(CREATED, snowflake.moment_of(message_id), public.encode_message(message_id))


def message_id(text: str, chat_id: int) -> int:
    """The message of this chat that a cursor is of.

    Raises:
        Unreadable: `bad_cursor`.
    """
    moment, id = _decode(CREATED, text)
    found = public.parse_message_uuid(id)
    if found is None or snowflake.moment_of(found) != moment or not message_queries.is_in(chat_id, found):
        raise Unreadable("bad_cursor")
    return found


def of_conversation(summary: ChatSummary) -> str:
    """The cursor of a conversation where it stands in the list now."""
    return _encode(UPDATED, summary.active_at, public.encode_chat(summary.id))


def conversation_place(text: str, actor: Actor) -> tuple[dt.datetime, int]:
    """Where in the actor's list a conversation stood.

    Raises:
        Unreadable: `bad_cursor`.
    """
    moment, id = _decode(UPDATED, text)
    chat_id = public.parse_chat_uuid(id)
    if chat_id is None or not snowflake.moment_of(chat_id) - SLACK <= moment <= clock.now() + SLACK:
        raise Unreadable("bad_cursor")
    if not chat_queries.was_ever_in(actor.id, chat_id):
        raise Unreadable("bad_cursor")
    return moment, chat_id


def of_block(block: BlockedPerson) -> str:
    """The cursor of a block."""
    return _encode(CREATED, block.created_at, block.person.uuid)


def block_place(text: str, actor: Actor) -> tuple[dt.datetime, int]:
    """Where in the actor's list a block stands, or stood before it was taken back.

    Raises:
        Unreadable: `bad_cursor`.
    """
    moment, id = _decode(CREATED, text)
    person = people.person_of_reference(id) if _is_uuid(id) else None
    if person is None or moment > clock.now() + SLACK:
        raise Unreadable("bad_cursor")
    standing = block_queries.of_pair(actor.id, person.id)
    if standing is not None and standing.created_at < moment:
        raise Unreadable("bad_cursor")
    return moment, person.id


def of_file(file: AttachmentSnapshot) -> str:
    """The cursor of a file of a message."""
    assert file.message_id is not None
    moment, message = clock.rfc3339(snowflake.moment_of(file.message_id)), public.encode_message(file.message_id)
    place = {CREATED: moment, "id": public.encode_file(file.id), "message": message}
    return base64.b64encode(orjson.dumps(place)).decode()


def file_place(text: str, chat_id: int) -> tuple[int, int]:
    """The message of this chat, and its file, that a cursor is of; the file may be gone meanwhile.

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


def _encode(name: str, moment: dt.datetime, id: str) -> str:
    return base64.b64encode(orjson.dumps({name: clock.rfc3339(moment), "id": id})).decode()


def _decode(name: str, text: str, *others: str) -> tuple[Any, ...]:
    """The moment that stands under a name, the id, and other texts by their names; nothing else may be there."""
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
