"""Cursors of search results: where a page ended, signed, and bound to the user and the query."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from itsdangerous import BadSignature, URLSafeSerializer

from chatapp.errors import Unreadable

MAX_LENGTH = 300
_FORMAT = 1
_DIGEST = 9  # bytes; 12 characters


@dataclass(frozen=True, slots=True)
class SearchPosition:
    """The end of a page.

    Attributes:
        tier: that the last result was in.
        last_id: of the last message that was examined there; the next ones are older.
        taken: the number of messages that were examined in this tier.
        upper_id: of the newest message when the search began; later ones are on no page.
    """

    tier: int
    last_id: int
    taken: int
    upper_id: int


def encode(position: SearchPosition, user_id: int, query: str, secret_key: str) -> str:
    """The signed text of a position.

    Parameters:
        query: everything that the results depend on.
    """
    fields = [position.tier, position.last_id, position.taken, position.upper_id]
    text = _signer(secret_key).dumps([_FORMAT, user_id, _digest(query), *fields])
    return text if isinstance(text, str) else text.decode()


def decode(text: str, user_id: int, query: str, secret_key: str) -> SearchPosition:
    """Verify and parse a cursor of this user and query.

    Raises:
        Unreadable: `bad_cursor`: the text is not a cursor, was modified, or belongs to another user or query.
    """
    try:
        format, owner, digest, *fields = _signer(secret_key).loads(text[: MAX_LENGTH + 1])
    except (BadSignature, ValueError, TypeError):
        raise Unreadable("bad_cursor") from None
    if (format, owner, digest) != (_FORMAT, user_id, _digest(query)):
        raise Unreadable("bad_cursor")
    return SearchPosition(*fields)


def _digest(query: str) -> str:
    return blake2b(query.encode(), digest_size=_DIGEST).hexdigest()


def _signer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt="search cursor")
