"""What the first load of `/chat` costs the main thread of the page: its CPU time, whatever else the machine does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import BrowserContext, expect

from tests.browser.log_in import log_in
from tests.flows.input.budget.meter import slowness
from tests.people import Person

BUDGET = 250.0  # ms on a machine as in `meter.REFERENCE`
LOADS = 3  # the cheapest counts


def test_the_main_thread_is_soon_free(
    new_context: Callable[..., BrowserContext], alice: Person, bob: Person, carol: Person
) -> None:
    message: dict[str, Any] = {}
    for number in range(30):
        carol.sends(f"Is it there? {number}", to=alice)
        message = bob.sends(f"Still there. {number}", to=alice)
    alice.reads(message)
    spent = []
    for _ in range(LOADS):
        context = new_context()
        log_in(context, alice.server.url, alice.username, alice.password)
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(f"{alice.server.url}/chat/{message['chat_id']}")
        newest = page.get_by_test_id("message-list").get_by_text("Still there. 29", exact=True)
        expect(newest).to_be_in_viewport()
        metrics = {entry["name"]: entry["value"] for entry in session.send("Performance.getMetrics")["metrics"]}
        spent.append(metrics["TaskDuration"] * 1000)
        context.close()
    slow = slowness()
    print(
        f"main thread of a first load: {[round(one) for one in spent]} ms; this machine takes {slow:.2f} times as long"
    )
    assert min(spent) / slow <= BUDGET
