"""Renders responses, messages, chats and refusals of the marketplace dialect."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import orjson

from chatapp import clock
from chatapp.actions.attachments.direct_uploads import PresignedUpload
from chatapp.actions.drafts import SavedDraft
from chatapp.dialects.marketplace.message_extras import extras, system
from chatapp.edge.http.envelopes import failure_body
from chatapp.edge.http.middleware import MAX_KEY_LENGTH
from chatapp.edge.http.signed_urls import file_link, picture_link, thumbnail_link
from chatapp.edge.i18n.catalogue import DELETED, error_text, reason_texts
from chatapp.edge.i18n.negotiation import preferred
from chatapp.errors import ChatError, Invalid, RateLimited, Unavailable
from chatapp.events.snapshots import AttachmentSnapshot, ChatSettings, MessageSnapshot, Person
from chatapp.events.types import DraftUpdated
from chatapp.queries.blocks import BlockStatus
from chatapp.queries.chat_summaries import ChatSummary, DraftSummary, GroupSummary, ItemSummary
from chatapp.queries.groups import GroupMember
from chatapp.queries.receipts import Receipt
from chatapp.queries.version_ranges import VersionRange
from chatapp.text.casing import camel_case


def failure(error: ChatError, status: int) -> dict[str, Any]:
    """The body of a refusal."""
    return failure_body(error, key=error_code(error.code), message=_text(error), language=preferred())


def error_frame(error: ChatError, frame: dict[str, Any] | None) -> dict[str, Any]:
    """The `error` frame that refuses `frame`, with the key of the message if it had one."""
    refusal: dict[str, Any] = {"type": "error", "error": error_code(error.code), "message": _text(error)}
    if isinstance(error, Invalid):
        refusal["details"] = reason_texts(error, preferred())
    if isinstance(error, (RateLimited, Unavailable)):
        refusal["retry_after"] = error.retry_after
    client_message_id = (frame or {}).get("client_message_id")
    if isinstance(client_message_id, str) and len(client_message_id) <= MAX_KEY_LENGTH:
        refusal["client_message_id"] = client_message_id
    return refusal


def error_code(code: str) -> str:
    """`chat_not_found` as `marketplace.chatNotFound`."""
    return f"marketplace.{camel_case(code)}"


def _text(error: ChatError) -> str:
    return error_text(error, preferred())


def person(who: Person, email: str = "") -> dict[str, Any]:
    """A user as chat partners see them. Absent texts are empty, as clients expect."""
    return {"id": who.id, "name": who.display_name, "email": email, "picture_url": who.picture_url or ""}


def message(sent: MessageSnapshot, *, read_at: dt.datetime | None = None) -> dict[str, Any]:
    """A message. In a chat of more than two it has no receiver."""
    receiver = sent.counterpart
    return {
        "id": sent.id,
        "chat_id": sent.chat_id,
        "seq": sent.seq,
        "version": sent.version,
        "sender_id": sent.sender.id,
        "receiver_id": None if receiver is None else receiver.id,
        "message_type": sent.message_type,
        "content": visible_content(sent),
        "location_data": sent.location,
        "client_message_id": sent.client_key,
        "is_read": sent.is_read,
        "is_edited": sent.is_edited,
        "is_deleted": sent.is_deleted,
        "has_attachments": sent.attachments_count > 0,
        "attachments_count": sent.attachments_count,
        "attachments": [attachment(file) for file in sent.attachments],
        **extras(sent),
        "original_language": sent.original_language,
        "created_at": sent.created_at,
        "updated_at": sent.updated_at,
        "edited_at": sent.edited_at,
        "read_at": clock.rfc3339_or_none(read_at),
        "sender": person(sent.sender),
        "receiver": None if receiver is None else person(receiver),
    }


def hidden(ranges: Sequence[VersionRange]) -> dict[str, Any]:
    """The versions on a page that its reader does not see; absent if there are none."""
    return {"hidden": [each._asdict() for each in ranges]} if ranges else {}


def block_status(status: BlockStatus, *, is_oneself: bool) -> dict[str, bool]:
    """Block status between two users. Users cannot message themselves."""
    return {
        "is_blocked": status.is_blocked,
        "is_blocked_by": status.is_blocked_by,
        "can_send_message": not (status.is_blocked or status.is_blocked_by or is_oneself),
    }


def receipt(found: Receipt) -> dict[str, Any]:
    """How far a message has come with one member."""
    return {
        "user": person(found.person),
        "delivered_at": clock.rfc3339_or_none(found.delivered_at),
        "read_at": clock.rfc3339_or_none(found.read_at),
    }


def attachment(file: AttachmentSnapshot) -> dict[str, Any]:
    """A file."""
    return {
        "id": file.id,
        "message_id": file.message_id or 0,
        "file_type": file.file_type,
        "file_name": file.file_name,
        "file_size": file.file_size,
        "content_type": file.content_type,
        "public_url": file_link(file),
        "thumbnail_url": thumbnail_link(file),
        "metadata": file.metadata,
        "state": file.state,
        "created_at": file.created_at,
    }


def upload_link(presigned: PresignedUpload) -> dict[str, Any]:
    """A link for uploading a file directly."""
    return {
        "id": presigned.id,
        "file_name": presigned.file_name,
        "upload_url": presigned.url,
        "expires_at": presigned.expires_at,
    }


def visible_content(sent: MessageSnapshot) -> str:
    """The text, or the placeholder of a deleted message."""
    return DELETED if sent.is_deleted else sent.content


def message_json(sent: MessageSnapshot) -> orjson.Fragment:
    """A rendered message, cached: it appears twice in one frame, and again in the acknowledgement that follows."""
    cached, rendered = _rendered.get(sent.id, (None, None))
    if cached is sent and rendered is not None:
        return rendered
    if len(_rendered) >= MAX_RENDERED:
        _rendered.clear()
    rendered = orjson.Fragment(orjson.dumps(message(sent)))
    _rendered[sent.id] = (sent, rendered)
    return rendered


MAX_RENDERED = 512  # messages; two commit batches, and at most 20 MB if all have the longest text
_rendered: dict[int, tuple[MessageSnapshot, orjson.Fragment]] = {}


def chat(summary: ChatSummary, *, online: set[str], show_emails: bool) -> dict[str, Any]:
    """A chat in the list of one of its members.

    Parameters:
        online: UUIDs of users who are online.
        show_emails: whether partners' addresses are included; the viewer's own always is.
    """
    about = group(summary, summary.group) if summary.group else _of_two(summary, online, show_emails)
    return {
        "id": summary.id,
        "kind": summary.kind,
        "listing_id": summary.item_id if summary.kind == "listing" else 0,
        "storefront_product_id": summary.item_id if summary.kind == "storefront_product" else 0,
        "last_message_at": clock.rfc3339(summary.active_at),
        "created_at": clock.rfc3339(summary.created_at),
        "updated_at": clock.rfc3339(summary.updated_at),
        "is_archived": summary.is_archived,
        "is_muted": summary.is_muted,
        "muted_until": clock.rfc3339_or_none(summary.mute_ends_at),
        "is_pinned": summary.is_pinned,
        "snoozed_until": clock.rfc3339_or_none(summary.snoozed_until),
        "is_marked_unread": summary.is_marked_unread,
        "settings_version": summary.settings_version,
        "draft": None if summary.draft is None else _listed_draft(summary.draft),
        "unread_count": summary.unread_count,
        "seq": summary.last_seq,
        "version": summary.last_version,
        "last_message": _last_message(summary),
        "item": None if summary.item is None else _item(summary.item),
        **about,
    }


def _of_two(summary: ChatSummary, online: set[str], show_emails: bool) -> dict[str, Any]:
    assert summary.counterpart is not None, "all other chats are groups"
    viewer = person(summary.viewer, summary.viewer_email or "")
    other = person(summary.counterpart, (summary.counterpart_email or "") if show_emails else "")
    buyer, seller = (viewer, other) if summary.role == "buyer" else (other, viewer)
    return {
        "buyer_id": buyer["id"],
        "seller_id": seller["id"],
        "buyer": buyer,
        "seller": seller,
        "other_user": {
            **other,
            "is_online": summary.counterpart.uuid in online,
            "last_seen": clock.rfc3339_or_none(summary.other_last_seen),
        },
    }


def _listed_draft(draft: DraftSummary) -> dict[str, Any]:
    return {"content": draft.content, "is_cut": draft.is_cut, "updated_at": clock.rfc3339(draft.updated_at)}


def draft(saved: SavedDraft | DraftUpdated) -> dict[str, Any]:
    """A draft of the viewer; its content is empty if there is none."""
    return {
        "content": saved.content,
        "seq": saved.seq,
        "settings_version": saved.settings_version,
        "updated_at": saved.updated_at,
    }


def chat_settings(settings: ChatSettings) -> dict[str, Any]:
    """A member's settings of a chat."""
    return {
        "is_archived": settings.is_archived,
        "is_muted": settings.is_muted,
        "muted_until": settings.muted_until,
        "is_pinned": settings.is_pinned,
        "snoozed_until": settings.snoozed_until,
        "is_marked_unread": settings.is_marked_unread,
    }


