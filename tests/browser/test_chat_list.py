"""The list of chats: what its rows show, how it follows events, and what can be done with a chat."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import expect

from chatapp.ops import runtime
from config import load
from tests.browser.accessibility import check_accessibility
from tests.browser.faults import PageFaults
from tests.people import Person, PersonMaker
from tests.searching import Indexer
from tests.servers import await_true

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

OpenClient = Callable[..., "Page"]
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


def row(page: Page, chat_id: int) -> Locator:
    """The row of a chat."""
    return page.get_by_test_id(f"chat-item-{chat_id}")


def chat_ids(page: Page) -> list[int]:
    """The chats of the list, from above."""
    rows = page.get_by_test_id("chat-list").locator("[data-chat-id]")
    return [int(entry.get_attribute("data-chat-id") or 0) for entry in rows.all()]


def choose(page: Page, chat_id: int, *items: str) -> None:
    """Open the menu of a chat, and choose an item; then another of the menu that this leads to."""
    row(page, chat_id).click(button="right")
    for item in items:
        page.get_by_role("menuitem", name=item, exact=True).click()


def test_rows_follow_what_happens(open_client: OpenClient, alice: Person, bob: Person, carol: Person) -> None:
    from_bob = alice.sends("Is the desk still there?", to=bob)["chat_id"]
    from_carol = carol.sends("Hello", to=alice)["chat_id"]
    page = open_client(alice)
    expect(row(page, from_carol)).to_contain_text("Hello")
    expect(row(page, from_carol).get_by_test_id("unread-badge")).to_contain_text("1")
    expect(row(page, from_bob).get_by_test_id("unread-badge")).to_have_count(0)
    assert chat_ids(page) == [from_carol, from_bob]

    socket = bob.connects()
    expect(row(page, from_bob)).to_contain_text("online")
    socket.sends({"type": "typing", "chat_id": from_bob, "is_typing": True})
    expect(row(page, from_bob).get_by_test_id("chat-typing")).to_be_visible()
    bob.sends("Yes, it is", to=alice)
    expect(row(page, from_bob)).to_contain_text("Yes, it is")
    expect(row(page, from_bob).get_by_test_id("unread-badge")).to_contain_text("1")
    expect(page).to_have_title(re.compile(r"^\(2\) "))
    assert chat_ids(page) == [from_bob, from_carol]


def test_an_event_renders_the_row_of_its_chat_alone(
    open_client: OpenClient, alice: Person, bob: Person, carol: Person
) -> None:
    still, busy = carol.sends("Quiet", to=alice)["chat_id"], bob.sends("One", to=alice)["chat_id"]
    page = open_client(alice)
    expect(row(page, still)).to_contain_text("Quiet")
    row(page, still).evaluate(
        """(row) => {
          const describe = ({ type, target, oldValue }) => `${type} ${oldValue} ${target.parentElement.outerHTML}`;
          window.changes = [];
          new MutationObserver((records) => window.changes.push(...records.map(describe)))
            .observe(row, { subtree: true, childList: true, characterDataOldValue: true, attributes: true });
        }"""
    )
    for number in range(5):
        bob.sends(f"Message {number}", to=alice)
    expect(row(page, busy)).to_contain_text("Message 4")
    changes = page.evaluate("window.changes")
    assert changes == [], "\n".join(changes)


def test_filters(open_client: OpenClient, alice: Person, bob: Person, carol: Person) -> None:
    read, unread = alice.sends("Hi", to=bob)["chat_id"], carol.sends("Hi", to=alice)["chat_id"]
    group = alice.posts("/groups", {"title": "Cyclists", "member_ids": [bob.id]}).json["data"]["id"]
    page = open_client(alice)
    expect(row(page, group)).to_contain_text(re.compile("alice created .*Cyclists", re.DOTALL))
    page.get_by_test_id("filter-unread").click()
    expect(row(page, unread)).to_be_visible()
    expect(row(page, read)).to_have_count(0)
    page.get_by_test_id("filter-groups").click()
    expect(row(page, group)).to_be_visible()
    expect(row(page, unread)).to_have_count(0)
    page.get_by_test_id("filter-archived").click()
    expect(page.get_by_test_id("empty-list")).to_be_visible()
    page.get_by_test_id("filter-all").click()
    expect(row(page, read)).to_be_visible()


def test_what_the_menu_does_reaches_other_devices(
    open_client: OpenClient, alice: Person, bob: Person, carol: Person
) -> None:
    older, newer = bob.sends("First", to=alice)["chat_id"], carol.sends("Second", to=alice)["chat_id"]
    here, there = open_client(alice), open_client(alice)
    expect(row(there, newer)).to_be_visible()

    choose(here, older, "Pin")
    expect(there.locator("[data-chat-id]").first).to_have_attribute("data-chat-id", str(older))
    choose(here, older, "Mute", "8 hours")
    expect(row(there, older)).to_contain_text("Muted")
    choose(here, older, "Mark as read")
    expect(row(there, older).get_by_test_id("unread-badge")).to_have_count(0)
    choose(here, older, "Mark as unread")
    expect(row(there, older).get_by_test_id("unread-badge")).to_be_visible()

    choose(here, newer, "Archive")
    expect(row(there, newer)).to_have_count(0)
    here.get_by_test_id("toast").get_by_role("button", name="Undo").click()
    expect(row(there, newer)).to_be_visible()
    choose(here, newer, "Snooze", "3 hours")
    expect(row(there, newer)).to_have_count(0)
    there.get_by_test_id("filter-snoozed").click()
    expect(row(there, newer)).to_be_visible()


def test_a_chat_is_deleted_after_a_question(open_client: OpenClient, alice: Person, bob: Person) -> None:
    chat_id = bob.sends("Delete me", to=alice)["chat_id"]
    page = open_client(alice)
    choose(page, chat_id, "Delete chat")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_test_id("confirmation")).to_have_count(0)
    assert [chat["id"] for chat in alice.chats()] == [chat_id]
    choose(page, chat_id, "Delete chat")
    page.get_by_test_id("confirm").click()
    expect(row(page, chat_id)).to_have_count(0)
    await_true(lambda: alice.chats() == [])


def test_pages_follow_the_scrolling(open_client: OpenClient, alice: Person, make_person: PersonMaker) -> None:
    others = [make_person() for _ in range(45)]
    oldest, *_ = [other.sends("Hi", to=alice)["chat_id"] for other in others]
    page = open_client(alice)
    rows = page.get_by_test_id("chat-list").locator("[data-chat-id]")
    expect(rows.first).to_be_visible()
    page.locator(".chat-scroller").hover()
    while not row(page, oldest).count():
        page.mouse.wheel(0, 900)
        page.evaluate("() => new Promise(requestAnimationFrame)")
    expect(rows).to_have_count(45)
    assert len(set(chat_ids(page))) == 45


@pytest.fixture
def indexer(environment: dict[str, str]) -> Iterator[Indexer]:
    """Indexes what was sent to `server`."""
    runtime.build(load(environment))
    yield Indexer()
    runtime.close()


def test_search_finds_chats_and_messages(open_client: OpenClient, alice: Person, bob: Person, indexer: Indexer) -> None:
    found = bob.sends("The saddle is made of leather", to=alice)
    bob.sends("Nothing else", to=alice)
    indexer.run()
    page = open_client(alice)
    expect(row(page, found["chat_id"])).to_be_visible()
    page.keyboard.press("Control+k")
    field = page.get_by_test_id("chat-search")
    expect(field).to_be_focused()
    field.fill("bob")
    expect(page.get_by_test_id("search-results").locator("mark").first).to_have_text("bob")
    field.fill("leather")
    result = page.get_by_test_id(f"found-message-{found['id']}")
    expect(result.locator("mark")).to_have_text("leather")
    check_accessibility(page)
    result.click()
    expect(page).to_have_url(re.compile(rf"/chat/{found['chat_id']}#message-{found['id']}$"))
    field.fill("qqqzzz")
    expect(page.get_by_test_id("search-results")).to_contain_text("Nothing found for “qqqzzz”")
    field.press("Escape")
    expect(row(page, found["chat_id"])).to_be_visible()


def test_the_keyboard_is_enough(open_client: OpenClient, alice: Person, bob: Person, carol: Person) -> None:
    lower, upper = bob.sends("One", to=alice)["chat_id"], carol.sends("Two", to=alice)["chat_id"]
    page = open_client(alice)
    row(page, upper).focus()
    page.keyboard.press("ArrowDown")
    expect(row(page, lower)).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/chat/{upper}$"))
    expect(row(page, upper)).to_have_attribute("aria-current", "page")
    page.keyboard.press("Alt+ArrowDown")
    expect(page).to_have_url(re.compile(rf"/chat/{lower}$"))
    row(page, upper).focus()
    page.keyboard.press("Shift+F10")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_test_id("delete-chat")).to_be_focused()
    page.keyboard.press("Escape")
    expect(row(page, upper)).to_be_focused()


def test_markup_in_names_and_texts_stays_text(open_client: OpenClient, alice: Person, bob: Person) -> None:
    text = "<img src=x onerror=alert(1)><b>bold</b>"
    chat_id = bob.sends(text, to=alice)["chat_id"]
    page = open_client(alice)
    expect(row(page, chat_id)).to_contain_text(text)
    assert row(page, chat_id).locator("img, b").count() == 0


def test_a_group_and_a_chat_by_username(
    open_client: OpenClient, alice: Person, bob: Person, carol: Person, make_person: PersonMaker, faults: PageFaults
) -> None:
    dave = make_person("dave")
    bob.sends("Hi", to=alice)
    page = open_client(alice)
    page.get_by_test_id("new-chat").click()
    check_accessibility(page)
    page.get_by_test_id("new-chat-name").fill(carol.username)
    page.get_by_test_id("start-chat").click()
    expect(page).to_have_url(re.compile(r"/chat/\d+$"))
    page.get_by_test_id("new-chat").click()
    page.get_by_test_id("new-chat-name").fill("no-such-user-here")
    with faults.expected("404"):
        page.get_by_test_id("start-chat").click()
        expect(page.get_by_test_id("toast")).to_be_visible()
    page.get_by_test_id("new-group").click()
    page.get_by_test_id("group-title").fill("Weekend")
    page.get_by_test_id("new-chat-name").fill("")
    page.get_by_test_id(f"person-{bob.id}").click()
    page.get_by_test_id("new-chat-name").fill(dave.username)
    page.get_by_test_id("add-by-username").click()
    check_accessibility(page)
    page.get_by_test_id("start-chat").click()
    expect(page.get_by_test_id("new-chat-dialog")).to_have_count(0)
    for member in (bob, dave):
        assert {chat.get("title") for chat in member.chats()} >= {"Weekend"}


@pytest.mark.parametrize(("locale", "device"), [("en-GB", {}), ("th-TH", PHONE), ("sr-RS", {}), ("ru-RU", PHONE)])
def test_the_list_is_accessible(
    open_client: OpenClient, alice: Person, bob: Person, locale: str, device: dict[str, object]
) -> None:
    chat_id = bob.sends("Hi", to=alice)["chat_id"]
    page = open_client(alice, locale=locale, **device)
    expect(row(page, chat_id)).to_be_visible()
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    row(page, chat_id).click(button="right")
    expect(page.get_by_test_id("menu")).to_be_visible()
    check_accessibility(page, within="[data-testid=menu]")


def test_an_empty_list_says_what_to_do(open_client: OpenClient, alice: Person) -> None:
    page = open_client(alice)
    expect(page.get_by_test_id("empty-list")).to_contain_text("No chats yet")
    page.get_by_test_id("empty-list").get_by_role("button").click()
    expect(page.get_by_test_id("new-chat-dialog")).to_be_visible()
