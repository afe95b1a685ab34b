"""The reactions of a chat on a device. No I/O. Input may arrive twice, late and in any order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Reaction = dict[str, Any]


@dataclass(slots=True)
class Reactions:
    """The newest known reactions of each message, also of messages that are not known yet.

    They have a version of their own: a frame about reactions does not show the text of the message, which may have
    changed at an earlier version that this device has not received.

    Attributes:
        latest: by message, the version and the kinds.
        own: by message and emoji, the newest version at which it was known whether I reacted, and whether I did.
    """

    latest: dict[int, tuple[int, list[Reaction]]] = field(default_factory=dict)
    own: defaultdict[int, dict[str, tuple[int, bool]]] = field(default_factory=lambda: defaultdict(dict))

    def put(self, message_id: int, version: int, kinds: Iterable[Reaction]) -> bool:
        """Store the reactions that a message had at a version; returns whether they are news."""
        kinds = list(kinds)
        for kind in kinds:
            if kind.get("mine") is not None:
                self._learn(message_id, kind["emoji"], version, kind["mine"])
        if version <= self.version(message_id):
            return False
        self.latest[message_id] = version, kinds
        return True

    def apply(self, entry: Mapping[str, Any], me: int | None) -> bool:
        """Apply what a frame says of a message: its reactions, and who changed which; returns whether it is news."""
        version = entry["version"]
        for change in entry["changes"]:
            if change["user_id"] == me:
                self._learn(entry["message_id"], change["emoji"], version, change["is_added"])
        return self.put(entry["message_id"], version, entry["reactions"])

    def version(self, message_id: int) -> int:
        """The version of the newest known reactions of a message; 0 if none are known."""
        return self.latest[message_id][0] if message_id in self.latest else 0

    def shown(self, message_id: int, me: int | None) -> list[Reaction]:
        """The reactions of a message, each with `mine`."""
        _, kinds = self.latest.get(message_id, (0, []))
        return [{**kind, "mine": self._is_mine(message_id, kind, me)} for kind in kinds]

    def _learn(self, message_id: int, emoji: str, version: int, is_mine: bool) -> None:
        if version >= self.own[message_id].get(emoji, (0, False))[0]:
            self.own[message_id][emoji] = version, is_mine

    def _is_mine(self, message_id: int, kind: Reaction, me: int | None) -> bool:
        """Whether I reacted: all users are named if they are few; of the others only the first."""
        if me in kind["user_ids"] or kind["count"] <= len(kind["user_ids"]):
            return me in kind["user_ids"]
        return self.own[message_id].get(kind["emoji"], (0, False))[1]


def entries_of(frame: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a frame says of the reactions of each message, in one form for single and gathered changes."""
    if frame["type"] == "reactions_updated":
        return list(frame["messages"])
    change = {"user_id": frame["user_id"], "emoji": frame["emoji"], "is_added": frame["type"] == "reaction_added"}
    kept = {name: frame[name] for name in ("message_id", "version", "reactions")}
    return [{**kept, "changes": [change]}]
