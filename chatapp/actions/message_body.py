"""What a message consists of when it is sent, and the rules that need no look at its chat."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from chatapp.actions.content import check_attachment_ids, check_content
from chatapp.errors import Invalid, Reason
from chatapp.events.snapshots import Origin
from chatapp.text.languages import LANGUAGE_TAG, detect_language

MAX_MENTIONS = 50  # members that one message names: each is looked up while the chat is locked
_LANGUAGE_TAG = re.compile(LANGUAGE_TAG)


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What a forwarded message takes over beside its text.

    Attributes:
        source_id: the message that is forwarded.
        attachment_ids: its files, in their order.
    """

    origin: Origin
    source_id: int
    attachment_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageBody:
    """What a message consists of.

    Attributes:
        content: sanitised.
        attachment_ids: files that the sender uploaded and has not sent yet.
        reply_to_id: the message that it answers.
        mention_ids: the mentioned members.
        original_language: as the sender says; None to detect it.
        forwarded: None unless it is a forward.
        masked: the text that is stored, if a filter changed it.
    """

    content: str
    message_type: str = "text"
    location: dict[str, Any] | None = None
    attachment_ids: tuple[int, ...] = ()
    reply_to_id: int | None = None
    mention_ids: tuple[int, ...] = ()
    original_language: str | None = None
    forwarded: Forwarded | None = None
    masked: str | None = None

    @property
    def text(self) -> str:
        """The text that is stored."""
        return self.content if self.masked is None else self.masked

    def to_json(self) -> dict[str, Any]:
        """What `of_json` reads; not for forwards."""
        return {name: getattr(self, name) for name in _STORED}

    @classmethod
    def of_json(cls, values: dict[str, Any]) -> MessageBody:
        """Reverse `to_json`."""
        lists = {name: tuple(values[name]) for name in ("attachment_ids", "mention_ids")}
        return cls(**{**values, **lists})

    def check(self) -> None:
        """Raises Invalid unless this may be sent."""
        files: Sequence[int] = self.forwarded.attachment_ids if self.forwarded else self.attachment_ids
        check_content(self.content, self.message_type, self.location, has_files=bool(files))
        if not self.forwarded:
            check_attachment_ids(files, self.message_type)
        if len(self.mention_ids) > MAX_MENTIONS:
            raise Invalid({"mentions": [Reason("too_many", max=MAX_MENTIONS)]})
        if self.original_language is not None and not _LANGUAGE_TAG.fullmatch(self.original_language):
            raise Invalid({"original_language": [Reason("not_a_language")]})

    def fingerprint(self, chat_id: int) -> str:
        """A hash that differs for another message under the same key."""
        if self.forwarded:  # whatever its text is by now
            return forward_fingerprint(chat_id, self.forwarded.source_id)
        files = [self.attachment_ids] if self.attachment_ids else []  # left out: keys stored before files still match
        given = {
            "reply_to": self.reply_to_id,
            "mentions": self.mention_ids or None,
            "language": self.original_language,
        }
        extras = [given] if any(given.values()) else []  # left out in the same way
        return _hash([chat_id, self.content, self.message_type, self.location, *files, *extras])

    def language(self) -> str | None:
        """The language that the sender named, or that is detected; None if unknown."""
        return self.original_language or detect_language(self.content)


_STORED = ("content", "message_type", "location", "attachment_ids", "reply_to_id", "mention_ids", "original_language")


def forward_fingerprint(chat_id: int, source_id: int) -> str:
    """The fingerprint of a copy of a message, which may be deleted since."""
    return _hash([chat_id, {"forwarded": source_id}])


def _hash(parts: list[Any]) -> str:
    return hashlib.blake2b(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()
