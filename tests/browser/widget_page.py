"""A visitor of a shop page, and what they do with the widget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.browser.shop import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


class WidgetPage:
    """The page of an item, with the widget closed.

    Attributes:
        requests: URLs that the page asked chatapp for.
    """

    def __init__(self, page: Page, shop: Shop) -> None:
        self.page = page
        self.shop = shop
        self.requests: list[str] = []
        page.on("request", lambda request: self._note(request.url))
        self.visit()

    def visit(self) -> None:
        """Open the page, again if it is open."""
        self.page.goto(f"{self.shop.url}/")
        self.launcher.wait_for()

    def open(self) -> None:
        """Open the chat."""
        self.launcher.click()
        self.field.wait_for()

    def asks(self, text: str) -> None:
        """Write and send a message."""
        self.field.fill(text)
        self.field.press("Enter")

    @property
    def launcher(self) -> Locator:
        return self.page.locator("chatapp-widget .launcher")

    @property
    def panel(self) -> Locator:
        return self.page.get_by_test_id("widget-panel")

    @property
    def field(self) -> Locator:
        return self.page.get_by_test_id("message-input")

    @property
    def answers(self) -> Locator:
        """Complete answers of the assistant."""
        return self.page.get_by_test_id("assistant-answer")

    def focused(self) -> str:
        """Test id, class or tag of the element that has the focus, within the shadow root too."""
        script = """() => {
            let element = document.activeElement;
            while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
            return element?.dataset.testid ?? element?.className ?? element?.tagName ?? "";
        }"""
        return str(self.page.evaluate(script))

    def happened(self) -> list[Any]:
        """The events of the element so far: names, or names with their detail."""
        return list(self.page.evaluate("() => window.happened"))

    def _note(self, url: str) -> None:
        if url.startswith(self.shop.chat):
            self.requests.append(url)
