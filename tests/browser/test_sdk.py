"""The SDK in tabs of one browser: one socket, a log-in for all, and an outbox that outlives its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from tests.browser.faults import PageFaults
from tests.people import PASSWORD, Person, PersonMaker
from tests.servers import ChatServer, await_true

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Route, WebSocket

# Milliseconds; the defaults with shorter delays.
PACE = {
    "reconnectFirst": 100,
    "reconnectMost": 400,
    "retryFirst": 100,
    "retryMost": 400,
    "beatEvery": 300,
    "stealAfter": 1500,
}
_OPEN = """async (pace) => {
    const { ChatClient } = await import("/sdk.js");
    window.client = new ChatClient({ pace });
    window.ends = [];
    client.on("signedOut", ({ reason }) => ends.push(reason));
    client.connect();
}"""
# A synchronous request stops all scripts of a page until its answer comes.
_HANG = """() => {
    setTimeout(() => {
        const request = new XMLHttpRequest();
        request.open("GET", "/hang", false);
        request.send();
    }, 0);
}"""

# What tabs send to each other, as a page without a client receives it.
_LISTEN = """() => {
    window.received = [];
    window.listener = new BroadcastChannel("chatapp:true");
    listener.onmessage = ({ data }) => received.push(data.kind);
}"""
# A page that speaks as a leader with a socket, and one that takes the lead.
_LEAD = """(userId) => {
    const info = { state: "open", reason: null, attempts: 0, retryAt: null };
    window.channel = new BroadcastChannel("chatapp:true");
    channel.onmessage = ({ data: { kind, from } }) => {
        const frame = { type: "connected", user_id: userId };
        if (kind === "hello") channel.postMessage({ to: from, kind: "state", info, frame });
    };
    channel.postMessage({ to: "all", kind: "state", info });
    setInterval(() => channel.postMessage({ to: "all", kind: "beat" }), 100);
}"""
_TAKE_LEAD = """() => { navigator.locks.request("chatapp:true", { steal: true }, () => new Promise(() => {})); }"""

Opened: TypeAlias = "tuple[Page, WebSocket]"  # a socket, and the page that has opened it


class Tab:
    """A page of the server's origin with a client."""

    def __init__(self, context: BrowserContext, server: ChatServer, sockets: list[Opened]) -> None:
        self.page: Page = context.new_page()
        self.page.on("websocket", lambda socket: sockets.append((self.page, socket)))
        self.page.goto(f"{server.url}/health")  # a document without scripts of its own

    def opens(self) -> Tab:
        """Open the client, and wait until nothing is missing."""
        self.page.evaluate(_OPEN, PACE)
        self.awaits("live")
        return self

    def says(self, expression: str) -> Any:
        """The value of an expression; promises are awaited."""
        return self.page.evaluate(f"async () => ({expression})")

    def awaits(self, state: str) -> None:
        """Wait for a state of the connection."""
        await_true(lambda: self.says("client.connection.state") == state, what=lambda: self.says("client.connection"))

    def texts(self, chat_id: int) -> list[str]:
        """The known messages of a chat."""
        found: list[str] = self.says(f"client.state.messages({chat_id}).map(({{ content }}) => content)")
        return found

    @property
    def is_leader(self) -> bool:
        """Whether this tab owns the socket."""
        return bool(self.says("client.connection.isLeader"))


@pytest.fixture
def sockets() -> list[Opened]:
    """All sockets that the tabs have opened."""
    return []


@pytest.fixture
def browser_of(
    new_context: Callable[..., BrowserContext], sockets: list[Opened]
) -> Callable[[Person], Callable[[], Tab]]:
    """Logs a person in; returns what opens tabs of this browser."""

    def log_in(person: Person) -> Callable[[], Tab]:
        context = new_context()
        context.route("**/favicon.ico", lambda route: route.fulfill(status=204))
        tab = Tab(context, person.server, sockets)
        script = """async ([login, password]) => {
            const { ChatClient } = await import("/sdk.js");
            await new ChatClient({ shareSocket: false }).auth.login(login, password);
        }"""
        tab.page.evaluate(script, [person.username, PASSWORD])
        tab.page.close()
        return lambda: Tab(context, person.server, sockets)

    return log_in


def count_open(sockets: list[Opened]) -> int:
    """Number of open sockets."""
    return sum(not (page.is_closed() or socket.is_closed()) for page, socket in sockets)


