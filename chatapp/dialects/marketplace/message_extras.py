"""Renders what few messages have, for every message of the marketplace dialect: null or empty where it has none."""

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

_NOTHING = MessageExtras()


def extras(sent: MessageSnapshot) -> dict[str, Any]:
    """The fields of a message that few messages use."""
    found = sent.extras or _NOTHING
    return {
        "reactions": reactions(found.reactions),
        "reply_to": None if found.reply_to is None else _quote(found.reply_to),
        "mentions": [person.id for person in found.mentions],
        "forwarded_from": None if found.forwarded_from is None else _origin(found.forwarded_from),
        "link_preview": None if found.link_preview is None else _link_preview(found.link_preview),
        "system": None if found.system is None else system(found.system),
    }


def system(note: SystemNote) -> dict[str, Any]:
    """What a system message says; without the fields that its event does not have."""
    values: dict[str, Any] = {"title": note.title, "role": note.role, "member_count": note.member_count}
    if note.users:
        users = [
            {"id": user.id, "name": user.display_name, "picture_url": user.picture_url or ""} for user in note.users
        ]
        values |= {"users": users, "count": note.count}
    return {"event": note.event, **{name: value for name, value in values.items() if value is not None}}


def _user(user: Person) -> dict[str, Any]:
    return {"id": user.id, "name": user.display_name, "picture_url": user.picture_url or ""}


def reactions(kinds: Iterable[Reaction]) -> list[dict[str, Any]]:
    """Reactions by kind. `mine` is null where several people see them."""
    return [
        {"emoji": kind.emoji, "count": kind.count, "user_ids": list(kind.user_ids), "mine": kind.is_mine}
        for kind in kinds
    ]


def _quote(quote: Quote) -> dict[str, Any]:
    return {
        "id": quote.id,
        "sender_id": quote.sender_id,
        "content": DELETED if quote.is_deleted else quote.content,
        "message_type": quote.message_type,
        "is_deleted": quote.is_deleted,
    }


def _origin(origin: Origin) -> dict[str, Any]:
    return {
        "message_id": origin.message_id,
        "sender_id": origin.sender.id,
        "sender_name": origin.sender.display_name,
        "created_at": origin.sent_at,
    }


def _link_preview(preview: LinkPreview) -> dict[str, Any]:
    return {
        "url": preview.url,
        "title": preview.title,
        "description": preview.description,
        "site_name": preview.site_name,
        "image_url": preview.image_url,
    }
