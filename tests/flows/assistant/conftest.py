"""Visitors, whose sockets are closed at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.flows.assistant.visitors import Visitor
from tests.people import Person
from tests.servers import ChatServer

OpenSession = Callable[..., Visitor]


@pytest.fixture
def opens(server: ChatServer) -> Iterator[OpenSession]:
    """Opens sessions."""
    opened: list[Visitor] = []

    def open_session(person: Person | None = None, *, on: ChatServer | None = None, **fields: Any) -> Visitor:
        opened.append(Visitor(on or server, person, **fields))
        return opened[-1]

    yield open_session
    for visitor in opened:
        visitor.leaves()
