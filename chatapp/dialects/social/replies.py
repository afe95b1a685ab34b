"""Renders responses, messages, conversations and refusals of the social dialect, which omits absent values."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Any

from flask import request

from chatapp import clock
from chatapp.actions.attachments.direct_uploads import PresignedUpload
from chatapp.actions.drafts import SavedDraft
from chatapp.dialects.social.error_codes import wire_code
from chatapp.dialects.social.message_extras import extras, system
from chatapp.edge.http.middleware import MAX_KEY_LENGTH
from chatapp.edge.http.signed_urls import file_link, picture_link, thumbnail_link
from chatapp.edge.i18n.catalogue import DELETED, done_text, error_text, reason_texts
from chatapp.edge.i18n.negotiation import preferred
from chatapp.errors import ChatError, Invalid, RateLimited, Unavailable
from chatapp.events.snapshots import AttachmentSnapshot, MessageSnapshot, Person
from chatapp.events.types import DraftUpdated
from chatapp.ids.public import encode_chat, encode_file, encode_message
from chatapp.queries.attachments import SharedFile
from chatapp.queries.blocks import BlockedPerson, BlockStatus
from chatapp.queries.chat_summaries import ChatSummary, DraftSummary, GroupSummary, ItemSummary
from chatapp.queries.groups import GroupMember
from chatapp.queries.receipts import Receipt
from chatapp.queries.version_ranges import VersionRange
from chatapp.text.casing import camel_case
from chatapp.text.links import find_links


def success(data: Any) -> dict[str, Any]:
    """The body of a success."""
    view = (request.endpoint or "").rpartition(".")[2]
    return {"success": True, "message": done_text(view, preferred()), "data": data}


def failure(error: ChatError, status: int) -> dict[str, Any]:
    """The body of a refusal."""
    return {
        "success": False,
        "message": error_text(error, preferred()),
        "error": {"code": wire_code(error.code), "details": _details(error)},
    }


def error_frame(error: ChatError, frame: dict[str, Any] | None) -> dict[str, Any]:
    """The refusal of a frame: `message.error` for a message that was not sent, `error` for all others."""
    payload: dict[str, Any] = {
        "code": wire_code(error.code),
        "error": error_text(error, preferred()),
    }
    details = _details(error)
    if details is not None:
        payload["details"] = details
    kind = (frame or {}).get("type")
    if kind == "message.send":
        fields = (frame or {}).get("payload")
        temp_id = fields.get("tempId") if isinstance(fields, dict) else None
        is_key = isinstance(temp_id, str) and len(temp_id) <= MAX_KEY_LENGTH
        return {"type": "message.error", "payload": {"tempId": temp_id if is_key else None, **payload}}
    return {"type": "error", "payload": payload}


# Fields of the core that have another name in this dialect.
_FIELDS = {
    "attachment_ids": "attachmentIds",
    "picture_attachment_id": "pictureAttachmentId",
    "chat_ids": "conversationIds",
    "message_type": "messageType",
    "original_language": "originalLanguage",
    "reply_to_id": "replyToId",
}


def _details(error: ChatError) -> dict[str, Any] | None:
    if isinstance(error, Invalid):
        return {_FIELDS.get(name, name): texts for name, texts in reason_texts(error, preferred()).items()}
    if isinstance(error, (RateLimited, Unavailable)):
        return {"retryAfter": error.retry_after}
    return None


def person(who: Person, *, is_online: bool | None = None, last_seen: dt.datetime | None = None) -> dict[str, Any]:
    """A user.

    Parameters:
        is_online: None if unknown.
    """
    shown: dict[str, Any] = {
        "id": who.uuid,
        "username": who.username,
        "displayName": who.display_name,
        "avatar": who.picture_url or "",
    }
    if is_online is not None:
        shown["isOnline"] = is_online
    if last_seen is not None:
        shown["lastSeen"] = clock.rfc3339(last_seen)
    return shown


def message(
    sent: MessageSnapshot,
    *,
    viewer_id: int | None = None,
    online: Collection[str] | None = None,
    read_at: dt.datetime | None = None,
) -> dict[str, Any]:
    """A message.

    Parameters:
        viewer_id: the only recipient; None if there are several.
        online: UUIDs of users who are online; None if unknown.
    """
    shown: dict[str, Any] = {
        "id": encode_message(sent.id),
        "conversationId": encode_chat(sent.chat_id),
        "senderId": sent.sender.uuid,
        "sender": person(sent.sender, is_online=None if online is None else sent.sender.uuid in online),
        "content": DELETED if sent.is_deleted else sent.content,
        "messageType": sent.message_type,
        "isRead": sent.is_read,
        "isEdited": sent.is_edited,
        "isDeleted": sent.is_deleted,
        "attachments": [file(attached) for attached in sent.attachments],
        **extras(sent),
        "seq": sent.seq,
        "version": sent.version,
        "createdAt": sent.created_at,
        "updatedAt": sent.updated_at,
    }
    if sent.location is not None:
        shown["location"] = sent.location
    if sent.original_language is not None:
        shown["originalLanguage"] = sent.original_language
    if sent.edited_at is not None:
        shown["editedAt"] = sent.edited_at
    if sent.is_read and read_at is not None:
        shown["readAt"] = clock.rfc3339(read_at)
    if sent.client_key is not None and viewer_id == sent.sender.id:
        shown["tempId"] = sent.client_key
    return shown


def hidden(ranges: Sequence[VersionRange]) -> dict[str, Any]:
    """The versions on a page that its reader does not see; absent if there are none."""
    shown = [{"fromVersion": each.from_version, "version": each.version} for each in ranges]
    return {"hidden": shown} if shown else {}


def receipt(found: Receipt) -> dict[str, Any]:
    """How far a message has come with one member."""
    times = {"deliveredAt": found.delivered_at, "readAt": found.read_at}
    known = {name: clock.rfc3339(time) for name, time in times.items() if time is not None}
    return {"user": person(found.person), **known}


def file(attached: AttachmentSnapshot) -> dict[str, Any]:
    """A file."""
    shown: dict[str, Any] = {
        "id": encode_file(attached.id),
        "fileType": attached.file_type,
        "fileName": attached.file_name,
        "fileSize": attached.file_size,
        "contentType": attached.content_type,
        "metadata": {camel_case(name): value for name, value in attached.metadata.items()},
        "state": attached.state,
        "createdAt": attached.created_at,
    }
    if attached.message_id is not None and attached.chat_id is not None:
        shown["messageId"] = encode_message(attached.message_id)
        shown["conversationId"] = encode_chat(attached.chat_id)
    links = {"url": file_link(attached), "thumbnailUrl": thumbnail_link(attached)}
    return {**shown, **{name: link for name, link in links.items() if link}}


def shared_file(shared: SharedFile) -> dict[str, Any]:
    """A file shared in a conversation, and its sender."""
    return {**file(shared.attachment), "senderId": shared.sender.uuid, "sender": person(shared.sender)}


def upload_link(presigned: PresignedUpload) -> dict[str, Any]:
    """A link for uploading a file directly."""
    return {
        "id": encode_file(presigned.id),
        "fileName": presigned.file_name,
        "uploadUrl": presigned.url,
        "expiresAt": presigned.expires_at,
    }


def conversation(summary: ChatSummary, *, is_online: bool) -> dict[str, Any]:
    """A conversation in the list of one of its members.

    Parameters:
        is_online: whether the other member is, as far as the viewer may see. Of no meaning in a group.
    """
    shown: dict[str, Any] = {"id": encode_chat(summary.id), "kind": summary.kind}
    if summary.group is not None:
        shown |= group(summary, summary.group)
    elif summary.counterpart is not None:
        shown["otherUser"] = person(summary.counterpart, is_online=is_online, last_seen=summary.other_last_seen)
    return {
        **shown,
        "lastMessage": _last_message(summary),
        "unreadCount": summary.unread_count,
        "updatedAt": clock.rfc3339(summary.active_at),
        "isBlocked": summary.blocks_other,
        "isArchived": summary.is_archived,
        "isMuted": summary.is_muted,
        "isPinned": summary.is_pinned,
        "isMarkedUnread": summary.is_marked_unread,
        "settingsVersion": summary.settings_version,
        **_present(
            mutedUntil=clock.rfc3339_or_none(summary.mute_ends_at),
            snoozedUntil=clock.rfc3339_or_none(summary.snoozed_until),
            draft=None if summary.draft is None else _listed_draft(summary.draft),
        ),
        "item": None if summary.item is None else _item(summary.kind, summary.item_id, summary.item),
        "seq": summary.last_seq,
        "version": summary.last_version,
    }


def _present(**values: Any) -> dict[str, Any]:
    """The values that are not absent."""
    return {name: value for name, value in values.items() if value is not None}


def _listed_draft(draft: DraftSummary) -> dict[str, Any]:
    return {"content": draft.content, "isCut": draft.is_cut, "updatedAt": clock.rfc3339(draft.updated_at)}


def draft(saved: SavedDraft | DraftUpdated) -> dict[str, Any]:
    """A draft of the viewer; its content is empty if there is none."""
    return {
        "content": saved.content,
        "seq": saved.seq,
        "settingsVersion": saved.settings_version,
        **_present(updatedAt=saved.updated_at),
    }


def group(summary: ChatSummary, shown: GroupSummary) -> dict[str, Any]:
    """What the entry of a group has instead of the other user."""
    return {
        "title": shown.title,
        "pictureUrl": picture_link(shown.picture_name),
        "memberCount": shown.member_count,
        "role": summary.role,
    }


def group_member(member: GroupMember) -> dict[str, Any]:
    """A member of a group."""
    return {**person(member.person), "role": member.role}


def _last_message(summary: ChatSummary) -> dict[str, Any] | None:
    if not summary.last_message_id:
        return None
    assert summary.shown_message_at is not None
    is_own = summary.last_message_sender_id == summary.viewer.id
    sender = summary.viewer if is_own else summary.counterpart
    of_group: dict[str, Any] = {}
    if summary.group is not None and summary.group.last_sender is not None:
        sender, note = summary.group.last_sender, summary.group.last_system
        of_group = {"sender": person(sender), **({} if note is None else {"system": system(note)})}
    assert sender is not None, "a message has a sender"
    return {
        "id": encode_message(summary.last_message_id),
        "senderId": sender.uuid,
        **of_group,
        "content": DELETED if summary.last_message_deleted else summary.last_message_text,
        "createdAt": clock.rfc3339(summary.shown_message_at),
        "isRead": summary.last_message_is_read,
    }


def _item(kind: str, id: int | None, item: ItemSummary) -> dict[str, Any]:
    return {
        "type": kind,
        "id": id,
        "title": item.title,
        "imageUrl": item.image_url or "",
        "price": item.shown_price,
        "currency": item.currency or "",
        "isDeleted": item.is_deleted,
    }


def links(sent: MessageSnapshot) -> list[dict[str, Any]]:
    """The links in a message, in order, without duplicates."""
    named = {
        "messageId": encode_message(sent.id),
        "conversationId": encode_chat(sent.chat_id),
        "senderId": sent.sender.uuid,
        "createdAt": sent.created_at,
    }
    urls = dict.fromkeys(link.url for link in find_links(sent.content))
    return [{"url": url, **named} for url in urls]


def block(blocked: BlockedPerson, *, blocker_uuid: str) -> dict[str, Any]:
    """A block. It has no id of its own, so one is derived from the two users."""
    return {
        "id": str(uuid.uuid5(uuid.UUID(blocker_uuid), blocked.person.uuid)),
        "blockedUser": person(blocked.person, is_online=False),
        "createdAt": clock.rfc3339(blocked.created_at),
    }


def block_status(status: BlockStatus, *, is_oneself: bool) -> dict[str, bool]:
    """Block status between two users. Users cannot message themselves."""
    return {
        "isBlocked": status.is_blocked,
        "isBlockedBy": status.is_blocked_by,
        "canSendMessage": not (status.is_blocked or status.is_blocked_by or is_oneself),
    }
