"""Renders what few messages have, in the social dialect: lists are always there, other fields only with a value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chatapp.edge.i18n.catalogue import DELETED
from chatapp.events.snapshots import (
    LinkPreview,
    MessageExtras,
    MessageSnapshot,
    Origin,
    Person,
    Quote,
    Reaction,
    SystemNote,
)
from chatapp.ids.public import encode_message

_NOTHING = MessageExtras()


def extras(sent: MessageSnapshot) -> dict[str, Any]:
    """The fields of a message that few messages use."""
    found = sent.extras or _NOTHING
    shown: dict[str, Any] = {
        "reactions": reactions(found.reactions),
        "mentions": [person.username for person in found.mentions],
    }
    if found.reply_to is not None:
        shown["replyTo"] = _quote(found.reply_to)
    if found.forwarded_from is not None:
        shown["forwardedFrom"] = _origin(found.forwarded_from)
    if found.link_preview is not None:
        shown["linkPreview"] = _link_preview(found.link_preview)
    if found.system is not None:
        shown["system"] = system(found.system)
    return shown


def system(note: SystemNote) -> dict[str, Any]:
    """What a system message says; without the fields that its event does not have."""
    values: dict[str, Any] = {"title": note.title, "role": note.role, "memberCount": note.member_count}
    if note.users:
        values |= {"users": [_user(user) for user in note.users], "count": note.count}
    return {"event": note.event, **{name: value for name, value in values.items() if value is not None}}


def _user(user: Person) -> dict[str, Any]:
    shown = {"id": user.uuid, "username": user.username, "displayName": user.display_name}
    return {**shown, "avatar": user.picture_url or ""}


def reactions(kinds: Iterable[Reaction]) -> list[dict[str, Any]]:
    """Reactions by kind. `mine` is left out where several people see them."""
    return [
        {
            "emoji": kind.emoji,
            "count": kind.count,
            "userIds": list(kind.user_uuids),
            **({} if kind.is_mine is None else {"mine": kind.is_mine}),
        }
        for kind in kinds
    ]


def _quote(quote: Quote) -> dict[str, Any]:
    return {
        "id": encode_message(quote.id),
        "senderId": quote.sender_uuid,
        "content": DELETED if quote.is_deleted else quote.content,
        "messageType": quote.message_type,
        "isDeleted": quote.is_deleted,
    }


def _origin(origin: Origin) -> dict[str, Any]:
    return {
        "messageId": encode_message(origin.message_id),
        "senderId": origin.sender.uuid,
        "senderName": origin.sender.display_name,
        "createdAt": origin.sent_at,
    }


def _link_preview(preview: LinkPreview) -> dict[str, Any]:
    shown = {
        "url": preview.url,
        "title": preview.title,
        "description": preview.description,
        "siteName": preview.site_name,
    }
    return shown if preview.image_url is None else {**shown, "imageUrl": preview.image_url}
