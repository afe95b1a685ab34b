"""The widget on a page of another origin with a strict content policy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.accessibility import check_accessibility
from tests.browser.faults import PageFaults
from tests.browser.shop import Shop, shop_pages
from tests.browser.widget_page import WidgetPage
from tests.flows.attachments.words import PNG
from tests.host import Host
from tests.people import PersonMaker
from tests.servers import ChatServer, await_true, database_copy

APPLICATION = "tests.flows.assistant.answering_app:app()"
NewContext = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with shop_pages() as shop:
        yield shop


@pytest.fixture(scope="module")
def chat(
    environment: dict[str, str], postgres_url: str, shop: Shop, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ChatServer]:
    """chatapp whose assistant does what the visitor says, with a database of its own."""
    with database_copy(postgres_url) as url:
        settings = {**environment, "DATABASE_URL": url, "ALLOWED_ORIGINS": shop.url}
        log = tmp_path_factory.mktemp("widget") / "web.log"
        server = ChatServer(settings, log=log, application=APPLICATION, is_traced=False)
        shop.chat, shop.files = server.url, settings["S3_ENDPOINT"]
        yield server
        server.stop()


@pytest.fixture
def opens(chat: ChatServer, shop: Shop, new_context: NewContext) -> Iterator[Callable[..., WidgetPage]]:
    """Opens the page of the shop as a new visitor."""

    def open_page(content: str = "", /, *, context: BrowserContext | None = None, **attributes: str) -> WidgetPage:
        shop.attributes = {name.replace("_", "-"): value for name, value in attributes.items()}
        shop.content = content
        return WidgetPage((context or new_context()).new_page(), shop)

    shop.reset()
    yield open_page


@pytest.fixture
def people(chat: ChatServer) -> PersonMaker:
    return PersonMaker(chat)


def test_before_it_is_opened_it_loads_its_script_alone(opens: Callable[..., WidgetPage]) -> None:
    visitor = opens()
    visitor.page.wait_for_load_state("networkidle")
    assert len(visitor.requests) == 2, visitor.requests  # and where that redirects to
    assert all(url.endswith("widget.js") for url in visitor.requests)
    assert visitor.page.evaluate("() => [localStorage.length, document.cookie]") == [0, ""]
    assert visitor.happened() == ["ready"]


def test_an_anonymous_visitor_asks_and_goes_on_after_a_reload(opens: Callable[..., WidgetPage]) -> None:
    visitor = opens()
    visitor.open()
    visitor.asks("cards")
    expect(visitor.answers).to_contain_text("a lamp.")
    expect(visitor.page.get_by_test_id("item-cards")).to_contain_text("€12.50")
    expect(visitor.page.get_by_role("button", name="cheaper")).to_be_visible()

    visitor.visit()
    visitor.open()
    expect(visitor.answers).to_have_count(1)
    visitor.page.get_by_role("button", name="another").click()
    expect(visitor.answers.nth(1)).to_contain_text("another")


def test_an_answer_is_shown_while_it_comes_and_can_be_stopped(opens: Callable[..., WidgetPage]) -> None:
    visitor = opens()
    visitor.open()
    visitor.asks("words 1000 50")
    expect(visitor.page.get_by_test_id("assistant-writing")).to_contain_text("w3")
    visitor.page.get_by_test_id("stop-button").click()
    expect(visitor.answers).to_contain_text("Stopped")
    expect(visitor.answers).to_contain_text("w3")
    expect(visitor.page.get_by_test_id("send-button")).to_be_visible()


def test_answers_are_rated_and_given_once_more(opens: Callable[..., WidgetPage]) -> None:
    visitor = opens()
    visitor.open()
    visitor.asks("hello")
    expect(visitor.answers).to_have_count(1)
    helpful = visitor.page.get_by_role("button", name="Helpful", exact=True)
    with visitor.page.expect_response(re.compile("/feedback$")) as rated:
        helpful.click()
    assert rated.value.status == 200
    expect(helpful).to_have_attribute("aria-pressed", "true")
    visitor.page.get_by_role("button", name="Answer again").click()
    expect(visitor.answers).to_have_count(2)


def test_a_person_takes_over(opens: Callable[..., WidgetPage], chat: ChatServer, people: PersonMaker) -> None:
    seller = people("seller")
    item = Host(chat).lists("Lamp", seller=seller)
    visitor = opens(item_id=str(item))
    visitor.open()
    visitor.asks("hello")
    expect(visitor.answers).to_have_count(1)
    visitor.page.get_by_role("button", name="Talk to a person").click()
    expect(visitor.panel).to_contain_text("A person has been asked")

    await_true(lambda: seller.gets("").data != [])
    session = seller.gets("").data[0]["id"]
    assert seller.posts("/messages", {"chat_id": session, "content": "This is the seller."}).status == 200
    expect(visitor.panel).to_contain_text("You are talking to a person.")
    expect(visitor.panel).to_contain_text("This is the seller.")

    visitor.page.get_by_role("button", name="Close the chat").click()
    assert seller.posts("/messages", {"chat_id": session, "content": "Are you there?"}).status == 200
    expect(visitor.launcher).to_contain_text("1")
    assert ["unread", {"count": 1}] in visitor.happened()
    visitor.open()
    expect(visitor.launcher).not_to_contain_text("1")
    visitor.page.get_by_role("button", name="Back to the assistant").click()
    visitor.asks("thanks")
    expect(visitor.answers.last).to_contain_text("thanks")


def test_a_visitor_with_a_token_has_the_session_on_every_device(
    opens: Callable[..., WidgetPage], shop: Shop, people: PersonMaker
) -> None:
    vera = people("vera")
    shop.token = vera.token
    first = opens(token_url="/token", item_id="7")
    assert shop.asked == 0
    first.open()
    first.asks("context")
    expect(first.answers).to_contain_text("listing/7")
    second = opens(token_url="/token")
    second.open()
    expect(second.answers).to_contain_text("listing/7")
    assert vera.server.get("/api/sessions", token=vera.token).json["sessions"][0]["message_count"] == 2
    assert not [url for url in first.requests if vera.token in url]


def test_who_logs_in_keeps_the_session(opens: Callable[..., WidgetPage], shop: Shop, people: PersonMaker) -> None:
    visitor = opens(token_url="/token")
    visitor.open()
    visitor.asks("before the log-in")
    expect(visitor.answers).to_have_count(1)
    vera = people("vera")
    shop.token = vera.token
    visitor.visit()
    visitor.open()
    expect(visitor.panel).to_contain_text("before the log-in")
    visitor.asks("after it")
    expect(visitor.answers).to_have_count(2)
    (session,) = vera.server.get("/api/sessions", token=vera.token).json["sessions"]
    assert session["message_count"] == 4
    assert visitor.page.evaluate("() => localStorage.getItem('chatapp:assistant')") is None


def test_a_visitor_whom_the_shop_does_not_know_is_anonymous(opens: Callable[..., WidgetPage], shop: Shop) -> None:
    visitor = opens(token_url="/token")
    visitor.open()
    visitor.asks("hello")
    expect(visitor.answers).to_contain_text("hello")
    assert shop.asked == 1


def test_the_chat_with_the_seller(
    opens: Callable[..., WidgetPage], shop: Shop, chat: ChatServer, people: PersonMaker
) -> None:
    seller, vera = people("seller"), people("vera")
    item = Host(chat).lists("Desk lamp", seller=seller, price=32, currency="EUR")
    shop.token = vera.token
    visitor = opens(chat="seller", token_url="/token", item_id=str(item))
    visitor.open()
    expect(visitor.panel).to_contain_text("Ask the seller about this item.")
    visitor.asks("Does it come with a bulb?")
    expect(visitor.panel).to_contain_text("€32")

    said = seller.gets("").data[0]
    assert (said["listing_id"], said["last_message"]["content"]) == (item, "Does it come with a bulb?")
    seller.posts("/messages", {"chat_id": said["id"], "content": "It does."})
    expect(visitor.panel).to_contain_text("It does.")
    await_true(lambda: vera.gets("/unread-count").data["count"] == 0)

    visitor.field.press("Escape")
    seller.posts("/messages", {"chat_id": said["id"], "content": "Two, in fact."})
    expect(visitor.launcher).to_contain_text("1")
    visitor.visit()
    visitor.open()
    expect(visitor.panel).to_contain_text("Two, in fact.")


def test_files_to_the_seller(
    opens: Callable[..., WidgetPage], shop: Shop, chat: ChatServer, people: PersonMaker, faults: PageFaults
) -> None:
    seller, vera = people("seller"), people("vera")
    item = Host(chat).lists("Bicycle", seller=seller)
    shop.token = vera.token
    visitor = opens(chat="seller", token_url="/token", item_id=str(item))
    visitor.open()
    send = visitor.panel.get_by_test_id("send-button")
    visitor.chooses(("lock.png", "image/png", PNG), ("bell.png", "image/png", PNG))
    expect(visitor.panel.locator(".seller-file.is-stored")).to_have_count(2)
    check_accessibility(visitor.page, within="chatapp-widget")
    visitor.panel.get_by_role("button", name="Remove bell.png").click()
    with faults.expected("415"):
        visitor.chooses(("notes.txt", "text/plain", b"not a picture"))
        expect(visitor.panel.locator(".seller-file.is-failed")).to_be_visible()
    expect(send).to_be_disabled()
    visitor.panel.get_by_role("button", name="Remove notes.txt").click()
    send.click()
    expect(visitor.panel.get_by_test_id("attachment-image")).to_have_count(1)
    expect(visitor.panel.locator(".seller-file")).to_have_count(0)

    visitor.pastes(("shot.png", "image/png", PNG))
    expect(visitor.panel.locator(".seller-file.is-stored")).to_contain_text("shot.png")
    visitor.asks("And this one?")
    expect(visitor.panel.get_by_test_id("attachment-image")).to_have_count(2)
    sent = seller.history(seller.gets("").data[0]["id"])
    assert [(message["content"], [file["file_name"] for file in message["attachments"]]) for message in sent] == [
        ("And this one?", ["shot.png"]),
        ("", ["lock.png"]),
    ]

    visitor.chooses(*((f"{number}.png", "image/png", PNG) for number in range(11)))
    expect(visitor.panel.get_by_role("alert")).to_contain_text("At most 10 files")
    expect(visitor.panel.locator(".seller-file.is-stored")).to_have_count(10)
    send.click()
    expect(visitor.panel.locator(".seller-file")).to_have_count(0)
    expect(visitor.panel.get_by_role("alert")).to_have_count(0)


def test_the_seller_is_not_for_anonymous_visitors(opens: Callable[..., WidgetPage]) -> None:
    visitor = opens(chat="seller", item_id="7")
    visitor.launcher.click()
    expect(visitor.panel).to_contain_text("Log in to the shop")


def test_the_keyboard_alone(opens: Callable[..., WidgetPage]) -> None:
    visitor = opens()
    visitor.launcher.focus()
    visitor.page.keyboard.press("Enter")
    visitor.field.wait_for()
    await_true(lambda: visitor.focused() == "message-input")
    visitor.page.keyboard.type("hello")
    visitor.page.keyboard.press("Enter")
    expect(visitor.answers).to_have_count(1)

    seen = set()
    for _ in range(30):
        visitor.page.keyboard.press("Tab")
        seen.add(visitor.focused())
    assert {"widget-close", "message-input", "message-list"} <= seen
    assert not seen & {"A", "BODY", "launcher"}, seen  # it goes round within the chat
    visitor.page.keyboard.press("Escape")
    expect(visitor.panel).to_be_hidden()
    assert visitor.focused() == "launcher"
    assert visitor.happened() == ["ready", "open", "close"]


def test_on_a_phone_it_covers_the_page(opens: Callable[..., WidgetPage], new_context: NewContext) -> None:
    phone = new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    visitor = opens(context=phone)
    visitor.open()
    whole = {"x": 0, "y": 0, "width": 390, "height": 844}
    await_true(lambda: visitor.panel.bounding_box() == whole, what=visitor.panel.bounding_box)  # after its movement
    expect(visitor.panel).to_have_attribute("aria-modal", "true")
    assert visitor.page.evaluate("() => document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility(opens: Callable[..., WidgetPage], new_context: NewContext, scheme: str) -> None:
    visitor = opens(theme=scheme)
    check_accessibility(visitor.page, within="chatapp-widget")
    visitor.open()
    check_accessibility(visitor.page, within="chatapp-widget")
    visitor.asks("cards")
    expect(visitor.answers).to_have_count(1)
    visitor.asks("words 3 10")
    expect(visitor.answers).to_have_count(2)
    check_accessibility(visitor.page, within="chatapp-widget")


def test_styles_of_the_page_stay_outside(opens: Callable[..., WidgetPage]) -> None:
    visitor = opens()
    visitor.open()
    style = visitor.page.get_by_test_id("send-button").evaluate(
        "(element) => { const { color, letterSpacing, borderTopWidth } = getComputedStyle(element);"
        " return [color, letterSpacing, borderTopWidth]; }"
    )
    assert style == ["rgb(255, 255, 255)", "normal", "0px"]


def test_slots_and_labels_of_the_host(opens: Callable[..., WidgetPage]) -> None:
    visitor = opens('<p slot="empty">Ask us anything.</p><small slot="footer">Our privacy policy</small>', label="Help")
    visitor.open()
    expect(visitor.page.get_by_text("Ask us anything.")).to_be_visible()
    expect(visitor.page.get_by_text("Our privacy policy")).to_be_visible()
    expect(visitor.page.get_by_role("dialog", name="Help")).to_be_visible()
    expect(visitor.page.get_by_text("What are you looking for?")).to_be_hidden()


@pytest.mark.parametrize(
    ("language", "greeting"),
    [
        ("ru", "Что вы ищете?"),
        ("sr-Latn", "Šta tražite?"),
        ("th", "กำลังมองหาอะไรอยู่"),
        ("xx", "What are you looking for?"),
    ],
)
def test_languages(opens: Callable[..., WidgetPage], language: str, greeting: str) -> None:
    visitor = opens(lang=language)
    visitor.open()
    expect(visitor.panel).to_contain_text(greeting)
    visitor.page.locator("chatapp-widget").evaluate("(widget) => widget.setAttribute('lang', 'en')")
    expect(visitor.panel).to_contain_text("What are you looking for?")


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    '"><svg/onload=alert(1)>',
    "{{constructor.constructor('alert(1)')()}}",
    'https://x.example/"onmouseover=alert(1)',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_is_text(opens: Callable[..., WidgetPage], text: str) -> None:
    visitor = opens()
    visitor.page.on("dialog", lambda dialog: pytest.fail(f"{text} ran"))
    visitor.open()
    visitor.asks(text)
    expect(visitor.answers).to_contain_text(text)
    assert visitor.panel.locator("script, img[src=x], svg[onload]").count() == 0
    assert all(
        href.startswith("http")
        for href in visitor.panel.locator("a").evaluate_all("(links) => links.map((a) => a.href)")
    )


def test_loading_fails_and_is_tried_again(opens: Callable[..., WidgetPage], faults: PageFaults) -> None:
    visitor = opens()
    with faults.expected("ERR_FAILED|Failed to fetch|dynamically imported"):
        visitor.page.route(re.compile(r"/static/\w+/(widget/panel|js/widget-panel)\.js"), lambda route: route.abort())
        visitor.launcher.click()
        expect(visitor.launcher).to_contain_text("could not be loaded")
        expect(visitor.launcher).not_to_have_attribute("aria-busy", "true")
    visitor.page.unroute_all()
    visitor.open()
    visitor.asks("hello")
    expect(visitor.answers).to_have_count(1)


def test_removing_the_element_ends_the_connection(opens: Callable[..., WidgetPage], chat: ChatServer) -> None:
    visitor = opens()
    visitor.open()
    visitor.asks("hello")
    expect(visitor.answers).to_have_count(1)
    host = Host(chat)
    await_true(lambda: host.counts_sockets()["connections"] > 0)
    before = host.counts_sockets()["connections"]
    visitor.page.locator("chatapp-widget").evaluate("(widget) => widget.remove()")
    await_true(lambda: host.counts_sockets()["connections"] < before)


def test_what_fails_is_said(opens: Callable[..., WidgetPage], faults: PageFaults) -> None:
    visitor = opens()
    visitor.open()
    visitor.asks("hello")
    expect(visitor.answers).to_have_count(1)
    visitor.page.route("**/feedback", lambda route: route.fulfill(status=502, body="<html>Bad gateway</html>"))
    helpful = visitor.page.get_by_role("button", name="Helpful", exact=True)
    with faults.expected("502|CORS|ERR_FAILED"):
        helpful.click()
        expect(visitor.panel.get_by_role("alert")).to_have_text("The server does not answer. Try again.")
    expect(helpful).to_have_attribute("aria-pressed", "false")


def test_a_session_that_has_ended_is_followed_by_another(opens: Callable[..., WidgetPage], chat: ChatServer) -> None:
    visitor = opens()
    visitor.open()
    visitor.asks("hello")
    expect(visitor.answers).to_have_count(1)
    signed = str(visitor.page.evaluate("() => localStorage.getItem('chatapp:assistant')"))
    ended = chat.delete(f"/api/sessions/{signed.partition('.')[0]}", headers={"X-Session-ID": signed})
    assert ended.status == 200, ended.text
    expect(visitor.panel).to_contain_text("This conversation has ended.")
    visitor.page.get_by_role("button", name="New conversation").last.click()
    visitor.asks("words 2 10")
    expect(visitor.answers).to_have_count(1)
    expect(visitor.answers).to_contain_text("w1")