# How many unanswered messages are on disk.
COUNT = """new Promise((resolve) => {
    indexedDB.open("chatapp").onsuccess = ({ target: { result } }) => {
        const request = result.transaction("pending").objectStore("pending").count();
        request.onsuccess = () => resolve(request.result);
    };
})"""
Browser = Callable[[Person], Callable[[], Tab]]


def test_six_tabs_have_one_socket_and_another_tab_takes_over(
    alice: Person, bob: Person, browser_of: Browser, sockets: list[Opened]
) -> None:
    chat_id = bob.sends("0", to=alice)["chat_id"]
    open_tab = browser_of(alice)
    tabs = [open_tab().opens() for _ in range(6)]
    assert (len(sockets), count_open(sockets)) == (1, 1)
    wanted = []
    for number, tab in enumerate(tabs):
        wanted.append(f"from tab {number}")
        tab.says(f"client.send({{ chatId: {chat_id}, content: 'from tab {number}' }}).sent.then(({{ id }}) => id)")
    for tab in tabs:
        await_true(lambda tab=tab: tab.texts(chat_id) == wanted)  # type: ignore[misc]
    for closed in range(3):
        (leader,) = [tab for tab in tabs if tab.is_leader]
        leader.page.close()
        tabs.remove(leader)
        await_true(lambda: sum(tab.is_leader for tab in tabs) == 1)
        wanted.append(f"after {closed}")
        bob.sends(wanted[-1], chat_id=chat_id)
        for tab in tabs:
            await_true(lambda tab=tab: tab.texts(chat_id) == wanted)  # type: ignore[misc]
            tab.awaits("live")
        assert count_open(sockets) == 1


def test_frozen_and_hung_leaders_are_replaced(
    alice: Person, bob: Person, browser_of: Browser, sockets: list[Opened]
) -> None:
    chat_id = bob.sends("0", to=alice)["chat_id"]
    open_tab = browser_of(alice)
    first, second = open_tab().opens(), open_tab().opens()
    assert (first.is_leader, second.is_leader) == (True, False)
    first.says("dispatchEvent(new Event('freeze'))")
    await_true(lambda: second.is_leader)
    first.says("dispatchEvent(new Event('resume'))")
    held: list[Route] = []
    second.page.route("**/hang", lambda route: held.append(route))
    second.page.evaluate(_HANG)
    await_true(lambda: first.is_leader)
    held[0].fulfill(status=204)
    first.awaits("live")
    bob.sends("after", chat_id=chat_id)
    await_true(lambda: "after" in first.texts(chat_id))
    # It is awake again, and knows; or it has taken the lead back, if the machine is too busy for the other's beats.
    await_true(lambda: first.is_leader is not second.is_leader)
    second.awaits("live")
    await_true(lambda: "after" in second.texts(chat_id))
    await_true(lambda: count_open(sockets) == 1)


def test_a_leader_that_is_replaced_while_it_connects_learns_that_the_other_has_a_socket(
    alice: Person, browser_of: Browser
) -> None:
    """A leader ignores what others send, and it is not sent again: so it asks."""
    open_tab = browser_of(alice)
    first, second = open_tab(), open_tab()
    first.page.route("**/ws-ticket", lambda route: None)  # it never gets one
    first.page.evaluate(_OPEN, PACE)
    await_true(lambda: first.is_leader)
    first.page.evaluate(_LISTEN)
    second.page.evaluate(_LEAD, alice.id)
    await_true(lambda: first.says("received.includes('state')"))
    assert first.is_leader
    second.page.evaluate(_TAKE_LEAD)
    first.awaits("live")
    assert not first.is_leader


def test_unanswered_message_outlives_its_page(
    start_server: Callable[..., ChatServer], browser_of: Browser, faults: PageFaults
) -> None:
    server = start_server()
    make_person = PersonMaker(server)
    alice, bob = make_person("alice"), make_person("bob")
    chat_id = bob.sends("0", to=alice)["chat_id"]
    open_tab = browser_of(alice)
    tab, later = open_tab().opens(), open_tab()
    with faults.expected("Failed to load resource|WebSocket connection"):
        server.stop()
        tab.says(f"client.send({{ chatId: {chat_id}, content: 'kept' }}).key")
        tab.awaits("polling")
        assert tab.says(f"client.state.pending({chat_id}).map(({{ state }}) => state)") == ["sending"]
        tab.page.close()
    server.start()
    later.opens()
    await_true(lambda: "kept" in later.texts(chat_id))
    assert later.says(f"client.state.pending({chat_id})") == []
    assert [message["content"] for message in bob.history(chat_id)] == ["kept", "0"]


