"""Reasoning that some models write before their answer, between `<think>` and `</think>`. It is not for visitors."""

from __future__ import annotations

_BEGIN, _END = "<think>", "</think>"


class ReasoningFilter:
    """Leaves out the reasoning at the beginning of one completion, whose text arrives in pieces."""

    def __init__(self) -> None:
        self._held = ""
        self._ends_with = ""  # the mark that ends the current part: at first either, then none
        self._is_answer = False

    def feed(self, text: str) -> str:
        """Take in a piece; returns what of it belongs to the answer."""
        if self._is_answer:
            return text
        self._held += text
        if not self._ends_with:
            begun = self._held.lstrip()
            if len(begun) < len(_BEGIN) and _BEGIN.startswith(begun):
                return ""
            if not begun.startswith(_BEGIN):
                return self.end()
            self._ends_with = _END
        before, mark, after = self._held.partition(_END)
        if not mark:
            self._held = before[-len(_END) :]  # the mark may be cut
            return ""
        self._held, self._ends_with = after, ""
        return self.end()

    def end(self) -> str:
        """What was held back, and everything that follows is the answer. Reasoning without an end is left out."""
        left = "" if self._ends_with else self._held
        self._held, self._is_answer = "", True
        return left
