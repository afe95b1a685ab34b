"""Cursors: opaque texts for "everything I have seen".

A time or an id cannot be one: ids are drawn before commit, and a transaction that hangs commits below cursors that
were given out. So a cursor is a transaction: the oldest that was still running when it was made (`xmin` of the
snapshot), by its stamp. Whatever was not to be seen then was written by that transaction or a later one.
"""

from __future__ import annotations

from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer

from chatapp.errors import Unreadable

MAX_LENGTH = 500
_FORM = 1  # of the signed list; a later form is refused by an older release, and its client starts afresh
_FROM_A_MOMENT = 2  # with `first_id` before the position


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended, within one catch-up.

    Attributes:
        target: the xmin of the catch-up's beginning, which the last page's cursor will have.
        chat_id: the chat that the page ended in; chats come in the order of their ids.
        message_id: of the last message told of it; 0 for none yet.
        version: up to which everything of it was told; 0 for nothing yet.
    """

    target: int
    chat_id: int
    message_id: int
    version: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a person has seen.

    Attributes:
        epoch: the life of the database in which `xmin` means something.
        xmin: a stamp; everything that transactions with smaller ones wrote has been seen.
        position: None but between two pages.
        first_id: messages with smaller ids are left out; 0 but in a catch-up that began with a moment.
    """

    user_id: int
    epoch: str
    xmin: int
    position: Position | None = None
    first_id: int = 0


def encode(cursor: Cursor, secret_key: str) -> str:
    """The signed text of a cursor."""
    position = cursor.position
    place = [] if position is None else [position.target, position.chat_id, position.message_id, position.version]
    form, start = (_FROM_A_MOMENT, [cursor.first_id]) if cursor.first_id else (_FORM, [])
    text = _signer(secret_key).dumps([form, cursor.user_id, cursor.epoch, cursor.xmin, *start, *place])
    return text if isinstance(text, str) else text.decode()


def decode(text: str, secret_key: str, user_id: int) -> Cursor:
    """Read a cursor of this person's.

    Raises:
        Unreadable: `bad_cursor`: it is not one, was changed, or is somebody else's.
    """
    try:
        form, owner, epoch, xmin, *place = _signer(secret_key).loads(text[: MAX_LENGTH + 1])
    except (BadSignature, ValueError, TypeError):
        raise Unreadable("bad_cursor") from None
    if form not in (_FORM, _FROM_A_MOMENT) or owner != user_id:
        raise Unreadable("bad_cursor")
    first_id = place.pop(0) if form == _FROM_A_MOMENT else 0
    return Cursor(user_id, epoch, xmin, Position(*place) if place else None, first_id)


def _signer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt="cursor")
