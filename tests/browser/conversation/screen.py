"""A chat on the screen of a person."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

PICTURE = "image/png"


class ChatScreen:
    """A page that shows a chat.

    Attributes:
        page: of the browser.
        chat_id: of the chat.
    """

    def __init__(self, page: Page, chat_id: int) -> None:
        self.page = page
        self.chat_id = chat_id
        self.input = page.get_by_test_id("message-input")
        self.messages = page.get_by_test_id("message-list")
        self.bubbles = self.messages.locator(".message[class*=is-] .bubble:not(.typing-bubble)")

    def writes(self, text: str) -> None:
        """Write a message and send it with the button."""
        self.input.fill(text)
        self.page.get_by_test_id("send-button").click()

    def bubble(self, text: str) -> Locator:
        """The message with this text."""
        return self.bubbles.filter(has=self.page.locator(".message-text", has_text=text))

    def tick(self, text: str, state: str) -> Locator:
        """The mark of how far a message has come: sending, sent, delivered, read or refused."""
        return self.bubble(text).locator(f"[data-tick='{state}']")

    def chooses(self, text: str, item: str) -> None:
        """Open the menu of a message and choose an item."""
        self.bubble(text).click(button="right")
        self.page.get_by_role("menuitem", name=item, exact=True).click()

    def texts(self) -> list[str]:
        """Texts of the messages in the document, from above."""
        return [text.strip() for text in self.messages.locator(".message-text").all_inner_texts()]

    def numbers(self, word: str) -> list[int]:
        """The numbers after a word in the texts in the document, from above: `word 1`, `word 2` …"""
        found = [re.fullmatch(rf"{word} (\d+)", text) for text in self.texts()]
        return [int(match[1]) for match in found if match]

    def chooses_files(self, *files: tuple[str, str, bytes]) -> None:
        """Choose files: name, content type, content."""
        chosen = [{"name": name, "mimeType": kind, "buffer": content} for name, kind, content in files]
        self.page.locator("input[type=file]").set_input_files(chosen)  # type: ignore[arg-type]
