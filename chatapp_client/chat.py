"""The state of one chat on a device. No I/O. Input may arrive twice, late and in any order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]
DELETED = "[deleted]"


@dataclass(slots=True)
class Chat:
    """Messages, read pointers and known versions of a chat.

    Attributes:
        messages: by id, each in its largest version, without `is_read`, which follows from `read_up_to`.
        pending_deletions: deletions of messages that are not known yet.
        read_up_to: the `seq` up to which each user has read.
        last_seq: the largest known `seq`.
        known_to: every change up to this version is known.
        ahead: known versions above it.
        highest_live: the largest version of a live frame; above `known_to` it reveals a gap.
        summary: the entry of the chat list, or None.
    """

    id: int
    messages: dict[int, Message] = field(default_factory=dict)
    pending_deletions: dict[int, Message] = field(default_factory=dict)
    read_up_to: dict[int, int] = field(default_factory=dict)
    last_seq: int = 0
    known_to: int = 0
    ahead: set[int] = field(default_factory=set)
    highest_live: int = 0
    summary: dict[str, Any] | None = None

    @property
    def is_behind(self) -> bool:
        """Whether a live frame revealed a gap."""
        return self.highest_live > self.known_to

    def put(self, message: Message) -> bool:
        """Store a message; returns whether it is news."""
        self._read(message["sender_id"], message["seq"])
        if message["is_read"] and message["receiver_id"] is not None:
            self._read(message["receiver_id"], message["seq"])
        self.last_seq = max(self.last_seq, message["seq"])
        self.mark_known(message["version"])
        deletion = self.pending_deletions.pop(message["id"], None)
        known = self.messages.get(message["id"])
        if known is not None and known["version"] >= message["version"]:
            return False
        self.messages[message["id"]] = _normal(message)
        if deletion is not None:
            self.erase(message["id"], **deletion)
        return True

    def erase(self, message_id: int, version: int, deleted_at: str) -> bool:
        """Apply a deletion; returns whether it is news. If the message is not known yet, the deletion is kept."""
        self.mark_known(version)
        known = self.messages.get(message_id)
        if known is None:
            is_new = message_id not in self.pending_deletions
            self.pending_deletions[message_id] = {"version": version, "deleted_at": deleted_at}
            return is_new
        if known["version"] >= version:
            return False
        self.messages[message_id] = _normal({**known, "version": version, "updated_at": deleted_at, "is_deleted": True})
        return True

    def read(self, user_id: int, up_to_seq: int) -> bool:
        """A user has read up to a `seq`; returns whether that is news."""
        is_new = self._read(user_id, up_to_seq)
        self.last_seq = max(self.last_seq, up_to_seq)
        return is_new

    def apply_summary(self, summary: dict[str, Any], me: int) -> None:
        """Apply an entry of the chat list."""
        if self.summary is None or summary["version"] >= self.summary["version"]:
            self.summary = summary
        self.last_seq = max(self.last_seq, summary["seq"])
        self._read(me, summary["seq"] - summary["unread_count"])

    def mark_known(self, version: int) -> None:
        """The change with this version is known."""
        if version > self.known_to:
            self.ahead.add(version)
            self.complete_up_to(self.known_to)

    def advance(self, from_version: int, version: int) -> None:
        """These versions are changes that I do not see."""
        if from_version <= self.known_to + 1:
            self.complete_up_to(version)
        else:
            self.ahead.update(range(from_version, version + 1))

    def complete_up_to(self, version: int) -> None:
        """Everything up to a version is known, and each consecutive version in `ahead`."""
        self.known_to = max(self.known_to, version)
        while self.known_to + 1 in self.ahead:
            self.known_to += 1
        self.ahead = {version for version in self.ahead if version > self.known_to}

    def unread(self, user_id: int) -> int:
        """Number of messages that a user has not read."""
        return self.last_seq - self.read_up_to.get(user_id, 0)

    def is_read(self, message: Message) -> bool:
        """Whether the recipient has read a message."""
        return self.read_up_to.get(message["receiver_id"], 0) >= int(message["seq"])

    def _read(self, user_id: int, up_to_seq: int) -> bool:
        if up_to_seq <= self.read_up_to.get(user_id, 0):
            return False
        self.read_up_to[user_id] = up_to_seq
        return True


def _normal(message: Message) -> Message:
    """Normalise a message, so that it is the same from every source."""
    kept = {name: value for name, value in message.items() if name != "is_read"}
    if kept["is_deleted"]:
        # A device that saw only the deletion must equal one that saw an edit before it.
        kept |= {"content": DELETED, "location_data": None, "is_edited": False}
        kept |= {"attachments": [], "attachments_count": 0, "has_attachments": False}
    return kept
