"""The two dialects that the clients of a load speak: where each is served, and how one thing is said in either."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from chaos.load.social_translator import SocialWords, Words, asked
from chatapp.ids.public import encode_chat
from chatapp.ids.snowflake import MAX_ID


class Request(NamedTuple):
    """A REST call below a dialect's base path."""

    method: str
    path: str
    options: dict[str, Any]


class Dialect(Protocol):
    """How one thing is said. Whatever is told is told in the words of the marketplace.

    Attributes:
        base: path of its REST routes. socket: path of its socket.
        echoes: whether the socket that sent a message is told of it as all others are.
        sent: status of the answer to a message that was sent.
        from_now: parameters of `/messages/since` of somebody who has no cursor yet.
    """

    name: str
    base: str
    socket: str
    echoes: bool
    sent: int
    from_now: dict[str, str]

    def asked(self, frame: Words) -> Words:
        """A frame of the client."""
        ...

    def told(self, frame: Words) -> Words:
        """A frame of the server."""
        ...

    def sending(self, chat: int, key: str, content: str) -> Request:
        """Send a message."""
        ...

    def message(self, data: Words) -> Words:
        """The message that an answer carries."""
        ...

    def history(self, chat: int, place: Any) -> Request:
        """Ask for a page of a chat's messages, newest first. Parameters: place: of the page before; None begins."""
        ...

    def page(self, data: Words) -> tuple[list[Words], Any]:
        """The messages of such a page, and the place where the next begins; None after the last."""
        ...

    def since(self, data: Words) -> Words:
        """What the answer to `/messages/since` tells."""
        ...

    def has_shape(self, body: Words, *, is_fine: bool) -> bool:
        """Whether an answer has the envelope of this dialect."""
        ...


class Marketplace:
    """The first dialect, whose words the checker knows."""

    name, base, socket, echoes, sent = "marketplace", "/api/v1/marketplace/chat", "/ws/chat", True, 200
    from_now = {"since": "2100-01-01T00:00:00Z"}  # nothing is as new, so nothing is told but the cursor

    def asked(self, frame: Words) -> Words:
        """As it is."""
        return frame

    def told(self, frame: Words) -> Words:
        """As it is."""
        return frame

    def sending(self, chat: int, key: str, content: str) -> Request:
        """Send a message."""
        body = {"chat_id": chat, "content": content, "client_message_id": key}
        return Request("POST", "/messages", {"json": body})

    def message(self, data: Words) -> Words:
        """The message that an answer carries."""
        return data

    def history(self, chat: int, place: Any) -> Request:
        """Ask for a page of a chat's messages, newest first."""
        return Request("GET", "/messages", {"params": {"chat_id": chat, "limit": 100, "before_id": place or MAX_ID}})

    def page(self, data: Words) -> tuple[list[Words], Any]:
        """The messages of such a page, and the place where the next begins."""
        messages = data["messages"]
        return messages, min(message["id"] for message in messages) if data["has_more"] else None

    def since(self, data: Words) -> Words:
        """What the answer to `/messages/since` tells."""
        return data

    def has_shape(self, body: Words, *, is_fine: bool) -> bool:
        """Whether an answer has the envelope of this dialect."""
        return body.get("success") is is_fine and ("data" if is_fine else "error") in body


class Social:
    """The second. Parameters: person_of: the integer id of the person with a UUID."""

    name, base, socket, echoes, sent = "social", "/api/v1/chat", "/api/v1/chat/ws", False, 201
    from_now: dict[str, str] = {}

    def __init__(self, person_of: Callable[[str], int]) -> None:
        self._words = SocialWords(person_of)

    def asked(self, frame: Words) -> Words:
        """A frame of the client."""
        return asked(frame)

    def told(self, frame: Words) -> Words:
        """A frame of the server."""
        return self._words.told(frame)

    def sending(self, chat: int, key: str, content: str) -> Request:
        """Send a message."""
        body = {"content": content, "tempId": key}
        return Request("POST", f"/conversations/{encode_chat(chat)}/messages", {"json": body})

    def message(self, data: Words) -> Words:
        """The message that an answer carries."""
        return self._words.message(data)

    def history(self, chat: int, place: Any) -> Request:
        """Ask for a page of a chat's messages, newest first."""
        params = {"limit": 50, **({} if place is None else {"cursor": place})}
        return Request("GET", f"/conversations/{encode_chat(chat)}/messages", {"params": params})

    def page(self, data: Words) -> tuple[list[Words], Any]:
        """The messages of such a page, and the place where the next begins."""
        messages = [self._words.message(message) for message in data["messages"]]
        return messages, data["meta"]["nextCursor"] if data["meta"]["hasMore"] else None

    def since(self, data: Words) -> Words:
        """What the answer to `/messages/since` tells."""
        return self._words.page(data)

    def has_shape(self, body: Words, *, is_fine: bool) -> bool:
        """Whether an answer has the envelope of this dialect."""
        if body.get("success") is not is_fine or not isinstance(body.get("message"), str):
            return False
        return "data" in body if is_fine else set(body.get("error") or ()) == {"code", "details"}


MARKETPLACE = Marketplace()
