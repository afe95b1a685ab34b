"""Paths and frames of the social dialect, for loads that look at no more of an answer than they must."""

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
# How frames begin.
HEARD, ACKNOWLEDGED = b'{"type":"message.new"', b'{"type":"message.sent"'
REFUSED = (b'{"type":"message.error"', b'{"type":"error"')
_KEY = re.compile(rb'"content":"(\d+-\d+) ')
_UNREAD = re.compile(rb'\{"type":"notification\.unread","payload":\{[^}]*"count":(\d+)')


def connected(traffic: Traffic, port: int, person: int, on_frame: Any) -> LoadSocket:
    """A socket of a person's (`data`), listened to; `on_frame(socket, text)` hears its frames."""
    sock = LoadSocket(port, f"?token={token_of(person).decode()}", on_frame, bytes, path=SOCKET)
    sock.data = person
    traffic.add(sock)
    return sock


def message_frame(chat_id: int, key: str, text: str) -> dict[str, Any]:
    """What sends a message whose text begins with its key, `person-number`."""
    payload = {"conversationId": encode_chat(chat_id), "content": f"{key} {text}", "tempId": key}
    return {"type": "message.send", "payload": payload}


def key_in(frame: bytes) -> str | None:
    """The key that the text of a message in a frame begins with."""
    found = _KEY.search(frame)
    return found[1].decode() if found else None


def unread_in(frame: bytes) -> int | None:
    """The person's unread messages, where a frame tells them."""
    found = _UNREAD.match(frame)
    return int(found[1]) if found else None


def messages(chat_id: int, limit: int, cursor: str | None = None) -> str:
    """Path of a page of a chat; the newest without a cursor."""
    further = f"&cursor={quote(cursor)}" if cursor else ""
    return f"{CONVERSATIONS}/{encode_chat(chat_id)}/messages?limit={limit}{further}"


def page(data: Any) -> tuple[list[dict[str, Any]], str | None]:
    """The messages of a page, and the cursor of the next one where there is one."""
    return data["messages"], data["meta"]["nextCursor"] if data["meta"]["hasMore"] else None


def post(chat_id: int, text: str) -> Call:
    """What sends a message over REST."""
    return "POST", f"{CONVERSATIONS}/{encode_chat(chat_id)}/messages", {"content": text}


def read(chat_id: int) -> Call:
    """What reads a chat."""
    return "POST", f"{CONVERSATIONS}/{encode_chat(chat_id)}/read", {}
