"""The frame: panes that fail alone, the connection, log-out, notifications, a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import expect

from tests.browser.accessibility import check_accessibility
from tests.browser.faults import PageFaults
from tests.host import Host
from tests.people import Person

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, WebSocketRoute

OpenClient = Callable[..., "Page"]
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}

# Notifications of the browser, as far as a test can see them: headless browsers show none.
RECORDED_NOTIFICATIONS = """
window.shown = [];
window.Notification = class {
  static permission = "granted";
  static requestPermission = async () => "granted";
  constructor(title, options) { window.shown.push({ title, ...options }); }
  close() {}
};
"""
# The page goes out of sight for its scripts; Playwright keeps every page in front.
OUT_OF_SIGHT = """
document.hasFocus = () => false;
dispatchEvent(new Event("blur"));
"""


def bar(page: Page, state: str) -> None:
    """Wait for the bar of a state of the connection."""
    expect(page.get_by_test_id("connection-bar")).to_have_attribute("data-state", state, timeout=20_000)


def test_a_pane_that_fails_leaves_the_others_alone(
    open_client: OpenClient, alice: Person, bob: Person, faults: PageFaults
) -> None:
    chat_id = bob.sends("Hi", to=alice)["chat_id"]
    page = open_client(alice)
    page.route(
        re.compile(r"/static/\w+/(client/conversation/pane|js/pane-\w+)\.js"),
        lambda route: route.fulfill(
            content_type="text/javascript",
            body="export function ConversationPane() { throw new Error('broken on purpose'); }",
        ),
    )
    page.reload()
    with faults.expected("broken on purpose"):
        page.get_by_test_id(f"chat-item-{chat_id}").click()
        expect(page.get_by_test_id("pane-error")).to_be_visible()
    check_accessibility(page)
    bob.sends("The list goes on", to=alice)
    expect(page.get_by_test_id(f"chat-item-{chat_id}")).to_contain_text("The list goes on")


def test_a_part_that_cannot_be_loaded_is_loaded_again(
    open_client: OpenClient, alice: Person, faults: PageFaults
) -> None:
    page = open_client(alice)
    settings = re.compile(r"/static/\w+/(client/settings/pane|js/pane-\w+)\.js")
    page.route(settings, lambda route: route.abort())
    with faults.expected("Failed to (fetch|load)"):
        page.get_by_test_id("account-menu").click()
        page.get_by_test_id("open-settings").click()
        expect(page.get_by_test_id("pane-error")).to_contain_text("could not be loaded")
    check_accessibility(page)
    page.unroute(settings)
    page.get_by_role("button", name="Reload this part").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()


def test_the_bar_says_what_a_lost_network_means(
    open_client: OpenClient, alice: Person, bob: Person, faults: PageFaults
) -> None:
    chat_id = bob.sends("Hi", to=alice)["chat_id"]
    page = open_client(alice)
    expect(page.get_by_test_id(f"chat-item-{chat_id}")).to_be_visible()
    expect(page.get_by_test_id("connection-bar")).to_have_count(0)
    with faults.expected("ERR_INTERNET_DISCONNECTED", at_least=0):  # of requests that are under way
        page.context.set_offline(True)
        bar(page, "offline")
        check_accessibility(page)
        page.context.set_offline(False)
        bar(page, "back")
        expect(page.get_by_test_id("connection-bar")).to_have_count(0)


def test_without_sockets_the_chats_are_polled(open_client: OpenClient, alice: Person, bob: Person) -> None:
    chat_id = bob.sends("Hi", to=alice)["chat_id"]
    page = open_client(alice)
    page.route_web_socket(re.compile("/ws/chat"), lambda socket: socket.close(code=1013))
    page.reload()
    bar(page, "polling")
    bob.sends("Read without a socket", to=alice)
    expect(page.get_by_test_id(f"chat-item-{chat_id}")).to_contain_text("Read without a socket", timeout=15_000)
    expect(page.get_by_role("button", name="Try now")).to_be_visible()


def test_a_socket_elsewhere_can_be_taken_back(open_client: OpenClient, alice: Person, bob: Person) -> None:
    chat_id = bob.sends("Hi", to=alice)["chat_id"]
    page = open_client(alice)
    is_replaced = True

    def handle(socket: WebSocketRoute) -> None:
        if is_replaced:
            socket.close(code=4409)
        else:
            socket.connect_to_server()

    page.route_web_socket(re.compile("/ws/chat"), handle)
    page.reload()
    expect(page.get_by_test_id("stopped-replaced")).to_be_visible()
    check_accessibility(page)
    is_replaced = False
    page.get_by_test_id("stopped-action").click()
    expect(page.get_by_test_id("stopped-replaced")).to_have_count(0)
    bob.sends("Here again", to=alice)
    expect(page.get_by_test_id(f"chat-item-{chat_id}")).to_contain_text("Here again")


def test_logging_out_ends_all_tabs(open_client: OpenClient, alice: Person) -> None:
    page = open_client(alice)
    other = page.context.new_page()
    other.goto("/chat")
    expect(other.get_by_test_id("account-menu")).to_be_visible()
    page.get_by_test_id("account-menu").click()
    page.get_by_test_id("log-out").click()
    for tab in (page, other):
        expect(tab.get_by_test_id("login-submit")).to_be_visible()
    assert "access_token" not in {cookie["name"] for cookie in page.context.cookies()}


def test_the_bell_and_the_title_count_other_chats(
    open_client: OpenClient, alice: Person, bob: Person, carol: Person
) -> None:
    open_chat, other = bob.sends("Hi", to=alice)["chat_id"], carol.sends("Psst", to=alice)
    page = open_client(alice, f"/chat/{open_chat}")
    expect(page.get_by_test_id("bell")).to_have_attribute("aria-label", "Notifications: 1 unread chat")
    page.get_by_test_id("bell").click()
    expect(page.get_by_test_id("bell-popup")).to_contain_text("Psst")
    check_accessibility(page, within="[data-testid=bell-popup]")
    page.get_by_test_id(f"bell-chat-{other['chat_id']}").click()
    expect(page).to_have_url(re.compile(rf"/chat/{other['chat_id']}"))
    expect(page.get_by_test_id("bell-popup")).to_have_count(0)


def test_the_browser_notifies_when_the_person_wishes_and_looks_elsewhere(
    open_client: OpenClient, alice: Person, bob: Person, carol: Person
) -> None:
    muted = carol.sends("Hi", to=alice)["chat_id"]
    assert alice.posts(f"/{muted}/mute").status == 200
    bob.sends("Before", to=alice)
    page = open_client(alice, "/chat/settings")
    page.add_init_script(RECORDED_NOTIFICATIONS)
    page.reload()
    page.get_by_test_id("browser-notifications").click()
    expect(page.get_by_test_id("browser-notifications")).to_have_attribute("aria-checked", "true")
    seen = bob.sends("While she looks", to=alice)
    expect(page.get_by_test_id(f"chat-item-{seen['chat_id']}")).to_contain_text("While she looks")
    page.evaluate(OUT_OF_SIGHT)
    carol.sends("Muted", to=alice)
    bob.sends("While she is away", to=alice)
    expect(page.get_by_test_id(f"chat-item-{seen['chat_id']}")).to_contain_text("While she is away")
    shown = page.evaluate("window.shown")
    assert [(one["body"], one["tag"]) for one in shown] == [("While she is away", f"chatapp-chat-{seen['chat_id']}")]


def test_a_warning_stays_until_it_was_read(open_client: OpenClient, alice: Person, bob: Person, host: Host) -> None:
    message = alice.sends("Rude", to=bob)
    report = bob.posts("/reports", {"message_id": message["id"], "reason": "harassment"}).data
    host.decides(report["id"], "warn", reason="Be kind.")
    page, other = open_client(alice), open_client(alice)
    for tab in (page, other):
        expect(tab.get_by_test_id("warning")).to_contain_text("Be kind.")
    check_accessibility(page, within="[data-testid=warning]")
    page.keyboard.press("Escape")
    page.get_by_test_id("acknowledge").click()
    for tab in (page, other):
        expect(tab.get_by_test_id("warning")).to_have_count(0)
    page.reload()
    expect(page.get_by_test_id("account-menu")).to_be_visible()
    expect(page.get_by_test_id("warning")).to_have_count(0)


def test_a_phone_shows_one_pane_and_goes_back(open_client: OpenClient, alice: Person, bob: Person) -> None:
    chat_id = bob.sends("Hi", to=alice)["chat_id"]
    page = open_client(alice, **PHONE)
    page.get_by_test_id(f"chat-item-{chat_id}").click()
    expect(page.locator("[data-pane-name=main]")).to_be_visible()
    expect(page.get_by_test_id("chat-search")).to_be_hidden()
    page.go_back()
    expect(page.get_by_test_id("chat-search")).to_be_visible()
    expect(page.locator("[data-pane-name=main]")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_tabs_share_one_socket(open_client: OpenClient, alice: Person, bob: Person) -> None:
    chat_id = bob.sends("Hi", to=alice)["chat_id"]
    first = open_client(alice)
    sockets = _sockets(first.context)
    first.reload()
    tabs = [first, *(first.context.new_page() for _ in range(3))]
    for tab in tabs[1:]:
        tab.goto("/chat")
    for tab in tabs:
        expect(tab.get_by_test_id(f"chat-item-{chat_id}")).to_be_visible()
    bob.sends("To all tabs", to=alice)
    for tab in tabs:
        expect(tab.get_by_test_id(f"chat-item-{chat_id}")).to_contain_text("To all tabs")
    assert len(sockets) == 1


def _sockets(context: BrowserContext) -> list[str]:
    """The URLs of the sockets that pages of a context open from now on."""
    opened: list[str] = []
    for page in context.pages:
        page.on("websocket", lambda socket: opened.append(socket.url))
    context.on("page", lambda page: page.on("websocket", lambda socket: opened.append(socket.url)))
    return opened
