"""SANITIZE_HTML: what people write is reduced to a few tags, escaped once, and limited as they wrote it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from chatapp.ids.public import encode_chat, encode_message
from tests.people import Person, PersonMaker
from tests.servers import ChatServer

LIMIT = 100
STORED = {
    "Tom & Jerry": "Tom &amp; Jerry",
    "Tom &amp; Jerry": "Tom &amp; Jerry",
    "1 < 2 > 1": "1 &lt; 2 &gt; 1",
    "&lt;b&gt; is a tag": "&lt;b&gt; is a tag",
    '"Q&A"': '"Q&amp;A"',
    "<b>b</b> <i>i</i> <em>em</em> <strong>strong</strong>": "<b>b</b> <i>i</i> <em>em</em> <strong>strong</strong>",
    '<a href="https://example.com/?a=1&amp;b=2">go</a>': '<a href="https://example.com/?a=1&amp;b=2">go</a>',
    '<a href="https://example.com/" target="_blank" title="t" lang="en" onclick="x()">go</a>': (
        '<a href="https://example.com/">go</a>'
    ),
    '<a href="javascript:alert(1)">go</a>': "<a>go</a>",
    "<p>one</p><script>alert(1)</script><b title='t'>two</b>": "one<b>two</b>",
    "<b>open": "<b>open</b>",
}


@pytest.fixture(scope="module")
def html_server(start_server: Callable[..., ChatServer]) -> ChatServer:
    return start_server(SANITIZE_HTML="1", MAX_CONTENT_LENGTH=str(LIMIT))


@pytest.fixture
def people(html_server: ChatServer) -> Iterator[tuple[Person, Person]]:
    maker = PersonMaker(html_server)
    yield maker("alice"), maker("bob")
    maker.close_sockets()


def test_what_is_kept_reads_the_same_everywhere(people: tuple[Person, Person]) -> None:
    alice, bob = people
    for written, stored in STORED.items():
        sent = alice.sends(written, to=bob)
        assert sent["content"] == stored
        conversation = encode_chat(sent["chat_id"])
        assert alice.social.sends(written, to=conversation)["content"] == stored
        socket = alice.connects()
        socket.sends({"receiver_id": bob.id, "content": written})
        assert socket.receives("message_ack")["message"]["content"] == stored
        assert [message["content"] for message in bob.history(sent["chat_id"], limit=3)] == [stored] * 3
        assert bob.chat(sent["chat_id"])["last_message"]["content"] == stored


def test_what_is_sent_or_edited_again_is_not_escaped_again(people: tuple[Person, Person]) -> None:
    alice, bob = people
    for number, (written, stored) in enumerate(STORED.items()):
        key = f"text-{number}"
        sent = alice.sends(written, to=bob, client_message_id=key)
        assert alice.sends(stored, to=bob, client_message_id=key)["id"] == sent["id"]
        edited = alice.edits(sent, stored)
        assert (edited["content"], edited["is_edited"]) == (stored, False)  # nothing has changed
        over_social = alice.social.patches(f"/messages/{encode_message(sent['id'])}", {"content": stored}).data
        assert (over_social["content"], over_social["isEdited"]) == (stored, False)


def test_length_is_what_people_wrote(people: tuple[Person, Person]) -> None:
    alice, bob = people
    longest = alice.sends("&" * LIMIT, to=bob)
    assert longest["content"] == "&amp;" * LIMIT
    assert alice.edits(longest, longest["content"][5:] + "&lt;")["is_edited"]
    for body in ("&" * (LIMIT + 1), "&amp;" * (LIMIT + 1), "x" * (LIMIT - 6) + "<b>x</b>"):
        assert alice.posts("/messages", {"receiver_id": bob.id, "content": body}).error == "marketplace.contentTooLong"


@pytest.mark.parametrize("nothing", ["<b></b>", "<script>x</script>", "<i> &nbsp;</i>", "<p>"])
def test_tags_without_a_text_are_no_message(people: tuple[Person, Person], nothing: str) -> None:
    alice, bob = people
    refused = alice.posts("/messages", {"receiver_id": bob.id, "content": nothing})
    assert (refused.status, refused.error) == (422, "marketplace.contentRequired")
