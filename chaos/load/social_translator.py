"""Translates the social dialect to the marketplace's form, so that one device and one checker serve both.

Nothing is invented: a field that the social dialect lacks is omitted, or None where the marketplace always has it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatapp.ids.public import parse_chat_uuid, parse_message_uuid

Json = dict[str, Any]


class UnknownPublicId(ValueError):
    """The server sent a malformed id of a chat or message."""


class SocialTranslator:
    """Translates server frames and responses. Parameters: person_of: maps a UUID to an integer id."""

    def __init__(self, person_of: Callable[[str], int]) -> None:
        self._person_of = person_of
        self._payloads: dict[str, Callable[[Json], Json]] = {
            "connected": lambda payload: {"user_id": self._person_of(payload["userId"]), "cursor": payload["cursor"]},
            "message.sent": lambda payload: {
                "client_message_id": payload["tempId"],
                "message": self.message(payload["message"]),
            },
            "message.new": self._about_message,
            "message.updated": self._about_message,
            "message.deleted": self._deletion,
            "message.read": self._read_receipt,
            "reaction.added": self._reaction,
            "reaction.removed": self._reaction,
            "reactions.updated": self._gathered_reactions,
            "message.pinned": self._about_marked,
            "message.unpinned": self._about_marked,
            "message.starred": self._about_marked,
            "message.unstarred": self._about_marked,
            "message.hidden": self._about_marked,
            "conversation.advanced": lambda payload: {
                "chat_id": _chat(payload),
                "from_version": payload["fromVersion"],
                "version": payload["version"],
            },
            "conversation.joined": lambda payload: {
                "chat_id": _chat(payload),
                "chat": self.chat(payload["conversation"]),
                "version": payload["version"],
            },
            "conversation.left": lambda payload: {"chat_id": _chat(payload), "version": payload["version"]},
            "conversation.deleted": lambda payload: {"chat_id": _chat(payload), "version": payload["version"]},
            "conversation.updated": lambda payload: {"chat": self.chat(payload)},
            "draft.updated": lambda payload: {
                "chat_id": _chat(payload),
                "content": payload["content"],
                "seq": payload["seq"],
                "settings_version": payload["settingsVersion"],
            },
            "typing": self._typing,
            "user.online": lambda payload: {"payload": {"user_id": self._person_of(payload["userId"])}},
            "user.offline": lambda payload: {"payload": {"user_id": self._person_of(payload["userId"])}},
            "notification.unread": lambda payload: {"payload": payload},
            "resumed": self.page,
            "message.error": lambda payload: {**_error(payload), "client_message_id": payload["tempId"]},
            "error": lambda payload: _error(payload),
            "pong": lambda payload: payload,
        }

    def frame(self, frame: Json) -> Json:
        """Translate a server frame.

        Raises:
            UnknownPublicId: an id is malformed.
        """
        return {"type": _KINDS[frame["type"]], **self._payloads[frame["type"]](frame["payload"])}

    def message(self, payload: Json) -> Json:
        """Translate a message; `client_message_id` is None for messages of other people."""
        return {
            "id": _message(payload["id"]),
            "chat_id": _chat(payload),
            "seq": payload["seq"],
            "version": payload["version"],
            "sender_id": self._person_of(payload["senderId"]),
            "message_type": payload["messageType"],
            "content": payload["content"],
            "location_data": payload.get("location"),
            "client_message_id": payload.get("tempId"),
            "reply_to": self._quote(payload["replyTo"]) if "replyTo" in payload else None,
            "original_language": payload.get("originalLanguage"),
            "edited_at": payload.get("editedAt"),
            "is_read": payload["isRead"],
            "is_edited": payload["isEdited"],
            "is_deleted": payload["isDeleted"],
            "attachments": [
                {"file_name": file["fileName"], "file_size": file["fileSize"]} for file in payload["attachments"]
            ],
            "reactions": self.reactions(payload.get("reactions", [])),  # the release before has none
            "created_at": payload["createdAt"],
            "updated_at": payload["updatedAt"],
        }

    def reactions(self, kinds: list[Json]) -> list[Json]:
        """Translate the reactions of a message."""
        return [
            {
                "emoji": kind["emoji"],
                "count": kind["count"],
                "user_ids": [self._person_of(user) for user in kind["userIds"]],
                "mine": kind.get("mine"),
            }
            for kind in kinds
        ]

    def reactions_answer(self, payload: Json) -> Json:
        """Translate the answer to a reaction."""
        return {
            "chat_id": _chat(payload),
            "message_id": _message(payload["messageId"]),
            "reactions": self.reactions(payload["reactions"]),
            "version": payload["version"],
        }

    def _quote(self, payload: Json) -> Json:
        return {
            "id": _message(payload["id"]),
            "sender_id": self._person_of(payload["senderId"]),
            "content": payload["content"],
            "message_type": payload["messageType"],
            "is_deleted": payload["isDeleted"],
        }

    def page(self, payload: Json) -> Json:
        """Translate a page of a catch-up. The release before does not say what is complete."""
        page = {
            "messages": [self.message(message) for message in payload["messages"]],
            "changes": [self.frame(change) for change in payload["changes"]],
            "chats": [self.chat(conversation) for conversation in payload["conversations"]],
            "cursor": payload["cursor"],
            "has_more": payload["hasMore"],
            "full_sync": payload["fullSync"],
        }
        if "complete" in payload:
            page["complete"] = [{"chat_id": _chat(each), "version": each["version"]} for each in payload["complete"]]
        return page

    def chat(self, payload: Json) -> Json:
        """Translate a conversation of the list. What the release before does not show is None."""
        draft = payload.get("draft")
        return {
            "id": _chat({"conversationId": payload["id"]}),
            "kind": payload.get("kind"),
            "unread_count": payload["unreadCount"],
            "seq": payload["seq"],
            "version": payload["version"],
            "settings_version": payload.get("settingsVersion"),
            "is_archived": payload["isArchived"],
            "is_muted": payload["isMuted"],
            "muted_until": payload.get("mutedUntil"),
            "is_pinned": payload["isPinned"],
            "snoozed_until": payload.get("snoozedUntil"),
            "is_marked_unread": payload.get("isMarkedUnread"),
            "draft": None if draft is None else {"content": draft["content"], "is_cut": draft["isCut"]},
            **({name: payload[shown] for name, shown in _OF_GROUPS.items()} if payload.get("kind") == "group" else {}),
        }

    def _about_message(self, payload: Json) -> Json:
        return {"chat_id": _chat(payload), "message": self.message(payload), "version": payload["version"]}

    def _deletion(self, payload: Json) -> Json:
        return {
            "chat_id": _chat(payload),
            "message_id": _message(payload["messageId"]),
            "deleted_by": self._person_of(payload["deletedBy"]),
            "deleted_at": payload["deletedAt"],
            "version": payload["version"],
        }

    def _reaction(self, payload: Json) -> Json:
        who = {"user_id": self._person_of(payload["userId"]), "emoji": payload["emoji"]}
        return {**self.reactions_answer(payload), **who}

    def _gathered_reactions(self, payload: Json) -> Json:
        messages = [
            {
                "message_id": _message(entry["messageId"]),
                "reactions": self.reactions(entry["reactions"]),
                "changes": [
                    {
                        "user_id": self._person_of(change["userId"]),
                        "emoji": change["emoji"],
                        "is_added": change["isAdded"],
                    }
                    for change in entry["changes"]
                ],
                "version": entry["version"],
            }
            for entry in payload["messages"]
        ]
        versions = {"from_version": payload["fromVersion"], "version": payload["version"]}
        return {"chat_id": _chat(payload), "messages": messages, **versions}

    def _about_marked(self, payload: Json) -> Json:
        kept = {"version": "version", "changedAt": "changed_at", "seq": "seq"}
        shown = {name: payload[social] for social, name in kept.items() if social in payload}
        return {"chat_id": _chat(payload), "message_id": _message(payload["messageId"]), **shown}

    def _read_receipt(self, payload: Json) -> Json:
        return {
            "chat_id": _chat(payload),
            "message_id": _message(payload["messageId"]),
            "read_by": self._person_of(payload["readBy"]),
            "up_to_seq": payload["upToSeq"],
            "version": payload["version"],
        }

    def _typing(self, payload: Json) -> Json:
        return {"chat_id": _chat(payload), "user_id": self._person_of(payload["userId"]), "version": payload["version"]}


_KINDS = {
    "connected": "connected",
    "message.sent": "message_ack",
    "message.new": "new_message",
    "message.updated": "message_edited",
    "message.deleted": "message_deleted",
    "message.read": "message_read",
    "reaction.added": "reaction_added",
    "reaction.removed": "reaction_removed",
    "reactions.updated": "reactions_updated",
    "message.pinned": "message_pinned",
    "message.unpinned": "message_unpinned",
    "message.starred": "message_starred",
    "message.unstarred": "message_unstarred",
    "message.hidden": "message_hidden",
    "conversation.advanced": "chat_advanced",
    "conversation.joined": "chat_joined",
    "conversation.left": "chat_left",
    "conversation.deleted": "chat_deleted",
    "conversation.updated": "chat_updated",
    "draft.updated": "draft_updated",
    "typing": "typing",
    "user.online": "user_online",
    "user.offline": "user_offline",
    "notification.unread": "unread_count",
    "resumed": "resumed",
    "message.error": "error",
    "error": "error",
    "pong": "pong",
}
_OF_GROUPS = {"title": "title", "picture_url": "pictureUrl", "member_count": "memberCount", "role": "role"}
_REASONS = {
    "INVALID_CURSOR": "BAD_CURSOR",
    "CONVERSATION_NOT_FOUND": "CHAT_NOT_FOUND",
    "TEMP_ID_REUSED": "CLIENT_KEY_REUSED",
    "UNAUTHORIZED": "UNAUTHORISED",
}


def marketplace_error(code: str) -> str:
    """Translate `MESSAGE_DELETED` to `marketplace.messageDeleted`."""
    first, *rest = _REASONS.get(code, code).lower().split("_")
    return "marketplace." + first + "".join(word.capitalize() for word in rest)


def _error(payload: Json) -> Json:
    error = {"error": marketplace_error(payload["code"]), "message": payload["error"]}
    retry_after = (payload.get("details") or {}).get("retryAfter")
    return error if retry_after is None else {**error, "retry_after": retry_after}


def _chat(payload: Json) -> int:
    found = parse_chat_uuid(payload["conversationId"])
    if found is None:
        raise UnknownPublicId(f"{payload['conversationId']} is not a conversation id")
    return found


def _message(text: str) -> int:
    found = parse_message_uuid(text)
    if found is None:
        raise UnknownPublicId(f"{text} is not a message id")
    return found
