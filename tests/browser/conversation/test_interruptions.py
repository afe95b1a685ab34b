"""What is written while the server or the network is away arrives once, in order, on both screens."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import expect

from tests.browser.conversation.conftest import OpenChat
from tests.browser.faults import PageFaults
from tests.people import PersonMaker
from tests.servers import ChatServer, await_true


def test_a_restart_of_the_server(
    open_chat: OpenChat, make_person: PersonMaker, start_server: Callable[..., ChatServer], faults: PageFaults
) -> None:
    server = start_server()
    alice, bob = make_person("alice", server=server), make_person("bob", server=server)
    chat_id = alice.sends("sent 0", to=bob)["chat_id"]
    hers, his = open_chat(alice, chat_id), open_chat(bob, chat_id)
    expect(his.bubble("sent 0")).to_be_visible()
    hers.writes("sent 1")
    expect(his.bubble("sent 1")).to_be_visible()
    with faults.expected("Failed to load resource|WebSocket connection"):
        server.stop()
        for number in range(2, 6):
            hers.writes(f"sent {number}")
        expect(hers.tick("sent 5", "sending")).to_be_visible()
        server.start()
        expect(hers.tick("sent 5", "sending")).to_have_count(0, timeout=60_000)
        expect(his.bubble("sent 5")).to_be_visible(timeout=60_000)
    # A message may come before the catch-up has brought those before it.
    await_true(lambda: hers.numbers("sent") == his.numbers("sent") == list(range(6)), what=lambda: his.numbers("sent"))
    hers.page.reload()
    expect(hers.bubble("sent 5")).to_be_visible()
    assert hers.numbers("sent") == list(range(6))
