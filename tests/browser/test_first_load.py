"""What the first load of `/chat` costs the main thread of the page: its CPU time, whatever else the machine does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from tests.browser.log_in import log_in
from tests.people import Person

BUDGET = 250.0  # ms on a machine as in REFERENCE
LOADS = 3  # the cheapest counts
PARAGRAPHS = """() => {
    const list = document.createElement("div");
    for (let number = 0; number < 2000; number++) {
        const paragraph = document.createElement("p");
        paragraph.textContent = JSON.stringify({ number, text: "x".repeat(number % 50) });
        list.append(paragraph, document.createElement("span"));
    }
    document.body.replaceChildren(list);
    return document.body.offsetHeight;
}"""
REFERENCE = 50.0  # ms that they take on the machine that the budget is for; Lighthouse's benchmarkIndex there is 3,400


def test_the_main_thread_is_soon_free(
    new_context: Callable[..., BrowserContext], alice: Person, bob: Person, carol: Person
) -> None:
    message: dict[str, Any] = {}
    for number in range(30):
        carol.sends(f"Is it there? {number}", to=alice)
        message = bob.sends(f"Still there. {number}", to=alice)
    alice.reads(message)
    costs = []
    for _ in range(LOADS):
        context = new_context()
        log_in(context, alice.server.url, alice.username, alice.password)
        page, session = open_measured(context)
        page.goto(f"{alice.server.url}/chat/{message['chat_id']}")
        newest = page.get_by_test_id("message-list").get_by_text("Still there. 29", exact=True)
        expect(newest).to_be_in_viewport()
        costs.append(spent(session) / slowness(context))
        context.close()
    print(f"main thread of a first load: {[round(cost) for cost in costs]} ms on the reference")
    assert min(costs) <= BUDGET


def open_measured(context: BrowserContext) -> tuple[Page, CDPSession]:
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    return page, session


def spent(session: CDPSession) -> float:
    """Milliseconds of CPU that the main thread of a page has used."""
    metrics = {entry["name"]: entry["value"] for entry in session.send("Performance.getMetrics")["metrics"]}
    return float(metrics["TaskDuration"]) * 1000


def slowness(context: BrowserContext) -> float:
    """How many times longer the browser takes now than on the machine that the budget is for; at least 1."""
    page, session = open_measured(context)
    before = spent(session)
    page.evaluate(PARAGRAPHS)
    taken = spent(session) - before
    page.close()
    return max(1.0, taken / REFERENCE)
