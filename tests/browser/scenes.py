"""What the pictures of the documentation show. A new scene is an entry of `SCENES`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True,
}  # fmt: skip
DARK: dict[str, Any] = {"color_scheme": "dark"}
THAI: dict[str, Any] = {"locale": "th-TH"}
SHOP = "shop"  # instead of a path: the page of a shop with the widget


@dataclass(frozen=True)
class Scene:
    """One picture.

    Attributes:
        path: the page, of chatapp or `SHOP`.
        options: of the browser context.
        person: who is logged in, of the demo; None for visitors.
        prepare: brings the page into the state to show, and waits until it is.
    """

    path: str
    options: dict[str, Any]
    person: str | None = "alice"
    prepare: Callable[[Page], None] = field(default=lambda page: None)


def _show_list(page: Page) -> None:
    expect(page.locator("[data-chat-id]").first).to_be_visible()


def _open_chat(name: str) -> Callable[[Page], None]:
    def prepare(page: Page) -> None:
        _show_list(page)
        page.locator("[data-chat-id]", has_text=name).first.click()
        expect(page.get_by_test_id("message-list").locator("[data-row]").last).to_be_visible()

    return prepare


def _ask(page: Page, text: str) -> None:
    page.get_by_test_id("message-input").fill(text)
    page.get_by_test_id("message-input").press("Enter")
    expect(page.get_by_test_id("item-cards")).to_be_visible()


def _ask_in_widget(text: str) -> Callable[[Page], None]:
    def prepare(page: Page) -> None:
        page.locator("chatapp-widget .launcher").click()
        _ask(page, text)

    return prepare


def _open_report(page: Page) -> None:
    page.locator("[data-testid^=report-]").first.click()
    expect(page.get_by_test_id("report")).to_be_visible()


SCENES = {
    "desktop": Scene("/chat", DESKTOP, prepare=_open_chat("City bicycle")),
    "desktop-dark": Scene("/chat", DESKTOP | DARK, prepare=_open_chat("City bicycle")),
    "thai": Scene("/chat", DESKTOP | THAI | {"viewport": {"width": 1024, "height": 768}}, prepare=_open_chat("กล้อง")),
    "phone-list": Scene("/chat", PHONE | DARK, prepare=_show_list),
    "phone-chat": Scene("/chat", PHONE, prepare=_open_chat("City bicycle")),
    "login": Scene("/login", PHONE, person=None),
    "assistant": Scene("/chat/assistant", DESKTOP, prepare=lambda page: _ask(page, "a bicycle")),
    "widget": Scene(SHOP, DESKTOP, person=None, prepare=_ask_in_widget("a lamp for my desk")),
    "widget-phone": Scene(SHOP, PHONE, person=None, prepare=_ask_in_widget("a bicycle")),
    "admin": Scene("/admin", DESKTOP, person="carol", prepare=_open_report),
    "admin-dark": Scene("/admin#statistics", DESKTOP | DARK, person="carol"),
}
