"""JSON-ready snapshots of users, messages and files, as events carry them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


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
class MessageSnapshot:
    """A message at the time of its event.

    Attributes:
        version: version of the chat at the last change of the message.
        counterpart: the other member of a chat of two; None in a larger chat.
        attachments: in display order, without those that wait for a virus scan.
        sent_version: version of the chat when the message was sent.
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
    # The release before reads this name, from the bus and from the outbox. To be removed with the next release.
    receiver: Person | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "receiver", self.counterpart)

    @property
    def is_read(self) -> bool:
        """Whether it is read: not when it is sent. Reading moves a pointer per member; `ViewedMessage` lays it over."""
        return False


@dataclass(frozen=True, slots=True)
class ViewedMessage(MessageSnapshot):
    """A stored message as one member sees it, or as far as all members may.

    Attributes:
        is_read: by the viewer, or by the counterpart if the viewer sent it.
    """

    is_read: bool = False
