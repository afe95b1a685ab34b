"""What a person does on a page of any browser that speaks WebDriver."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import Any

from tests.servers import await_true


class DrivenPage(ABC):
    """A page, and real input to it."""

    @abstractmethod
    def goes_to(self, url: str) -> None:
        """Open an address, and wait until it is loaded."""

    @abstractmethod
    def _evaluate(self, expression: str) -> Any:
        """The value of an expression; promises are awaited."""

    @abstractmethod
    def _perform(self, sources: list[dict[str, Any]]) -> None:
        """Press keys and move pointers (WebDriver, section 17)."""

    def finds(self, selector: str, text: str = "") -> None:
        """Wait for a visible element that contains a text."""
        await_true(lambda: self._place(selector, text) is not None, what=lambda: f"{selector} {text!r}: {self.text()}")

    def lacks(self, selector: str, text: str = "") -> None:
        """Wait until there is no such element."""
        await_true(lambda: self._place(selector, text) is None, what=lambda: f"still {selector} {text!r}")

    def clicks(self, selector: str, text: str = "") -> None:
        """Press the primary button on an element, once it does not move any more; again if it moved away."""
        await_true(lambda: self._presses(selector, text), what=lambda: f"{selector} {text!r}: {self.text()}")
        self._moves({"type": "pointerUp", "button": 0})

    def _presses(self, selector: str, text: str) -> bool:
        """Press the button where the element is; returns whether that was on it. Else the button is up again."""
        places: list[tuple[float, float] | None] = [None]

        def is_still() -> bool:
            places.append(self._place(selector, text, is_free=True))
            return places[-1] is not None and places[-1] == places[-2]

        await_true(is_still, what=lambda: f"{selector} {text!r}: {self.text()}")
        x, y = places[-1] or (0, 0)
        self._evaluate(
            f"""(() => {{
                delete window.isPressed;
                const listen = {{ capture: true, once: true }};
                addEventListener("pointerdown", ({{ target }}) => {{
                    const found = target.closest({json.dumps(selector)});
                    window.isPressed = found !== null && found.textContent.includes({json.dumps(text)});
                }}, listen);
            }})()"""
        )
        self._moves(_move_to(round(x), round(y)), {"type": "pointerDown", "button": 0})
        await_true(lambda: self._evaluate("window.isPressed") is not None)
        if self._evaluate("window.isPressed"):
            return True
        self._moves(_move_to(0, 0), {"type": "pointerUp", "button": 0})
        return False

    def _moves(self, *actions: dict[str, Any]) -> None:
        """Move the mouse, press or release its button."""
        self._perform(
            [{"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": list(actions)}]
        )

    def types(self, text: str) -> None:
        """Press the keys of a text, wherever the focus is."""
        keys = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self._perform([{"type": "key", "id": "keyboard", "actions": keys}])

    def fills(self, selector: str, text: str) -> None:
        """Click a field and type."""
        self.clicks(selector)
        self.types(text)

    def texts(self, selector: str) -> list[str]:
        """The texts of all elements, from above."""
        found: list[str] = self._evaluate(
            f"[...document.querySelectorAll({json.dumps(selector)})].map((element) => element.innerText.trim())"
        )
        return found

    def text(self) -> str:
        """All that is to be read."""
        return str(self._evaluate("document.body.innerText"))

    def _place(self, selector: str, text: str, *, is_free: bool = False) -> tuple[float, float] | None:
        """The middle of the first element that is rendered, contains the text, and, if wished, is not covered there."""
        found = self._evaluate(
            f"""(() => {{
                for (const element of document.querySelectorAll({json.dumps(selector)})) {{
                    const {{ x, y, width, height }} = element.getBoundingClientRect();
                    const middle = [x + width / 2, y + height / 2];
                    if (width && height && element.textContent.includes({json.dumps(text)})
                        && (!{json.dumps(is_free)} || element.contains(document.elementFromPoint(...middle))))
                        return middle;
                }}
                return null;
            }})()"""
        )
        return None if found is None else (found[0], found[1])


def _move_to(x: int, y: int) -> dict[str, Any]:
    return {"type": "pointerMove", "x": x, "y": y, "origin": "viewport", "duration": 0}


def as_json(expression: str) -> str:
    """An expression whose value is the JSON of another one's."""
    return f"(async () => JSON.stringify(await ({expression})) ?? 'null')()"
