"""What is written while the server or the network is away arrives once, in order, on both screens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import expect

from tests.browser.conversation.conftest import OpenChat
from tests.browser.conversation.screen import ChatScreen
from tests.browser.faults import PageFaults
from tests.people import Person, PersonMaker
from tests.servers import ChatServer, await_true

if TYPE_CHECKING:
    from playwright.sync_api import Request

V2 = "/api/v2/marketplace/chat/messages?limit=5&chat_id="


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
    # Also after the start: a server may answer 503 while its machine is busy starting it.
    with faults.expected("Failed to load resource|WebSocket connection"):
        server.stop()
        for number in range(2, 6):
            hers.writes(f"sent {number}")
        expect(hers.tick("sent 5", "sending")).to_be_visible()
        server.start()
        expect(hers.tick("sent 5", "sending")).to_have_count(0, timeout=60_000)
        expect(his.bubble("sent 5")).to_be_visible(timeout=60_000)
        # A message may come before the catch-up has brought those before it.
        await_true(
            lambda: hers.numbers("sent") == his.numbers("sent") == list(range(6)), what=lambda: his.numbers("sent")
        )
        hers.page.reload()
        expect(hers.bubble("sent 5")).to_be_visible()
        assert hers.numbers("sent") == list(range(6))


def test_a_lost_network(open_chat: OpenChat, alice: Person, bob: Person, faults: PageFaults) -> None:
    chat_id = alice.sends("sent 0", to=bob)["chat_id"]
    hers, his = open_chat(alice, chat_id), open_chat(bob, chat_id)
    expect(his.bubble("sent 0")).to_be_visible()
    with faults.expected("ERR_INTERNET_DISCONNECTED", at_least=0):
        hers.page.context.set_offline(True)
        expect(hers.page.get_by_test_id("connection-bar")).to_be_visible()
        for number in range(3):
            hers.writes(f"hers {number}")
            his.writes(f"his {number}")
        expect(his.bubble("his 2").locator("[data-tick]:not([data-tick='sending'])")).to_be_visible()
        expect(hers.tick("hers 2", "sending")).to_be_visible()
        expect(hers.bubble("his 2")).to_have_count(0)
        hers.page.context.set_offline(False)
        expect(his.bubble("hers 2")).to_be_visible(timeout=60_000)
        expect(hers.bubble("his 2")).to_be_visible(timeout=60_000)
    wanted = ["sent 0", *(f"his {number}" for number in range(3)), *(f"hers {number}" for number in range(3))]
    await_true(lambda: hers.texts() == his.texts() == wanted, what=lambda: (hers.texts(), his.texts()))


def test_tokens_that_expire_while_people_write(
    open_chat: OpenChat, make_person: PersonMaker, start_server: Callable[..., ChatServer], faults: PageFaults
) -> None:
    server = start_server(ACCESS_TOKEN_TTL="3s")
    alice, bob = make_person("alice", server=server), make_person("bob", server=server)
    chat_id = alice.sends("sent 0", to=bob)["chat_id"]
    hers, his = open_chat(alice, chat_id), open_chat(bob, chat_id)
    refreshes = {id(screen): 0 for screen in (hers, his)}

    def count(screen: ChatScreen) -> Callable[[Request], None]:
        def note(request: Request) -> None:
            refreshes[id(screen)] += request.url.endswith("/auth/refresh")

        return note

    for screen in (hers, his):
        screen.page.context.on("request", count(screen))
    sent = 0
    with faults.expected("401|WebSocket connection", at_least=0):
        while min(refreshes.values()) == 0:
            sent += 1
            (hers if sent % 2 else his).writes(f"sent {sent}")
            (his if sent % 2 else hers).bubble(f"sent {sent}").last.wait_for()
    for screen in (hers, his):
        assert screen.numbers("sent")[-10:] == list(range(sent + 1))[-10:]
        assert "/chat/" in screen.page.url
    history = hers.page.evaluate("async (url) => (await (await fetch(url)).json()).data.messages", f"{V2}{chat_id}")
    assert [message["content"] for message in history][:5] == [f"sent {number}" for number in range(sent, sent - 5, -1)]


def test_two_tabs(open_chat: OpenChat, alice: Person, bob: Person) -> None:
    chat_id = alice.sends("sent 0", to=bob)["chat_id"]
    his, first = open_chat(bob, chat_id), open_chat(alice, chat_id)
    second = ChatScreen(first.page.context.new_page(), chat_id)
    second.page.goto(f"/chat/{chat_id}")
    screens = (first, his, second)
    for number in range(1, 13):
        screens[number % 3].writes(f"sent {number}")
    for screen in screens:
        await_true(lambda screen=screen: len(screen.numbers("sent")) == 13, what=screen.texts)  # type: ignore[misc]
    assert first.texts() == second.texts() == his.texts()
    assert sorted(first.numbers("sent")) == list(range(13))
