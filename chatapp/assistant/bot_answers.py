"""Answers of a bot elsewhere: in its response, or in parts that it sends later, to any worker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from chatapp.assistant.port import ItemRef, Turn

MAX_TEXT = 8000  # characters of one part, and of a whole answer
MAX_ITEMS = 20
MAX_CHOICES, MAX_CHOICE = 10, 100  # in number, and in characters
MAX_REASON = 200
MAX_WISH = 4000  # bytes of JSON
MAX_INDEX = 10_000
_MAX_EARLY = 100  # parts that wait for an earlier one
_MAX_KIND = 50
_MAX_ID = (1 << 53) - 1


@dataclass(frozen=True, slots=True)
class BotPart:
    """A part of an answer.

    Attributes:
        index: its place among the parts, from 0; None: as they arrive.
        wish: replaces that of an earlier part.
        hand_over: why a human should take over; None: the bot goes on.
        is_done: nothing follows.
    """

    text: str = ""
    items: tuple[ItemRef, ...] = ()
    choices: tuple[str, ...] = ()
    index: int | None = None
    wish: Mapping[str, Any] | None = None
    hand_over: str | None = None
    is_done: bool = False


class Inbox(Protocol):
    """The parts that arrive for one turn."""

    def next(self, seconds: float) -> BotPart | None:
        """The next part in the order of arrival, waiting for it at most so long; None if there is none."""
        ...


class Mailbox(Protocol):
    """Carries parts from the worker that a bot has sent them to, to the one that makes the answer."""

    def open(self, turn: Turn) -> AbstractContextManager[Inbox]:
        """Receive parts for a turn within the block. Opened before the bot is asked, since it may answer first."""
        ...


class MalformedAnswer(Exception):
    """A response is no answer; the message is a fixed text for logs."""


class PartOrder:
    """Puts parts into the order of their indexes. Repeated ones are dropped."""

    def __init__(self) -> None:
        self._next = 0
        self._early: dict[int, BotPart] = {}

    def add(self, part: BotPart) -> Iterator[BotPart]:
        """Take in a part; yields those whose turn has come."""
        if part.index is None:
            yield part
            return
        if part.index >= self._next and len(self._early) < _MAX_EARLY:
            self._early.setdefault(part.index, part)
        while (following := self._early.pop(self._next, None)) is not None:
            self._next += 1
            yield following


def read_answer(body: bytes) -> BotPart:
    """The whole answer in a response. Unknown fields are skipped, known ones are valid.

    Raises:
        MalformedAnswer: it is none, or says nothing.
    """
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedAnswer("answer is no JSON") from error
    if not isinstance(answer, dict):
        raise MalformedAnswer("answer is no object")
    part = BotPart(
        text=_text(answer, "text", MAX_TEXT) or "",
        items=tuple(map(_item, _list(answer, "item_ids", MAX_ITEMS))),
        choices=tuple(map(_choice, _list(answer, "choices", MAX_CHOICES))),
        wish=_wish(answer),
        hand_over=_text(answer, "hand_over", MAX_REASON),
        is_done=True,
    )
    if not (part.text.strip() or part.items or part.hand_over is not None):
        raise MalformedAnswer("answer says nothing")
    return part


def _text(answer: Mapping[str, Any], name: str, length: int) -> str | None:
    value = answer.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > length:
        raise MalformedAnswer(f"{name} is no text, or too long")
    return value


def _list(answer: Mapping[str, Any], name: str, length: int) -> list[Any]:
    value = answer.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > length:
        raise MalformedAnswer(f"{name} is no list, or too long")
    return value


def _item(value: object) -> ItemRef:
    kind, number = (value.get("kind"), value.get("id")) if isinstance(value, dict) else (None, None)
    if not isinstance(kind, str) or len(kind) > _MAX_KIND or type(number) is not int or not 0 < number <= _MAX_ID:
        raise MalformedAnswer("item_ids has what is no item")
    return ItemRef(kind, number)


def _choice(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_CHOICE:
        raise MalformedAnswer("choices has what is no choice")
    return value


def _wish(answer: Mapping[str, Any]) -> Mapping[str, Any] | None:
    value = answer.get("wish")
    if value is not None and (not isinstance(value, dict) or len(orjson.dumps(value)) > MAX_WISH):
        raise MalformedAnswer("wish is no object, or too long")
    return value
