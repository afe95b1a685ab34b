"""Browsers."""

from __future__ import annotations

import pytest

from tests.browser_client import Browser
from tests.people import Person
from tests.servers import ChatServer


@pytest.fixture
def browser(server: ChatServer) -> Browser:
    """A browser without cookies."""
    return Browser(server)


@pytest.fixture
def alices(server: ChatServer, alice: Person) -> Browser:
    """A browser in which alice is logged in."""
    browser = Browser(server)
    assert browser.logs_in(alice.username, alice.password).status == 200
    return browser
