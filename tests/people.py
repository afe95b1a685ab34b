"""People as tests speak of them: `alice.sends("hi", to=bob)`, `bob.receives("new_message")`."""

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
CLOSE_TIMEOUT = 20.0  # well before the heartbeat would find out by itself that a socket has lost its right to stay


class Socket:
    """A socket of `/ws/chat`.

    Attributes:
        kept: what was heard and not asked for yet.
        said: all that the server ever said.
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
        """Send a frame; text goes as it is."""
        self._ws.send(frame if isinstance(frame, str) else json.dumps(frame))

    def sends_bytes(self, data: bytes) -> None:
        """Send a binary frame."""
        self._ws.send_binary(data)

    def receives(self, kind: str, within: float = TIMEOUT, **fields: Any) -> dict[str, Any]:
        """The next frame of this kind and these fields, of it or its payload; what comes before it is kept."""

        def wanted(frame: dict[str, Any]) -> bool:
            told = {**(frame.get("payload") or {}), **frame}
            return frame["type"] == kind and all(told.get(name) == value for name, value in fields.items())

        return self._next(wanted, within, f"no {kind} {fields}")

    def receives_no(self, kind: str, until: Callable[[], dict[str, Any]]) -> None:
        """Nothing of this kind comes before what `until` waits for."""
        until()
        assert not [frame for frame in self.unclaimed if frame["type"] == kind]

    def requests(self, frame: object, answer: str) -> dict[str, Any]:
        """Send a frame and wait for its answer."""
        self.sends(frame)
        return self.receives(answer)

    def receives_any(self, *kinds: str) -> dict[str, Any]:
        """The next frame of any of these kinds."""
        return self._next(lambda frame: frame["type"] in kinds, TIMEOUT, f"none of {kinds}")

    def receives_all(self, kind: str, count: int, within: float = TIMEOUT) -> list[dict[str, Any]]:
        """The next `count` frames of this kind, in their order."""
        return [self.receives(kind, within) for _ in range(count)]

    def pings(self) -> dict[str, Any]:
        """Ping, and wait for the pong: whatever was on its way before has come."""
        return self.requests({"type": "ping"}, "pong")

    def close_code(self, within: float = CLOSE_TIMEOUT) -> int:
        """The code that the server closes with."""
        deadline = time.monotonic() + within
        while True:
            self._ws.settimeout(max(0.01, deadline - time.monotonic()))
            opcode, frame = self._ws.recv_data_frame(control_frame=True)  # pings, too, or they would renew the time-out
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return int.from_bytes(frame.data[:2], "big") if len(frame.data) >= 2 else 1005

    def is_admitted(self, otherwise: int = 4401) -> bool:
        """Whether the first thing that comes is the greeting; if not, it must be this close code."""
        opcode, data = self._ws.recv_data()
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            assert int.from_bytes(data[:2], "big") == otherwise
            return False
        assert json.loads(data)["type"] == "connected"
        return True

    @property
    def port(self) -> int:
        """Ours, by which the server's end is found."""
        return int(self._ws.sock.getsockname()[1])

    def closes(self) -> None:
        """Hang up."""
        self._ws.close(timeout=1)

    def _next(self, wanted: Callable[[dict[str, Any]], bool], within: float, what: str) -> dict[str, Any]:
        for index, frame in enumerate(self.unclaimed):
            if wanted(frame):
                return self.unclaimed.pop(index)
        deadline = time.monotonic() + within
        while (left := deadline - time.monotonic()) > 0:
            self._ws.settimeout(left)
            try:
                text = self._ws.recv()
            except websocket.WebSocketTimeoutException:
                break
            assert text, f"closed while waiting: {what}"
            frame = json.loads(text)
            self.received.append(frame)
            if wanted(frame):
                return frame
            self.unclaimed.append(frame)
        raise AssertionError(f"{what}; heard {[frame['type'] for frame in self.unclaimed]}")


