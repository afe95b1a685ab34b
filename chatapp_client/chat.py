"""One chat as a device knows it. No I/O; whatever comes may come twice, late, or in any order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]
DELETED = "[deleted]"


@dataclass(slots=True)
class Chat:
    """Messages, read pointers, and how much of the chat's history is known.

    Attributes:
        messages: by id, each in its largest version. `is_read` is left out: it follows from `read_up_to`.
        erased: deletions of messages that are not here (yet).
        read_up_to: person to the `seq` that they have read; everything before it is read, too.
        last_seq: the largest `seq` heard of.
        known_to: every change up to this version is here.
        ahead: changes above it that are here, too.
        heard_of: the largest version that a live frame named; above `known_to` means that something is missing.
        summary: the chat as the list shows it, or None.
    """

    id: int
    messages: dict[int, Message] = field(default_factory=dict)
    erased: dict[int, Message] = field(default_factory=dict)
    read_up_to: dict[int, int] = field(default_factory=dict)
    last_seq: int = 0
    known_to: int = 0
    ahead: set[int] = field(default_factory=set)
    heard_of: int = 0
    summary: dict[str, Any] | None = None

    @property
    def is_behind(self) -> bool:
        """Whether a live frame showed that something is missing."""
        return self.heard_of > self.known_to

    def put(self, message: Message) -> bool:
        """Keep a message; whether it says anything new."""
        self._read(message["sender_id"], message["seq"])
        if message["is_read"]:
            self._read(message["receiver_id"], message["seq"])
        self.last_seq = max(self.last_seq, message["seq"])
        self.know(message["version"])
        erasure = self.erased.pop(message["id"], None)
        known = self.messages.get(message["id"])
        if known is not None and known["version"] >= message["version"]:
            return False
        self.messages[message["id"]] = _normal(message)
        if erasure is not None:
            self.erase(message["id"], **erasure)
        return True

    def erase(self, message_id: int, version: int, deleted_at: str) -> bool:
        """A message was deleted; whether that is new. Where it is not here, that is remembered until it comes."""
        self.know(version)
        known = self.messages.get(message_id)
        if known is None:
            is_new = message_id not in self.erased
            self.erased[message_id] = {"version": version, "deleted_at": deleted_at}
            return is_new
        if known["version"] >= version:
            return False
        self.messages[message_id] = _normal({**known, "version": version, "updated_at": deleted_at, "is_deleted": True})
        return True

    def read(self, user_id: int, up_to_seq: int) -> bool:
        """Somebody read up to a `seq`; whether that is new."""
        is_new = self._read(user_id, up_to_seq)
        self.last_seq = max(self.last_seq, up_to_seq)
        return is_new

    def summarise(self, summary: dict[str, Any], me: int) -> None:
        """Take over the chat as the list shows it."""
        if self.summary is None or summary["version"] >= self.summary["version"]:
            self.summary = summary
        self.last_seq = max(self.last_seq, summary["seq"])
        self._read(me, summary["seq"] - summary["unread_count"])

    def know(self, version: int) -> None:
        """The change that gave the chat this version is here."""
        if version > self.known_to:
            self.ahead.add(version)
            self.settle(self.known_to)

    def settle(self, version: int) -> None:
        """Everything up to a version is here, and what follows it without a hole."""
        self.known_to = max(self.known_to, version)
        while self.known_to + 1 in self.ahead:
            self.known_to += 1
        self.ahead = {version for version in self.ahead if version > self.known_to}

    def unread(self, user_id: int) -> int:
        """How many messages a person has not read."""
        return self.last_seq - self.read_up_to.get(user_id, 0)

    def is_read(self, message: Message) -> bool:
        """Whether the receiver has read a message."""
        return self.read_up_to.get(message["receiver_id"], 0) >= int(message["seq"])

    def _read(self, user_id: int, up_to_seq: int) -> bool:
        if up_to_seq <= self.read_up_to.get(user_id, 0):
            return False
        self.read_up_to[user_id] = up_to_seq
        return True


def _normal(message: Message) -> Message:
    """The message as it is kept: the same, whichever way it was heard of."""
    kept = {name: value for name, value in message.items() if name != "is_read"}
    if kept["is_deleted"]:
        # A device that saw the deletion only and one that saw an edit before it must not differ.
        kept |= {"content": DELETED, "location_data": None, "is_edited": False}
        kept |= {"attachments": [], "attachments_count": 0, "has_attachments": False}
    return kept
