"""Ids of chats, messages and files as UUIDs, for clients without integer ids: reversible, so no second key is stored.

A UUIDv8 (RFC 9562) of 48 bits of the id, its last 5 bits, and a checksum of 69 bits over id and kind. UUIDs sort as the
ids do, by time. The checksum detects invented UUIDs and those of another kind. It is not a secret and protects nothing:
access is decided by chat membership.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b

from chatapp.ids.snowflake import MAX_ID

MISSING_ID = 0  # no row has this id

_CHAT, _MESSAGE, _FILE, _ANSWER = b"chat", b"message", b"file", b"answer"
_LOW_BITS = 5  # of the id, after the version
_CHECK_BITS = 69  # 7 after the low bits, 62 after the variant
_TAIL_BITS = 62
_VERSION, _VARIANT = 8, 0b10
_CANONICAL = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_CACHED = 4096  # UUIDs of each kind: enough for the active chats of a worker and their last messages


@lru_cache(maxsize=_CACHED)
def encode_chat(chat_id: int) -> str:
    """The UUID of a chat."""
    return _encode(_CHAT, chat_id)


@lru_cache(maxsize=_CACHED)
def encode_message(message_id: int) -> str:
    """The UUID of a message."""
    return _encode(_MESSAGE, message_id)


@lru_cache(maxsize=_CACHED)
def encode_file(attachment_id: int) -> str:
    """The UUID of an attachment."""
    return _encode(_FILE, attachment_id)


@lru_cache(maxsize=_CACHED)
def encode_answer(turn_id: int) -> str:
    """The UUID of an answer of the assistant."""
    return _encode(_ANSWER, turn_id)


def answer_id_or_missing(text: str) -> int:
    """The turn of an answer, by its UUID; `MISSING_ID` for any other text."""
    return _decode(_ANSWER, text) or MISSING_ID


def parse_chat_uuid(text: str) -> int | None:
    """The id in the UUID of a chat, in upper or lower case; None for any other text."""
    return _decode(_CHAT, text)


def parse_message_uuid(text: str) -> int | None:
    """The id in the UUID of a message, in upper or lower case; None for any other text."""
    return _decode(_MESSAGE, text)


def parse_file_uuid(text: str) -> int | None:
    """The id in the UUID of an attachment, in upper or lower case; None for any other text."""
    return _decode(_FILE, text)


def chat_id_or_missing(text: str) -> int:
    """Like `parse_chat_uuid`, with `MISSING_ID` instead of None: the look-up then fails as for any unknown id."""
    return _decode(_CHAT, text) or MISSING_ID


def message_id_or_missing(text: str) -> int:
    """Like `parse_message_uuid`, with `MISSING_ID` instead of None."""
    return _decode(_MESSAGE, text) or MISSING_ID


def file_id_or_missing(text: str) -> int:
    """Like `parse_file_uuid`, with `MISSING_ID` instead of None."""
    return _decode(_FILE, text) or MISSING_ID


def _encode(kind: bytes, id: int) -> str:
    check = _checksum(kind, id)
    middle = (id & (1 << _LOW_BITS) - 1) << _CHECK_BITS - _TAIL_BITS | check >> _TAIL_BITS
    tail = check & (1 << _TAIL_BITS) - 1
    text = f"{(id >> _LOW_BITS) << 80 | _VERSION << 76 | middle << 64 | _VARIANT << _TAIL_BITS | tail:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _decode(kind: bytes, text: str) -> int | None:
    if not _CANONICAL.fullmatch(text):
        return None
    number = int(text.replace("-", ""), 16)
    id = number >> 80 << _LOW_BITS | number >> 71 & (1 << _LOW_BITS) - 1
    return id if 1 <= id <= MAX_ID and _encode(kind, id) == text.lower() else None


def _checksum(kind: bytes, id: int) -> int:
    digest = blake2b(id.to_bytes(8, "big"), digest_size=16, person=kind).digest()
    return int.from_bytes(digest, "big") >> 128 - _CHECK_BITS
