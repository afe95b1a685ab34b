"""A page stays open while the server gets a newer release, which has other files under another version."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import expect

from tests.browser.accessibility import check_accessibility
from tests.browser.faults import PageFaults
from tests.people import Person

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

OpenClient = Callable[..., "Page"]
VERSION = re.compile(r"/static/[0-9a-f]+/")


# A style that the server does not know is reported twice: as not found, and as refused, since an error is no style.
UNKNOWN = "404|MIME type"


def replace_release(context: BrowserContext) -> None:
    """From now on the server does not know the version of the pages that are open: it answers 404."""
    context.route(VERSION, lambda route: route.continue_(url=VERSION.sub(f"/static/{'0' * 16}/", route.request.url)))


def test_a_page_of_an_older_release_offers_to_reload(
    open_client: OpenClient, alice: Person, bob: Person, faults: PageFaults
) -> None:
    chat_id = bob.sends("Hi", to=alice)["chat_id"]
    page = open_client(alice, f"/chat/{chat_id}")
    page.get_by_test_id("message-input").fill("Not sent yet")
    replace_release(page.context)
    with faults.expected(UNKNOWN):
        page.get_by_role("button", name="Emoji").click()
        expect(page.get_by_test_id("outdated-bar")).to_contain_text("A new version is ready.")
        page.wait_for_load_state("networkidle")
    check_accessibility(page)
    bob.sends("The page goes on", to=alice)
    expect(page.get_by_test_id("message-list")).to_contain_text("The page goes on")
    page.context.unroute(VERSION)
    page.get_by_test_id("outdated-bar").get_by_role("button", name="Reload").click()
    expect(page.get_by_test_id("message-input")).to_have_value("Not sent yet")
    expect(page.get_by_test_id("outdated-bar")).to_have_count(0)
    page.get_by_role("button", name="Emoji").click()
    expect(page.get_by_test_id("emoji-picker")).to_be_visible()


def test_a_language_of_an_older_release_offers_to_reload(
    open_client: OpenClient, alice: Person, faults: PageFaults
) -> None:
    page = open_client(alice, "/chat/settings")
    expect(page.get_by_test_id("settings")).to_be_visible()
    replace_release(page.context)
    with faults.expected(UNKNOWN):
        page.get_by_test_id("language").get_by_text("Srpski").click()
        expect(page.get_by_test_id("outdated-bar")).to_be_visible()
    page.context.unroute(VERSION)
    page.get_by_test_id("outdated-bar").get_by_role("button", name="Reload").click()
    expect(page.get_by_test_id("settings")).to_contain_text("Podešavanja")


def test_a_part_that_the_network_loses_is_asked_for_again(
    open_client: OpenClient, alice: Person, bob: Person, faults: PageFaults
) -> None:
    chat_id = bob.sends("Hi", to=alice)["chat_id"]
    page = open_client(alice, f"/chat/{chat_id}")
    expect(page.get_by_test_id("message-input")).to_be_visible()
    page.context.route("**/static/**", lambda route: route.abort("connectionreset"))
    with faults.expected("ERR_CONNECTION_RESET"):
        page.get_by_role("button", name="Emoji").click()
        expect(page.get_by_test_id("toast")).to_contain_text("No answer from the server.")
    expect(page.get_by_test_id("outdated-bar")).to_have_count(0)
    page.context.unroute("**/static/**")
    page.get_by_role("button", name="Emoji").click()
    expect(page.get_by_test_id("emoji-picker")).to_be_visible()
