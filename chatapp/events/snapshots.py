"""JSON-ready snapshots of users, messages and files, as events carry them."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Person:
    """A user as their chat partners see them."""

    id: int
    uuid: str
    username: str
    name: str
    picture_url: str | None

    @property
    def display_name(self) -> str:
        """The name, or the username of a user without one."""
        return self.name or self.username


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """A member's own settings of a chat.

    Attributes:
        version: incremented by each change of the settings or the draft: the larger one is the current one.
        seq: the last `seq` of the chat at that time. A message with a larger one ends the archive and the snooze.
        is_muted: at that time.
        muted_until: None if the chat is not muted, or until it is unmuted.
        snoozed_until: None if the chat is not snoozed.
    """

    version: int
    seq: int
    is_archived: bool
    is_muted: bool
    muted_until: str | None
    is_pinned: bool
    snoozed_until: str | None
    is_marked_unread: bool


@dataclass(frozen=True, slots=True)
class AttachmentSnapshot:
    """A file of a message, or an uploaded file that is not sent yet.

    Attributes:
        message_id: None until it is sent.
        file_type: `image`, `video`, `audio` or `document`.
        file_name: safe to display and to save.
        file_size: bytes.
        object_name: key of its bytes in the bucket; not for clients.
        thumbnail_name: key of a WebP in the bucket, for pictures and videos.
        metadata: results of the inspection (`files.inspected`), and `scanned`, `voice`.
        state: `ready`; for its uploader also `awaiting` or `quarantined`.
    """

    id: int
    message_id: int | None
    chat_id: int | None
    uploader_id: int
    file_type: str
    file_name: str
    file_size: int
    content_type: str
    object_name: str
    thumbnail_name: str | None
    metadata: dict[str, Any]
    state: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Reaction:
    """The users who reacted to a message with one emoji.

    Attributes:
        count: their number.
        user_ids, user_uuids: of the first ten, in the order of their reactions.
        is_mine: whether the viewer is one of them; None where there are several viewers.
    """

    emoji: str
    count: int
    user_ids: tuple[int, ...]
    user_uuids: tuple[str, ...]
    is_mine: bool | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """The beginning of a message, as an answer to it shows it.

    Attributes:
        content: at most 500 characters; empty if the message was deleted.
    """

    id: int
    sender_id: int
    sender_uuid: str
    message_type: str
    content: str
    is_deleted: bool = False

    def emptied(self) -> Quote:
        """The quote after its message was deleted."""
        return replace(self, content="", is_deleted=True)


@dataclass(frozen=True, slots=True)
class Origin:
    """The message that a forwarded one was first written as.

    Attributes:
        sent_at: when it was written.
    """

    message_id: int
    sender: Person
    sent_at: str


@dataclass(frozen=True, slots=True)
class LinkPreview:
    """What the page says about itself that a message links to.

    Attributes:
        url: the link as the text has it (`text.links`).
        title, description, site_name: plain text in one line; description may be empty.
        image_url: of a picture on the public Web.
    """

    url: str
    title: str
    description: str
    site_name: str
    image_url: str | None


@dataclass(frozen=True, slots=True)
class SystemNote:
    """What a system message says about its group. Its sender is the user who did it.

    Attributes:
        event: `created`, `member_added`, `member_removed`, `left`, `role_changed`, `title_changed`, `picture_changed`.
        users: the users it concerns, the first few of them; not the sender.
        count: how many it concerns.
        member_count: members of the group afterwards, if the event changed their number.
        title: the new title.
        role: the new role.
    """

    event: str
    users: tuple[Person, ...] = ()
    count: int = 0
    member_count: int | None = None
    title: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class SessionNote:
    """Of a message in a session of the assistant.

    Attributes:
        role: `user` for the visitor, `assistant` or `human`.
        status: of an answer: `complete`, `stopped`, `interrupted` or `failed`.
        answer_id: of an answer, the id under which its pieces were sent.
        parts: of an answer: its text, items and choices, JSON-ready.
        retry_after: seconds after which the visitor may ask again, if the assistant was busy.
    """

    role: str
    status: str | None = None
    answer_id: str | None = None
    parts: tuple[dict[str, Any], ...] = ()
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class MessageExtras:
    """What few messages have. Together in one object, so that an event of a usual message carries one null for it.

    Attributes:
        reply_to: the message that this one answers.
        mentions: the mentioned members.
        forwarded_from: the first message of a chain of forwards.
        link_preview: of its first link.
        system: what a system message says.
        reactions: by kind, in the order of the first of each.
        session: of a message in a session.
    """

    reply_to: Quote | None = None
    mentions: tuple[Person, ...] = ()
    forwarded_from: Origin | None = None
    link_preview: LinkPreview | None = None
    system: SystemNote | None = None
    reactions: tuple[Reaction, ...] = ()
    session: SessionNote | None = None

    @property
    def people(self) -> tuple[Person, ...]:
        """The people whose profiles it shows."""
        origin = () if self.forwarded_from is None else (self.forwarded_from.sender,)
        return (*self.mentions, *origin, *(() if self.system is None else self.system.users))

    def with_people(self, people: Mapping[int, Person]) -> MessageExtras:
        """The same with other profiles, by the ids of the people; the same object if none is shown."""
        if not any(person.id in people for person in self.people):
            return self
        origin, note = self.forwarded_from, self.system
        return replace(
            self,
            mentions=tuple(people.get(person.id, person) for person in self.mentions),
            forwarded_from=origin and replace(origin, sender=people.get(origin.sender.id, origin.sender)),
            system=note and replace(note, users=tuple(people.get(user.id, user) for user in note.users)),
        )


_NOTHING = MessageExtras()


def extras_or_none(**parts: Any) -> MessageExtras | None:
    """The parts of a message that few have; None for a message that has none of them.

    Parameters:
        parts: fields of `MessageExtras`.
    """
    extras = MessageExtras(**parts)
    return None if extras == _NOTHING else extras


@dataclass(frozen=True, slots=True)
class MessageSnapshot:
    """A message at the time of its event.

    Attributes:
        version: version of the chat at the last change of the message.
        counterpart: the other member of a chat of two; None in a larger chat.
        attachments: in display order, without those that wait for a virus scan.
        sent_version: version of the chat when the message was sent.
        original_language: of the text, as a tag such as `en` or `sr-Latn`; None if unknown.
        extras: what few messages have; None for the others.
        receiver: the counterpart under its former name, only in JSON.
    """

    id: int
    chat_id: int
    seq: int
    version: int
    sender: Person
    counterpart: Person | None
    message_type: str
    content: str
    location: dict[str, Any] | None
    client_key: str | None
    created_at: str
    updated_at: str
    is_deleted: bool = False
    is_edited: bool = False
    attachments_count: int = 0
    sent_version: int = 0
    attachments: tuple[AttachmentSnapshot, ...] = ()
    original_language: str | None = None
    extras: MessageExtras | None = None
    # The release before reads this name, from the bus and from the outbox. To be removed with the next release.
    receiver: Person | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "receiver", self.counterpart)

    @property
    def is_read(self) -> bool:
        """Whether it is read: not when it is sent. Reading moves a pointer per member; `ViewedMessage` lays it over."""
        return False

    @property
    def edited_at(self) -> str | None:
        """When the text was last edited; None if it never was, or was deleted."""
        return self.updated_at if self.is_edited and not self.is_deleted else None

    @property
    def people(self) -> tuple[Person, ...]:
        """The people whose profiles it shows."""
        shown = (self.sender,) if self.counterpart is None else (self.sender, self.counterpart)
        return shown if self.extras is None else (*shown, *self.extras.people)

    def with_people(self, people: Mapping[int, Person]) -> Self:
        """The message with other profiles, by the ids of the people; the same object if they are the same."""
        sender = people.get(self.sender.id, self.sender)
        counterpart = self.counterpart and people.get(self.counterpart.id, self.counterpart)
        extras = self.extras and self.extras.with_people(people)
        if (sender, counterpart, extras) == (self.sender, self.counterpart, self.extras):
            return self
        return replace(self, sender=sender, counterpart=counterpart, extras=extras)

    @property
    def system(self) -> SystemNote | None:
        """What it says as a system message; None for a message of a user."""
        return None if self.extras is None else self.extras.system

    @property
    def session(self) -> SessionNote | None:
        """What it is in a session of the assistant; None in any other chat."""
        return None if self.extras is None else self.extras.session

    @property
    def quote(self) -> Quote | None:
        """The message that this one answers."""
        return None if self.extras is None else self.extras.reply_to

    @property
    def reactions(self) -> tuple[Reaction, ...]:
        """By kind, in the order of the first of each."""
        return () if self.extras is None else self.extras.reactions

    def with_own_reactions(self, own: Set[str]) -> Self:
        """The message as a user sees it whose own reactions are of these kinds."""
        if self.extras is None or not self.extras.reactions:
            return self
        seen = tuple(replace(reaction, is_mine=reaction.emoji in own) for reaction in self.extras.reactions)
        return replace(self, extras=replace(self.extras, reactions=seen))

    def with_quote(self, quote: Quote | None) -> Self:
        """The message with another quote, or without one."""
        extras = replace(self.extras or _NOTHING, reply_to=quote)
        return replace(self, extras=None if extras == _NOTHING else extras)

    def emptied(self) -> Self:
        """The message after its deletion: its position, and nothing of what it was."""
        return replace(
            self,
            content="",
            location=None,
            attachments=(),
            attachments_count=0,
            original_language=None,
            extras=None,
            is_deleted=True,
        )


@dataclass(frozen=True, slots=True)
class ViewedMessage(MessageSnapshot):
    """A stored message as one member sees it, or as far as all members may.

    Attributes:
        is_read: by the viewer, or by the counterpart if the viewer sent it.
    """

    is_read: bool = False
