"""A message that waits to be stored."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from chatapp.actions.chats import Target
from chatapp.actions.message_body import Forwarded


@dataclass(slots=True)
class Draft:
    """A message to be stored.

    Attributes:
        key: identifies the write in `client_keys`; never empty.
        idempotency_key: the same, if the sender chose it; stored with the message.
        fingerprint: distinguishes it from other messages under the same key.
        origin: id of the socket that it was sent over.
        target: all that the sender named; it must match the chat.
        original_language: of the text; None if unknown.
        reply_to_id, mention_ids, forwarded: as in `message_body.MessageBody`.
        drafted_at: seconds of the monotonic clock.
    """

    sender_id: int
    chat_id: int
    content: str
    message_type: str
    location: dict[str, Any] | None
    key: str
    idempotency_key: str | None
    fingerprint: str
    has_links: bool
    origin: str | None
    target: Target
    attachment_ids: tuple[int, ...] = ()
    original_language: str | None = None
    reply_to_id: int | None = None
    mention_ids: tuple[int, ...] = ()
    forwarded: Forwarded | None = None
    drafted_at: float = field(default_factory=time.monotonic)

    def age(self) -> float:
        """Seconds since it was drafted."""
        return time.monotonic() - self.drafted_at

    @property
    def has_references(self) -> bool:
        """Whether it refers to other messages or to members."""
        return self.reply_to_id is not None or bool(self.mention_ids) or self.forwarded is not None
