"""What a device knows of one chat, and what a fresh read of it shows, in either dialect."""

from __future__ import annotations

import copy
from typing import Any

from chaos.load.social_translator import SocialTranslator
from chatapp.ids.public import encode_chat
from chatapp_client import ChatState
from tests.people import Person

Json = dict[str, Any]
# A live frame cannot know these of its recipient, or they are made again for each reply.
_OF_NO_STATE = {"client_message_id", "read_at"}
_LINKS = ("public_url", "thumbnail_url")


class Translator(SocialTranslator):
    """Translates the social dialect for the members of one chat. Parameters: ids: integer ids by UUID."""

    def __init__(self, ids: dict[str, int]) -> None:
        super().__init__(ids.__getitem__)
        self._members = frozenset(ids.values())

    def message(self, said: Json) -> Json:
        """Translate a message; in a chat of two, the other member is its receiver."""
        message = super().message(said)
        others = self._members - {message["sender_id"]}
        return {**message, "receiver_id": min(others) if len(others) == 1 else None}

    def chat(self, payload: Json) -> Json:
        """Translate a list entry, and keep what the dialect shows of it."""
        return {**super().chat(payload), "shown": payload}


class Known:
    """The state of one chat on a device of a person.

    Attributes:
        entry: of the chat in the person's list; None if the list leaves it out.
        total: unread messages over all chats.
    """

    def __init__(self, person: Person, chat_id: int) -> None:
        self.chat_id = chat_id
        self.state = ChatState(person.id)
        self.entry: Json | None = None
        self.total = 0

    def copy(self) -> Known:
        """The same state, which changes on its own."""
        return copy.deepcopy(self)

    def apply(self, frame: Json) -> None:
        """Apply a live frame in the form of the marketplace."""
        if frame["type"] == "unread_count":
            self.total = frame["payload"]["count"]
        elif frame["type"] == "chat_updated":
            self.apply_entry(frame["chat"])
        else:
            self.state.apply(frame)

    def apply_page(self, page: Json) -> None:
        """Apply a page of a catch-up in the form of the marketplace."""
        self.state.apply_page(page, "")
        for chat in page["chats"]:
            self.apply_entry(chat)

    def apply_entry(self, chat: Json) -> None:
        """Apply an entry of the chat list, if it is of this chat."""
        if chat["id"] == self.chat_id:
            self.state.apply_chats([chat])
            self.entry = shown_entry(chat)

    def view(self) -> Json:
        """Everything that the person sees of the chat, except what no event carries."""
        if self.chat_id in self.state.deleted:
            return {"is_deleted": True}
        chat = self.state.chats.get(self.chat_id)  # only its list entry says how many messages are unread
        messages = [_comparable(message) for message in self.state.messages(self.chat_id)]
        return {
            "messages": messages,
            "unread": self.state.unread(self.chat_id) if chat is not None and chat.summary else None,
            "total": self.total,
            "settings": self.state.settings(self.chat_id),
            "pinned": self.state.pinned(self.chat_id),
            "starred": self.state.starred(self.chat_id),
        }


def shown_entry(chat: Json) -> Json | None:
    """A list entry without what changes by itself; None for an archived or snoozed chat, which lists leave out."""
    shown = chat.get("shown", chat)
    if any(shown.get(name) for name in ("isArchived", "is_archived", "snoozedUntil", "snoozed_until")):
        return None
    left_out = ("otherUser", "other_user", "updatedAt", "updated_at")
    return {name: value for name, value in shown.items() if name not in left_out}


def _comparable(message: Json) -> Json:
    attachments = [
        {name: value for name, value in file.items() if name not in _LINKS} for file in message["attachments"]
    ]
    kept = {name: value for name, value in message.items() if name not in _OF_NO_STATE}
    return {**kept, "attachments": attachments}


def fresh(person: Person, translator: Translator | None, chat_id: int) -> Known:
    """What a device that has never been on reads of a chat over REST."""
    known = Known(person, chat_id)
    known.total = person.unread()
    read = _read_in_marketplace(person, chat_id) if translator is None else _read_socially(person, translator, chat_id)
    if read is None:
        known.state.apply({"type": "chat_deleted", "chat_id": chat_id})
        return known
    for message in read["messages"]:
        known.state.apply_message(message)
    known.state.apply_pins(chat_id, read["pins"])
    for message in read["starred"]:
        if message["chat_id"] == chat_id:
            starred = {"chat_id": chat_id, "message_id": message["id"], "changed_at": "0"}
            known.state.apply({"type": "message_starred", **starred})
    for chat in read["chats"]:
        known.apply_entry(chat)
    put_away = [*person.chats(limit=100, archived="true"), *person.chats(limit=100, snoozed="true")]
    known.state.apply_chats(chat for chat in put_away if chat["id"] == chat_id)
    return known


def _read_in_marketplace(person: Person, chat_id: int) -> Json | None:
    reply = person.gets("/messages", chat_id=chat_id, limit=100)
    if reply.status == 404:
        return None
    return {
        "messages": reply.data["messages"],
        "chats": person.chats(limit=100),
        "pins": person.gets(f"/{chat_id}/pins").data,
        "starred": person.gets("/starred", limit=100).data["messages"],
    }


def _read_socially(person: Person, translator: Translator, chat_id: int) -> Json | None:
    conversation = f"/conversations/{encode_chat(chat_id)}"
    reply = person.social.gets(f"{conversation}/messages", limit=50)
    if reply.status == 404:
        return None
    pins = person.social.gets(f"{conversation}/pins").data
    starred = person.social.gets("/starred", limit=50).data["messages"]
    return {
        "messages": [translator.message(said) for said in reply.data["messages"]],
        "chats": [translator.chat(entry) for entry in person.social.conversations()],
        "pins": [{**pin, "message": translator.message(pin["message"])} for pin in pins],
        "starred": [translator.message(said) for said in starred if said["conversationId"] == encode_chat(chat_id)],
    }
