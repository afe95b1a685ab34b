"""Ids of chats, messages and files as UUIDs, for clients that know no integers: reversible, so no second key is stored.

A UUIDv8 (RFC 9562) of 48 bits of the id, its last 5 bits, and 69 bits of a checksum that knows the kind. UUIDs sort by
time as the ids do. The checksum tells made-up ids and those of the other kind; it is no secret, and no guard: whose a
chat is, its members say.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b

from chatapp.ids.snowflake import MAX_ID

NOBODYS = 0  # an id that nothing has

_CHAT, _MESSAGE, _FILE = b"chat", b"message", b"file"
_LOW_BITS = 5  # of the id, which stand behind the version
_CHECK_BITS = 69  # 7 beside the low bits, 62 behind the variant
_TAIL_BITS = 62
_VERSION, _VARIANT = 8, 0b10
_CANONICAL = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_KEPT = 4096  # of each kind: what a worker's lively chats and their last messages need


@lru_cache(maxsize=_KEPT)
def encode_chat(chat_id: int) -> str:
    """The UUID of a chat."""
    return _encode(_CHAT, chat_id)


@lru_cache(maxsize=_KEPT)
def encode_message(message_id: int) -> str:
    """The UUID of a message."""
    return _encode(_MESSAGE, message_id)


@lru_cache(maxsize=_KEPT)
def encode_file(attachment_id: int) -> str:
    """The UUID of an attachment."""
    return _encode(_FILE, attachment_id)


def chat_id_of(text: str) -> int | None:
    """The id of the chat that a UUID is of, in any case; None where it is of none."""
    return _decode(_CHAT, text)


def message_id_of(text: str) -> int | None:
    """The id of the message that a UUID is of, in any case; None where it is of none."""
    return _decode(_MESSAGE, text)


def id_of_chat(text: str) -> int:
    """Like `chat_id_of`, with `NOBODYS` for what is none: it is looked for, and not found, as any unknown one."""
    return _decode(_CHAT, text) or NOBODYS


def id_of_message(text: str) -> int:
    """Like `message_id_of`, with `NOBODYS` for what is none."""
    return _decode(_MESSAGE, text) or NOBODYS


def file_id_of(text: str) -> int | None:
    """The id of the attachment that a UUID is of, in any case; None where it is of none."""
    return _decode(_FILE, text)


def id_of_file(text: str) -> int:
    """Like `file_id_of`, with `NOBODYS` for what is none."""
    return _decode(_FILE, text) or NOBODYS


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
