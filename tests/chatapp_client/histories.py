"""A chat as a server would tell it: random histories, their live frames, and the pages of a catch-up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from chatapp_client import ChatState

ME, OTHER, CHAT = 1, 2, 77
Frame = dict[str, Any]


@dataclass
class History:
    """What happened in a chat, and the frames that told it live."""

    frames: list[Frame] = field(default_factory=list)
    messages: list[Frame] = field(default_factory=list)
    read: dict[int, int] = field(default_factory=lambda: {ME: 0, OTHER: 0})
    version: int = 0

    def send(self, sender: int) -> None:
        """A new message."""
        self.version += 1
        seq = len(self.messages) + 1
        message = {
            "id": 1000 + seq, "chat_id": CHAT, "seq": seq, "version": self.version, "sender_id": sender,
            "receiver_id": ME + OTHER - sender, "client_message_id": None, "content": f"text {seq}",
            "location_data": None, "attachments": [], "attachments_count": 0,
            "has_attachments": False, "is_read": False, "is_edited": False, "is_deleted": False,
            "updated_at": str(self.version),
        }  # fmt: skip
        self.messages.append(message)
        self.read[sender] = seq
        self._tell("new_message", message=dict(message), version=self.version)

    def edit(self, index: int) -> None:
        """A new text."""
        message = self.messages[index]
        if not message["is_deleted"]:
            self.version += 1
            text = f"{message['content']} changed"
            message |= {"content": text, "version": self.version, "is_edited": True, "updated_at": str(self.version)}
            self._tell("message_edited", message=dict(message), message_id=message["id"], version=self.version)

    def attach(self, index: int) -> None:
        """A file more; the message is shown once more for clients that know new messages only."""
        message = self.messages[index]
        if not message["is_deleted"]:
            self.version += 1
            files = [*message["attachments"], {"id": self.version}]
            message |= {"attachments": files, "attachments_count": len(files), "has_attachments": True}
            message |= {"version": self.version, "updated_at": str(self.version)}
            self._tell("attachments_updated", message=dict(message), message_id=message["id"], version=self.version)
            self._tell("new_message", message=dict(message), version=self.version)

    def delete(self, index: int) -> None:
        """A message is taken back."""
        message = self.messages[index]
        if not message["is_deleted"]:
            self.version += 1
            at = str(self.version)
            message |= {"content": "[deleted]", "version": self.version, "is_deleted": True, "updated_at": at}
            message |= {"attachments": [], "attachments_count": 0, "has_attachments": False}
            self._tell("message_deleted", message_id=message["id"], deleted_at=at, version=self.version)

    def mark_read(self, reader: int, index: int) -> None:
        """Somebody reads up to a message."""
        seq = self.messages[index]["seq"]
        if seq > self.read[reader]:
            self.read[reader] = seq
            self._tell("message_read", read_by=reader, up_to_seq=seq, version=self.version)

    def as_read(self) -> list[Frame]:
        """A fresh read: messages as they stand now."""
        return [
            {**message, "is_read": self.read[message["receiver_id"]] >= message["seq"]} for message in self.messages
        ]

    def page(self, after: int, *, cursor: str = "end") -> dict[str, Any]:
        """The catch-up of a device that has seen everything up to a version, as one page."""
        sent_at: dict[int, int] = {}
        for frame in self.frames:
            if frame["type"] == "new_message":
                sent_at.setdefault(frame["message"]["seq"], frame["version"])
        sent = {seq for seq, version in sent_at.items() if version > after}
        changes = [frame for frame in self.frames if frame["type"] != "new_message" and frame["version"] > after]
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

    def _tell(self, kind: str, **fields: Any) -> None:
        self.frames.append({"type": kind, "chat_id": CHAT, **fields})


def view(state: ChatState) -> Any:
    """All that a person would see."""
    return state.messages(CHAT), state.unread(CHAT), CHAT in state.gone


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Anything that two people may do in a chat."""
    history = History()
    history.send(draw(st.sampled_from([ME, OTHER])))
    for _ in range(draw(st.integers(0, 25))):
        act = draw(st.sampled_from(["send", "send", "edit", "attach", "delete", "read"]))
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
        else:
            history.mark_read(person, index)
    return history
