"""Previews of the first link of a message. They arrive after it, and are no edit."""

from __future__ import annotations

from dataclasses import asdict

from chatapp.actions.attachments.attaching import lock_chat
from chatapp.actions.chat_log import Change, record
from chatapp.events.snapshots import LinkPreview
from chatapp.infra.postgres import database_connection
from chatapp.models import Message
from chatapp.models.messages import RETENTION_CLASSES
from chatapp.text.links import find_links, has_links
from chatapp.transaction import unit_of_work

KIND = "link_preview"


def previewed_url(content: str) -> str | None:
    """The link of a text that a preview is of: the first one. None if there is no link."""
    return find_links(content)[0].url if has_links(content) else None


def attach(message_id: int, preview: LinkPreview) -> bool:
    """Add a preview to a message as the next version of its chat; returns whether it was.

    It is not if the message was deleted, or edited to another link, since the page was fetched; if it has the same
    preview already; or if one of the two members blocks the other.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        message = _message(message_id)
    if message is None:
        return False
    with unit_of_work() as work:
        chat = lock_chat(message.chat_id)
        message = _message(message_id)
        if chat is None or chat.has_block or message is None or message.sender_id is None:
            return False
        is_current = message.deleted_at is None and previewed_url(message.content) == preview.url
        if not is_current or message.link_preview == asdict(preview):
            return False
        record(work, chat, Change(KIND, message_id, message.sender_id, {"link_preview": asdict(preview)}))
        return True


def _message(message_id: int) -> Message | None:
    is_it = Message.retention.in_(RETENTION_CLASSES) & (Message.id == message_id)
    found: Message | None = Message.select().where(is_it).first()
    return found
