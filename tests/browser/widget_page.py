"""A visitor of a shop page, and what they do with the widget."""

from __future__ import annotations

from base64 import b64encode
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

    def chooses(self, *files: tuple[str, str, bytes]) -> None:
        """Choose files: name, content type, content."""
        chosen = [{"name": name, "mimeType": kind, "buffer": content} for name, kind, content in files]
        self.page.locator("chatapp-widget input[type=file]").set_input_files(chosen)  # type: ignore[arg-type]

    def pastes(self, file: tuple[str, str, bytes]) -> None:
        """Paste a file into the field."""
        name, kind, content = file
        script = """(field, [name, type, base64]) => {
            const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File([bytes], name, { type }));
            field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }"""
        self.field.evaluate(script, [name, kind, b64encode(content).decode()])

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
