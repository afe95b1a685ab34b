"""The composer: drafts, files, mentions, location, voice."""

from __future__ import annotations

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import expect

from tests.browser.conversation.conftest import OpenChat
from tests.browser.faults import PageFaults
from tests.files.making_pictures import saved, scene
from tests.people import Person

PNG = saved(scene(320, 240), "PNG")


def test_a_draft_follows_to_another_device(open_chat: OpenChat, alice: Person, bob: Person) -> None:
    chat_id = alice.sends("Hello", to=bob)["chat_id"]
    here, there = open_chat(alice, chat_id), open_chat(alice, chat_id)
    expect(there.bubble("Hello")).to_be_visible()
    here.input.fill("I was going to")
    expect(there.input).to_have_value("I was going to")
    here.input.press("Enter")
    expect(there.bubble("I was going to")).to_be_visible()
    expect(there.input).to_have_value("")


def test_files_are_uploaded_shown_and_sent(open_chat: OpenChat, alice: Person, bob: Person) -> None:
    chat_id = alice.sends("Hello", to=bob)["chat_id"]
    hers, his = open_chat(alice, chat_id), open_chat(bob, chat_id)
    expect(hers.input).to_be_visible()
    hers.page.evaluate(
        """() => {
          window.urls = 0;
          const { createObjectURL, revokeObjectURL } = URL;
          URL.createObjectURL = (blob) => { window.urls += 1; return createObjectURL.call(URL, blob); };
          URL.revokeObjectURL = (url) => { window.urls -= 1; revokeObjectURL.call(URL, url); };
        }"""
    )
    hers.chooses_files(("a.png", "image/png", PNG), ("b.png", "image/png", PNG))
    expect(hers.page.get_by_test_id("upload-progress")).to_have_count(0)
    expect(hers.page.locator(".upload-tiles").get_by_test_id("attachment-image")).to_have_count(2)
    hers.page.get_by_role("button", name="Remove b.png").click()
    hers.writes("Here it is")
    expect(his.messages.get_by_test_id("attachment-image")).to_have_count(1)
    expect(hers.messages.get_by_test_id("attachment-image")).to_have_count(1)
    expect(hers.page.locator(".upload-tile")).to_have_count(0)
    assert hers.page.evaluate("window.urls") == 0
    his.messages.get_by_test_id("attachment-image").click()
    expect(his.page.get_by_test_id("gallery-image")).to_be_visible()
    his.page.keyboard.press("Escape")
    expect(his.page.get_by_test_id("gallery")).to_have_count(0)


def test_too_many_too_large_and_unknown_files_are_refused(
    open_chat: OpenChat, alice: Person, bob: Person, faults: PageFaults
) -> None:
    chat_id = alice.sends("Hello", to=bob)["chat_id"]
    hers = open_chat(alice, chat_id)
    hers.chooses_files(*[(f"{number}.png", "image/png", PNG) for number in range(50)])
    expect(hers.page.locator(".upload-tile")).to_have_count(10)
    expect(hers.page.get_by_text("A message has at most 10 files")).to_be_visible()
    for _ in range(10):
        hers.page.locator(".upload-remove").first.click()
    hers.chooses_files(("large.png", "image/png", b"x" * 10_500_000), ("empty.png", "image/png", b""))
    expect(hers.page.get_by_text("large.png is larger than")).to_be_visible()
    expect(hers.page.get_by_text("empty.png is empty")).to_be_visible()
    with faults.expected("415"):
        hers.chooses_files(("notes.txt", "text/plain", b"not a picture"))
        expect(hers.page.locator(".upload-tile.is-failed")).to_be_visible()
    expect(hers.page.get_by_test_id("send-button")).to_be_disabled()
    hers.page.get_by_role("button", name="Remove notes.txt").click()
    assert [message["content"] for message in alice.history(chat_id)] == ["Hello"]


