"""The page where people log in, sign up, and choose a language before that."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import expect

from tests.browser.accessibility import check_accessibility
from tests.browser.faults import PageFaults
from tests.people import Person
from tests.servers import ChatServer

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

NewContext = Callable[..., "BrowserContext"]


def enter(page: Page, person: Person, password: str | None = None) -> None:
    """Fill in the form, and send it."""
    page.get_by_test_id("login-login").fill(person.username)
    page.get_by_test_id("login-password").fill(password or person.password)
    page.get_by_test_id("login-submit").click()


@pytest.fixture
def login(new_context: NewContext, server: ChatServer) -> Callable[..., Page]:
    """Opens the page."""

    def open_page(path: str = "/login", **options: object) -> Page:
        page = new_context(base_url=server.url, **options).new_page()
        page.goto(path)
        expect(page.get_by_test_id("login-submit")).to_be_visible()
        return page

    return open_page


def test_a_wrong_password_says_so_and_the_right_one_leads_on(
    login: Callable[..., Page], alice: Person, bob: Person, faults: PageFaults
) -> None:
    chat_id = bob.sends("Hi", to=alice)["chat_id"]
    page = login(f"/login?next=%2Fchat%2F{chat_id}")
    check_accessibility(page)
    with faults.expected("401"):
        enter(page, alice, "not her password")
        expect(page.get_by_test_id("login-error")).not_to_be_empty()
    assert page.context.cookies() == [] or "access_token" not in {cookie["name"] for cookie in page.context.cookies()}
    enter(page, alice)
    expect(page.get_by_test_id(f"chat-item-{chat_id}")).to_have_attribute("aria-current", "page")
    expect(page).to_have_url(re.compile(rf"/chat/{chat_id}$"))


@pytest.mark.parametrize(
    "next_page", ["https://evil.example/", "//evil.example", "/chatter", "javascript:alert(1)", "/\\evil"]
)
def test_the_log_in_leads_to_our_pages_only(login: Callable[..., Page], alice: Person, next_page: str) -> None:
    page = login(f"/login?next={next_page}")
    enter(page, alice)
    expect(page.get_by_test_id("chat-search")).to_be_visible()
    assert page.url == f"{alice.server.url}/chat"


def test_the_client_asks_for_the_log_in_and_returns(new_context: NewContext, alice: Person, faults: PageFaults) -> None:
    page = new_context(base_url=alice.server.url).new_page()
    with faults.expected("401"):
        page.goto("/chat/settings")
        expect(page.get_by_test_id("login-submit")).to_be_visible()
    enter(page, alice)
    expect(page.get_by_test_id("settings")).to_be_visible()


def test_signing_up_names_what_is_wrong(login: Callable[..., Page], alice: Person, faults: PageFaults) -> None:
    page = login(locale="ru-RU")
    page.get_by_test_id("login-swap").click()
    with faults.expected("422"):
        page.get_by_test_id("login-submit").click()
        expect(page.get_by_test_id("login-username")).to_have_attribute("aria-invalid", "true")
    check_accessibility(page)
    name = f"new-{alice.username}"[:32]
    page.get_by_test_id("login-name").fill("Новая")
    page.get_by_test_id("login-username").fill(name)
    page.get_by_test_id("login-email").fill(f"{name}@example.com")
    page.get_by_test_id("login-password").fill("correct horse")
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("empty-list")).to_be_visible()


def test_the_language_is_chosen_before_the_log_in(login: Callable[..., Page], alice: Person) -> None:
    page = login(locale="de-DE")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_test_id("login-language").select_option("th")
    expect(page.get_by_test_id("login-submit")).to_have_text("เข้าสู่ระบบ")
    expect(page.locator("html")).to_have_attribute("lang", "th")
    enter(page, alice)
    expect(page.get_by_role("heading", level=1)).to_have_text("แชท")


def test_demo_accounts_are_offered_where_the_server_names_them(
    login: Callable[..., Page], new_context: NewContext, start_server: Callable[..., ChatServer], alice: Person
) -> None:
    assert login().get_by_test_id(f"demo-{alice.username}").count() == 0
    demo = start_server(DEMO_ACCOUNTS=f"{alice.username}:{alice.password}")
    page = new_context(base_url=demo.url).new_page()
    page.goto("/login")
    page.get_by_test_id(f"demo-{alice.username}").click()
    expect(page.get_by_test_id("chat-search")).to_be_visible()
