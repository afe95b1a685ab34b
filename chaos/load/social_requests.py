"""Translates client frames of the marketplace to the social dialect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatapp.ids.public import encode_chat, encode_message

Json = dict[str, Any]

_REFERENCES = {"reply_to_id": "replyToId", "forward_message_id": "forwardMessageId"}


def to_social(frame: Json) -> Json:
    """Translate a client frame of the marketplace to the social dialect."""
    kind, payload = _CLIENT_FRAMES[frame.get("type", "message")]
    return {"type": kind, "payload": payload(frame)}


def _message(frame: Json) -> Json:
    shown = {
        "conversationId": encode_chat(frame["chat_id"]),
        "content": frame["content"],
        "tempId": frame["client_message_id"],
    }
    return shown | {social: encode_message(frame[name]) for name, social in _REFERENCES.items() if name in frame}


def _reaction(frame: Json) -> Json:
    return {"messageId": encode_message(frame["message_id"]), "emoji": frame["emoji"]}


def _resume(frame: Json) -> Json:
    shown = {"cursor": frame["cursor"], "limit": frame["limit"]}
    if "known" in frame:
        shown["known"] = [
            {"conversationId": encode_chat(each["chat_id"]), "version": each["version"]} for each in frame["known"]
        ]
    return shown


_CLIENT_FRAMES: dict[str, tuple[str, Callable[[Json], Json]]] = {
    "message": ("message.send", _message),
    "edit_message": (
        "message.edit",
        lambda frame: {"messageId": encode_message(frame["message_id"]), "content": frame["content"]},
    ),
    "delete_message": ("message.delete", lambda frame: {"messageId": encode_message(frame["message_id"])}),
    "add_reaction": ("message.react", _reaction),
    "remove_reaction": ("message.unreact", _reaction),
    "mark_read": (
        "message.read",
        lambda frame: {
            "conversationId": encode_chat(frame["chat_id"]),
            "messageId": encode_message(frame["message_ids"][-1]),
        },
    ),
    "resume": ("resume", _resume),
    "ping": ("ping", lambda frame: {}),
}
