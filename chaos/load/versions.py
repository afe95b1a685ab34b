"""The versions of a chat that a device knows, to detect gaps."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Versions:
    """Known versions of one chat.

    Attributes:
        complete_to: every change up to this version is known.
        ahead: known versions above it.
        highest_live: the largest version of a live frame.
    """

    complete_to: int = 0
    ahead: set[int] = field(default_factory=set)
    highest_live: int = 0

    @property
    def has_gap(self) -> bool:
        """Whether a live frame skipped a version: live frames are ordered, so that change is lost."""
        return self.highest_live > self.complete_to

    def saw_live(self, version: int, from_version: int | None = None) -> None:
        """A live frame carried this version.

        Parameters:
            from_version: the first of the changes that it stands for, if there are several.
        """
        self.highest_live = max(self.highest_live, version)
        for each in range(version if from_version is None else from_version, version + 1):
            self.learn(each)

    def learn(self, version: int) -> None:
        """A response carried this version. It may overtake live frames, so it does not reveal a gap."""
        if version > self.complete_to:
            self.ahead.add(version)
            self.complete_up_to(self.complete_to)

    def complete_up_to(self, version: int) -> None:
        """Everything up to a version is known, and each consecutive version in `ahead`."""
        self.complete_to = max(self.complete_to, version)
        while self.complete_to + 1 in self.ahead:
            self.complete_to += 1
        self.ahead = {each for each in self.ahead if each > self.complete_to}
