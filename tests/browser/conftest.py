"""Fixtures of the tests in Chromium. A test fails if one of its pages reports an error, unless it expects it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.chromium import launch_options, why_unavailable
from tests.browser.component_pages import component_pages
from tests.browser.faults import PageFaults
from tests.browser.log_in import log_in
from tests.people import Person
from tests.servers import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

collect_ignore_glob = [] if why_unavailable() is None else [
    str(path) for path in (ROOT / "tests" / "browser").rglob("test_*.py") if path.name != "test_available.py"
]  # fmt: skip


PATIENCE = 20_000.0  # ms after which a page that does not come is a failure; it bounds nothing else


@pytest.fixture(scope="session")
def browser_type_launch_args(pytestconfig: pytest.Config) -> dict[str, Any]:
    """How Chromium is started. A test that fails leaves a screenshot in `.reports/browser`.

    Traces are made only for `--tracing retain-on-failure`: recording them costs half as much CPU time again.
    """
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE)
    pytestconfig.option.screenshot = "only-on-failure"
    pytestconfig.option.output = str(ROOT / ".reports" / "browser")
    return launch_options()


# What every context has, unless a test says otherwise.
_CONTEXT = {"locale": "en-GB", "timezone_id": "Europe/Belgrade", "viewport": {"width": 1280, "height": 800}}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """Nothing: the plugin refuses options that are here as well as in the call."""
    return {}


@pytest.fixture
def faults() -> Iterator[PageFaults]:
    """The faults of all pages of this test."""
    collected = PageFaults()
    yield collected
    collected.check()


@pytest.fixture
def new_context(faults: PageFaults, new_context: Callable[..., BrowserContext]) -> Callable[..., BrowserContext]:
    """Makes further contexts: other people, devices, languages."""

    def make(**options: Any) -> BrowserContext:
        context = new_context(**{**_CONTEXT, **options})
        context.set_default_timeout(PATIENCE)
        faults.watch(context)
        return context

    return make


@pytest.fixture(scope="session")
def components() -> Iterator[str]:
    """Address of the pages of single components."""
    with component_pages() as address:
        yield address


@pytest.fixture
def component(page: Page, components: str) -> Callable[[str], Page]:
    """Opens the page of a component: `component("message-list")` runs `pages/message-list.js`."""

    def open_page(name: str) -> Page:
        page.goto(f"{components}/component/{name}")
        return page

    return open_page


@pytest.fixture
def open_client(new_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """Opens the client for a person, logged in: `open_client(alice)`, `open_client(bob, "/chat/7", locale="th-TH")`."""

    def open_page(person: Person, path: str = "/chat", **options: Any) -> Page:
        context = new_context(base_url=person.server.url, **options)
        log_in(context, person.server.url, person.username, person.password)
        page = context.new_page()
        page.goto(path)
        return page

    return open_page