def group(summary: ChatSummary, shown: GroupSummary) -> dict[str, Any]:
    """What the entry of a group has instead of the two members of other chats."""
    return {
        "title": shown.title,
        "picture_url": picture_link(shown.picture_name),
        "member_count": shown.member_count,
        "role": summary.role,
    }


def group_member(member: GroupMember) -> dict[str, Any]:
    """A member of a group."""
    return {**person(member.person), "role": member.role}


def _last_message(summary: ChatSummary) -> dict[str, Any] | None:
    if not summary.last_message_id:
        return None
    assert summary.shown_message_at is not None
    shown: dict[str, Any] = {
        "id": summary.last_message_id,
        "content": DELETED if summary.last_message_deleted else summary.last_message_text,
        "created_at": clock.rfc3339(summary.shown_message_at),
        "sender_id": summary.last_message_sender_id,
        "is_deleted": summary.last_message_deleted,
    }
    if summary.group is not None:
        sender, note = summary.group.last_sender, summary.group.last_system
        shown["sender"] = None if sender is None else person(sender)
        shown["system"] = None if note is None else system(note)
    return shown


def _item(item: ItemSummary) -> dict[str, Any]:
    """The item that a chat is about."""
    return {
        "title": item.title,
        "image_url": item.image_url or "",
        "price": item.shown_price,
        "currency": item.currency or "",
        "is_deleted": item.is_deleted,
    }
