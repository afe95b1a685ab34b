"""Statements that read messages of one retention class: those of chats, or those of sessions.

Postgres orders the partitions of one class by their ids and stops at the first that is enough; over both classes it
would merge all of them. So a statement that reads the messages of a chat in order exists once for each class.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chatapp.infra.prepared_statements import Statement
from chatapp.models import Chat
from chatapp.models.messages import RETENTION_CLASSES

ByClass = tuple[Statement, ...]


def by_class(make: Callable[[int], Statement]) -> ByClass:
    """A statement for each class, by the number of the class.

    Parameters:
        make: makes the statement of a class.
    """
    return tuple(make(retention) for retention in RETENTION_CLASSES)


def of_chat(statements: ByClass, chat: Chat) -> Statement:
    """The statement for the class of a chat."""
    return statements[chat.retention]


def classes_of(retentions: Sequence[int]) -> list[tuple[int, list[int]]]:
    """The classes that occur, each with the indexes of its values."""
    return [
        (wanted, found)
        for wanted in RETENTION_CLASSES
        if (found := [index for index, retention in enumerate(retentions) if retention == wanted])
    ]
