"""What people, messages and files were at a moment: JSON-ready, so that events can carry them anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Person:
    """A person as chat partners see them."""

    id: int
    uuid: str
    username: str
    name: str
    picture_url: str | None


@dataclass(frozen=True, slots=True)
class AttachmentSnapshot:
    """A file of a message, or one that its uploader may still attach to one.

    Attributes:
        message_id: None until it is attached.
        file_type: `image`, `video`, `audio` or `document`.
        file_name: safe to show and to save.
        file_size: bytes.
        object_name: where its bytes are in the bucket; not for clients.
        thumbnail_name: a WebP there, of pictures and videos.
        metadata: what inspection found (`files.inspected`), and `scanned`, `voice`.
        state: `ready`; to its uploader also `awaiting` or `quarantined`.
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
    """A message as it stood when its event happened.

    Attributes:
        version: of the chat, at the message's last change.
        receiver: the other member of a chat of two.
        attachments: in their order; those that wait for a scanner are left out.
        sent_version: of the chat, when the message was sent.
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
