"""An open conversation, checked with axe."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import expect

from tests.browser.accessibility import check_accessibility
from tests.people import Person

if TYPE_CHECKING:
    from playwright.sync_api import Page

OpenClient = Callable[..., "Page"]


def test_conversation(open_client: OpenClient, alice: Person, bob: Person) -> None:
    question = bob.sends("Is the lamp still for sale?", to=alice)
    answer = alice.sends("Yes", to=bob, reply_to_id=question["id"])
    bob.sends("Good", to=alice, reply_to_id=answer["id"])
    page = open_client(alice, f"/chat/{question['chat_id']}")
    messages = page.get_by_test_id("message-list").locator("[data-row] .quote-name")
    expect(messages).to_have_count(2)
    check_accessibility(page)
