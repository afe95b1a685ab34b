"""Settings, which hold after a reload and in other tabs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import expect

from chatapp.ops import runtime
from chatapp.ops.upkeep.exporting import make_exports
from config import load
from tests.browser.accessibility import check_accessibility
from tests.people import Person

if TYPE_CHECKING:
    from playwright.sync_api import Page

OpenClient = Callable[..., "Page"]


def test_theme_and_language_hold(open_client: OpenClient, alice: Person) -> None:
    page = open_client(alice, "/chat/settings")
    other = page.context.new_page()
    other.goto("/chat")
    page.get_by_test_id("theme").get_by_text("Dark").click()
    page.get_by_test_id("language").get_by_text("Srpski").click()
    for tab in (page, other):
        expect(tab.locator("html")).to_have_attribute("data-theme", "dark")
        expect(tab.locator("html")).to_have_attribute("lang", "sr-Latn")
        expect(tab.get_by_test_id("ask-shop")).to_contain_text("Pitajte prodavnicu")
    check_accessibility(page)
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_test_id("settings")).to_contain_text("Podešavanja")


@pytest.mark.parametrize("path", ["/chat", "/login", "/admin"])
def test_a_chosen_theme_is_there_before_the_first_paint(open_client: OpenClient, alice: Person, path: str) -> None:
    page = open_client(alice, "/chat/settings", color_scheme="dark")
    page.get_by_test_id("theme").get_by_text("Light").click()
    page.route(re.compile(r"/(client|admin)/(main|login)\.js|/js/(app|login|admin)"), lambda route: None)
    page.goto(path, wait_until="commit")
    page.locator("body").wait_for(state="attached")
    assert page.locator("html").get_attribute("data-theme") == "light"
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"


def test_privacy_and_blocked_people(open_client: OpenClient, alice: Person, bob: Person) -> None:
    bob.sends("Hi", to=alice)
    alice.blocks(bob)
    page = open_client(alice, "/chat/settings")
    check_accessibility(page)
    hidden = page.get_by_test_id("hide-last-seen")
    expect(hidden).to_have_attribute("aria-checked", "false")
    hidden.click()
    expect(hidden).to_have_attribute("aria-checked", "true")
    page.reload()
    expect(page.get_by_test_id("hide-last-seen")).to_have_attribute("aria-checked", "true")
    page.get_by_role("button", name="Unblock").click()
    expect(page.get_by_test_id("settings")).to_contain_text("You have not blocked anyone.")
    bob.sends("Again", to=alice)


@pytest.fixture
def exporter(environment: dict[str, str]) -> Iterator[Callable[[], int]]:
    """Makes the exports that wait."""
    runtime.build(load(environment))
    yield make_exports
    runtime.close()


def test_my_data_are_exported(open_client: OpenClient, alice: Person, bob: Person, exporter: Callable[[], int]) -> None:
    alice.sends("To be exported", to=bob)
    page = open_client(alice, "/chat/settings")
    page.get_by_test_id("export").click()
    expect(page.get_by_test_id("export")).to_be_disabled()
    assert exporter() == 1
    with page.expect_download() as started:
        page.get_by_test_id("export-link").click()
    with ZipFile(started.value.path()) as archive:
        assert any(b"To be exported" in archive.read(name) for name in archive.namelist())
