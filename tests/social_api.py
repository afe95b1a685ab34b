"""Users of the social dialect: `alice.social.sends("hi", to=bob)`, `socket.receives("message.new")`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.servers import ChatServer, Reply

if TYPE_CHECKING:
    from tests.people import Person, Socket

SOCIAL = "/api/v1/chat"


class SocialApi:
    """The actions of a user in the social dialect."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def requests(self, method: str, path: str, **options: Any) -> Reply:
        """Make a request below the base path."""
        return self.person.server.request(method, SOCIAL + path, token=self.person.token, **options)

    def gets(self, path: str, **params: Any) -> Reply:
        """GET below the base path."""
        return self.requests("GET", path, params=params)

    def posts(self, path: str, body: Any = None, **headers: str) -> Reply:
        """POST JSON below the base path."""
        return self.requests("POST", path, json=body, headers=headers)

    def patches(self, path: str, body: Any, **headers: str) -> Reply:
        """PATCH JSON below the base path."""
        return self.requests("PATCH", path, json=body, headers=headers)

    def deletes(self, path: str) -> Reply:
        """DELETE below the base path."""
        return self.requests("DELETE", path)

    def opens(self, other: Person) -> dict[str, Any]:
        """Return the conversation with a user, created if absent."""
        found: dict[str, Any] = self.gets(f"/conversations/with/{other.username}").data
        return found

    def sends(self, content: str, *, to: Person | str, **fields: Any) -> dict[str, Any]:
        """Send over REST to a user or to a conversation id; returns the message."""
        conversation_id = to if isinstance(to, str) else self.opens(to)["id"]
        reply = self.posts(f"/conversations/{conversation_id}/messages", {"content": content, **fields})
        assert reply.status == 201, reply.text
        message: dict[str, Any] = reply.data
        return message

    def reads(self, conversation_id: str, message: dict[str, Any] | None = None) -> int:
        """Mark a conversation as read, up to a message or completely; returns how many messages became read."""
        body = {} if message is None else {"messageId": message["id"]}
        return int(self.posts(f"/conversations/{conversation_id}/read", body).data["count"])

    def unread(self) -> int:
        """Number of unread messages in all conversations."""
        return int(self.gets("/conversations/unread-count").data["count"])

    def conversations(self) -> list[dict[str, Any]]:
        """My newest 50 conversations."""
        found: list[dict[str, Any]] = self.gets("/conversations", limit=50).data["conversations"]
        return found

    def history(self, conversation_id: str, **params: Any) -> list[dict[str, Any]]:
        """Messages of a conversation, newest first."""
        found: list[dict[str, Any]] = self.gets(f"/conversations/{conversation_id}/messages", **params).data["messages"]
        return found

    def all_pages(self, path: str, name: str, **params: Any) -> list[list[dict[str, Any]]]:
        """Return all pages of a list, each as its entries; `name` is the key of the list."""
        pages: list[list[dict[str, Any]]] = []
        cursor = ""
        while True:
            data = self.gets(path, cursor=cursor, **params).data
            pages.append(data[name])
            assert ("nextCursor" in data["meta"]) == data["meta"]["hasMore"]
            if not data["meta"]["hasMore"]:
                return pages
            cursor = data["meta"]["nextCursor"]

    def blocks(self, other: Person) -> Reply:
        """Block a user."""
        return self.posts("/blocks", {"username": other.username})

    def unblocks(self, other: Person) -> Reply:
        """Unblock a user."""
        return self.deletes(f"/blocks/{other.username}")

    def connects(self, server: ChatServer | None = None) -> Socket:
        """Open a socket by ticket, and wait for its greeting."""
        from tests.people import Socket

        ticket = self.posts("/ws-ticket").data["ticket"]
        socket = Socket(server or self.person.server, query=f"?ticket={ticket}", path=f"{SOCIAL}/ws")
        self.person.sockets.append(socket)
        socket.greeting = socket.receives("connected")
        return socket


def frame(kind: str, **payload: Any) -> str:
    """Encode a frame of this dialect."""
    return json.dumps({"type": kind, "payload": payload})
