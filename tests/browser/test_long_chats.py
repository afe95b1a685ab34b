"""Long chats in the client itself: no jump, few elements, and nothing left behind by chats that were open."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.log_in import log_in
from tests.people import Person
from tests.servers import await_true

MESSAGES = 400  # eight pages; the list alone is tested with 10,000
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
    last = page.get_by_test_id("message-list").get_by_text(f"{MESSAGES}. The bicycle")
    expect(last).to_be_in_viewport()
    page.get_by_test_id("message-list").hover()
    page.evaluate(
        f"() => {{ {RECORDER}; globalThis.recorder = new FrameRecorder({SCROLLER}); recorder.direction = 1; }}"
    )
    first = page.get_by_test_id("message-list").get_by_text(re.compile(r"^1\. The bicycle"))

    def scrolls_to_the_first() -> bool:
        page.mouse.wheel(0, -500)
        return first.count() > 0

    await_true(scrolls_to_the_first)
    expect(first).to_be_attached()
    figures = page.evaluate("recorder.figures")
    assert (figures["nonRigid"], figures["backwards"], figures["writes"]) == (0, 0, 0), figures
    assert figures["maxRows"] <= 60 and figures["maxNodes"] <= 400, figures


def test_switching_between_chats_leaves_nothing_behind(
    new_context: Callable[..., BrowserContext], alice: Person, bob: Person, carol: Person
) -> None:
    chats = [write_history(bob, alice, 60), write_history(carol, alice, 60)]
    page = open_chat(new_context, alice, "/chat")
    session = page.context.new_cdp_session(page)

    def heap_after(switches: int) -> int:
        for number in range(switches):
            page.get_by_test_id(f"chat-item-{chats[number % 2]}").click()
            expect(page).to_have_url(re.compile(rf"/chat/{chats[number % 2]}$"))
            expect(page.get_by_test_id("message-list").get_by_text("60. The bicycle")).to_be_in_viewport()
        for _ in range(3):
            session.send("HeapProfiler.collectGarbage")
        return int(session.send("Runtime.getHeapUsage")["usedSize"])

    warm = heap_after(10)  # until then code is compiled, and both chats are read
    assert heap_after(30) <= warm * 1.1
