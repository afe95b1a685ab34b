"""The social dialect in the words of the marketplace's, so that one device and one checker serve both.

Nothing is made up: what the social dialect does not say is left out, or is None where the marketplace has it always.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatapp.ids.public import encode_chat, encode_message, parse_chat_uuid, parse_message_uuid

Words = dict[str, Any]


class UnknownId(ValueError):
    """The server told an id that is of no chat or message."""


def asked(frame: Words) -> Words:
    """A frame that a client of the marketplace sends, as one of the social dialect does."""
    kind, payload = _ASKED[frame.get("type", "message")]
    return {"type": kind, "payload": payload(frame)}


_ASKED: dict[str, tuple[str, Callable[[Words], Words]]] = {
    "message": (
        "message.send",
        lambda frame: {
            "conversationId": encode_chat(frame["chat_id"]),
            "content": frame["content"],
            "tempId": frame["client_message_id"],
        },
    ),
    "edit_message": (
        "message.edit",
        lambda frame: {"messageId": encode_message(frame["message_id"]), "content": frame["content"]},
    ),
    "delete_message": ("message.delete", lambda frame: {"messageId": encode_message(frame["message_id"])}),
    "mark_read": (
        "message.read",
        lambda frame: {
            "conversationId": encode_chat(frame["chat_id"]),
            "messageId": encode_message(frame["message_ids"][-1]),
        },
    ),
    "resume": ("resume", lambda frame: {"cursor": frame["cursor"], "limit": frame["limit"]}),
    "ping": ("ping", lambda frame: {}),
}


class SocialWords:
    """What the server says. Parameters: person_of: the integer id of the person with a UUID."""

    def __init__(self, person_of: Callable[[str], int]) -> None:
        self._person_of = person_of
        self._told: dict[str, Callable[[Words], Words]] = {
            "connected": lambda said: {"user_id": self._person_of(said["userId"]), "cursor": said["cursor"]},
            "message.sent": lambda said: {
                "client_message_id": said["tempId"],
                "message": self.message(said["message"]),
            },
            "message.new": self._about_message,
            "message.updated": self._about_message,
            "message.deleted": self._deletion,
            "message.read": self._reading,
            "conversation.deleted": lambda said: {"chat_id": _chat(said), "version": said["version"]},
            "conversation.updated": lambda said: {"chat": self.chat(said)},
            "typing": self._typing,
            "user.online": lambda said: {"payload": {"user_id": self._person_of(said["userId"])}},
            "user.offline": lambda said: {"payload": {"user_id": self._person_of(said["userId"])}},
            "notification.unread": lambda said: {"payload": said},
            "resumed": self.page,
            "message.error": lambda said: {**_refusal(said), "client_message_id": said["tempId"]},
            "error": lambda said: _refusal(said),
            "pong": lambda said: said,
        }

    def told(self, frame: Words) -> Words:
        """A frame of the server.

        Raises:
            UnknownId: it names a chat or message by what is no id.
        """
        return {"type": _KINDS[frame["type"]], **self._told[frame["type"]](frame["payload"])}

    def message(self, said: Words) -> Words:
        """A message; `client_message_id` is None where it is not told, as of other people's."""
        return {
            "id": _message(said["id"]),
            "chat_id": _chat(said),
            "seq": said["seq"],
            "version": said["version"],
            "sender_id": self._person_of(said["senderId"]),
            "message_type": said["messageType"],
            "content": said["content"],
            "location_data": said.get("location"),
            "client_message_id": said.get("tempId"),
            "is_read": said["isRead"],
            "is_edited": said["isEdited"],
            "is_deleted": said["isDeleted"],
            "created_at": said["createdAt"],
            "updated_at": said["updatedAt"],
        }

    def page(self, said: Words) -> Words:
        """A page of what was missed."""
        return {
            "messages": [self.message(message) for message in said["messages"]],
            "changes": [self.told(change) for change in said["changes"]],
            "chats": [self.chat(conversation) for conversation in said["conversations"]],
            "cursor": said["cursor"],
            "has_more": said["hasMore"],
            "full_sync": said["fullSync"],
        }

    def chat(self, said: Words) -> Words:
        """A conversation as the list shows it."""
        return {
            "id": _chat({"conversationId": said["id"]}),
            "unread_count": said["unreadCount"],
            "seq": said["seq"],
            "version": said["version"],
        }

    def _about_message(self, said: Words) -> Words:
        return {"chat_id": _chat(said), "message": self.message(said), "version": said["version"]}

    def _deletion(self, said: Words) -> Words:
        return {
            "chat_id": _chat(said),
            "message_id": _message(said["messageId"]),
            "deleted_by": self._person_of(said["deletedBy"]),
            "deleted_at": said["deletedAt"],
            "version": said["version"],
        }

    def _reading(self, said: Words) -> Words:
        return {
            "chat_id": _chat(said),
            "message_id": _message(said["messageId"]),
            "read_by": self._person_of(said["readBy"]),
            "up_to_seq": said["upToSeq"],
            "version": said["version"],
        }

    def _typing(self, said: Words) -> Words:
        return {"chat_id": _chat(said), "user_id": self._person_of(said["userId"]), "version": said["version"]}


_KINDS = {
    "connected": "connected",
    "message.sent": "message_ack",
    "message.new": "new_message",
    "message.updated": "message_edited",
    "message.deleted": "message_deleted",
    "message.read": "message_read",
    "conversation.deleted": "chat_deleted",
    "conversation.updated": "chat_updated",
    "typing": "typing",
    "user.online": "user_online",
    "user.offline": "user_offline",
    "notification.unread": "unread_count",
    "resumed": "resumed",
    "message.error": "error",
    "error": "error",
    "pong": "pong",
}
_REASONS = {
    "INVALID_CURSOR": "BAD_CURSOR",
    "CONVERSATION_NOT_FOUND": "CHAT_NOT_FOUND",
    "TEMP_ID_REUSED": "CLIENT_KEY_REUSED",
    "UNAUTHORIZED": "UNAUTHORISED",
}


def reason(code: str) -> str:
    """`MESSAGE_DELETED` as `marketplace.messageDeleted`."""
    first, *rest = _REASONS.get(code, code).lower().split("_")
    return "marketplace." + first + "".join(word.capitalize() for word in rest)


def _refusal(said: Words) -> Words:
    refusal = {"error": reason(said["code"]), "message": said["error"]}
    retry_after = (said.get("details") or {}).get("retryAfter")
    return refusal if retry_after is None else {**refusal, "retry_after": retry_after}


def _chat(said: Words) -> int:
    found = parse_chat_uuid(said["conversationId"])
    if found is None:
        raise UnknownId(f"{said['conversationId']} is no conversation")
    return found


def _message(text: str) -> int:
    found = parse_message_uuid(text)
    if found is None:
        raise UnknownId(f"{text} is no message")
    return found
