"""JSON-ready snapshots of users, messages and files, as events carry them."""

from __future__ import annotations

from dataclasses import dataclass
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
        receiver: the member who did not send it.
        attachments: in display order, without those that wait for a virus scan.
        sent_version: version of the chat when the message was sent.
    """

    id: int
    chat_id: int
    seq: int
    version: int
    sender: Person
    receiver: Person
    message_type: str
    content: str
    location: dict[str, Any] | None
    client_key: str | None
    created_at: str
    updated_at: str
    is_read: bool = False
    is_deleted: bool = False
    is_edited: bool = False
    attachments_count: int = 0
    sent_version: int = 0
    attachments: tuple[AttachmentSnapshot, ...] = ()
