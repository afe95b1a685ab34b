"""The pane beside a conversation: members, roles, title and picture of a group, what was shared, blocks and mutes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import expect

from tests.browser.accessibility import check_accessibility
from tests.browser.conversation.conftest import OpenChat
from tests.flows.attachments.words import PNG
from tests.people import Person, PersonMaker

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.browser.conversation.screen import ChatScreen


def creates_group(owner: Person, *members: Person) -> int:
    """The id of a group that was made over REST."""
    body: dict[str, Any] = {"title": "Neighbours", "member_ids": [member.id for member in members]}
    reply = owner.posts("/groups", body)
    assert reply.status == 200, reply.text
    return int(reply.data["id"])


def name_of(person: Person) -> str:
    """The name that others see."""
    return person.username.rpartition("-")[0]


def opens_details(screen: ChatScreen) -> Locator:
    """Open the pane; returns it."""
    screen.page.get_by_test_id("open-details").click()
    pane = screen.page.get_by_test_id("details")
    expect(pane).to_be_visible()
    return pane


def changes_member(screen: ChatScreen, person: Person, item: str) -> None:
    """Choose an item in the menu of a member."""
    screen.page.get_by_test_id("members").get_by_role("button", name=name_of(person)).click()
    screen.page.get_by_role("menuitem", name=item, exact=True).click()


def test_members_and_their_roles(
    open_chat: OpenChat, alice: Person, bob: Person, carol: Person, make_person: PersonMaker
) -> None:
    alice.sends("So that she can be chosen", to=carol)
    group = creates_group(alice, bob)
    hers, his = open_chat(alice, group), open_chat(bob, group)
    members = opens_details(hers).get_by_test_id("members")
    expect(members.locator("li")).to_have_count(2)
    check_accessibility(hers.page)
    opens_details(his)
    expect(his.page.get_by_test_id("add-members")).to_have_count(0)

    hers.page.get_by_test_id("add-members").click()
    check_accessibility(hers.page)
    hers.page.get_by_test_id(f"person-{carol.id}").check()
    hers.page.get_by_test_id("add-chosen").click()
    expect(members.locator("li")).to_have_count(3)
    expect(his.page.get_by_test_id("members").locator("li")).to_have_count(3)

    dave = make_person("dave")
    hers.page.get_by_test_id("add-members").click()
    hers.page.get_by_test_id("add-members-dialog").get_by_role("searchbox").fill(dave.username)
    hers.page.get_by_test_id("add-by-username").click()
    hers.page.get_by_test_id("add-chosen").click()
    expect(members.locator("li")).to_have_count(4)
    changes_member(hers, dave, "Remove from the group")
    expect(members.locator("li")).to_have_count(3)

    changes_member(hers, bob, "Make an admin")
    expect(his.page.get_by_test_id("add-members")).to_be_visible()
    expect(his.page.get_by_test_id("members").locator("li", has_text=name_of(bob))).to_contain_text("Admin")
    changes_member(his, carol, "Remove from the group")
    expect(members.locator("li")).to_have_count(2)
    assert [chat["id"] for chat in carol.chats() if chat["kind"] == "group"] == []


def test_title_and_picture_of_a_group(open_chat: OpenChat, alice: Person, bob: Person) -> None:
    group = creates_group(alice, bob)
    hers, his = open_chat(alice, group), open_chat(bob, group)
    pane = opens_details(hers)
    hers.page.get_by_test_id("change-title").click()
    hers.page.get_by_test_id("group-title").fill("The street")
    hers.page.get_by_test_id("save-title").click()
    expect(pane.locator(".details-name")).to_contain_text("The street")
    expect(his.page.locator(".head-heading")).to_contain_text("The street")
    with hers.page.expect_file_chooser() as chosen:
        hers.page.get_by_role("button", name="Change the picture").click()
    chosen.value.set_files([{"name": "street.png", "mimeType": "image/png", "buffer": PNG}])
    expect(pane.locator(".details-picture img")).to_be_visible()
    assert bob.chat(group)["picture_url"]
    pane.get_by_role("button", name="Remove the picture").click()
    expect(pane.locator(".details-picture img")).to_have_count(0)
    assert opens_details(his).get_by_test_id("change-title").count() == 0


def test_leaving_a_group(open_chat: OpenChat, alice: Person, bob: Person) -> None:
    group = creates_group(alice, bob)
    hers, his = open_chat(alice, group), open_chat(bob, group)
    opens_details(his)
    his.page.get_by_test_id("leave").click()
    check_accessibility(his.page)
    his.page.get_by_test_id("confirm").click()
    expect(his.page.get_by_test_id(f"chat-item-{group}")).to_have_count(0)
    expect(hers.messages.get_by_text("left the group")).to_be_visible()


def test_a_chat_is_muted_and_its_person_blocked(open_chat: OpenChat, alice: Person, bob: Person) -> None:
    chat_id = bob.sends("Hello", to=alice)["chat_id"]
    hers = open_chat(alice, chat_id)
    opens_details(hers)
    hers.page.get_by_test_id("mute").click()
    check_accessibility(hers.page)
    hers.page.get_by_role("menuitem", name="For one day").click()
    expect(hers.page.get_by_test_id("mute")).to_contain_text("Until")
    assert alice.chat(chat_id)["is_muted"]
    hers.page.get_by_test_id("block").click()
    hers.page.get_by_test_id("confirm").click()
    expect(hers.page.get_by_test_id("block")).to_contain_text("Unblock")
    expect(hers.input).to_have_count(0)
    hers.page.get_by_test_id("block").click()
    expect(hers.input).to_be_editable()
    expect(hers.page.get_by_test_id("block")).to_be_focused()
    hers.page.get_by_test_id("close-details").click()
    expect(hers.page.get_by_test_id("details")).to_have_count(0)


def test_what_was_shared(open_chat: OpenChat, alice: Person, bob: Person) -> None:
    chat_id = alice.sends("See https://example.com/lamp and mind the price", to=bob)["chat_id"]
    hers, his = open_chat(alice, chat_id), open_chat(bob, chat_id)
    hers.chooses_files(*[(f"{number}.png", "image/png", PNG) for number in (1, 2, 3)])
    hers.writes("Three pictures")
    expect(his.messages.get_by_test_id("attachment-image")).to_have_count(3)
    pane = opens_details(his)
    expect(pane.locator(".shared-picture")).to_have_count(3)
    pane.locator(".shared-picture").first.click()
    gallery = his.page.get_by_test_id("gallery")
    expect(gallery.get_by_test_id("gallery-image")).to_be_visible()
    his.page.keyboard.press("Escape")
    pane.get_by_test_id("shared-links").click()
    expect(pane.get_by_role("link", name="example.com")).to_have_attribute("href", "https://example.com/lamp")
    pane.get_by_test_id("shared-files").click()
    expect(pane.get_by_text("No files yet")).to_be_visible()
    check_accessibility(his.page)


def test_the_gallery_moves_by_buttons_and_keys(open_chat: OpenChat, alice: Person, bob: Person) -> None:
    chat_id = alice.sends("Hello", to=bob)["chat_id"]
    hers = open_chat(alice, chat_id)
    hers.chooses_files(*[(f"{number}.png", "image/png", PNG) for number in (1, 2, 3)])
    hers.writes("Three pictures")
    expect(hers.tick("Three pictures", "sent")).to_be_visible()
    hers.messages.get_by_test_id("attachment-image").nth(1).click()
    gallery = hers.page.get_by_test_id("gallery")
    expect(gallery.locator(".gallery-count")).to_have_text("2 of 3")
    check_accessibility(hers.page)
    hers.page.keyboard.press("ArrowRight")
    expect(gallery.locator(".gallery-count")).to_have_text("3 of 3")
    expect(gallery.get_by_test_id("gallery-image")).to_have_attribute("alt", "3.png")
    gallery.get_by_role("button", name="Previous").click()
    gallery.get_by_role("button", name="Previous").click()
    expect(gallery.locator(".gallery-count")).to_have_text("1 of 3")
    expect(gallery.get_by_role("button", name="Previous")).to_have_count(0)
    hers.page.keyboard.press("Escape")
    expect(gallery).to_have_count(0)
