"""Events of moderation: warnings, changed filters and bans, and what only its author sees."""

from __future__ import annotations

from dataclasses import dataclass

from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import Audience, ChatSignal, MessageSent, Signal


@dataclass(frozen=True, slots=True)
class WarningChanged(Signal):
    """Moderators warned a user, or the user acknowledged it. Sent only to the devices of the user.

    Attributes:
        reason: for the user.
        acknowledged_at: None until then.
    """

    kind = "warning_changed"

    id: int
    uuid: str
    message_id: int | None
    reason: str
    created_at: str
    acknowledged_at: str | None = None


@dataclass(frozen=True, slots=True)
class ModerationChanged(Signal):
    """The filters or the shadow bans changed: every worker reads them again. No client receives it."""

    kind = "moderation_changed"

    @property
    def audience(self) -> Audience:
        """All workers."""
        return Audience(all_workers=True)


@dataclass(frozen=True, slots=True)
class ShadowMessageSent(ChatSignal):
    """A shadow-banned user sent a message. Only their own devices receive it, and show it as any other."""

    kind = "shadow_message_sent"

    message: MessageSnapshot
    origin: str | None = None  # id of the socket that sent it, None for REST

    @property
    def relisted_chats(self) -> tuple[int, ...]:
        """The chat."""
        return (self.chat_id,)


SentMessage = MessageSent | ShadowMessageSent
"""A message that the socket of its sender waits for."""


@dataclass(frozen=True, slots=True)
class ShadowMessageEdited(ChatSignal):
    """A shadow-banned user edited a message. Only their own devices receive it."""

    kind = "shadow_message_edited"

    message: MessageSnapshot

    @property
    def relisted_chats(self) -> tuple[int, ...]:
        """The chat."""
        return (self.chat_id,)


@dataclass(frozen=True, slots=True)
class ShadowMessageDeleted(Signal):
    """A message was deleted that only its sender sees. Only the sender's devices receive it.

    Attributes:
        version: at least that of the message.
    """

    kind = "shadow_message_deleted"

    chat_id: int
    version: int
    message_id: int
    deleted_by: int
    deleted_at: str
    deleted_by_uuid: str = ""

    @property
    def relisted_chats(self) -> tuple[int, ...]:
        """The chat."""
        return (self.chat_id,)
