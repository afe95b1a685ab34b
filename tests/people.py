"""Users of the marketplace dialect: `alice.sends("hi", to=bob)`, `socket.receives("new_message")`."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import websocket

from tests.servers import TIMEOUT, ChatServer, Reply, await_true
from tests.social_api import SocialApi

CHAT = "/api/v1/marketplace/chat"
SOCIAL = "/api/v1/chat"
PASSWORD = "correct horse battery"
CLOSE_TIMEOUT = 20.0  # seconds; shorter than the heartbeat that would also close revoked sockets


class Socket:
    """A socket of `/ws/chat`.

    Attributes:
        unclaimed: received frames that no call has returned yet.
        received: all received frames.
    """

    def __init__(self, server: ChatServer, *, query: str = "", headers: dict[str, str] | None = None,
                 subprotocols: list[str] | None = None, path: str = "/ws/chat") -> None:  # fmt: skip
        self._ws = websocket.create_connection(
            f"ws://127.0.0.1:{server.port}{path}{query}",
            header=[f"{name}: {value}" for name, value in (headers or {}).items()],
            subprotocols=subprotocols,
            suppress_origin=True,
            timeout=TIMEOUT,
        )
        self.unclaimed: list[dict[str, Any]] = []
        self.greeting: dict[str, Any] = {}
        self.received: list[dict[str, Any]] = []
        self.subprotocol = self._ws.subprotocol

    def sends(self, frame: object) -> None:
        """Send a frame; strings are sent unchanged."""
        self._ws.send(frame if isinstance(frame, str) else json.dumps(frame))

    def sends_bytes(self, data: bytes) -> None:
        """Send a binary frame."""
        self._ws.send_binary(data)

    def receives(self, kind: str, within: float = TIMEOUT, **fields: Any) -> dict[str, Any]:
        """Return the next frame with this type and these fields (or payload fields); keep earlier ones unclaimed."""

        def wanted(frame: dict[str, Any]) -> bool:
            fields_of_frame = {**(frame.get("payload") or {}), **frame}
            return frame["type"] == kind and all(fields_of_frame.get(name) == value for name, value in fields.items())

        return self._next(wanted, within, f"no {kind} {fields}")

    def receives_no(self, kind: str, until: Callable[[], dict[str, Any]]) -> None:
        """Assert that no frame of this type arrives before the one that `until` waits for."""
        until()
        assert not [frame for frame in self.unclaimed if frame["type"] == kind]

    def requests(self, frame: object, answer: str) -> dict[str, Any]:
        """Send a frame and return its answer."""
        self.sends(frame)
        return self.receives(answer)

    def receives_any(self, *kinds: str) -> dict[str, Any]:
        """Return the next frame of any of these types."""
        return self._next(lambda frame: frame["type"] in kinds, TIMEOUT, f"none of {kinds}")

    def receives_all(self, kind: str, count: int, within: float = TIMEOUT) -> list[dict[str, Any]]:
        """Return the next `count` frames of this type, in order."""
        return [self.receives(kind, within) for _ in range(count)]

    def pings(self) -> dict[str, Any]:
        """Ping, and wait for the pong: all earlier frames have arrived then."""
        return self.requests({"type": "ping"}, "pong")

    def close_code(self, within: float = CLOSE_TIMEOUT) -> int:
        """Wait for the close frame, and return its code."""
        deadline = time.monotonic() + within
        while True:
            self._ws.settimeout(max(0.01, deadline - time.monotonic()))
            opcode, frame = self._ws.recv_data_frame(control_frame=True)  # include pings: they would renew the timeout
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return int.from_bytes(frame.data[:2], "big") if len(frame.data) >= 2 else 1005

    def is_admitted(self, otherwise: int = 4401) -> bool:
        """Whether the first frame is the greeting; otherwise assert this close code."""
        opcode, data = self._ws.recv_data()
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            assert int.from_bytes(data[:2], "big") == otherwise
            return False
        assert json.loads(data)["type"] == "connected"
        return True

    @property
    def port(self) -> int:
        """Local port, which identifies the connection on the server."""
        return int(self._ws.sock.getsockname()[1])

    def closes(self) -> None:
        """Close the socket."""
        self._ws.close(timeout=1)

    def _next(self, wanted: Callable[[dict[str, Any]], bool], within: float, what: str) -> dict[str, Any]:
        for index, frame in enumerate(self.unclaimed):
            if wanted(frame):
                return self.unclaimed.pop(index)
        deadline = time.monotonic() + within
        while (left := deadline - time.monotonic()) > 0:
            self._ws.settimeout(left)
            try:
                # Including pings: within the library, each would renew the time-out.
                opcode, data = self._ws.recv_data_frame(control_frame=True)
            except websocket.WebSocketTimeoutException:
                break
            assert opcode != websocket.ABNF.OPCODE_CLOSE, f"closed while waiting: {what}"
            if opcode != websocket.ABNF.OPCODE_TEXT:
                continue
            frame = json.loads(data.data)
            self.received.append(frame)
            if wanted(frame):
                return frame
            self.unclaimed.append(frame)
        raise AssertionError(f"{what}; received {[frame['type'] for frame in self.unclaimed]}")


class Person:
    """A user who has signed up."""

    def __init__(self, server: ChatServer, username: str, answer: dict[str, Any]) -> None:
        self.server = server
        self.username = username
        self.password = PASSWORD
        self.id: int = answer["user"]["id"]
        self.uuid: str = answer["user"]["uuid"]
        self.token: str = answer["access_token"]
        self.refresh_token: str = answer["refresh_token"]
        self.sockets: list[Socket] = []
        self.social = SocialApi(self)  # the same user in the social dialect

    def gets(self, path: str, **params: Any) -> Reply:
        """GET below the chat's base path."""
        return self.server.get(CHAT + path, token=self.token, params=params)

    def posts(self, path: str, body: Any = None, **headers: str) -> Reply:
        """POST JSON below the chat's base path."""
        return self.server.post(CHAT + path, token=self.token, json=body, headers=headers)

    def patches(self, path: str, body: Any, **headers: str) -> Reply:
        """PATCH JSON below the chat's base path."""
        return self.server.request("PATCH", CHAT + path, token=self.token, json=body, headers=headers)

    def deletes(self, path: str) -> Reply:
        """DELETE below the chat's base path."""
        return self.server.delete(CHAT + path, token=self.token)

    def edits(self, message: dict[str, Any], content: str, **fields: Any) -> dict[str, Any]:
        """Edit a message over REST; returns it."""
        reply = self.patches(f"/messages/{message['id']}", {"content": content, **fields})
        assert reply.status == 200, reply.text
        edited: dict[str, Any] = reply.data
        return edited

    def deletes_message(self, message: dict[str, Any]) -> dict[str, Any]:
        """Delete a message over REST; returns the tombstone."""
        deleted: dict[str, Any] = self.deletes(f"/messages/{message['id']}").data
        return deleted

    def awaits_old_transactions(self) -> None:
        """Wait until a catch-up from a new cursor is empty.

        Cursors reach back to the oldest open transaction of the database server, including those of other tests;
        changes after its start are repeated.
        """

        def repeats_nothing() -> bool:
            cursor = self.social.gets("/messages/since").data["cursor"]
            page = self.social.gets("/messages/since", cursor=cursor).data
            return not (page["messages"] or page["changes"] or page["conversations"])

        await_true(repeats_nothing, what=lambda: "an older transaction is still open")

    def cursor(self, chat_id: int) -> str:
        """A cursor past everything so far; none of it is repeated."""
        self.awaits_old_transactions()
        return str(self.gets("/messages", chat_id=chat_id, limit=1).data["cursor"])

    def catches_up(self, cursor: str, **params: Any) -> dict[str, Any]:
        """Catch up from a cursor; returns all pages merged."""
        whole: dict[str, Any] = {"messages": [], "changes": [], "chats": {}, "pages": 0}
        while True:
            page = self.gets("/messages/since", cursor=cursor, **params).data
            whole["messages"] += page["messages"]
            whole["changes"] += page["changes"]
            whole["chats"].update({chat["id"]: chat for chat in page["chats"]})
            whole["pages"] += 1
            cursor = page["cursor"]
            if not page["has_more"]:
                return {**whole, "cursor": cursor, "full_sync": page["full_sync"]}

    def puts(self, path: str, body: Any) -> Reply:
        """PUT JSON below the chat's base path."""
        return self.server.put(CHAT + path, token=self.token, json=body)

    def sends(self, content: str, *, to: Person | None = None, **fields: Any) -> dict[str, Any]:
        """Send over REST; returns the message."""
        body = {"content": content, **({"receiver_id": to.id} if to else {}), **fields}
        reply = self.posts("/messages", body)
        assert reply.status == 200, reply.text
        message: dict[str, Any] = reply.data
        return message

    def reads(self, *messages: dict[str, Any]) -> None:
        """Mark messages of one chat as read over REST."""
        body = {"chat_id": messages[0]["chat_id"], "message_ids": [message["id"] for message in messages]}
        reply = self.puts("/messages/read", body)
        assert reply.data == {"message": "marketplace.messagesMarkedAsRead"}, reply.text

    def blocks(self, other: Person) -> None:
        """Block a user."""
        reply = self.server.post(f"{SOCIAL}/blocks", token=self.token, json={"username": other.username})
        assert reply.status in (200, 201), reply.text

    def unblocks(self, other: Person) -> None:
        """Unblock a user."""
        reply = self.server.delete(f"{SOCIAL}/blocks/{other.username}", token=self.token)
        assert reply.status == 200, reply.text

    def unread(self) -> int:
        """Number of unread messages in all chats."""
        return int(self.gets("/unread-count").data["count"])

    def chat(self, chat_id: int, **params: Any) -> dict[str, Any]:
        """Return one entry of my chat list."""
        return next(chat for chat in self.chats(limit=100, **params) if chat["id"] == chat_id)

    def chats(self, **params: Any) -> list[dict[str, Any]]:
        """My chat list."""
        found: list[dict[str, Any]] = self.gets("", **params).data
        return found

    def history(self, chat_id: int, **params: Any) -> list[dict[str, Any]]:
        """Messages of a chat, newest first."""
        found: list[dict[str, Any]] = self.gets("/messages", chat_id=chat_id, **params).data["messages"]
        return found

    def ticket(self) -> str:
        """Get a ticket for a socket."""
        return str(self.posts("/ws-ticket").data["ticket"])

    def connects(self, server: ChatServer | None = None, **options: Any) -> Socket:
        """Open a socket by ticket, and wait for its greeting."""
        socket = Socket(server or self.server, query=f"?ticket={self.ticket()}", **options)
        self.sockets.append(socket)
        socket.greeting = socket.receives("connected")
        return socket


class PersonMaker:
    """Signs users up under unique names."""

    def __init__(self, server: ChatServer) -> None:
        self.server = server
        self.people: list[Person] = []

    def __call__(self, name: str | None = None, *, server: ChatServer | None = None) -> Person:
        """Sign up `name` with a random suffix."""
        username = f"{name or 'person'}-{uuid.uuid4().hex[:10]}"
        email = f"{username}@example.com"
        body = {"username": username, "email": email, "password": PASSWORD, "name": name or "Person"}
        reply = (server or self.server).post("/api/v1/auth/signup", json=body)
        assert reply.status == 201, reply.text
        person = Person(server or self.server, username, reply.data)
        self.people.append(person)
        return person

    def close_sockets(self) -> None:
        """Close all opened sockets."""
        for person in self.people:
            for socket in person.sockets:
                socket.closes()