def test_files_that_are_dropped_or_pasted(open_chat: OpenChat, alice: Person, bob: Person) -> None:
    chat_id = alice.sends("Hello", to=bob)["chat_id"]
    hers = open_chat(alice, chat_id)
    expect(hers.bubble("Hello")).to_be_visible()
    transfer = hers.page.evaluate_handle(
        """(bytes) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "dropped.png", { type: "image/png" }));
          return data;
        }""",
        list(PNG),
    )
    hers.messages.dispatch_event("drop", {"dataTransfer": transfer})
    expect(hers.page.locator(".upload-tile[title='dropped.png']")).to_be_visible()
    hers.input.evaluate(
        """(field, data) => field.dispatchEvent(
          new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))""",
        transfer,
    )
    expect(hers.page.locator(".upload-tile")).to_have_count(2)


def test_a_paste_of_a_megabyte_is_refused_and_the_limit_is_shown(
    open_chat: OpenChat, alice: Person, bob: Person
) -> None:
    chat_id = alice.sends("Hello", to=bob)["chat_id"]
    hers = open_chat(alice, chat_id)
    hers.input.fill("kept")
    hers.input.evaluate(
        """(field) => {
          const data = new DataTransfer();
          data.setData("text/plain", "x".repeat(1_000_000));
          field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }"""
    )
    expect(hers.page.get_by_text("1,000,000 characters")).to_be_visible()
    expect(hers.input).to_have_value("kept")
    hers.input.fill("y" * 10_001)
    expect(hers.page.get_by_test_id("send-button")).to_be_disabled()
    hers.input.fill("y" * 10_000)
    hers.page.get_by_test_id("send-button").click()
    expect(hers.tick("yyyy", "sent")).to_be_visible()


def test_members_are_mentioned(open_chat: OpenChat, alice: Person, bob: Person, carol: Person) -> None:
    title = {"title": "Tours", "member_ids": [bob.id, carol.id]}
    group = alice.posts("/groups", title).data
    names = {member["id"]: member["name"] for member in group["members"]}
    hers = open_chat(alice, group["id"])
    hers.input.press_sequentially(f"@{names[bob.id][:3]}")
    hers.page.get_by_role("option", name=names[bob.id]).wait_for()
    while names[bob.id] not in hers.page.locator("[role=option][aria-selected=true]").inner_text():
        hers.input.press("ArrowDown")
    hers.input.press("Enter")
    hers.input.press_sequentially("are you coming?")
    hers.input.press("Enter")
    expect(hers.bubble("are you coming?").locator(".mention")).to_have_text(f"@{names[bob.id]}")
    assert alice.history(group["id"])[0]["mentions"] == [bob.id]


def test_a_typed_location_and_a_voice_message(open_chat: OpenChat, alice: Person, bob: Person) -> None:
    chat_id = alice.sends("Hello", to=bob)["chat_id"]
    hers, his = open_chat(alice, chat_id, permissions=["microphone"]), open_chat(bob, chat_id)
    hers.page.get_by_test_id("attach-button").click()
    hers.page.get_by_test_id("choose-location").click()
    hers.page.get_by_test_id("coordinates").fill("91, 19")
    expect(hers.page.get_by_test_id("send-location")).to_be_disabled()
    hers.page.get_by_test_id("coordinates").fill("45.25167, 19.83694")
    hers.page.get_by_test_id("send-location").click()
    expect(his.messages.locator("a.location")).to_contain_text("45.25167° N, 19.83694° E")

    hers.page.get_by_test_id("record-button").click()
    expect(hers.page.get_by_role("timer")).to_have_text("0:01")
    hers.page.get_by_test_id("send-voice").click()
    expect(his.messages.get_by_test_id("voice-player")).to_be_visible()
    his.messages.get_by_role("button", name="Play").click()
    expect(his.messages.get_by_role("button", name="Pause")).to_be_visible()


def test_who_is_blocked_cannot_be_written_to(open_chat: OpenChat, alice: Person, bob: Person) -> None:
    chat_id = alice.sends("Hello", to=bob)["chat_id"]
    hers = open_chat(alice, chat_id)
    hers.page.get_by_test_id("open-details").click()
    hers.page.get_by_test_id("block").click()
    hers.page.get_by_test_id("confirm").click()
    expect(hers.page.get_by_test_id("composer-blocked")).to_be_visible()
    hers.page.get_by_test_id("composer-blocked").get_by_role("button", name="Unblock").click()
    expect(hers.input).to_be_focused()
    hers.writes("Friends again")
    expect(hers.tick("Friends again", "sent")).to_be_visible()