def test_expired_log_in_is_refreshed_once_for_all_tabs(alice: Person, browser_of: Browser, faults: PageFaults) -> None:
    open_tab = browser_of(alice)
    tabs = [open_tab().opens() for _ in range(4)]
    refreshes: list[str] = []
    for tab in tabs:
        tab.page.on("request", lambda request: refreshes.append(request.url) if "/refresh" in request.url else None)
    with faults.expected("401"):
        tabs[0].page.context.clear_cookies(name="access_token")
        for tab in tabs:
            tab.page.evaluate("() => { setTimeout(() => { window.asked = client.listChats(); }, 300); }")
        for tab in tabs:
            await_true(lambda tab=tab: tab.says("window.asked !== undefined"))  # type: ignore[misc]
            assert (tab.says("asked"), tab.says("ends")) == ([], [])
    assert len(refreshes) == 1


def test_log_out_in_one_tab_ends_all_and_forgets(
    alice: Person, bob: Person, browser_of: Browser, faults: PageFaults, sockets: list[Opened]
) -> None:
    chat_id = bob.sends("0", to=alice)["chat_id"]
    open_tab = browser_of(alice)
    first, second = open_tab().opens(), open_tab().opens()
    bob.blocks(alice)
    second.says(f"client.send({{ chatId: {chat_id}, content: 'refused' }}).sent.catch(({{ code }}) => code)")
    assert first.says(COUNT) == 1
    # The server closes the socket before its answer: the leader may ask for a ticket before it knows why.
    with faults.expected("401", at_least=0):
        first.says("client.auth.logout()")
        await_true(lambda: second.says("ends") == ["logout"])
    seen = "[client.state.me, client.state.list().length, client.connection.state]"
    assert [tab.says(seen) for tab in (first, second)] == [[None, 0, "disconnected"]] * 2
    await_true(lambda: count_open(sockets) == 0)
    assert first.says(COUNT) == 0
    with faults.expected("401"):
        assert first.says("client.auth.me().catch(({ name }) => name)") == "UnauthorizedError"


def test_without_storage_it_works_as_long_as_the_page(alice: Person, bob: Person, browser_of: Browser) -> None:
    chat_id = bob.sends("0", to=alice)["chat_id"]
    tab = browser_of(alice)()
    tab.page.evaluate("() => { indexedDB.open = () => { throw new DOMException('private', 'SecurityError'); }; }")
    tab.opens()
    tab.says(f"client.send({{ chatId: {chat_id}, content: 'hello' }}).sent.then(({{ id }}) => id)")
    assert [message["content"] for message in bob.history(chat_id)] == ["hello", "0"]


def test_upload_shows_progress_and_can_be_cancelled(alice: Person, bob: Person, browser_of: Browser) -> None:
    chat_id = bob.sends("0", to=alice)["chat_id"]
    tab = browser_of(alice)().opens()
    text = """(async () => {
        const parts = [];
        const canvas = new OffscreenCanvas(900, 900);
        const context = canvas.getContext("2d");
        const noise = context.createImageData(900, 900);
        noise.data.forEach((_, at) => { noise.data[at] = Math.random() * 256; });
        context.putImageData(noise, 0, 0);
        const file = new File([await canvas.convertToBlob()], "noise.png");
        const cancelled = client.upload(file);
        cancelled.cancel();
        const outcome = await cancelled.stored.catch(({ name }) => name);
        const upload = client.upload(file, { onProgress: (part) => parts.push(part) });
        const stored = await upload.stored;
        const message = await client.send({ chatId: CHAT, attachments: [stored] }).sent;
        const isRising = parts.every((part, at) => !at || part >= parts[at - 1]);
        return [outcome, stored.file_name, parts.at(-1), upload.progress, message.attachments.length, isRising];
    })()""".replace("CHAT", str(chat_id))
    assert tab.says(text) == ["AbortError", "noise.png", 1, 1, 1, True]
