"""Random histories of a chat, with their live frames and catch-up pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from chatapp_client import ChatState

ME, OTHER, CHAT = 1, 2, 77
EMOJI = ("👍", "❤️")
Frame = dict[str, Any]


@dataclass
class History:
    """The events of a chat, and their live frames."""

    frames: list[Frame] = field(default_factory=list)
    messages: list[Frame] = field(default_factory=list)
    read: dict[int, int] = field(default_factory=lambda: {ME: 0, OTHER: 0})
    pinned: dict[int, int] = field(default_factory=dict)  # by message, the version
    starred: set[int] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    version: int = 0
    time: int = 0

    def send(self, sender: int) -> None:
        """Add a message."""
        self.version += 1
        seq = len(self.messages) + 1
        message: Frame = {
            "id": 1000 + seq, "chat_id": CHAT, "seq": seq, "version": self.version, "sender_id": sender,
            "receiver_id": ME + OTHER - sender, "client_message_id": None, "content": f"text {seq}",
            "location_data": None, "reactions": [], "attachments": [], "attachments_count": 0,
            "has_attachments": False, "is_read": False, "is_edited": False, "is_deleted": False,
            "updated_at": str(self.version),
        }  # fmt: skip
        self.messages.append(message)
        self.read[sender] = seq
        self._emit("new_message", message=dict(message), version=self.version)

    def edit(self, index: int) -> None:
        """Edit a message."""
        message = self.messages[index]
        if not message["is_deleted"]:
            self.version += 1
            text = f"{message['content']} changed"
            message |= {"content": text, "version": self.version, "is_edited": True, "updated_at": str(self.version)}
            self._emit("message_edited", message=dict(message), message_id=message["id"], version=self.version)

    def attach(self, index: int) -> None:
        """Add a file; the message is repeated for clients that only handle new messages."""
        message = self.messages[index]
        if not message["is_deleted"]:
            self.version += 1
            files = [*message["attachments"], {"id": self.version}]
            message |= {"attachments": files, "attachments_count": len(files), "has_attachments": True}
            message |= {"version": self.version, "updated_at": str(self.version)}
            self._emit("attachments_updated", message=dict(message), message_id=message["id"], version=self.version)
            self._emit("new_message", message=dict(message), version=self.version)

    def react(self, index: int, user: int, emoji: str) -> None:
        """A user reacts, or takes the reaction back."""
        message = self.messages[index]
        if message["is_deleted"]:
            return
        self.version += 1
        users = {kind["emoji"]: list(kind["user_ids"]) for kind in message["reactions"]}
        is_added = user not in users.setdefault(emoji, [])
        if is_added:
            users[emoji].append(user)
        else:
            users[emoji].remove(user)
        kinds = [
            {"emoji": kind, "count": len(ids), "user_ids": ids, "mine": None} for kind, ids in users.items() if ids
        ]
        message |= {"reactions": kinds, "version": self.version}
        kind = "reaction_added" if is_added else "reaction_removed"
        ids = {"message_id": message["id"], "user_id": user, "emoji": emoji}
        self._emit(kind, **ids, reactions=kinds, version=self.version)

    def pin(self, index: int) -> None:
        """Pin a message, or unpin it."""
        message = self.messages[index]
        if message["is_deleted"]:
            return
        self.version += 1
        is_pinned = self.pinned.pop(message["id"], None) is None
        if is_pinned:
            self.pinned[message["id"]] = self.version
        kind = "message_pinned" if is_pinned else "message_unpinned"
        self._emit(kind, message_id=message["id"], version=self.version)

    def star(self, index: int) -> None:
        """Star a message, or take the star away."""
        message = self.messages[index]
        if message["is_deleted"] or message["id"] in self.hidden:
            return
        self.time += 1
        self.starred ^= {message["id"]}
        kind = "message_starred" if message["id"] in self.starred else "message_unstarred"
        self._emit(kind, message_id=message["id"], changed_at=f"{self.time:06}")

    def hide(self, index: int) -> None:
        """Delete a message for oneself."""
        message = self.messages[index]
        if message["id"] not in self.hidden:
            self.hidden.add(message["id"])
            self._emit("message_hidden", message_id=message["id"], seq=message["seq"])

    def delete(self, index: int) -> None:
        """Delete a message."""
        message = self.messages[index]
        if not message["is_deleted"]:
            self.version += 1
            at = str(self.version)
            message |= {"content": "[deleted]", "version": self.version, "is_deleted": True, "updated_at": at}
            message |= {"attachments": [], "attachments_count": 0, "has_attachments": False, "reactions": []}
            self.pinned.pop(message["id"], None)
            self.starred.discard(message["id"])
            self._emit("message_deleted", message_id=message["id"], deleted_at=at, version=self.version)

    def mark_read(self, reader: int, index: int) -> None:
        """Mark the chat as read up to a message."""
        seq = self.messages[index]["seq"]
        if seq > self.read[reader]:
            self.read[reader] = seq
            self._emit("message_read", read_by=reader, up_to_seq=seq, version=self.version)

    def as_read(self) -> list[Frame]:
        """A fresh read: the current messages."""
        return [
            {
                **message,
                "is_read": self.read[message["receiver_id"]] >= message["seq"],
                "reactions": [{**kind, "mine": ME in kind["user_ids"]} for kind in message["reactions"]],
            }
            for message in self.messages
            if message["id"] not in self.hidden
        ]

    def marks(self) -> tuple[list[int], list[int]]:
        """A fresh read: the pinned and the starred messages."""
        pinned = sorted(self.pinned, key=lambda message_id: -self.pinned[message_id])
        return [id for id in pinned if id not in self.hidden], sorted(self.starred - self.hidden, reverse=True)

    def unread(self) -> int:
        """A fresh read: the number of unread messages."""
        hidden = sum(message["id"] in self.hidden and message["seq"] > self.read[ME] for message in self.messages)
        return int(len(self.messages) - self.read[ME] - hidden)

    def page(self, after: int, *, cursor: str = "end") -> dict[str, Any]:
        """The catch-up after a version, as one page."""
        sent_at: dict[int, int] = {}
        for frame in self.frames:
            if frame["type"] == "new_message":
                sent_at.setdefault(frame["message"]["seq"], frame["version"])
        sent = {seq for seq, version in sent_at.items() if version > after}
        own = ("message_starred", "message_unstarred", "message_hidden")
        changes = [
            frame
            for frame in self.frames
            if frame["type"] in own or (frame["type"] != "new_message" and frame["version"] > after)
        ]
        reads = [
            {"type": "message_read", "chat_id": CHAT, "read_by": who, "up_to_seq": seq, "version": self.version}
            for who, seq in self.read.items()
            if seq
        ]
        return {
            "messages": [message for message in self.as_read() if message["seq"] in sent],
            "changes": [change for change in changes if change["type"] != "message_read"] + reads,
            "chats": [],
            "cursor": cursor,
            "has_more": False,
            "full_sync": False,
        }

    def _emit(self, kind: str, **fields: Any) -> None:
        self.frames.append({"type": kind, "chat_id": CHAT, **fields})


def view(state: ChatState) -> Any:
    """Everything that a user sees."""
    marks = state.pinned(CHAT), state.starred(CHAT)
    return state.messages(CHAT), state.unread(CHAT), marks, CHAT in state.deleted


ACTS = ["send", "send", "edit", "attach", "delete", "read", "react", "react", "pin", "star", "hide"]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Any sequence of actions of two users in a chat."""
    history = History()
    history.send(draw(st.sampled_from([ME, OTHER])))
    for _ in range(draw(st.integers(0, 25))):
        act = draw(st.sampled_from(ACTS))
        person = draw(st.sampled_from([ME, OTHER]))
        index = draw(st.integers(0, len(history.messages) - 1))
        if act == "send":
            history.send(person)
        elif act == "edit":
            history.edit(index)
        elif act == "attach":
            history.attach(index)
        elif act == "delete":
            history.delete(index)
        elif act == "react":
            history.react(index, person, draw(st.sampled_from(EMOJI)))
        elif act == "pin":
            history.pin(index)
        elif act == "star":
            history.star(index)
        elif act == "hide":
            history.hide(index)
        else:
            history.mark_read(person, index)
    return history
