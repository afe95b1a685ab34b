"""WebKitGTK, over WebDriver: https://www.w3.org/TR/webdriver2/."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.browser.engines.driven_page import DrivenPage, as_json
from tests.servers import TIMEOUT, await_true, free_port
from tests.system_packages import needed_program

MINI_BROWSER = "/usr/lib/*/webkit2gtk-4.*/MiniBrowser"
_RUN = "const done = arguments[arguments.length - 1]; {expression}.then(done, (error) => done(`failed: ${{error}}`));"


class WebKit:
    """Opens browsers."""

    def __init__(self, folder: Path, display: str, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        # As root its sandbox cannot be made.
        self._environment = {**os.environ, "DISPLAY": display, "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
        self._driver = needed_program("WebKitWebDriver", "webkit2gtk-driver")

    def opens_page(self) -> DrivenPage:
        """A page of another person: a browser of its own, since a driver has one session."""
        port = free_port()
        log = self._stack.enter_context((self._folder / f"{port}.log").open("wb"))
        command = [self._driver, f"--port={port}"]
        process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)
        self._stack.callback(_end, process)
        page = _Page(f"http://127.0.0.1:{port}")
        self._stack.callback(page.ends)
        return page


class _Page(DrivenPage):
    def __init__(self, driver: str) -> None:
        await_true(lambda: _is_ready(driver), what=lambda: "the driver does not answer")
        (program,) = sorted(Path("/").glob(MINI_BROWSER.lstrip("/")))[-1:]
        options = {"binary": str(program), "args": ["--automation"]}
        body = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        self._session = f"{driver}/session/{_answer('POST', f'{driver}/session', body)['sessionId']}"
        self._ask("POST", "/timeouts", {"script": 1000 * TIMEOUT})
        self._ask("POST", "/window/rect", {"width": 1280, "height": 800})

    def ends(self) -> None:
        """Close the browser."""
        self._ask("DELETE", "")

    def goes_to(self, url: str) -> None:
        self._ask("POST", "/url", {"url": url})

    def _evaluate(self, expression: str) -> Any:
        script = _RUN.format(expression=as_json(expression))
        found = self._ask("POST", "/execute/async", {"script": script, "args": []})
        return json.loads(found)

    def _perform(self, sources: list[dict[str, Any]]) -> None:
        self._ask("POST", "/actions", {"actions": sources})

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        return _answer(method, self._session + path, body)


def _answer(method: str, url: str, body: Any = None) -> Any:
    answer = requests.request(method, url, json=body, timeout=TIMEOUT)
    assert answer.ok, answer.text
    return answer.json()["value"]


def _is_ready(driver: str) -> bool:
    try:
        return bool(requests.get(f"{driver}/status", timeout=TIMEOUT).json()["value"]["ready"])
    except requests.ConnectionError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(TIMEOUT)


@contextmanager
def webkit(folder: Path) -> Iterator[WebKit]:
    """WebKitGTK on a screen in memory; without it the test is skipped, and fails in CI."""
    server = needed_program("Xvfb", "xvfb")
    with ExitStack() as stack:
        reading, writing = os.pipe()
        command = [server, "-displayfd", str(writing), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"]
        screen = subprocess.Popen(command, pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(writing)
        stack.callback(_end, screen)
        with os.fdopen(reading) as numbers:
            display = f":{numbers.readline().strip()}"
        yield WebKit(folder, display, stack)
