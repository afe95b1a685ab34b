"""The two dialects of the load: where each is served, and how each encodes the same request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from chaos.load.pending import Reference
from chaos.load.social_requests import to_social
from chaos.load.social_translator import Json, SocialTranslator, marketplace_error
from chatapp.ids.public import encode_chat, encode_message
from chatapp.ids.snowflake import MAX_ID


class Request(NamedTuple):
    """A REST call below a dialect's base path."""

    method: str
    path: str
    options: dict[str, Any]


class Dialect(Protocol):
    """Encodes requests; decodes answers and frames into the marketplace's form.

    Attributes:
        base: path of its REST routes. socket: path of its socket.
        echoes_to_sender: whether the sending socket receives its own message as a live frame.
        sent: status of the response to a sent message, and to an uploaded file.
        files: path of its uploads. files_field: names files in the body of a message.
        chats: path of a chat, without its id. names: its own names of fields, by those of the marketplace.
        cursor_params: parameters of `/messages/since` that return the current cursor.
    """

    name: str
    base: str
    socket: str
    echoes_to_sender: bool
    sent: int
    files: str
    files_field: str
    chats: str
    names: Mapping[str, str]
    cursor_params: dict[str, str]

    def encode(self, frame: Json) -> Json:
        """Encode a client frame."""
        ...

    def decode(self, frame: Json) -> Json:
        """Decode a server frame."""
        ...

    def send_request(self, chat: int, key: str, content: str, about: Reference | None = None) -> Request:
        """The request that sends a message. Parameters: about: another message that it names."""
        ...

    def shown_chat_id(self, chat: int) -> int | str:
        """The id of a chat in a path or a body."""
        ...

    def shown_message_id(self, message: int) -> int | str:
        """The id of a message in a path or a body."""
        ...

    def message(self, data: Json) -> Json:
        """Decode the message of a response."""
        ...

    def copies(self, data: Any) -> list[Json]:
        """Decode the messages that a forward sent."""
        ...

    def reactions(self, data: Json) -> Json:
        """Decode the answer to a reaction."""
        ...

    def refusal(self, body: Json) -> str:
        """The error code of a refusal, as `messageDeleted`."""
        ...

    def history(self, chat: int, position: Any) -> Request:
        """Request a page of a chat's messages, newest first, from a position on; None for the newest."""
        ...

    def page(self, data: Json) -> tuple[list[Json], Any]:
        """The messages of a history page, and where the next page starts; None after the last page."""
        ...

    def since(self, data: Json) -> Json:
        """Decode a page of `/messages/since`."""
        ...

    def has_envelope(self, body: Json, *, is_success: bool) -> bool:
        """Whether a response has the envelope of this dialect."""
        ...


class Marketplace:
    """The marketplace dialect, whose form the checker uses."""

    name, base, socket, echoes_to_sender, sent = "marketplace", "/api/v1/marketplace/chat", "/ws/chat", True, 200
    files, files_field, chats = "/attachments", "attachment_ids", ""
    names: Mapping[str, str] = {}
    cursor_params = {"since": "2100-01-01T00:00:00Z"}  # nothing is that new, so the page holds only the cursor

    def encode(self, frame: Json) -> Json:
        """Return the frame unchanged."""
        return frame

    def decode(self, frame: Json) -> Json:
        """Return the frame unchanged."""
        return frame

    def send_request(self, chat: int, key: str, content: str, about: Reference | None = None) -> Request:
        """The request that sends a message."""
        body = {"chat_id": chat, "content": content, "client_message_id": key}
        if about is not None:
            body[about.field] = about.message
        return Request("POST", "/messages", {"json": body})

    def shown_chat_id(self, chat: int) -> int | str:
        """The id itself."""
        return chat

    def shown_message_id(self, message: int) -> int | str:
        """The id itself."""
        return message

    def message(self, data: Json) -> Json:
        """Decode the message of a response."""
        return data

    def copies(self, data: Any) -> list[Json]:
        """Decode the messages that a forward sent."""
        found: list[Json] = data
        return found

    def reactions(self, data: Json) -> Json:
        """Decode the answer to a reaction."""
        return data

    def refusal(self, body: Json) -> str:
        """The error code of a refusal."""
        return str(body["error"]).removeprefix("marketplace.")

    def history(self, chat: int, position: Any) -> Request:
        """Request a page of a chat's messages, newest first."""
        return Request("GET", "/messages", {"params": {"chat_id": chat, "limit": 100, "before_id": position or MAX_ID}})

    def page(self, data: Json) -> tuple[list[Json], Any]:
        """The messages of a history page, and where the next page starts."""
        messages = data["messages"]
        return messages, min(message["id"] for message in messages) if data["has_more"] else None

    def since(self, data: Json) -> Json:
        """Decode a page of `/messages/since`."""
        return data

    def has_envelope(self, body: Json, *, is_success: bool) -> bool:
        """Whether a response has the envelope of this dialect."""
        return body.get("success") is is_success and ("data" if is_success else "error") in body


