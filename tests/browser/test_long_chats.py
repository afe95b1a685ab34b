"""Long chats in the client itself: no jump, few elements, and nothing left behind by chats that were open."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.log_in import log_in
from tests.people import Person
from tests.servers import await_true

MESSAGES = 400  # eight pages
TEN_THOUSAND = 10_000
TEXT = "The bicycle is still there, and I can bring it to the old bridge tomorrow after five. "
RECORDER = (Path(__file__).parent / "pages" / "frame-recorder.js").read_text("utf-8").replace("export class", "class")
SCROLLER = "document.querySelector('[data-testid=message-list]')"


def write_history(sender: Person, recipient: Person, count: int) -> int:
    """Send messages of varied length, which the other person reads; returns the chat."""
    message: dict[str, Any] = {}
    for number in range(1, count + 1):
        length = 1 + number * 37 % 11 if number % 5 == 0 else 1
        message = sender.sends(f"{number}. {TEXT * length}", to=recipient)
    recipient.reads(message)
    return int(message["chat_id"])


def write_many(sender: Person, recipient: Person, count: int) -> int:
    """Send messages over a socket, a hundred at a time; returns the chat."""
    message = sender.sends("1. The bicycle", to=recipient)
    socket = sender.connects()
    for first in range(2, count + 1, 100):
        numbers = range(first, min(first + 100, count + 1))
        for number in numbers:
            text = f"{number}. {TEXT * (1 + number % 3)}"
            socket.sends({"type": "message", "chat_id": message["chat_id"], "content": text})
        message = socket.receives_all("message_ack", len(numbers))[-1]["message"]
    recipient.reads(message)
    return int(message["chat_id"])


def open_chat(new_context: Callable[..., BrowserContext], person: Person, path: str) -> Page:
    """Open the client as a person, in a context of its own."""
    context = new_context()
    log_in(context, person.server.url, person.username, person.password)
    page = context.new_page()
    page.goto(person.server.url + path)
    return page


def test_a_long_chat_scrolls_without_a_jump(
    new_context: Callable[..., BrowserContext], alice: Person, bob: Person
) -> None:
    chat_id = write_history(alice, bob, MESSAGES)
    page = open_chat(new_context, alice, f"/chat/{chat_id}")
    scroll_to_the_first(page, MESSAGES)


@pytest.mark.long
def test_ten_thousand_messages(
    new_context: Callable[..., BrowserContext], alice: Person, bob: Person, carol: Person
) -> None:
    chats = [write_history(carol, alice, 60), write_many(bob, alice, TEN_THOUSAND)]
    page = open_chat(new_context, alice, f"/chat/{chats[1]}")
    scroll_to_the_first(page, TEN_THOUSAND)
    heap = heap_after(page, chats, 3)
    later = heap_after(page, chats, 27, already=3)
    print(f"heap after 3 switches {heap / 2**20:.2f} MiB, after 30 {later / 2**20:.2f} MiB")
    assert later <= heap * 1.1


def scroll_to_the_first(page: Page, count: int) -> None:
    """Scroll through a chat, page by page, and judge every frame."""
    last = page.get_by_test_id("message-list").get_by_text(f"{count}. The bicycle")
    expect(last).to_be_in_viewport()
    page.get_by_test_id("message-list").hover()
    page.evaluate(
        f"() => {{ {RECORDER}; globalThis.recorder = new FrameRecorder({SCROLLER}); recorder.direction = 1; }}"
    )
    first = page.get_by_test_id("message-list").get_by_text(re.compile(r"^1\. The bicycle"))

    def scrolls_to_the_first() -> bool:
        page.mouse.wheel(0, -500)
        return first.count() > 0

    await_true(scrolls_to_the_first, within=1_200)
    expect(first).to_be_attached()
    figures = page.evaluate("recorder.figures")
    print(figures)
    assert (figures["nonRigid"], figures["backwards"], figures["writes"]) == (0, 0, 0), figures
    assert figures["maxRows"] <= 60 and figures["maxNodes"] <= 400, figures


def test_switching_between_chats_leaves_nothing_behind(
    new_context: Callable[..., BrowserContext], alice: Person, bob: Person, carol: Person
) -> None:
    chats = [write_history(bob, alice, 60), write_history(carol, alice, 60)]
    page = open_chat(new_context, alice, "/chat")
    warm = heap_after(page, chats, 10)  # until then code is compiled, and both chats are read
    assert heap_after(page, chats, 30) <= warm * 1.1


def heap_after(page: Page, chats: list[int], switches: int, *, already: int = 0) -> int:
    """Open the chats in turn; returns the bytes in use of the heap then."""
    session = page.context.new_cdp_session(page)
    for number in range(already, already + switches):
        chat_id = chats[number % len(chats)]
        page.get_by_test_id(f"chat-item-{chat_id}").click()
        expect(page).to_have_url(re.compile(rf"/chat/{chat_id}$"))
        expect(page.get_by_test_id("message-list").locator("[data-row]").first).to_be_visible()
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    return int(session.send("Runtime.getHeapUsage")["usedSize"])
