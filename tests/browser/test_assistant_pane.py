"""The assistant in the client, at /chat/assistant."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.accessibility import check_accessibility
from tests.browser.log_in import log_in
from tests.people import Person
from tests.servers import SERVICE_TOKEN

OpenPane = Callable[..., Page]


@pytest.fixture
def open_pane(new_context: Callable[..., BrowserContext]) -> OpenPane:
    """Opens the assistant as a user."""

    def open_page(person: Person, path: str = "/chat/assistant", **options: object) -> Page:
        context = new_context(**options)
        log_in(context, person.server.url, person.username, person.password)
        page = context.new_page()
        page.goto(person.server.url + path)
        return page

    return open_page


def ask(page: Page, text: str) -> None:
    page.get_by_test_id("message-input").fill(text)
    page.get_by_test_id("message-input").press("Enter")


def test_the_account_has_its_sessions_on_every_device(open_pane: OpenPane, alice: Person) -> None:
    page = open_pane(alice, "/chat")
    page.get_by_test_id("ask-shop").click()
    expect(page.get_by_test_id("assistant-pane")).to_contain_text("What are you looking for?")
    check_accessibility(page, within="main")
    ask(page, "What do you have?")
    answers = page.get_by_test_id("assistant-answer")
    expect(answers).to_have_count(1)
    check_accessibility(page, within="main")

    other = open_pane(alice)
    expect(other.get_by_test_id("assistant-answer")).to_have_count(1)
    ask(other, "Thank you")
    expect(answers).to_have_count(2)


def test_an_earlier_conversation_is_opened_again(open_pane: OpenPane, alice: Person) -> None:
    page = open_pane(alice)
    ask(page, "The first question")
    expect(page.get_by_test_id("assistant-answer")).to_have_count(1)
    page.get_by_role("button", name="New conversation").click()
    ask(page, "The second question")
    expect(page.get_by_test_id("assistant-answer")).to_have_count(1)
    expect(page.get_by_test_id("assistant-pane")).not_to_contain_text("The first question")

    page.get_by_test_id("assistant-history").click()
    entries = page.get_by_role("menuitemradio")
    expect(entries).to_have_count(2)
    expect(entries.first).to_have_attribute("aria-checked", "true")
    entries.nth(1).click()
    expect(page.get_by_test_id("assistant-pane")).to_contain_text("The first question")


def test_a_question_belongs_to_the_session_that_is_being_opened(open_pane: OpenPane, alice: Person) -> None:
    page = open_pane(alice)
    ask(page, "The first question")
    expect(page.get_by_test_id("assistant-answer")).to_have_count(1)
    held: list[Route] = []
    page.route("**/sessions", lambda route: held.append(route))
    page.get_by_role("button", name="New conversation").click()
    ask(page, "The second question")
    expect(page.get_by_test_id("assistant-pane")).to_contain_text("The second question")
    held.pop().continue_()
    expect(page.get_by_test_id("assistant-pane")).not_to_contain_text("The first question")
    expect(page.get_by_test_id("assistant-answer")).to_have_count(1)
    sessions = alice.server.get("/api/sessions", token=alice.token).json["sessions"]
    assert [session["message_count"] for session in sessions] == [2, 2]


def test_sessions_are_not_among_the_chats(open_pane: OpenPane, alice: Person, bob: Person) -> None:
    bob.sends("Hello Alice", to=alice)
    page = open_pane(alice)
    ask(page, "What do you have?")
    expect(page.get_by_test_id("assistant-answer")).to_have_count(1)
    page.reload()
    expect(page.locator("[data-chat-id]")).to_have_count(1)


def test_a_human_sees_the_session_as_a_chat(open_pane: OpenPane, alice: Person, bob: Person) -> None:
    item = 987_654
    item_path = f"/api/v1/internal/items/listing/{item}"
    body = {"title": "Lamp", "seller_id": bob.id}
    assert alice.server.put(item_path, token=SERVICE_TOKEN, json=body).status == 200
    opened = alice.server.post("/api/sessions", token=alice.token, json={"item": {"kind": "listing", "id": item}})
    session_id = opened.json["session_id"]
    asked = {"session_id": session_id, "content": "Is it brass?"}
    assert alice.server.post("/api/chat/messages", token=alice.token, json=asked).status == 200
    path = f"/api/sessions/{session_id}/handover"
    assert alice.server.post(path, token=alice.token, json={}).status == 200

    page = open_pane(bob, "/chat")
    row = page.locator("[data-chat-id]")
    expect(row).to_have_count(1)
    expect(row).not_to_contain_text("Unknown person")


def test_on_a_phone_the_way_back_leads_to_the_list(open_pane: OpenPane, alice: Person, bob: Person) -> None:
    bob.sends("Hello Alice", to=alice)
    phone = open_pane(alice, "/chat/assistant", viewport={"width": 390, "height": 844})
    expect(phone.get_by_test_id("message-input")).to_be_visible()
    phone.get_by_role("button", name="Back to the chats").click()
    expect(phone.locator("[data-chat-id]")).to_have_count(1)
