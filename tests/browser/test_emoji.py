"""The emoji picker: groups, search in four languages, keyboard, skin tones, what was used last."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from chatapp.text.emoji import qualified
from tests.browser.accessibility import check_accessibility
from tests.browser.faults import PageFaults
from tests.servers import ROOT


@pytest.mark.parametrize("language", ["en", "ru", "sr", "th"])
def test_the_server_accepts_every_emoji_of_the_picker(language: str) -> None:
    groups = json.loads((ROOT / "web" / "emoji" / f"{language}.json").read_text("utf-8"))["groups"]
    entries = [line.split("\t") for group in groups for line in group]
    assert len(entries) > 1_900
    assert [entry[0] for entry in entries if qualified(entry[0]) != entry[0]] == []
    toned = [entry[0][0] + "🏽" + entry[0][1:].removeprefix("\ufe0f") for entry in entries if entry[-1] == "1"]
    assert len(toned) > 300
    assert [text for text in toned if qualified(text) != text] == []


@pytest.mark.parametrize(
    ("language", "query", "emoji"),
    [
        ("en", "party pop", "🎉"),
        ("ru", "велосипед", "🚲"),
        ("sr", "kafa", "☕"),
        ("sr", "voznja", "🚲"),
        ("th", "กาแฟ", "☕"),
    ],
)
def test_search_finds_names_and_words(component: Callable[[str], Page], language: str, query: str, emoji: str) -> None:
    page = component(f"emoji?language={language}")
    page.get_by_test_id("emoji-search").fill(query)
    expect(page.locator(f"[data-emoji='{emoji}']")).to_be_visible()


def test_choosing_by_keyboard_alone(component: Callable[[str], Page]) -> None:
    page = component("emoji")
    expect(page.locator("[data-emoji='😀']")).to_be_visible()
    page.get_by_test_id("emoji-search").focus()
    page.keyboard.type("bicycle")
    page.keyboard.press("Enter")
    page.get_by_test_id("emoji-search").fill("")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-emoji='😀']")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-emoji='😃']")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_test_id("emoji-search")).to_be_focused()
    assert page.evaluate("chosen") == ["🚲", "😃"]


def test_skin_tone_and_recent_ones_are_remembered(component: Callable[[str], Page]) -> None:
    page = component("emoji")
    page.get_by_role("radio", name="Skin tone 4").click()
    page.get_by_role("tab", name="People").click()
    expect(page.locator("[data-emoji='👍']")).to_have_text("👍🏽")
    page.locator("[data-emoji='👍']").click()
    page.reload()
    expect(page.get_by_role("tab", name="Recent")).to_have_attribute("aria-selected", "true")
    page.get_by_role("button", name="thumbs up").click()
    assert page.evaluate("chosen") == ["👍🏽"]


def test_nothing_found(component: Callable[[str], Page]) -> None:
    page = component("emoji")
    page.get_by_test_id("emoji-search").fill("qqqq <img src=x onerror=alert(1)>")
    expect(page.get_by_role("status")).to_have_text("No emoji found")


def test_data_that_cannot_be_loaded_are_asked_for_again(page: Page, components: str, faults: PageFaults) -> None:
    page.route(
        "**/emoji/en.json",
        lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>Bad gateway</h1>"),
    )
    with faults.expected("502"):
        page.goto(f"{components}/component/emoji")
        expect(page.get_by_role("alert")).to_contain_text("Emoji could not be loaded.")
    page.unroute("**/emoji/en.json")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("[data-emoji='😀']")).to_be_visible()


def test_the_picker_is_accessible(component: Callable[[str], Page], page: Page) -> None:
    component("emoji")
    expect(page.locator("[data-emoji='😀']")).to_be_visible()
    check_accessibility(page, without=("page-has-heading-one",))  # the page of a component has none
