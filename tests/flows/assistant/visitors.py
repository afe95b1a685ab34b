"""Visitors of the shop assistant: `visitor.asks("a grey sofa")`, `visitor.history()`."""

from __future__ import annotations

from typing import Any

from tests.people import Person, Socket
from tests.servers import ChatServer, Reply

CHAT = "/api/chat"
SESSIONS = "/api/sessions"


class Visitor:
    """A visitor with a session, with an account or without.

    Attributes:
        session_id: the bare id of the session.
        signed: its signed id.
    """

    def __init__(self, server: ChatServer, person: Person | None = None, **opened: Any) -> None:
        self.server = server
        self.token = None if person is None else person.token
        reply = server.post(SESSIONS, token=self.token, json=opened)
        assert reply.status == 200, reply.text
        self.opened: dict[str, Any] = reply.json
        self.session_id: str = reply.json["session_id"]
        self.signed: str = reply.json["signed_session_id"]
        self.sockets: list[Socket] = []

    def gets(self, path: str, **params: Any) -> Reply:
        """GET below `/api/chat`, with the signed id."""
        return self.server.get(CHAT + path, token=self.token, params={"session_id": self.signed, **params})

    def posts(self, path: str, **body: Any) -> Reply:
        """POST below `/api/chat`, with the signed id."""
        return self.server.post(CHAT + path, token=self.token, json={"session_id": self.signed, **body})

    def says(self, content: str, **fields: Any) -> dict[str, Any]:
        """Send a message; returns it."""
        reply = self.posts("/messages", content=content, **fields)
        assert reply.status == 200, reply.text
        message: dict[str, Any] = reply.json["message"]
        return message

    def history(self, **params: Any) -> list[dict[str, Any]]:
        """The newest messages, oldest first."""
        reply = self.gets("/messages", **params)
        assert reply.status == 200, reply.text
        messages: list[dict[str, Any]] = reply.json["messages"]
        return messages

    def at_session(self, method: str, path: str = "", session_id: str | None = None, **options: Any) -> Reply:
        """A request below `/api/sessions/:id`."""
        path = f"{SESSIONS}/{session_id or self.signed}{path}"
        return self.server.request(method, path, token=options.pop("token", self.token), **options)

    def connects(self, server: ChatServer | None = None) -> Socket:
        """Open a socket; returns it after its greeting."""
        query = f"?session_id={self.signed}" + (f"&token={self.token}" if self.token else "")
        socket = Socket(server or self.server, query=query, path=f"{CHAT}/ws")
        self.sockets.append(socket)
        socket.greeting = socket.receives("connected")
        return socket

    def leaves(self) -> None:
        """Close all sockets."""
        for socket in self.sockets:
            socket.closes()
