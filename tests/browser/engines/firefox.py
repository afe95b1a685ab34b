"""Firefox, over the WebDriver BiDi that it serves itself: https://w3c.github.io/webdriver-bidi/."""

from __future__ import annotations

import itertools
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import websocket

from tests.browser.engines.driven_page import DrivenPage, as_json
from tests.servers import TIMEOUT, await_true, free_port
from tests.system_packages import needed_program

PREFERENCES = {
    "remote.prefs.recommended": True,  # nothing is loaded from elsewhere, no first-run pages
    "intl.accept_languages": "en-GB",
}


class Firefox:
    """A browser. Every page has cookies of its own."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(address, timeout=TIMEOUT, suppress_origin=True)
        self._ids = itertools.count(1)
        self.call("session.new", capabilities={})

    def call(self, method: str, **params: Any) -> Any:
        """Run a command; returns its result."""
        id = next(self._ids)
        self._socket.send(json.dumps({"id": id, "method": method, "params": params}))
        while (answer := json.loads(self._socket.recv())).get("id") != id:
            pass
        assert answer["type"] == "success", answer
        return answer["result"]

    def opens_page(self) -> DrivenPage:
        """A page of another person, in a window of its own: pages that are hidden do not scroll."""
        person = self.call("browser.createUserContext")["userContext"]
        context = self.call("browsingContext.create", type="window", userContext=person)["context"]
        self.call("browsingContext.setViewport", context=context, viewport={"width": 1280, "height": 800})
        return _Page(self, context)


class _Page(DrivenPage):
    def __init__(self, browser: Firefox, context: str) -> None:
        self._browser = browser
        self._context = context

    def goes_to(self, url: str) -> None:
        self._browser.call("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def _evaluate(self, expression: str) -> Any:
        target = {"context": self._context}
        found = self._browser.call("script.evaluate", expression=as_json(expression), target=target, awaitPromise=True)
        assert found["type"] == "success", found
        return json.loads(found["result"]["value"])

    def _perform(self, sources: list[dict[str, Any]]) -> None:
        self._browser.call("input.performActions", context=self._context, actions=sources)


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    """A running Firefox with a new profile in a folder; without one the test is skipped, and fails in CI."""
    program = needed_program("firefox-esr", "firefox-esr")
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
    (folder / "user.js").write_text("".join(lines))
    port = free_port()
    command = [program, "--headless", "--no-remote", "--profile", str(folder), "--remote-debugging-port", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        await_true(
            lambda: b"WebDriver BiDi listening" in (folder / "log").read_bytes(), what=(folder / "log").read_text
        )
        yield Firefox(f"ws://127.0.0.1:{port}/session")
    finally:
        process.terminate()
        process.wait(TIMEOUT)
