"""Cursors of the catch-up: opaque texts for "everything that this user has seen".

A cursor cannot be a time or an id: ids are assigned before the commit, so a slow transaction commits ids below cursors
that were already issued. Instead, a cursor is a transaction: the oldest that was running when the cursor was issued
(`xmin` of the snapshot), by its stamp. Whatever was invisible then was written by that transaction or a later one.
"""

from __future__ import annotations

from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer

from chatapp.errors import Unreadable

MAX_LENGTH = 500
# Formats of the signed list. An older release refuses a newer format, and its client starts with a full sync.
_FORMAT = 1
_FORMAT_WITH_FIRST_ID = 2  # `first_id` comes before the position


@dataclass(frozen=True, slots=True)
class Position:
    """The end of a page within a catch-up.

    Attributes:
        target: the `xmin` at the start of the catch-up, and of the cursor after its last page.
        chat_id: the chat in which the page ended; chats are ordered by id.
        message_id: the last message of that chat on a page; 0 if there was none.
        version: up to which pages included everything of that chat; 0 if nothing.
    """

    target: int
    chat_id: int
    message_id: int
    version: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a user has seen.

    Attributes:
        epoch: the epoch of the database in which `xmin` is valid.
        xmin: a stamp; everything by transactions with smaller stamps was seen.
        position: set only between two pages of a catch-up.
        first_id: messages with smaller ids are left out; 0 unless the catch-up started from a time.
    """

    user_id: int
    epoch: str
    xmin: int
    position: Position | None = None
    first_id: int = 0


def encode(cursor: Cursor, secret_key: str) -> str:
    """The signed text of a cursor."""
    position = cursor.position
    end = [] if position is None else [position.target, position.chat_id, position.message_id, position.version]
    format, start = (_FORMAT_WITH_FIRST_ID, [cursor.first_id]) if cursor.first_id else (_FORMAT, [])
    text = _signer(secret_key).dumps([format, cursor.user_id, cursor.epoch, cursor.xmin, *start, *end])
    return text if isinstance(text, str) else text.decode()


def decode(text: str, secret_key: str, user_id: int) -> Cursor:
    """Verify and parse a cursor of this user.

    Raises:
        Unreadable: `bad_cursor`: the text is not a cursor, was modified, or belongs to another user.
    """
    try:
        format, owner, epoch, xmin, *rest = _signer(secret_key).loads(text[: MAX_LENGTH + 1])
    except (BadSignature, ValueError, TypeError):
        raise Unreadable("bad_cursor") from None
    if format not in (_FORMAT, _FORMAT_WITH_FIRST_ID) or owner != user_id:
        raise Unreadable("bad_cursor")
    first_id = rest.pop(0) if format == _FORMAT_WITH_FIRST_ID else 0
    return Cursor(user_id, epoch, xmin, Position(*rest) if rest else None, first_id)


def _signer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt="cursor")
