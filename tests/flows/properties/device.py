"""A device of a person in either dialect, and what one that has never been on would read."""

from __future__ import annotations

from typing import Any

from chaos.load.social_translator import SocialTranslator
from chatapp.ids.public import encode_chat
from chatapp_client import ChatClient, ChatState, Timings
from tests.people import Person
from tests.social_client import SocialClient

# Cursors are renewed after few frames, so that reconnecting returns changes to known messages.
TIMINGS = Timings(
    reconnect_first=0.02, reconnect_most=0.1, answer_wait=3, retry_first=0.05, retry_most=0.2, refresh_frames=4
)
ONLY_TO_ITS_SENDER = "client_message_id"  # in the social dialect, and not live


class Device:
    """A device of a person, which may be switched off and keeps what it knows.

    Attributes:
        words: of the social dialect, where its program speaks that.
    """

    def __init__(self, person: Person, translator: SocialTranslator | None) -> None:
        self.person = person
        self.translator = translator
        self.state = ChatState(person.id)
        self.client: ChatClient | None = None

    def switch_on(self) -> None:
        """Start the program, or leave it on."""
        if self.client is None:
            url, token = self.person.server.url, self.person.token
            if self.translator is None:
                self.client = ChatClient(url, token, timings=TIMINGS, state=self.state)
            else:
                self.client = SocialClient(url, token, translator=self.translator, timings=TIMINGS, state=self.state)
            self.client.connect()

    def switch_off(self) -> None:
        """End the program; what was on its way stays pending."""
        if self.client is not None:
            self.client.close()
            self.client = None

    def view(self, chat_id: int) -> Any:
        """What it has of a chat: messages, how many of them are unread, and which are pinned and starred."""
        return self._view(self.state, chat_id)

    def fresh(self, chat_id: int) -> Any:
        """What a device of the same person and dialect that has never been on would read."""
        person, state = self.person, ChatState(self.person.id)
        if self.translator is None:
            chats = person.chats(limit=100)
            page = person.gets("/messages", chat_id=chat_id, limit=100).data
            assert not page["has_more"]
            messages = page["messages"]
            pins = person.gets(f"/{chat_id}/pins").data
            starred = person.gets("/starred", limit=100).data["messages"]
        else:
            chats = [self.translator.chat(conversation) for conversation in person.social.conversations()]
            pages = person.social.all_pages(f"/conversations/{encode_chat(chat_id)}/messages", "messages")
            messages = [self.translator.message(message) for page in pages for message in page]
            pins = person.social.gets(f"/conversations/{encode_chat(chat_id)}/pins").data
            pins = [{**pin, "message": self.translator.message(pin["message"])} for pin in pins]
            found = person.social.all_pages("/starred", "messages")
            of_chat = [
                message for page in found for message in page if message["conversationId"] == encode_chat(chat_id)
            ]
            starred = [self.translator.message(message) for message in of_chat]
        state.apply_chats(chat for chat in chats if chat["id"] == chat_id)
        for message in messages:
            state.apply_message(message)
        state.apply_pins(chat_id, pins)
        for message in starred:
            mark = {"chat_id": message["chat_id"], "message_id": message["id"], "changed_at": "0"}
            state.apply({"type": "message_starred", **mark})
        return self._view(state, chat_id)

    def _view(self, state: ChatState, chat_id: int) -> Any:
        left_out = {ONLY_TO_ITS_SENDER} if self.translator else set()
        messages = [without(message, left_out) for message in state.messages(chat_id)]
        return messages, state.unread(chat_id), state.pinned(chat_id), state.starred(chat_id)


def without(message: dict[str, Any], *left_out: set[str]) -> dict[str, Any]:
    """A message without some fields."""
    return {name: value for name, value in message.items() if name not in set[str]().union(*left_out)}