class Social:
    """The social dialect. Parameters: person_of: maps a UUID to an integer id."""

    name, base, socket, echoes_to_sender, sent = "social", "/api/v1/chat", "/api/v1/chat/ws", False, 201
    files, files_field, chats = "/files", "attachmentIds", "/conversations"
    names: Mapping[str, str] = {
        "chat_id": "conversationId",
        "chat_ids": "conversationIds",
        "message_id": "messageId",
        "reply_to_id": "replyToId",
        "forward_message_id": "forwardMessageId",
    }
    cursor_params: dict[str, str] = {}

    def __init__(self, person_of: Callable[[str], int]) -> None:
        self._translator = SocialTranslator(person_of)

    def encode(self, frame: Json) -> Json:
        """Encode a client frame."""
        return to_social(frame)

    def decode(self, frame: Json) -> Json:
        """Decode a server frame."""
        return self._translator.frame(frame)

    def send_request(self, chat: int, key: str, content: str, about: Reference | None = None) -> Request:
        """The request that sends a message."""
        body = {"content": content, "tempId": key}
        if about is not None:
            body[self.names[about.field]] = encode_message(about.message)
        return Request("POST", f"/conversations/{encode_chat(chat)}/messages", {"json": body})

    def shown_chat_id(self, chat: int) -> int | str:
        """Its UUID."""
        return encode_chat(chat)

    def shown_message_id(self, message: int) -> int | str:
        """Its UUID."""
        return encode_message(message)

    def message(self, data: Json) -> Json:
        """Decode the message of a response."""
        return self._translator.message(data)

    def copies(self, data: Any) -> list[Json]:
        """Decode the messages that a forward sent."""
        return [self._translator.message(message) for message in data["messages"]]

    def reactions(self, data: Json) -> Json:
        """Decode the answer to a reaction."""
        return self._translator.reactions_answer(data)

    def refusal(self, body: Json) -> str:
        """The error code of a refusal."""
        return marketplace_error(body["error"]["code"]).removeprefix("marketplace.")

    def history(self, chat: int, position: Any) -> Request:
        """Request a page of a chat's messages, newest first."""
        params = {"limit": 50, **({} if position is None else {"cursor": position})}
        return Request("GET", f"/conversations/{encode_chat(chat)}/messages", {"params": params})

    def page(self, data: Json) -> tuple[list[Json], Any]:
        """The messages of a history page, and where the next page starts."""
        messages = [self._translator.message(message) for message in data["messages"]]
        return messages, data["meta"]["nextCursor"] if data["meta"]["hasMore"] else None

    def since(self, data: Json) -> Json:
        """Decode a page of `/messages/since`."""
        return self._translator.page(data)

    def has_envelope(self, body: Json, *, is_success: bool) -> bool:
        """Whether a response has the envelope of this dialect."""
        if body.get("success") is not is_success or not isinstance(body.get("message"), str):
            return False
        return "data" in body if is_success else set(body.get("error") or ()) == {"code", "details"}


MARKETPLACE = Marketplace()
