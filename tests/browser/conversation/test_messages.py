"""Messages on the screens of two people: states, replies, reactions, edits, deletions, pins, search."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import expect

from tests.browser.accessibility import check_accessibility
from tests.browser.conversation.conftest import OpenChat
from tests.browser.faults import PageFaults
from tests.host import Host
from tests.people import Person
from tests.searching import Indexer

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


def test_a_message_and_how_far_it_has_come(open_chat: OpenChat, alice: Person, bob: Person) -> None:
    chat_id = alice.sends("Hello", to=bob)["chat_id"]
    hers = open_chat(alice, chat_id)
    hers.writes("Is it still there?")
    expect(hers.tick("Is it still there?", "sent")).to_be_visible()
    his = open_chat(bob, chat_id)
    expect(his.bubble("Is it still there?")).to_be_visible()
    expect(hers.tick("Is it still there?", "read")).to_be_visible()
    his.input.press_sequentially("Ye")
    expect(hers.page.get_by_test_id("typing").first).to_be_visible()
    his.writes("Yes, it is")
    expect(hers.bubble("Yes, it is")).to_be_visible()
    expect(hers.page.get_by_test_id("announcer")).to_contain_text("Yes, it is")
    assert hers.texts() == his.texts() == ["Hello", "Is it still there?", "Yes, it is"]


def test_what_is_done_with_a_message_is_seen_by_both(open_chat: OpenChat, alice: Person, bob: Person) -> None:
    chat_id = alice.sends("The price is 120", to=bob)["chat_id"]
    hers, his = open_chat(alice, chat_id), open_chat(bob, chat_id)
    his.chooses("The price is 120", "Reply")
    expect(his.page.get_by_test_id("mode-reply")).to_contain_text("The price is 120")
    his.writes("Would 100 do?")
    expect(hers.bubble("Would 100 do?").locator(".quote")).to_contain_text("The price is 120")

    hers.bubble("Would 100 do?").click(button="right")
    hers.page.get_by_role("button", name="👍").click()
    expect(his.page.locator(".reaction", has_text="👍")).to_contain_text("1")
    his.page.locator(".reaction", has_text="👍").click()
    expect(hers.page.locator(".reaction.is-mine", has_text="👍")).to_contain_text("2")

    hers.input.press("ArrowUp")
    expect(hers.input).to_have_value("The price is 120")
    hers.input.fill("The price is 110")
    hers.input.press("Enter")
    expect(his.bubble("The price is 110")).to_contain_text("edited")
    expect(his.bubble("Would 100 do?").locator(".quote")).to_contain_text("The price is 110")

    hers.chooses("The price is 110", "Pin")
    expect(his.page.get_by_test_id("pins-bar")).to_contain_text("The price is 110")
    hers.chooses("The price is 110", "Star")
    expect(hers.bubble("The price is 110")).to_contain_text("Starred")
    his.chooses("Would 100 do?", "Delete for all")
    his.page.get_by_test_id("confirm").click()
    expect(hers.bubble("Message deleted")).to_be_visible()
    expect(hers.page.locator(".reaction")).to_have_count(0)


def test_changes_are_shown_before_they_are_confirmed(
    open_chat: OpenChat, alice: Person, bob: Person, faults: PageFaults
) -> None:
    chat_id = alice.sends("The price is 120", to=bob)["chat_id"]
    hers, his = open_chat(alice, chat_id), open_chat(bob, chat_id)
    expect(his.bubble("The price is 120")).to_be_visible()
    with faults.expected("ERR_INTERNET_DISCONNECTED", at_least=0):
        hers.page.context.set_offline(True)
        hers.bubble("The price is 120").click(button="right")
        hers.page.get_by_role("button", name="👍").click()
        expect(hers.page.locator(".reaction.is-mine", has_text="👍")).to_contain_text("1")
        expect(hers.page.get_by_role("menu")).to_have_count(0)
        for price, before in (("110", "120"), ("100", "110")):
            expect(hers.input).to_have_value("")
            hers.input.press("ArrowUp")
            expect(hers.input).to_have_value(f"The price is {before}")
            hers.input.fill(f"The price is {price}")
            hers.input.press("Enter")
            expect(hers.tick(f"The price is {price}", "sending")).to_be_visible()
        expect(his.bubble("The price is 120")).to_be_visible()
        expect(his.page.locator(".reaction")).to_have_count(0)
        hers.page.context.set_offline(False)
        expect(his.bubble("The price is 100")).to_contain_text("edited", timeout=60_000)
    expect(his.page.locator(".reaction", has_text="👍")).to_contain_text("1")
    expect(hers.bubble("The price is 100").locator("[data-tick]:not([data-tick='sending'])")).to_be_visible()
    expect(hers.page.locator(".reaction.is-mine", has_text="👍")).to_contain_text("1")


def test_a_refused_edit_is_taken_back(open_chat: OpenChat, alice: Person, bob: Person, faults: PageFaults) -> None:
    message = alice.sends("The price is 120", to=bob)
    hers = open_chat(alice, message["chat_id"])
    expect(hers.bubble("The price is 120")).to_be_visible()
    with faults.expected("ERR_INTERNET_DISCONNECTED", at_least=0):
        hers.page.context.set_offline(True)
        hers.input.press("ArrowUp")
        hers.input.fill("The price is 110")
        hers.input.press("Enter")
        expect(hers.tick("The price is 110", "sending")).to_be_visible()
        alice.edits(message, "The price is 130")
        hers.page.context.set_offline(False)
        expect(hers.bubble("The price is 130")).to_be_visible(timeout=60_000)
    expect(hers.page.get_by_test_id("toast")).to_contain_text("changed")
    assert [sent["content"] for sent in bob.history(message["chat_id"])] == ["The price is 130"]


def test_who_has_seen_a_message(open_chat: OpenChat, alice: Person, bob: Person) -> None:
    chat_id = alice.sends("Price: 120", to=bob)["chat_id"]
    hers, his = open_chat(alice, chat_id), open_chat(bob, chat_id)
    expect(hers.tick("Price: 120", "read")).to_be_visible()
    alice.edits(his_newest := bob.history(chat_id)[0], "Price: 110")
    assert his_newest["content"] == "Price: 120"
    expect(his.bubble("Price: 110")).to_be_visible()
    hers.chooses("Price: 110", "Seen by")
    dialog = hers.page.get_by_test_id("seen-by")
    expect(dialog.locator(".person-row")).to_have_count(1)
    expect(dialog.locator(".person-row")).to_contain_text(re.compile("Read"))
    expect(dialog.get_by_text("Price: 120")).to_be_visible()
    check_accessibility(hers.page)
    hers.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_message_is_reported(open_chat: OpenChat, alice: Person, bob: Person, host: Host) -> None:
    message = bob.sends("Pay me outside", to=alice)
    hers = open_chat(alice, message["chat_id"])
    hers.chooses("Pay me outside", "Report")
    check_accessibility(hers.page)
    expect(hers.page.get_by_test_id("send-report")).to_be_disabled()
    hers.page.get_by_label("Fraud").check()
    hers.page.get_by_label("In your own words").fill("He wants a bank transfer")
    hers.page.get_by_test_id("send-report").click()
    expect(hers.page.get_by_text("Moderators will look at it")).to_be_visible()
    (report,) = [report for report in host.reports() if report["message_id"] == message["id"]]
    assert (report["reason"], report["text"]) == ("fraud", "He wants a bank transfer")


def test_forwards_and_deletion_for_oneself(open_chat: OpenChat, alice: Person, bob: Person, carol: Person) -> None:
    chat_id = bob.sends("Meet at the bridge", to=alice)["chat_id"]
    other = carol.sends("Where do we meet?", to=alice)["chat_id"]
    hers = open_chat(alice, chat_id)
    hers.chooses("Meet at the bridge", "Forward")
    hers.page.get_by_test_id(f"forward-to-{other}").check()
    hers.page.get_by_test_id("forward-send").click()
    expect(hers.page).to_have_url(re.compile(f"/chat/{other}$"))
    expect(hers.bubble("Meet at the bridge")).to_contain_text("Forwarded from")
    hers.chooses("Where do we meet?", "Delete for me")
    hers.page.get_by_test_id("confirm").click()
    expect(hers.bubble("Where do we meet?")).to_have_count(0)
    assert "Where do we meet?" in [message["content"] for message in carol.history(other)]


def test_a_refused_message_can_be_sent_again_or_deleted(open_chat: OpenChat, alice: Person, bob: Person) -> None:
    chat_id = alice.sends("Hello", to=bob)["chat_id"]
    hers = open_chat(alice, chat_id)
    expect(hers.bubble("Hello")).to_be_visible()
    bob.blocks(alice)
    hers.writes("Once more")
    expect(hers.tick("Once more", "refused")).to_be_visible()
    expect(hers.page.get_by_test_id("composer-blocked")).to_be_visible()
    bob.unblocks(alice)
    hers.page.locator(".refusal").get_by_role("button", name="Try again").click()
    expect(hers.page.locator(".refusal")).to_have_count(0)
    hers.writes("Thank you")
    expect(hers.tick("Thank you", "sent")).to_be_visible()
    assert [message["content"] for message in bob.history(chat_id)] == ["Thank you", "Once more", "Hello"]


def test_the_first_unread_message_is_marked(open_chat: OpenChat, alice: Person, bob: Person) -> None:
    seen = [bob.sends(f"old {number}", to=alice) for number in range(12)]
    alice.reads(seen[-1])
    for number in range(40):
        bob.sends(f"new {number}", to=alice)
    hers = open_chat(alice, seen[0]["chat_id"])
    expect(hers.page.get_by_test_id("unread-line")).to_be_in_viewport()
    expect(hers.bubble("new 0")).to_be_in_viewport()
    expect(hers.bubble("new 39")).not_to_be_in_viewport()
    hers.page.get_by_test_id("to-newest").click()
    expect(hers.bubble("new 39")).to_be_in_viewport()
    expect(hers.page.get_by_test_id(f"chat-item-{hers.chat_id}").get_by_test_id("unread-badge")).to_have_count(0)


def test_search_leads_to_a_message_far_above(open_chat: OpenChat, alice: Person, bob: Person, indexer: Indexer) -> None:
    first = alice.sends("The saddle is new", to=bob)
    for number in range(130):
        bob.sends(f"filler {number}", to=alice)
    indexer.run()
    hers = open_chat(bob, first["chat_id"])
    expect(hers.bubble("filler 129")).to_be_visible()
    hers.page.get_by_test_id("search-conversation").click()
    hers.page.get_by_test_id("conversation-search").fill("saddle")
    hers.page.get_by_role("button", name=re.compile("The saddle is new")).click()
    expect(hers.bubble("The saddle is new")).to_be_in_viewport()
    expect(hers.bubble("The saddle is new").locator("mark")).to_have_text("saddle")
    hers.page.get_by_test_id("to-newest").click()
    expect(hers.bubble("filler 129")).to_be_in_viewport()
    numbers = hers.numbers("filler")
    assert numbers == list(range(numbers[0], 130))


def test_keys_and_names_for_people_without_a_mouse(open_chat: OpenChat, alice: Person, bob: Person, host: Host) -> None:
    listing = host.lists("City bicycle", seller=alice, price=120, currency="EUR")
    chat_id = bob.sends("Is the bicycle there?", listing_id=listing)["chat_id"]
    alice.sends("Yes", chat_id=chat_id)
    hers = open_chat(alice, chat_id)
    expect(hers.page.get_by_test_id("item-bar")).to_contain_text("City bicycle")
    expect(hers.page.get_by_test_id("item-bar")).to_contain_text("€120")
    rows = hers.messages.locator("[role=listitem][aria-posinset]")
    expect(rows.last).to_have_attribute("aria-posinset", "2")
    expect(rows.last).to_have_attribute("aria-setsize", "2")
    hers.messages.focus()
    hers.page.keyboard.press("End")
    hers.page.keyboard.press("ArrowUp")
    expect(rows.first).to_be_focused()
    hers.page.keyboard.press("Enter")
    hers.page.get_by_role("menuitem", name="Reply").press("Enter")
    expect(hers.page.get_by_test_id("mode-reply")).to_contain_text("Is the bicycle there?")
    expect(hers.input).to_be_focused()
    hers.page.keyboard.press("Escape")
    expect(hers.page.get_by_test_id("mode-reply")).to_have_count(0)
    check_accessibility(hers.page)


def test_on_a_phone(open_chat: OpenChat, alice: Person, bob: Person) -> None:
    chat_id = bob.sends("Hello from a phone", to=alice)["chat_id"]
    hers = open_chat(alice, chat_id, **PHONE)
    expect(hers.bubble("Hello from a phone")).to_be_in_viewport()
    hers.writes("Answer")
    expect(hers.bubble("Answer")).to_be_in_viewport()
    width = hers.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    check_accessibility(hers.page)
    hers.page.get_by_role("button", name="Back to the chats").click()
    expect(hers.page.get_by_test_id(f"chat-item-{chat_id}")).to_be_visible()
