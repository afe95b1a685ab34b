"""Two people from the log-in on, as a person uses the client: a message, and a picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import expect

from tests.files.making_pictures import saved, scene
from tests.people import Person

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page


def logged_in(context: BrowserContext, person: Person) -> Page:
    """A page of a person who has logged in with the form."""
    page = context.new_page()
    page.goto(f"{person.server.url}/login")
    page.locator("input[name='login'], input[name='email']").first.fill(person.username)
    page.locator("input[type='password']").fill(person.password)
    page.locator("button[type='submit']").click()
    page.get_by_test_id("message-list").or_(page.locator("[data-pane-name='chats']")).first.wait_for()
    return page


def test_send_and_receive(new_context: Callable[..., BrowserContext], alice: Person, bob: Person) -> None:
    chat_id = alice.sends("Before", to=bob)["chat_id"]
    bob.reads(*bob.history(chat_id))
    page = logged_in(new_context(), alice)
    page.get_by_test_id(f"chat-item-{chat_id}").click()
    page.get_by_test_id("message-input").fill("Hello from E2E test")
    page.get_by_test_id("send-button").click()
    expect(page.get_by_test_id("message-list").get_by_text("Hello from E2E test")).to_be_visible()
    other = logged_in(new_context(), bob)
    expect(other.get_by_test_id("unread-badge")).to_contain_text("1")
    other.get_by_test_id(f"chat-item-{chat_id}").click()
    expect(other.get_by_test_id("message-list").get_by_text("Hello from E2E test")).to_be_visible()
    expect(other.get_by_test_id("unread-badge")).not_to_be_visible()


def test_upload_and_show_a_file(new_context: Callable[..., BrowserContext], alice: Person, bob: Person) -> None:
    chat_id = alice.sends("Before", to=bob)["chat_id"]
    page = logged_in(new_context(), alice)
    page.get_by_test_id(f"chat-item-{chat_id}").click()
    picture = {"name": "image.png", "mimeType": "image/png", "buffer": saved(scene(640, 480), "PNG")}
    page.locator("input[type='file']").set_input_files(picture)  # type: ignore[arg-type]
    expect(page.get_by_test_id("upload-progress")).to_be_visible()
    expect(page.get_by_test_id("upload-progress")).not_to_be_visible()
    expect(page.get_by_test_id("attachment-image")).to_be_visible()
    page.get_by_test_id("send-button").click()
    expect(page.get_by_test_id("message-list").get_by_test_id("attachment-image")).to_be_visible()