class Person:
    """Somebody who signed up."""

    def __init__(self, server: ChatServer, username: str, answer: dict[str, Any]) -> None:
        self.server = server
        self.username = username
        self.password = PASSWORD
        self.id: int = answer["user"]["id"]
        self.uuid: str = answer["user"]["uuid"]
        self.token: str = answer["access_token"]
        self.refresh_token: str = answer["refresh_token"]
        self.sockets: list[Socket] = []
        self.social = SocialApi(self)  # the same person as a client of the social dialect

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
        """Change the text of a message over REST; returns it."""
        reply = self.patches(f"/messages/{message['id']}", {"content": content, **fields})
        assert reply.status == 200, reply.text
        edited: dict[str, Any] = reply.data
        return edited

    def deletes_message(self, message: dict[str, Any]) -> dict[str, Any]:
        """Delete a message over REST; returns what is left of it."""
        deleted: dict[str, Any] = self.deletes(f"/messages/{message['id']}").data
        return deleted

    def awaits_old_transactions(self) -> None:
        """Wait until catching up from now on repeats nothing.

        Cursors reach back to the oldest transaction that is open anywhere on the database server, other tests'
        databases included; what was written after its start comes again.
        """

        def repeats_nothing() -> bool:
            cursor = self.social.gets("/messages/since").data["cursor"]
            page = self.social.gets("/messages/since", cursor=cursor).data
            return not (page["messages"] or page["changes"] or page["conversations"])

        await_true(repeats_nothing, what=lambda: "an older transaction stays open")

    def cursor(self, chat_id: int) -> str:
        """Everything until now, as somebody knows who has just read a chat; nothing of it comes again."""
        self.awaits_old_transactions()
        return str(self.gets("/messages", chat_id=chat_id, limit=1).data["cursor"])

    def catches_up(self, cursor: str, **params: Any) -> dict[str, Any]:
        """All pages since a cursor, as one."""
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
        """Have nothing to do with somebody any more."""
        reply = self.server.post(f"{SOCIAL}/blocks", token=self.token, json={"username": other.username})
        assert reply.status in (200, 201), reply.text

    def unblocks(self, other: Person) -> None:
        """Have to do with somebody again."""
        reply = self.server.delete(f"{SOCIAL}/blocks/{other.username}", token=self.token)
        assert reply.status == 200, reply.text

    def unread(self) -> int:
        """How many messages wait, over all chats."""
        return int(self.gets("/unread-count").data["count"])

    def chat(self, chat_id: int, **params: Any) -> dict[str, Any]:
        """One of my chats, as the list shows it."""
        return next(chat for chat in self.chats(limit=100, **params) if chat["id"] == chat_id)

    def chats(self, **params: Any) -> list[dict[str, Any]]:
        """My chats."""
        found: list[dict[str, Any]] = self.gets("", **params).data
        return found

    def history(self, chat_id: int, **params: Any) -> list[dict[str, Any]]:
        """Messages of a chat, newest first."""
        found: list[dict[str, Any]] = self.gets("/messages", chat_id=chat_id, **params).data["messages"]
        return found

    def ticket(self) -> str:
        """For one socket."""
        return str(self.posts("/ws-ticket").data["ticket"])

    def connects(self, server: ChatServer | None = None, **options: Any) -> Socket:
        """Open a socket by ticket, past the greeting."""
        socket = Socket(server or self.server, query=f"?ticket={self.ticket()}", **options)
        self.sockets.append(socket)
        socket.greeting = socket.receives("connected")
        return socket


class PersonMaker:
    """Signs people up, under names that nobody else has."""

    def __init__(self, server: ChatServer) -> None:
        self.server = server
        self.people: list[Person] = []

    def __call__(self, name: str | None = None, *, server: ChatServer | None = None) -> Person:
        """Sign up `name` and a random ending."""
        username = f"{name or 'person'}-{uuid.uuid4().hex[:10]}"
        email = f"{username}@example.com"
        body = {"username": username, "email": email, "password": PASSWORD, "name": name or "Person"}
        reply = (server or self.server).post("/api/v1/auth/signup", json=body)
        assert reply.status == 201, reply.text
        person = Person(server or self.server, username, reply.data)
        self.people.append(person)
        return person

    def close_sockets(self) -> None:
        """Close every socket that was opened."""
        for person in self.people:
            for socket in person.sockets:
                socket.closes()
