"""The state of one chat on a device. No I/O. Input may arrive twice, late and in any order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chatapp_client.reactions import Reactions
from chatapp_client.settings import OwnSettings

Message = dict[str, Any]
DELETED = "[deleted]"
PREVIEW = 500  # characters of a quoted text

_OF_READING = ("is_read", "read_at")  # follow from what was read
# What is left of a deleted message: a device that saw only the deletion must equal one that saw an edit before it.
_ERASED: Message = {
    "content": DELETED,
    "location_data": None,
    "is_edited": False,
    "edited_at": None,
    "attachments": [],
    "attachments_count": 0,
    "has_attachments": False,
    "reactions": [],
    "reply_to": None,
    "mentions": [],
    "forwarded_from": None,
    "link_preview": None,
    "original_language": None,
}


@dataclass(slots=True)
class Chat:
    """Messages, read pointers and known versions of a chat.

    Attributes:
        messages: by id, each in its largest version, without `is_read`, which follows from `read_up_to`, and without
            its reactions.
        reactions: those of all messages.
        pins: by message, the version of its last pin or unpin, and whether it is pinned.
        stars: by message, the time of the last change, and whether I starred it.
        hidden: messages that I deleted for myself, with their `seq`; what else arrives about them is dropped.
        pending_deletions: deletions of messages that are not known yet.
        read_up_to: the `seq` up to which each user has read.
        last_seq: the largest known `seq`.
        known_to: every change up to this version is known.
        ahead: known versions above it.
        highest_live: the largest version of a live frame; above `known_to` it reveals a gap.
        summary: the entry of the chat list, or None.
        own: my settings of the chat, and my draft.
        sent_seq: of the last message that is known to be mine.
    """

    id: int
    messages: dict[int, Message] = field(default_factory=dict)
    reactions: Reactions = field(default_factory=Reactions)
    pins: dict[int, tuple[int, bool]] = field(default_factory=dict)
    stars: dict[int, tuple[str, bool]] = field(default_factory=dict)
    hidden: dict[int, int] = field(default_factory=dict)
    pending_deletions: dict[int, Message] = field(default_factory=dict)
    read_up_to: dict[int, int] = field(default_factory=dict)
    last_seq: int = 0
    known_to: int = 0
    ahead: set[int] = field(default_factory=set)
    highest_live: int = 0
    summary: dict[str, Any] | None = None
    own: OwnSettings = field(default_factory=OwnSettings)
    sent_seq: int = 0

    @property
    def is_behind(self) -> bool:
        """Whether a live frame revealed a gap."""
        return self.highest_live > self.known_to

    @property
    def newest_version(self) -> int:
        """The largest version that anything known of the chat has."""
        listed = 0 if self.summary is None else int(self.summary["version"])
        return max(self.known_to, self.highest_live, listed, *self.ahead)

    def put(self, message: Message) -> bool:
        """Store a message; returns whether it is news."""
        self._read(message["sender_id"], message["seq"])
        if message["is_read"] and message["receiver_id"] is not None:
            self._read(message["receiver_id"], message["seq"])
        self.last_seq = max(self.last_seq, message["seq"])
        self.mark_known(message["version"])
        if message["id"] in self.hidden:
            return False
        self.reactions.put(message["id"], message["version"], message.get("reactions", ()))
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
        if message_id in self.hidden:
            return False
        self.reactions.put(message_id, version, ())
        known = self.messages.get(message_id)
        if known is None:
            is_new = message_id not in self.pending_deletions
            self.pending_deletions[message_id] = {"version": version, "deleted_at": deleted_at}
            return is_new
        if known["version"] >= version:
            return False
        self.messages[message_id] = _normal({**known, "version": version, "updated_at": deleted_at, "is_deleted": True})
        return True

    def pin(self, message_id: int, version: int, *, is_pinned: bool) -> bool:
        """A message was pinned or unpinned; returns whether it is news."""
        self.mark_known(version)
        if version <= self.pins.get(message_id, (0, False))[0]:
            return False
        self.pins[message_id] = version, is_pinned
        return True

    def star(self, message_id: int, changed_at: str, *, is_starred: bool) -> bool:
        """I starred a message, or took the star away; returns whether it is news."""
        if changed_at <= self.stars.get(message_id, ("", False))[0]:
            return False
        self.stars[message_id] = changed_at, is_starred
        return True

    def hide(self, message_id: int, seq: int) -> bool:
        """I deleted a message for myself; returns whether it is news."""
        if message_id in self.hidden:
            return False
        self.hidden[message_id] = seq
        self.last_seq = max(self.last_seq, seq)
        self.messages.pop(message_id, None)
        return True

    def pinned(self) -> list[int]:
        """The pinned messages, the last pinned first."""
        pinned = [(version, message_id) for message_id, (version, is_pinned) in self.pins.items() if is_pinned]
        return [message_id for _, message_id in sorted(pinned, reverse=True) if self._is_shown(message_id)]

    def starred(self) -> list[int]:
        """The messages that I starred, the newest message first."""
        starred = [message_id for message_id, (_, is_starred) in self.stars.items() if is_starred]
        return [message_id for message_id in sorted(starred, reverse=True) if self._is_shown(message_id)]

    def _is_shown(self, message_id: int) -> bool:
        is_deleted = message_id in self.pending_deletions or self.messages.get(message_id, {}).get("is_deleted", False)
        return message_id not in self.hidden and not is_deleted

    def read(self, user_id: int, up_to_seq: int) -> bool:
        """A user has read up to a `seq`; returns whether that is news."""
        is_new = self._read(user_id, up_to_seq)
        self.last_seq = max(self.last_seq, up_to_seq)
        return is_new

    def apply_summary(self, summary: dict[str, Any], me: int | None) -> None:
        """Apply an entry of the chat list."""
        if self.summary is None or summary["version"] >= self.summary["version"]:
            self.summary = summary
        self.last_seq = max(self.last_seq, summary["seq"])
        if me is not None:
            self._read(me, self._read_pointer(summary["seq"], summary["unread_count"]))
        self.own.put_summary(summary)

    def apply_system(self, message: Message, me: int | None) -> None:
        """Apply what a system message says to the entry of the group."""
        if self.summary is None or self.summary["version"] >= message["version"]:
            return
        note = message["system"]
        changed = {name: note[name] for name in ("title", "member_count") if name in note}
        if note["event"] == "picture_changed":
            changed["picture_url"] = next((file["thumbnail_url"] for file in message["attachments"]), "")
        if note["event"] == "role_changed" and me in [user["id"] for user in note["users"]]:
            changed["role"] = note["role"]
        self.summary = {**self.summary, **changed, "version": message["version"]}

    def forget_up_to(self, version: int) -> None:
        """I left the group at this version, and joined it again later."""
        self.messages = {id: message for id, message in self.messages.items() if message["version"] > version}
        self.complete_up_to(version)

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
        read_up_to = self.read_up_to.get(user_id, 0)
        return self.last_seq - read_up_to - sum(seq > read_up_to for seq in self.hidden.values())

    def _read_pointer(self, last_seq: int, unread: int) -> int:
        """The `seq` up to which I have read, if so many messages after it are unread: hidden ones do not count."""
        hidden = set(self.hidden.values())
        while unread > 0 and last_seq > 0:
            unread -= last_seq not in hidden
            last_seq -= 1
        return last_seq

    def is_read(self, message: Message) -> bool:
        """Whether the recipient has read a message."""
        return self.read_up_to.get(message["receiver_id"], 0) >= int(message["seq"])

    def shown(self, message: Message, me: int | None) -> Message:
        """A message with what is known of it beside its text: whether it is read, its reactions, and its quote."""
        quote = message.get("reply_to")
        current = {} if quote is None else {"reply_to": self._current_quote(quote)}
        reactions = [] if message["is_deleted"] else self.reactions.shown(message["id"], me)
        version = max(message["version"], self.reactions.version(message["id"]))
        return {**message, **current, "version": version, "reactions": reactions, "is_read": self.is_read(message)}

    def _current_quote(self, quote: Message) -> Message | None:
        """A quote as the quoted message is now; None of one that I have deleted for myself."""
        if quote["id"] in self.hidden:
            return None
        known = self.messages.get(quote["id"])
        if quote["is_deleted"] or quote["id"] in self.pending_deletions or (known and known["is_deleted"]):
            return {**quote, "content": DELETED, "is_deleted": True}
        return quote if known is None else {**quote, "content": _preview(known["content"])}

    def _read(self, user_id: int, up_to_seq: int) -> bool:
        if up_to_seq <= self.read_up_to.get(user_id, 0):
            return False
        self.read_up_to[user_id] = up_to_seq
        return True


def _preview(content: str) -> str:
    """The beginning of a text, as quotes have it."""
    return content if len(content) <= PREVIEW else content[: PREVIEW - 1] + "…"


def _normal(message: Message) -> Message:
    """Normalise a message, so that it is the same from every source."""
    kept = {name: value for name, value in message.items() if name not in (*_OF_READING, "reactions")}
    if kept["is_deleted"]:
        kept |= {name: value for name, value in _ERASED.items() if name in kept}
    return kept
