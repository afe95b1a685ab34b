"""What a client of the assistant shows, as the schemas of the frames say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]


@dataclass(slots=True)
class Shown:
    """The pieces of an answer that a client shows."""

    attempt: int = 0
    index: int = 0
    text: str = ""


@dataclass
class View:
    """A client.

    Attributes:
        messages: by id.
        pieces: of answers that are not messages yet, by their id.
        replaced: what was shown of each answer when its message came.
        problems: what no client should receive.
    """

    messages: dict[str, Message] = field(default_factory=dict)
    pieces: dict[str, Shown] = field(default_factory=dict)
    replaced: dict[str, Shown] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    _live: set[str] = field(default_factory=set)  # messages that came over the connection that is open

    def connected(self) -> None:
        """A new connection: what came over the last one may come again."""
        self._live.clear()

    def take(self, frame: dict[str, Any]) -> None:
        """Show a frame."""
        kind = frame["type"]
        if kind in ("message", "assistant.message"):
            if frame["message"]["id"] in self._live:
                self.problems.append(f"received twice: {frame}")
            self._live.add(frame["message"]["id"])
            self._add(frame["message"])
        elif kind == "resumed":
            for message in frame["messages"]:
                self._add(message)
        elif kind in ("assistant.delta", "assistant.partial"):
            self._take_piece(frame)
        elif kind == "error":
            self.problems.append(f"refused: {frame}")

    @property
    def ordered(self) -> list[Message]:
        """The messages in their order."""
        return sorted(self.messages.values(), key=lambda message: int(message["seq"]))

    @property
    def answers(self) -> list[Message]:
        """The messages of the assistant."""
        return [message for message in self.ordered if message["role"] == "assistant"]

    @property
    def last_id(self) -> str | None:
        """The last message that is shown."""
        return self.ordered[-1]["id"] if self.messages else None

    def _add(self, message: Message) -> None:
        self.messages[message["id"]] = message
        shown = self.pieces.pop(message["answer_id"], None)
        if shown is not None:
            self.replaced[message["answer_id"]] = shown

    def _take_piece(self, frame: dict[str, Any]) -> None:
        if any(message["answer_id"] == frame["answer_id"] for message in self.messages.values()):
            self.problems.append(f"a piece after its message: {frame}")
            return
        shown = self.pieces.setdefault(frame["answer_id"], Shown())
        attempt, index = frame["attempt"], frame["index"]
        if (attempt, index) <= (shown.attempt, shown.index):
            return
        if frame["type"] == "assistant.partial":
            text = frame["text"] or shown.text  # a new attempt has said nothing yet
        elif index == 1:
            text = frame["delta"]
        elif attempt == shown.attempt and index == shown.index + 1:
            text = shown.text + frame["delta"]
        else:
            return  # pieces are missing; the next partial has them
        self.pieces[frame["answer_id"]] = Shown(attempt, index, text)
