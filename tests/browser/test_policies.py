"""What a script that was injected into a page, or a page of another origin, can do: nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.faults import PageFaults
from tests.browser.log_in import log_in
from tests.browser.shop import Shop, shop_pages
from tests.people import Person
from tests.servers import ChatServer, await_true

NewContext = Callable[..., BrowserContext]
# Resolves with the directive of the next violation that the page itself reports.
VIOLATION = (
    "(act) => new Promise((resolve) => { document.addEventListener("
    "'securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective), { once: true }); %s })"
)


@pytest.fixture
def alices(new_context: NewContext, server: ChatServer, alice: Person) -> BrowserContext:
    """A browser in which alice is logged in."""
    context = new_context()
    log_in(context, server.url, alice.username, alice.password)
    return context


@pytest.fixture
def page_of_alice(alices: BrowserContext, server: ChatServer) -> Page:
    """A page of chatapp that loads nothing of its own, so that only this test violates its policy."""
    page = alices.new_page()
    page.goto(f"{server.url}/login")
    return page


def test_scripts_read_no_cookie(page_of_alice: Page, server: ChatServer) -> None:
    assert page_of_alice.evaluate("document.cookie") == ""
    names = {cookie["name"] for cookie in page_of_alice.context.cookies(f"{server.url}/api/v2/auth/me")}
    assert names == {"access_token", "refresh_token", "csrf_seed"}
    for path in ("/ws/chat", "/static/0/a.js", "/api/v1/auth/me", "/chat"):
        assert page_of_alice.context.cookies(f"{server.url}{path}") == [], path


ELSEWHERE = "http://tracker.invalid/"


def adds(tag: str, **attributes: str) -> str:
    """A script that adds an element to the page."""
    return f"document.body.append(Object.assign(document.createElement('{tag}'), {attributes}))"


@pytest.mark.parametrize(
    ("act", "directive"),
    [
        (adds("img", src=ELSEWHERE), "img-src"),
        (adds("iframe", src=ELSEWHERE), "frame-src"),
        (adds("base", href=ELSEWHERE), "base-uri"),
        (adds("style", textContent="a{}"), "style-src-elem"),
        ("document.body.setAttribute('style', 'color: red')", "style-src-attr"),
        (f"fetch('{ELSEWHERE}').catch(() => {{}})", "connect-src"),
    ],
)
def test_pages_load_nothing_from_elsewhere(page_of_alice: Page, faults: PageFaults, act: str, directive: str) -> None:
    with faults.expected("Content Security Policy"):
        assert page_of_alice.evaluate(VIOLATION % act, None) == directive


@pytest.mark.parametrize(
    "act",
    [
        "document.body.innerHTML = '<img src=x onerror=alert(1)>'",
        "document.body.insertAdjacentHTML('beforeend', '<b>')",
        "document.write('<b>')",
        "new DOMParser().parseFromString('<b>', 'text/html')",
        "document.createElement('script').src = 'data:,'",
        "new Worker('data:,')",
        "trustedTypes.createPolicy('default', { createHTML: (text) => text })",
    ],
)
def test_no_text_becomes_markup_or_script(page_of_alice: Page, faults: PageFaults, act: str) -> None:
    attempt = f"() => {{ try {{ {act}; return 'done'; }} catch (error) {{ return error.name; }} }}"
    with faults.expected("Trusted|Content Security Policy"):
        assert page_of_alice.evaluate(attempt) == "TypeError"


def test_violations_are_reported(page_of_alice: Page, faults: PageFaults, server: ChatServer) -> None:
    with faults.expected("Content Security Policy"), page_of_alice.expect_request("**/csp-reports") as report:
        page_of_alice.evaluate(VIOLATION % "fetch('http://reported.invalid/').catch(() => {})", None)
    assert report.value.post_data_json["csp-report"]["effective-directive"] == "connect-src"
    await_true(lambda: '"blocked":"reported.invalid"' in server.log.read_text())


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with shop_pages() as shop:
        yield shop


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_pages_of_other_origins_use_no_cookies(
    alices: BrowserContext, server: ChatServer, shop: Shop, faults: PageFaults, host: str
) -> None:
    """Another port is the same site, so the browser sends the cookies, and the server refuses; localhost is another."""
    shop.chat = server.url
    page = alices.new_page()
    page.goto(shop.url.replace("127.0.0.1", host))
    send = "([url, options]) => fetch(url, options).then(() => 'answered', () => 'refused')"
    with faults.expected("CORS|403|ERR_FAILED"):
        for path in ("/auth/logout", "/ws-ticket", "/assistant/sessions"):
            options = {"method": "POST", "mode": "no-cors", "credentials": "include"}
            page.evaluate(send, [f"{server.url}/api/v2{path}", options])
        mine = [f"{server.url}/api/v2/auth/me", {"credentials": "include"}]
        assert page.evaluate(send, mine) == "refused"
        tokens = [f"{server.url}/api/v2/csrf", {"credentials": "include"}]
        assert page.evaluate(send, tokens) == "refused"
    own = alices.request.get(f"{server.url}/api/v2/auth/me")
    assert own.ok, "alice is still logged in"
    sessions = alices.request.get(f"{server.url}/api/v2/assistant/sessions")
    assert sessions.json()["sessions"] == []
