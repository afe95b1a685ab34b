"""Messages get previews of their links by a consumer of the outbox, outside the path of sending."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from chatapp.actions.editing import delete_message, edit_message
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from chatapp.events.snapshots import LinkPreview, MessageSnapshot
from chatapp.infra.postgres import database_connection
from chatapp.infra.public_http import Fetched, PublicHttp
from chatapp.ops import runtime
from chatapp.outbox import CONSUMERS
from chatapp.outbox.feed import Feed
from chatapp.outbox.link_previews import LinkPreviews, _preview
from chatapp.queries import messages
from config import load
from tests.actions.conftest import chat_id as chat_id
from tests.database import Database
from tests.infra.hostile_servers import Network, page, redirect, sends, sends_forever, serving

PAGE = b"""<head><meta property="og:title" content="Bicycle"><meta name="description" content="Red">
<meta property="og:image" content="/red.png"></head>"""
POSITION = "SELECT position FROM outbox_consumers WHERE name = 'link_previews'"
FAILED = "SELECT count(*) FROM outbox_failures"

Build = Callable[[Network], Feed]


@pytest.fixture
def feed_of(core: Database, environment: dict[str, str]) -> Iterator[Build]:
    """Makes the feed of the enabled consumer over a network; it starts with what is sent from then on."""
    runtime.build(load({**environment, "DATABASE_URL": core.url, "LINK_PREVIEWS": "1"}))

    def build(network: Network) -> Feed:
        http = PublicHttp("test", total_seconds=2.0, resolve=network.resolve, connect=network.connect)
        feed = Feed(LinkPreviews(http))
        feed.run()
        return feed

    yield build
    runtime.close()


def preview_of(message: MessageSnapshot) -> LinkPreview | None:
    """The preview that a message has now."""
    with database_connection():
        (found,) = messages.snapshots_by_id([message.id])
    return None if found.extras is None else found.extras.link_preview


def test_a_link_gets_a_preview(core: Database, actors: list[Actor], chat_id: int, feed_of: Build) -> None:
    with serving(sends(redirect("http://www.example.com/bicycle")), sends(page(PAGE))) as network:
        feed = feed_of(network)
        message = send_message(actors[0], chat_id, "look: http://example.com/b?x=1")
        plain = send_message(actors[1], chat_id, "no link")
        assert feed.run() == 2
    assert preview_of(message) == LinkPreview(
        "http://example.com/b?x=1", "Bicycle", "Red", "www.example.com", "http://www.example.com/red.png"
    )
    assert preview_of(plain) is None
    assert core.rows(FAILED) == [(0,)]


def test_disabled_it_fetches_nothing_and_holds_up_no_sweep(
    core: Database, actors: list[Actor], chat_id: int, environment: dict[str, str]
) -> None:
    with serving(sends(page(PAGE))) as network:
        feed = Feed(LinkPreviews(PublicHttp("test", resolve=network.resolve, connect=network.connect)))
        assert feed.run() == 0
        message = send_message(actors[0], chat_id, "http://example.com")
        assert feed.run() == 0
        assert core.rows(POSITION) == core.rows("SELECT max(id) FROM outbox")
        runtime.build(load({**environment, "DATABASE_URL": core.url, "LINK_PREVIEWS": "1"}))
        assert feed.run() == 0
    assert network.connected == []
    assert preview_of(message) is None


def test_a_link_of_many_messages_is_fetched_once(actors: list[Actor], chat_id: int, feed_of: Build) -> None:
    with serving(sends(page(PAGE))) as network:
        feed = feed_of(network)
        sent = [send_message(actors[number % 2], chat_id, "http://example.com") for number in range(5)]
        assert feed.run() == 5
        sent.append(send_message(actors[0], chat_id, "again: http://example.com"))
        feed.run()
        assert len(network.requests) == 1
    assert all(preview_of(message) for message in sent)


def test_edits_get_the_preview_of_their_link(actors: list[Actor], chat_id: int, feed_of: Build) -> None:
    with serving(sends(page(PAGE))) as network:
        feed = feed_of(network)
        message = send_message(actors[0], chat_id, "no link yet")
        edit_message(actors[0], message.id, "http://example.com/1")
        feed.run()
        assert preview_of(message) is not None
        edit_message(actors[0], message.id, "http://www.example.com/2")
        assert preview_of(message) is None
        feed.run()
    found = preview_of(message)
    assert found is not None
    assert found.url == "http://www.example.com/2"


HOPELESS = ["http://169.254.169.254/latest/", "http://127.0.0.1/", "http://[::1]/", "http://0x7f000001.example.com/",
            "http://example.com:8080/", "http://gone.example.com/", "http://example.com/slow"]  # fmt: skip


def test_what_cannot_be_fetched_has_no_preview_and_holds_up_nothing(
    core: Database, actors: list[Actor], chat_id: int, feed_of: Build
) -> None:
    with serving(sends_forever(b"", b"x", pause=0.1)) as network:
        feed = feed_of(network)
        network.names |= {"gone.example.com": [["10.0.0.1"]], "0x7f000001.example.com": [["127.0.0.1"]]}
        sent = [send_message(actors[0], chat_id, url) for url in HOPELESS]
        assert feed.run() == len(HOPELESS)
        assert [preview_of(message) for message in sent] == [None] * len(HOPELESS)
        assert len(network.connected) == 1
        assert core.rows(FAILED) == [(0,)]
        assert feed.run() == 0


def test_a_deleted_message_is_not_fetched(actors: list[Actor], chat_id: int, feed_of: Build) -> None:
    with serving(sends(page(PAGE))) as network:
        feed = feed_of(network)
        message = send_message(actors[0], chat_id, "http://example.com")
        delete_message(actors[0], message.id)
        feed.run()
    assert network.connected == []
    assert preview_of(message) is None


def test_what_has_waited_for_long_is_passed_over(
    core: Database, actors: list[Actor], chat_id: int, feed_of: Build
) -> None:
    with serving(sends(page(PAGE))) as network:
        feed = feed_of(network)
        old = send_message(actors[0], chat_id, "http://example.com")
        core.change("UPDATE outbox SET created_at = created_at - interval '1 h'")
        assert feed.run() == 0
        new = send_message(actors[0], chat_id, "http://example.com")
        assert feed.run() == 1
    assert (preview_of(old), preview_of(new) is not None) == (None, True)


def test_links_of_html_texts_are_fetched_without_their_escapes(
    core: Database, actors: list[Actor], chat_id: int, environment: dict[str, str]
) -> None:
    runtime.build(load({**environment, "DATABASE_URL": core.url, "LINK_PREVIEWS": "1", "SANITIZE_HTML": "1"}))
    with serving(sends(page(PAGE))) as network:
        feed = Feed(LinkPreviews(PublicHttp("test", resolve=network.resolve, connect=network.connect)))
        feed.run()
        message = send_message(actors[0], chat_id, "http://example.com/?a=1&b=2")
        feed.run()
        assert network.requests[0].startswith(b"GET /?a=1&b=2 HTTP/1.1")
    assert preview_of(message) is not None


IMAGES = {
    "red.png": "https://example.com/a/red.png",
    "//cdn.example.com/x": "https://cdn.example.com/x",
    "http://8.8.8.8/x": "http://8.8.8.8/x",
    "": None,
    "data:image/png;base64,xx": None,
    "javascript:alert(1)": None,
    "http://localhost/x": None,
    "http://router/x": None,
    "http://192.168.1.1/x": None,
    "http://[::1]/x": None,
    "http://[::1/x": None,
    "https://example.com/" + "x" * 3000: None,
}


@pytest.mark.parametrize("image", IMAGES)
def test_pictures_are_of_the_public_web(image: str) -> None:
    body = f'<title>x</title><meta property="og:image" content="{image}">'.encode()
    found = _preview("https://example.com/l", Fetched("https://example.com/a/b", "text/html", "utf-8", body))
    assert found is not None
    assert found.image_url == IMAGES[image]


def test_a_page_without_a_title_has_no_preview() -> None:
    assert _preview("https://example.com", Fetched("https://example.com", "text/html", None, b"<p>text")) is None


def test_the_worker_runs_it() -> None:
    assert [consumer for consumer in CONSUMERS if isinstance(consumer, LinkPreviews)]
