"""The three families of events, which `events.types` explains, and whose sockets receive an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose sockets receive an event: those of some people, or of all members of a chat.

    Attributes:
        chat_id: of a chat of more than two members. A chat of two is addressed by its people: a worker that subscribed
            to the chats of its users instead would subscribe to all their chats.
        all_workers: whether it is for the workers themselves, not for sockets.
    """

    people: tuple[int, ...] = ()
    chat_id: int | None = None
    all_workers: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events.

    Attributes:
        recipients: ids of the users whose sockets receive it. For an event of a chat, none means all its members.
    """

    kind: ClassVar[str]

    recipients: tuple[int, ...]

    @property
    def audience(self) -> Audience:
        """Whose sockets receive it."""
        return Audience(people=self.recipients)

    def reaches(self, user_id: int) -> bool:
        """Whether a user of the audience receives it."""
        return True

    @property
    def author_id(self) -> int | None:
        """Its author: in a larger chat, members who block this user do not see it. None if all members see it."""
        return None

    @property
    def relisted_chats(self) -> tuple[int, ...]:
        """Ids of the chats that look different in the lists of the recipients."""
        return ()

    def recounted_among(self, user_ids: Sequence[int]) -> Sequence[int]:
        """Those of these recipients whose number of unread messages may have changed."""
        return ()

    def notices(self) -> Sequence[Notice]:
        """What each worker delivers to its sockets after this event."""
        return ()


@dataclass(frozen=True, slots=True)
class ChatChanged(Event):
    """Base of events that increment a chat's `version`. The hub delivers them in that order, each once.

    Attributes:
        hidden_from: ids of the users who have hidden the message from themselves: they receive the version alone.
    """

    chat_id: int
    version: int
    hidden_from: tuple[int, ...] = field(default=(), kw_only=True)

    @property
    def audience(self) -> Audience:
        """The recipients, or the members of the chat."""
        return _audience_of_chat(self.recipients, self.chat_id)

    @property
    def relisted_chats(self) -> tuple[int, ...]:
        """The chat; none if it is a larger one, whose entry would be read once for every member."""
        return (self.chat_id,) if self.recipients else ()

    @property
    def subject_id(self) -> int | None:
        """Id of the message that it is about: members who joined later do not see it. None if all members see it."""
        message = getattr(self, "message", None)
        subject_id: int | None = getattr(self, "message_id", None) if message is None else message.id
        return subject_id


@dataclass(frozen=True, slots=True)
class Signal(Event):
    """Base of events that no version orders: delivered as they arrive, and not again after a loss."""


@dataclass(frozen=True, slots=True)
class ChatSignal(Signal):
    """Base of signals in a chat.

    Attributes:
        version: of the chat at that time, which the signal does not change. The hub delivers the version that was last
            delivered instead, because any other would look like a gap or a reversal.
    """

    chat_id: int
    version: int

    @property
    def audience(self) -> Audience:
        """The recipients, or the members of the chat."""
        return _audience_of_chat(self.recipients, self.chat_id)


@dataclass(frozen=True, slots=True)
class Notice(Event):
    """Base of events that never leave their worker: the bus delivers them to its own sockets only."""


@dataclass(frozen=True, slots=True)
class ChatAdvanced(Notice):
    """Changes of a chat that the recipients do not see: a chat's version moves on for them, too.

    Attributes:
        from_version, version: the first and the last of these changes, between which are no others.
    """

    kind = "chat_advanced"

    chat_id: int
    from_version: int
    version: int


def _audience_of_chat(recipients: tuple[int, ...], chat_id: int) -> Audience:
    return Audience(people=recipients) if recipients else Audience(chat_id=chat_id)
