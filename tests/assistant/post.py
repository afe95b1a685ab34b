"""The mailbox of late parts, where the bot and the answer are in one process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from gevent.queue import Empty, Queue

from chatapp.assistant.bot_answers import BotPart
from chatapp.assistant.port import Turn


@dataclass
class Post:
    """A mailbox of this process.

    Attributes:
        turns: for which it is open.
    """

    parts: Queue[BotPart] = field(default_factory=Queue)
    turns: list[int] = field(default_factory=list)

    @contextmanager
    def open(self, turn: Turn) -> Iterator[Post]:
        """See the protocol."""
        self.turns.append(turn.id)
        try:
            yield self
        finally:
            self.turns.remove(turn.id)

    def next(self, seconds: float) -> BotPart | None:
        """See the protocol."""
        try:
            return self.parts.get(timeout=seconds)
        except Empty:
            return None
