"""Events about sent messages: reactions and pins, and each user's own stars and hidden messages."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from chatapp.events.families import Audience, ChatAdvanced, ChatChanged, Notice, Signal
from chatapp.events.snapshots import Reaction


@dataclass(frozen=True, slots=True)
class ReactionChanged(ChatChanged):
    """A user reacted to a message, or took a reaction back.

    Attributes:
        sender_id: of the message. Who blocks the sender in a larger chat does not see the message, nor its reactions.
        reactions: those that the message has now.
    """

    kind = "reaction_changed"

    message_id: int
    sender_id: int
    user_id: int
    emoji: str
    is_added: bool
    reactions: tuple[Reaction, ...]
    user_uuid: str = ""

    @property
    def author_id(self) -> int:
        """The sender of the message."""
        return self.sender_id


@dataclass(frozen=True, slots=True)
class ReactionsGathered(Notice):
    """Consecutive reactions of a larger chat, gathered so that a socket gets at most one frame a second.

    Attributes:
        from_version, version: the first and the last version that they stand for. Some may be of reactions that the
            recipients do not see.
        changes: at least one.
    """

    kind = "reactions_gathered"

    chat_id: int
    from_version: int
    version: int
    changes: tuple[ReactionChanged, ...]

    @property
    def audience(self) -> Audience:
        """The members of the chat."""
        return Audience(chat_id=self.chat_id)

    def by_message(self) -> dict[int, list[ReactionChanged]]:
        """The changes by the id of their message; the last of each has the current reactions."""
        found: dict[int, list[ReactionChanged]] = {}
        for change in self.changes:
            found.setdefault(change.message_id, []).append(change)
        return found

    def without(self, message_ids: Set[int]) -> ReactionsGathered | ChatAdvanced:
        """The same for users who do not see these messages."""
        seen = tuple(change for change in self.changes if change.message_id not in message_ids)
        if not seen:
            return ChatAdvanced((), self.chat_id, self.from_version, self.version)
        return replace(self, changes=seen)


@dataclass(frozen=True, slots=True)
class MessagePinned(ChatChanged):
    """A message was pinned in its chat, for all members, or unpinned.

    Attributes:
        sender_id: of the message.
        pinned_by: who did it.
        changed_at: when.
    """

    kind = "message_pinned"

    message_id: int
    sender_id: int
    pinned_by: int
    changed_at: str
    is_pinned: bool
    pinned_by_uuid: str = ""

    @property
    def author_id(self) -> int:
        """The sender of the message."""
        return self.sender_id


@dataclass(frozen=True, slots=True)
class MessageStarred(Signal):
    """A user starred a message, or took the star away. Sent only to the user's own devices.

    Attributes:
        changed_at: rises with each change of this mark: an older event changes nothing.
    """

    kind = "message_starred"

    chat_id: int
    message_id: int
    is_starred: bool
    changed_at: str


@dataclass(frozen=True, slots=True)
class MessageHidden(Signal):
    """A user deleted a message for oneself. Sent only to the user's own devices.

    Attributes:
        seq: of the message: it counts as read.
    """

    kind = "message_hidden"

    chat_id: int
    message_id: int
    seq: int

    @property
    def relisted_chats(self) -> tuple[int, ...]:
        """The chat: its newest message, or its unread ones."""
        return (self.chat_id,)

    def recounted_among(self, user_ids: Sequence[int]) -> Sequence[int]:
        """The user."""
        return user_ids
