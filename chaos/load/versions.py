"""Which changes of a chat a device knows, so that it notices what it lacks."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Versions:
    """Of one chat.

    Attributes:
        known_to: every change up to this version is known.
        ahead: versions above it that are known, too.
        heard_of: the largest version that a live frame named.
    """

    known_to: int = 0
    ahead: set[int] = field(default_factory=set)
    heard_of: int = 0

    @property
    def has_gap(self) -> bool:
        """Whether a live frame passed over a change: those come in their order, so it is lost."""
        return self.heard_of > self.known_to

    def hear(self, version: int) -> None:
        """A live frame told a change."""
        self.heard_of = max(self.heard_of, version)
        self.learn(version)

    def learn(self, version: int) -> None:
        """An answer outside the order told a change. It may overtake live frames: no sign of a gap."""
        if version > self.known_to:
            self.ahead.add(version)
            self.settle(self.known_to)

    def settle(self, version: int) -> None:
        """Everything up to a version is known, and what follows it without a hole."""
        self.known_to = max(self.known_to, version)
        while self.known_to + 1 in self.ahead:
            self.known_to += 1
        self.ahead = {each for each in self.ahead if each > self.known_to}
