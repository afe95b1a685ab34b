"""Asks an adapter questions like a visitor."""

from __future__ import annotations

from typing import Any

from bench.assistant.judging import Said
from chatapp.assistant.port import Adapter, Cards, Choices, Delta, Done, HandOver, ItemRef, Line, Turn
from tests.assistant.asking import turn


class Visitor:
    """A session: what was said and shown so far."""

    def __init__(self, adapter: Adapter, language: str = "en") -> None:
        self._adapter = adapter
        self._language = language
        self._history: list[Line] = []
        self._wish: Any = None
        self._shown: list[ItemRef] = []

    def asks(self, text: str, **changed: Any) -> Said:
        """Say something, and receive the answer."""
        self._history.append(Line("visitor", text))
        said = Said()
        asked: Turn = turn(
            history=tuple(self._history),
            wish=self._wish,
            shown=tuple(self._shown),
            **{"language": self._language, **changed},
        )
        for step in self._adapter.answer(asked):
            match step:
                case Delta(piece):
                    said.text += piece
                case Cards(items, found, is_exact):
                    said.ids, said.found, said.is_exact = [item.id for item in items], found, is_exact
                    self._shown = [*(item.ref for item in items), *self._shown]
                case Choices(choices):
                    said.choices = choices
                case HandOver():
                    said.hands_over = True
                case Done(wish=wish):
                    self._wish = wish
        self._history.append(Line("assistant", said.text))
        return said
