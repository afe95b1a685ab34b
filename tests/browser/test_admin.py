"""The moderators' page: reports, decisions, people, statistics, log."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.accessibility import check_accessibility
from tests.browser.faults import PageFaults
from tests.browser.log_in import log_in
from tests.host import Host
from tests.people import Person
from tests.servers import SERVICE_TOKEN, ChatServer

OpenAdmin = Callable[..., Page]


@pytest.fixture
def open_admin(new_context: Callable[..., BrowserContext], server: ChatServer) -> OpenAdmin:
    """Opens the page of moderators as a user."""

    def open_page(person: Person, place: str = "", *, is_moderator: bool = True, **options: object) -> Page:
        if is_moderator:
            path = f"/api/v1/internal/users/{person.id}/moderator"
            assert server.put(path, token=SERVICE_TOKEN).status == 200
        context = new_context(**options)
        log_in(context, server.url, person.username, person.password)
        page = context.new_page()
        page.goto(f"{server.url}/admin{place}")
        return page

    return open_page


def report(reporter: Person, author: Person, text: str, reason: str = "fraud", words: str = "") -> int:
    """Report a message of the author; returns the id of the report."""
    message = author.sends(text, to=reporter)
    body = {"message_id": message["id"], "reason": reason, "text": words}
    return int(reporter.posts("/reports", body).data["id"])


def choose(page: Page, report_id: int) -> None:
    """Open a report of the list, whose pages are loaded until it is there."""
    row = page.get_by_test_id(f"report-{report_id}")
    more = page.get_by_role("button", name="Show more")
    expect(row.or_(more).first).to_be_visible()
    while not row.is_visible():
        with page.expect_response("**/admin/reports?*"):
            more.click()
        expect(row.or_(more).first).to_be_visible()
    row.click()
    expect(page.get_by_test_id("report")).to_be_visible()


def test_a_report_is_reviewed_and_the_author_warned(
    open_admin: OpenAdmin, carol: Person, alice: Person, bob: Person
) -> None:
    said = report(alice, bob, "Pay outside, it is cheaper.", words="He wants to avoid the fee.")
    page = open_admin(carol)
    choose(page, said)
    detail = page.get_by_test_id("report")
    expect(detail).to_contain_text("He wants to avoid the fee.")
    expect(detail).to_contain_text("Pay outside, it is cheaper.")
    check_accessibility(page)

    page.get_by_test_id("decision-reason").fill("Please pay here.")
    page.get_by_test_id("decide-warn").click()
    expect(page.get_by_test_id(f"report-{said}")).to_have_count(0)
    assert bob.gets("/warnings").data[0]["reason"] == "Please pay here."

    page.goto(f"{carol.server.url}/admin#decided/{said}")
    expect(detail).to_contain_text(f"Warn by {carol.username}")
    page.get_by_role("link", name="Log").click()
    expect(page.get_by_test_id("log")).to_contain_text("Please pay here.")


@pytest.mark.parametrize(("action", "left"), [("remove_message", "[deleted]"), ("dismiss", "Harmless words")])
def test_messages_are_removed_or_stay(
    open_admin: OpenAdmin, carol: Person, alice: Person, bob: Person, action: str, left: str
) -> None:
    said = report(alice, bob, "Harmless words")
    page = open_admin(carol)
    choose(page, said)
    page.get_by_test_id(f"decide-{action}").click()
    if action == "remove_message":
        page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id(f"report-{said}")).to_have_count(0)
    assert alice.gets("").data[0]["last_message"]["content"] == left


def test_the_decision_of_another_moderator_is_not_replaced(
    open_admin: OpenAdmin, faults: PageFaults, host: Host, carol: Person, alice: Person, bob: Person
) -> None:
    said = report(alice, bob, "Twice decided")
    page = open_admin(carol)
    choose(page, said)
    path = f"/api/v1/internal/moderation/reports/{said}"
    assert host.server.post(path, token=SERVICE_TOKEN, json={"action": "dismiss"}).status == 200
    with faults.expected("409"):
        page.get_by_test_id("decide-warn").click()
        expect(page.get_by_role("alert")).to_contain_text("That did not work")
    assert bob.gets("/warnings").data == []


def test_people_are_found_banned_and_admitted_again(open_admin: OpenAdmin, carol: Person, bob: Person) -> None:
    page = open_admin(carol, "#people")
    page.get_by_test_id("people-search").fill(bob.username)
    page.get_by_test_id("people-search").press("Enter")
    row = page.get_by_test_id(f"person-{bob.id}")
    row.get_by_role("button", name="Ban", exact=True).click()
    check_accessibility(page)
    page.get_by_test_id("ban-reason").fill("Fraud, twice")
    page.get_by_test_id("ban").click()
    expect(row).to_contain_text("Banned: Fraud, twice")
    assert bob.gets("").status == 401

    row.get_by_role("button", name="End the ban").click()
    expect(row.get_by_role("button", name="Ban", exact=True)).to_be_visible()
    assert bob.server.post("/api/v1/auth/login", json={"login": bob.username, "password": bob.password}).status == 200


def test_statistics(open_admin: OpenAdmin, carol: Person) -> None:
    page = open_admin(carol, "#statistics")
    expect(page.get_by_test_id("socket-stats")).to_contain_text("Connections")
    expect(page.get_by_test_id("assistant-stats")).to_contain_text("Questions")
    check_accessibility(page)


def test_without_the_role_it_shows_nothing(open_admin: OpenAdmin, faults: PageFaults, alice: Person) -> None:
    with faults.expected("403"):
        page = open_admin(alice, is_moderator=False)
        expect(page.get_by_role("alert")).to_contain_text("This page is for moderators.")


def test_without_a_log_in_it_leads_there(
    new_context: Callable[..., BrowserContext], faults: PageFaults, server: ChatServer
) -> None:
    page = new_context().new_page()
    with faults.expected("401"):
        page.goto(f"{server.url}/admin#log")
        page.wait_for_url("**/login?next=%2Fadmin%23log")


def test_the_keyboard_moves_through_the_queue(open_admin: OpenAdmin, carol: Person, alice: Person, bob: Person) -> None:
    report(alice, bob, "First")
    report(alice, bob, "Second")
    page = open_admin(carol)
    links = page.locator("[data-testid^=report-]")
    links.first.focus()
    page.keyboard.press("ArrowDown")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("report")).to_be_visible()


@pytest.mark.parametrize("markup", ["<img src=x onerror=alert(1)>", "<script>alert(1)</script>"])
def test_markup_is_text(open_admin: OpenAdmin, carol: Person, alice: Person, bob: Person, markup: str) -> None:
    said = report(alice, bob, markup, words=markup)
    page = open_admin(carol, f"#reports/{said}")
    expect(page.get_by_test_id("report").get_by_text(markup)).to_have_count(2)
    assert page.locator("main script, main img[src=x]").count() == 0


def test_on_a_phone_in_thai(open_admin: OpenAdmin, carol: Person, alice: Person, bob: Person) -> None:
    said = report(alice, bob, "คุยนอกระบบดีกว่า")
    phone = {"viewport": {"width": 390, "height": 844}, "locale": "th-TH", "color_scheme": "dark"}
    page = open_admin(carol, f"#reports/{said}", **phone)
    expect(page.get_by_test_id("report")).to_contain_text("ฉ้อโกง")
    assert page.evaluate("() => document.documentElement.scrollWidth") == 390
    check_accessibility(page)
