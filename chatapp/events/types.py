"""Events: facts in the past tense. Each carries a snapshot and its recipients, so that delivery needs no query.

There are three families. `ChatChanged`: changes that a chat's version orders and its log keeps. `Signal`: what matters
only now, such as typing and reading; a client that misses one sees the current state anyway. `Notice`: what a worker
makes for its own sockets, and never leaves it.

An event is serialised as the fields of its dataclass (`encoding`); each dialect renders it as frames. Timestamps in
snapshots are RFC 3339 texts, because no consumer computes with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from chatapp.events.families import Audience as Audience
from chatapp.events.families import ChatAdvanced as ChatAdvanced
from chatapp.events.families import ChatChanged as ChatChanged
from chatapp.events.families import ChatSignal as ChatSignal
from chatapp.events.families import Event as Event
from chatapp.events.families import Notice as Notice
from chatapp.events.families import Signal as Signal
from chatapp.events.snapshots import ChatSettings, MessageSnapshot


@dataclass(frozen=True, slots=True)
class MessageChanged(ChatChanged):
    """Base of changes that carry the message."""

    message: MessageSnapshot

    @property
    def author_id(self) -> int:
        """The sender."""
        return self.message.sender.id

    @property
    def quoted_id(self) -> int | None:
        """The author of the message that it answers: in a larger chat, members who block this user see no quote."""
        return None if self.message.quote is None else self.message.quote.sender_id

    def without_quote(self) -> Self:
        """The event as members see it who block the author of the quoted message."""
        return replace(self, message=self.message.with_quote(None))


@dataclass(frozen=True, slots=True)
class MessageSent(MessageChanged):
    """A message was stored. It implies that its sender has read everything before it."""

    kind = "message_sent"

    origin: str | None = None  # id of the socket that sent it, None for REST

    @property
    def former_members(self) -> tuple[int, ...]:
        """Ids of the users who are members no more, if it is a system message that says so."""
        note = self.message.system
        if note is None or note.event not in ("left", "member_removed"):
            return ()
        return tuple(user.id for user in note.users) or (self.message.sender.id,)

    def recounted_among(self, user_ids: Sequence[int]) -> Sequence[int]:
        """All of them: one unread message more, or none for the sender."""
        return user_ids


@dataclass(frozen=True, slots=True)
class MessageEdited(MessageChanged):
    """The sender edited the text of a message."""

    kind = "message_edited"


@dataclass(frozen=True, slots=True)
class MessageDeleted(ChatChanged):
    """The sender deleted a message. Its text is erased; its `seq` remains."""

    kind = "message_deleted"

    message_id: int
    deleted_by: int
    deleted_at: str
    deleted_by_uuid: str = ""

    @property
    def author_id(self) -> int:
        """The sender: no one else deletes a message."""
        return self.deleted_by


@dataclass(frozen=True, slots=True)
class AttachmentsUpdated(MessageChanged):
    """Files were added to a message or removed; `message.attachments` are the current ones.

    Attributes:
        are_added: False if files were only removed; True for events read from Postgres.
    """

    kind = "attachments_updated"

    are_added: bool = True

    @property
    def message_id(self) -> int:
        """Id of the message."""
        return self.message.id

    def notices(self) -> Sequence[Notice]:
        """The message again, if it got files."""
        if not self.are_added:
            return ()
        return (MessageRepeated(self.recipients, self.chat_id, self.version, self.message),)


@dataclass(frozen=True, slots=True)
class LinkPreviewUpdated(MessageChanged):
    """A message got a preview of its first link. Its text is the same."""

    kind = "link_preview_updated"


@dataclass(frozen=True, slots=True)
class MessageRepeated(Notice):
    """A message got files, for clients that know no frame for changed files and receive the message again.

    Follows `AttachmentsUpdated` with the same version.
    """

    kind = "message_repeated"

    chat_id: int
    version: int
    message: MessageSnapshot


@dataclass(frozen=True, slots=True)
class ChatDeleted(ChatChanged):
    """A member deleted the chat. No event of this chat follows.

    Attributes:
        members: ids of all members of a larger chat, which are stored nowhere else any more.
    """

    kind = "chat_deleted"

    deleted_by: int
    deleted_by_uuid: str = ""
    members: tuple[int, ...] = ()

    @property
    def relisted_chats(self) -> tuple[int, ...]:
        """None: this event itself removes the chat from lists."""
        return ()

    def recounted_among(self, user_ids: Sequence[int]) -> Sequence[int]:
        """All of them: what was unread in the chat is gone."""
        return user_ids


@dataclass(frozen=True, slots=True)
class ChatJoined(Signal):
    """Users became members of a group. Sent only to them: no other channel reaches them yet.

    Attributes:
        version: of the chat, by the system message that says so: the first one that they see.
    """

    kind = "chat_joined"

    chat_id: int
    version: int


@dataclass(frozen=True, slots=True)
class ChatLeft(Signal):
    """A user left a group, or was removed. Sent only to this user, who receives nothing of the chat any more.

    Attributes:
        version: of the chat, by the system message that says so, which this user does not see.
        removed_by: id of the member who removed the user; None if the user left.
    """

    kind = "chat_left"

    chat_id: int
    version: int
    removed_by: int | None = None
    removed_by_uuid: str = ""

    def recounted_among(self, user_ids: Sequence[int]) -> Sequence[int]:
        """The user: what was unread in the chat does not count any more."""
        return user_ids


@dataclass(frozen=True, slots=True)
class ChatRead(ChatSignal):
    """A user read a chat up to a message."""

    kind = "chat_read"

    reader_id: int
    message_id: int
    up_to_seq: int
    read_at: str
    reader_uuid: str = ""

    @property
    def author_id(self) -> int:
        """The reader."""
        return self.reader_id

    @property
    def relisted_chats(self) -> tuple[int, ...]:
        """The chat: its unread messages, or the receipt of its last message."""
        return (self.chat_id,)

    def recounted_among(self, user_ids: Sequence[int]) -> Sequence[int]:
        """The reader."""
        return [user_id for user_id in user_ids if user_id == self.reader_id]


@dataclass(frozen=True, slots=True)
class TypingChanged(ChatSignal):
    """A user started or stopped typing. Never stored.

    Attributes:
        is_in_session: whether the chat is a session of the assistant.
    """

    kind = "typing_changed"

    user_id: int
    is_typing: bool
    user_uuid: str = ""
    is_in_session: bool = False

    @property
    def author_id(self) -> int:
        """The user who types."""
        return self.user_id

    def reaches(self, user_id: int) -> bool:
        """Everyone but the user who types."""
        return user_id != self.user_id


@dataclass(frozen=True, slots=True)
class PresenceChanged(Signal):
    """A user went online or offline. Never stored."""

    kind = "presence_changed"

    user_id: int
    is_online: bool
    last_seen: str | None
    user_uuid: str = ""


@dataclass(frozen=True, slots=True)
class PrivacyChanged(Signal):
    """A user hid presence, or showed it again. Sent only to the user's own devices."""

    kind = "privacy_changed"

    hide_last_seen: bool


