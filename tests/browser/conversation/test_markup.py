"""Nothing that people write runs: in texts, names, file names, titles of items, groups and linked pages. The test fails
on a report of the content policy as well (`faults`)."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import expect

from chatapp.events.snapshots import LinkPreview
from tests.browser.conversation.conftest import OpenChat
from tests.browser.conversation.markup import CORPUS, mutations
from tests.files.making_pictures import saved, scene
from tests.flows.previews.adding import add_preview
from tests.host import Host
from tests.people import Person
from tests.servers import await_true

MUTATIONS = mutations(200, seed=5)


def test_texts_are_shown_as_they_are(open_chat: OpenChat, alice: Person, bob: Person) -> None:
    texts = [*CORPUS, *MUTATIONS]
    chat_id = 0
    for number, text in enumerate(texts):
        chat_id = bob.sends(f"{number} {text}", to=alice)["chat_id"]
    alice.reads(*alice.history(chat_id, limit=1))  # the list begins at the first unread message
    hers = open_chat(alice, chat_id)
    seen: dict[int, str] = {}
    stored = {int(entry["content"].split(" ", 1)[0]): entry["content"] for entry in _all(alice, chat_id)}
    expect(hers.messages).to_be_visible()

    def sees_all() -> bool:
        shown = hers.messages.locator(".message-text").all_text_contents()
        seen.update({int(text.split(" ", 1)[0]): text for text in shown})
        hers.messages.evaluate("(list) => list.scrollBy(0, -400)")
        return len(seen) == len(texts)

    await_true(sees_all, within=60)
    assert seen == stored
    for link in hers.messages.locator("a").all():
        assert (link.get_attribute("href") or "").startswith(("http://", "https://"))
    assert hers.page.evaluate("window.ran") is None


def test_names_and_titles_are_shown_as_they_are(open_chat: OpenChat, alice: Person, bob: Person, host: Host) -> None:
    for number, text in enumerate(CORPUS[:8]):
        title = f"{number} {text}"
        chat_id = bob.sends(f"about {number}", listing_id=host.lists(title, seller=alice))["chat_id"]
    group = alice.posts("/groups", {"title": CORPUS[1][:100], "member_ids": [bob.id]}).data["id"]
    hers = open_chat(alice, chat_id)
    expect(hers.page.get_by_test_id("item-bar")).to_contain_text("javascript:window.ran")
    hers.chooses_files((f"{CORPUS[1]}.png".replace("/", ""), "image/png", saved(scene(), "PNG")))
    expect(hers.page.locator(".upload-tiles").get_by_test_id("attachment-image")).to_be_visible()
    hers.page.get_by_test_id("send-button").click()
    expect(hers.messages.get_by_test_id("attachment-image")).to_be_visible()
    hers.page.goto(f"/chat/{group}")
    expect(hers.page.locator(".head-name")).to_contain_text("<img src=x")
    expect(hers.messages.locator(".system-row")).to_contain_text("<img src=x")
    assert hers.page.evaluate("window.ran") is None


def test_what_pages_call_themselves_is_shown_as_it_is(
    open_chat: OpenChat, alice: Person, bob: Person, environment: dict[str, str]
) -> None:
    titles: dict[str, str] = {}
    sent: dict[str, Any] = {}
    for number, text in enumerate(CORPUS):
        url = f"https://example.com/{number}"
        sent = bob.sends(f"see {url}", to=alice)
        add_preview(environment, sent["id"], LinkPreview(url, f"{number} {text}", text, text, None))
        titles[url] = f"{number} {text}"
    alice.reads(sent)
    hers = open_chat(alice, sent["chat_id"])
    expect(hers.messages).to_be_visible()
    seen: dict[str, str] = {}

    def sees_all() -> bool:
        for card in hers.messages.locator("a.link-preview").all():
            seen[card.get_attribute("href") or ""] = card.locator(".link-preview-title").text_content() or ""
        hers.messages.evaluate("(list) => list.scrollBy(0, -400)")
        return len(seen) == len(titles)

    await_true(sees_all, within=60)
    assert seen == titles
    assert hers.page.evaluate("window.ran") is None


def _all(person: Person, chat_id: int) -> list[dict[str, str]]:
    """All messages of a chat."""
    found: list[dict[str, str]] = []
    page = 1
    while entries := person.history(chat_id, page=page, limit=100):
        found += entries
        page += 1
    return found
