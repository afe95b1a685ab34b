"""Paths and frames of the social dialect, for loads that inspect only parts of a response."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from bench.social.traffic import Traffic, token_of
from bench.sockets import LoadSocket
from chatapp.ids.public import encode_chat

Call = tuple[str, str, dict[str, Any] | None]  # method, path and body of a request

SOCKET = "/api/v1/chat/ws"
CONVERSATIONS = "/api/v1/chat/conversations"
UNREAD_COUNT = f"{CONVERSATIONS}/unread-count"
# Prefixes of frames.
NEW_MESSAGE, ACKNOWLEDGED = b'{"type":"message.new"', b'{"type":"message.sent"'
REFUSED = (b'{"type":"message.error"', b'{"type":"error"')
_KEY = re.compile(rb'"content":"(\d+-\d+) ')
_UNREAD = re.compile(rb'\{"type":"notification\.unread","payload":\{[^}]*"count":(\d+)')


def connect(traffic: Traffic, port: int, person: int, on_frame: Any) -> LoadSocket:
    """Open a socket of a user (kept as `data`); `on_frame(socket, text)` receives its frames."""
    sock = LoadSocket(port, f"?token={token_of(person).decode()}", on_frame, bytes, path=SOCKET)
    sock.data = person
    traffic.add(sock)
    return sock


def message_frame(chat_id: int, key: str, text: str) -> dict[str, Any]:
    """A frame that sends a message whose text starts with its key, `person-number`."""
    payload = {"conversationId": encode_chat(chat_id), "content": f"{key} {text}", "tempId": key}
    return {"type": "message.send", "payload": payload}


def key_in(frame: bytes) -> str | None:
    """The key at the start of the message text in a frame."""
    found = _KEY.search(frame)
    return found[1].decode() if found else None


def unread_in(frame: bytes) -> int | None:
    """The unread count of a frame that carries one."""
    found = _UNREAD.match(frame)
    return int(found[1]) if found else None


def messages(chat_id: int, limit: int, cursor: str | None = None) -> str:
    """Path of a page of a chat; the newest without a cursor."""
    further = f"&cursor={quote(cursor)}" if cursor else ""
    return f"{CONVERSATIONS}/{encode_chat(chat_id)}/messages?limit={limit}{further}"


def page(data: Any) -> tuple[list[dict[str, Any]], str | None]:
    """The messages of a page, and the cursor of the next page, if any."""
    return data["messages"], data["meta"]["nextCursor"] if data["meta"]["hasMore"] else None


def post(chat_id: int, text: str) -> Call:
    """A request that sends a message."""
    return "POST", f"{CONVERSATIONS}/{encode_chat(chat_id)}/messages", {"content": text}


def read(chat_id: int) -> Call:
    """A request that marks a chat as read."""
    return "POST", f"{CONVERSATIONS}/{encode_chat(chat_id)}/read", {}
