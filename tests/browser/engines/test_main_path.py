"""The main path of two people at once, in the browsers that are not Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.browser.engines.driven_page import DrivenPage
from tests.browser.engines.firefox import firefox
from tests.browser.engines.webkit import webkit
from tests.people import Person
from tests.servers import await_true

BROWSERS = {"firefox": firefox, "webkit": webkit}
INPUT, LIST = "[data-testid=message-input]", "[data-testid=message-list]"
BUBBLE = f"{LIST} .bubble"
SEND = "[data-testid=send-button]"

OpensPage = Callable[[], DrivenPage]


@pytest.fixture(scope="module", params=BROWSERS)
def opens_page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpensPage]:
    """Opens a page with cookies of its own."""
    with BROWSERS[request.param](tmp_path_factory.mktemp(request.param)) as browser:
        yield browser.opens_page


def logs_in(page: DrivenPage, person: Person) -> None:
    """Log in with the form."""
    page.goes_to(f"{person.server.url}/login")
    page.fills("input[name=login]", person.username)
    page.fills("input[type=password]", person.password)
    page.clicks("button[type=submit]")
    page.finds("[data-pane-name=chats]")


def test_two_people_write_to_each_other(opens_page: OpensPage, alice: Person, bob: Person) -> None:
    chat_id = alice.sends("Before", to=bob)["chat_id"]
    hers, his = opens_page(), opens_page()
    for page, person in ((hers, alice), (his, bob)):
        logs_in(page, person)
        page.clicks(f"[data-testid=chat-item-{chat_id}]")
        page.finds(BUBBLE, "Before")
    hers.fills(INPUT, "Is it still there?")
    hers.clicks(SEND)
    his.finds(BUBBLE, "Is it still there?")
    hers.finds(f"{BUBBLE} [data-tick=read]")
    his.fills(INPUT, "Y")
    hers.finds("[data-testid=typing]")
    his.types("es, it is")
    his.clicks(SEND)
    hers.finds(BUBBLE, "Yes, it is")
    hers.goes_to(f"{alice.server.url}/chat/{chat_id}")
    hers.finds(BUBBLE, "Yes, it is")
    wanted = ["Before", "Is it still there?", "Yes, it is"]
    await_true(lambda: hers.texts(f"{LIST} .message-text") == his.texts(f"{LIST} .message-text") == wanted)


def test_messages_come_after_a_reload(opens_page: OpensPage, alice: Person, bob: Person) -> None:
    chat_id = bob.sends("One", to=alice)["chat_id"]
    hers = opens_page()
    logs_in(hers, alice)
    hers.finds("[data-testid=unread-badge]", "1")
    bob.sends("Two", to=alice)
    hers.finds(f"[data-testid=chat-item-{chat_id}]", "Two")
    hers.clicks(f"[data-testid=chat-item-{chat_id}]")
    hers.finds(BUBBLE, "Two")
    hers.lacks("[data-testid=unread-badge]")
    hers.goes_to(f"{alice.server.url}/chat/settings")
    hers.finds("[data-testid=settings]", "Theme")
