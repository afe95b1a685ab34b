"""Fixtures of the tests of conversations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from chatapp.ops import runtime
from config import load
from tests.browser.conversation.screen import ChatScreen
from tests.browser.log_in import log_in
from tests.people import Person
from tests.searching import Indexer

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

OpenChat = Callable[..., ChatScreen]


@pytest.fixture
def open_chat(new_context: Callable[..., BrowserContext]) -> OpenChat:
    """Opens a chat as a person sees it, on a device of its own: `open_chat(alice, message["chat_id"])`."""

    def opened(person: Person, chat_id: int, *, anchor: str = "", **options: Any) -> ChatScreen:
        context = new_context(base_url=person.server.url, **options)
        log_in(context, person.server.url, person.username, person.password)
        screen = ChatScreen(context.new_page(), chat_id)
        screen.page.goto(f"/chat/{chat_id}{anchor}")
        return screen

    return opened


@pytest.fixture(scope="module")
def indexer(environment: dict[str, str]) -> Iterator[Indexer]:
    """Indexes what was sent to `server`."""
    runtime.build(load(environment))
    yield Indexer()
    runtime.close()
