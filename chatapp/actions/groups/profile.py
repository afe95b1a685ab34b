"""The title and the picture of a group."""

from __future__ import annotations

from typing import Any

from chatapp.actions import system_messages
from chatapp.actions.groups.rules import MANAGERS, access_group, check_role, clean_title
from chatapp.auth.actor import Actor
from chatapp.errors import Invalid, Reason
from chatapp.events.snapshots import SystemNote
from chatapp.infra.postgres import db
from chatapp.models import Chat
from chatapp.transaction import UnitOfWork, unit_of_work

UNCHANGED: Any = object()  # None is a value: no picture


def change_profile(
    actor: Actor, chat_id: int, *, title: str = UNCHANGED, picture_attachment_id: int | None = UNCHANGED
) -> None:
    """Change the title or the picture of a group, or both.

    Parameters:
        title: as the client sent it.
        picture_attachment_id: an image that the actor uploaded and has not sent yet; None for no picture.

    Raises:
        NotFound: `chat_not_found`.
        Forbidden: `role_too_low`.
        Invalid: the title is empty or too long; `attachment_not_found`, or it is no image.
    """
    if title is not UNCHANGED:
        title = clean_title(title)
    with unit_of_work() as work:
        membership = access_group(actor, chat_id, lock=True)
        check_role(membership, *MANAGERS)
        chat = membership.chat
        if title is not UNCHANGED and title != chat.title:
            _update(chat, title=title)
            system_messages.write(work, chat, actor, SystemNote("title_changed", title=title))
        if picture_attachment_id is not UNCHANGED and picture_attachment_id != chat.picture_id:
            _change_picture(work, chat, actor, picture_attachment_id)


def _change_picture(work: UnitOfWork, chat: Chat, actor: Actor, picture_id: int | None) -> None:
    """The picture belongs to the system message: it is deleted with it, and with the chat."""
    if picture_id is not None:
        _check_picture(actor, picture_id)
    _update(chat, picture_id=picture_id)
    pictures = [] if picture_id is None else [picture_id]
    system_messages.write(work, chat, actor, SystemNote("picture_changed"), attachment_ids=pictures)


def _check_picture(actor: Actor, attachment_id: int) -> None:
    """Lock an attachment until the transaction ends; raises Invalid unless it can be the picture of a group."""
    row = db.execute_sql(
        "SELECT file_type FROM attachments WHERE id = %s AND uploader_id = %s AND message_id IS NULL"
        " AND state = 'ready' AND expires_at > now() FOR UPDATE",
        (attachment_id, actor.id),
    ).fetchone()
    if row is None:
        raise Invalid({"picture_attachment_id": [Reason("not_yours_or_sent")]}, "attachment_not_found")
    if row[0] != "image":
        raise Invalid({"picture_attachment_id": [Reason("not_for_file_type", file_type=row[0])]})


def _update(chat: Chat, **columns: Any) -> None:
    Chat.update(**columns).where(Chat.id == chat.id).execute()