@dataclass(frozen=True, slots=True)
class BlockChanged(Signal):
    """A user blocked or unblocked another. Sent only to the devices of the former.

    Attributes:
        chat_ids: all chats between the two.
        larger_chat_ids: the larger chats of both, where messages of the blocked user are hidden, or not any more.
    """

    kind = "block_changed"

    blocked_id: int
    is_blocked: bool
    chat_ids: tuple[int, ...]
    larger_chat_ids: tuple[int, ...] = ()

    @property
    def relisted_chats(self) -> tuple[int, ...]:
        """All chats between the two."""
        return self.chat_ids

    def recounted_among(self, user_ids: Sequence[int]) -> Sequence[int]:
        """The user who blocks, if some messages count no more, or count again."""
        return user_ids if self.larger_chat_ids else ()


@dataclass(frozen=True, slots=True)
class ChatSettingsChanged(Signal):
    """A user changed their own settings of a chat, or their draft in it. Sent only to their devices.

    Attributes:
        settings: None if only the draft changed: the outbox does not keep drafts, and lists read the current one.
    """

    kind = "chat_settings_changed"

    chat_id: int
    settings: ChatSettings | None = None

    @property
    def relisted_chats(self) -> tuple[int, ...]:
        """The chat."""
        return (self.chat_id,)


@dataclass(frozen=True, slots=True)
class DraftUpdated(Signal):
    """A user changed their draft in a chat. Sent only to their devices, and never stored.

    Attributes:
        content: empty if there is no draft any more.
        seq: the draft is void once its user has sent a message with a larger `seq`.
        settings_version: as in `ChatSettings`.
    """

    kind = "draft_updated"

    chat_id: int
    content: str
    seq: int
    settings_version: int
    updated_at: str


@dataclass(frozen=True, slots=True)
class UnreadCounted(Notice):
    """A user's unread messages over all chats were counted."""

    kind = "unread_counted"

    count: int


@dataclass(frozen=True, slots=True)
class AccessRevoked(Signal):
    """A log-out, ban or erasure: closes the user's sockets. `family_id` limits it to one log-in."""

    kind = "access_revoked"

    family_id: str | None


@dataclass(frozen=True, slots=True)
class ConnectionReplaced(Signal):
    """A user opened more sockets than allowed: closes the oldest."""

    kind = "connection_replaced"

    connection_id: str
