"""Files that go to the object store directly, and are checked when they are there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.flows.attachments.conftest import Message
from tests.flows.attachments.words import PDF, PNG, fetches, named, posts_form
from tests.people import CHAT, Person, PersonMaker
from tests.servers import ChatServer, Reply

pytestmark = pytest.mark.usefixtures("clean_log")


def prepares(person: Person, *names: str, size: int = len(PNG), **fields: Any) -> list[dict[str, Any]]:
    """Ask for links."""
    files = [{"file_name": name, "file_size": size, **fields} for name in names]
    reply = person.posts("/attachments/uploads", {"files": files})
    assert reply.status == 200, reply.text
    links: list[dict[str, Any]] = reply.data
    return links


def puts(link: dict[str, Any], content: bytes) -> None:
    """Send the bytes, without any of our tokens."""
    answer = requests.put(link["upload_url"], data=content, timeout=30)
    assert answer.status_code == 200, answer.text


def completes(person: Person, link: dict[str, Any], **body: Any) -> Reply:
    """Have it checked."""
    return person.posts(f"/attachments/uploads/{link['id']}/complete", body)


def test_it_is_checked_and_can_be_sent(alice: Person, bob: Person) -> None:
    (link,) = prepares(alice, "../cat.png")
    assert link["file_name"] == "cat.png"
    puts(link, PNG)
    file = completes(alice, link).data
    assert (file["id"], file["file_type"], file["file_name"]) == (link["id"], "image", "cat.png")
    sent = alice.sends("", to=bob, attachment_ids=[file["id"]])
    assert fetches(bob, sent["attachments"][0]).status_code == 200


def test_it_can_be_added_to_a_message(alice: Person, bob: Person, message: Message) -> None:
    ear = bob.connects()
    (link,) = prepares(alice, "contract.pdf", size=len(PDF))
    puts(link, PDF)
    added = completes(alice, link, message_id=message["id"]).data
    assert ear.receives("attachments_updated")["attachments"] == [added]
    assert ear.receives("new_message")["payload"]["attachments"] == [added]
    assert completes(alice, link, message_id=message["id"]).data == added
    assert len(bob.history(message["chat_id"])[0]["attachments"]) == 1


def test_completing_twice_is_completing_once(alice: Person) -> None:
    (link,) = prepares(alice, "cat.png")
    puts(link, PNG)
    with ThreadPoolExecutor(4) as several:
        answers = list(several.map(lambda _: completes(alice, link), range(4)))
    assert {answer.status for answer in answers} == {200}
    assert all(answer.data == answers[0].data for answer in answers)
    puts(link, PNG[:-1] + b"?")  # the link still lives; what was checked stays
    assert completes(alice, link).data == answers[0].data
    assert fetches(alice, answers[0].data).headers["Content-Type"] == "image/png"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"<svg/>", 415, "fileTypeNotAllowed"),
        (PNG[:60], 422, "fileDamaged"),
    ],
)
def test_what_it_must_not_be_is_refused_and_forgotten(content: bytes, status: int, code: str, alice: Person) -> None:
    (link,) = prepares(alice, "cat.png", size=len(content))
    puts(link, content)
    refused = completes(alice, link)
    assert (refused.status, refused.error) == (status, f"marketplace.{code}"), refused.text
    assert completes(alice, link).status == 404


@pytest.mark.parametrize("content", [b"", PNG[:-1], PNG + b"1", bytes(300_000)], ids=["none", "less", "more", "much"])
def test_the_store_takes_exactly_what_was_announced(content: bytes, alice: Person) -> None:
    (link,) = prepares(alice, "cat.png")
    assert requests.put(link["upload_url"], data=content, timeout=30).status_code == 403
    assert requests.put(link["upload_url"], data=iter([content]), timeout=30).status_code in (403, 411)  # no length
    assert completes(alice, link).error == "marketplace.uploadMissing"
    puts(link, PNG)
    assert completes(alice, link).status == 200


def test_what_a_browser_adds_does_not_matter(alice: Person) -> None:
    (link,) = prepares(alice, "cat.png")
    headers = {"Content-Type": "image/png", "Origin": "https://shop.example", "User-Agent": "Mozilla/5.0"}
    assert requests.put(link["upload_url"], data=PNG, headers=headers, timeout=30).status_code == 200
    assert completes(alice, link).status == 200


def test_announced_bytes_count_until_they_are_sent(start_server: Callable[..., ChatServer]) -> None:
    """Ten megabytes may wait: then nothing more can be announced or uploaded before something was sent."""
    server = start_server(MAX_UNSENT_MB="10")
    alice, bob = PersonMaker(server)("alice"), PersonMaker(server)("bob")
    (large, small) = (10 << 20) - len(PNG), len(PNG)
    body = {"files": [{"file_name": "a.png", "file_size": large}, {"file_name": "b.png", "file_size": small}]}
    links = alice.posts("/attachments/uploads", body).data
    one_more = {"files": [{"file_name": "c.png", "file_size": 1}]}
    for refused in (
        alice.posts("/attachments/uploads", one_more),
        posts_form(alice, f"{CHAT}/attachments", named("c")),
    ):
        assert (refused.status, refused.error) == (409, "marketplace.tooManyUnsentFiles")
    puts(links[1], PNG)
    file = completes(alice, links[1]).data
    alice.sends("", to=bob, attachment_ids=[file["id"]])
    assert alice.posts("/attachments/uploads", one_more).status == 200


def test_nothing_was_sent(alice: Person) -> None:
    (link,) = prepares(alice, "cat.png")
    refused = completes(alice, link)
    assert (refused.status, refused.error) == (422, "marketplace.uploadMissing")
    puts(link, PNG)
    assert completes(alice, link).status == 200


def test_somebody_elses_upload_is_not_there(alice: Person, bob: Person) -> None:
    (link,) = prepares(alice, "cat.png")
    puts(link, PNG)
    assert completes(bob, link).status == completes(bob, {"id": 987654321}).status == 404
    file = completes(alice, link).data
    refused = bob.posts("/messages", {"receiver_id": alice.id, "attachment_ids": [file["id"]]})
    assert (refused.status, refused.error) == (422, "marketplace.attachmentNotFound")


def test_nobody_gets_it_before_it_is_checked(alice: Person, bob: Person) -> None:
    (link,) = prepares(alice, "cat.png")
    puts(link, PNG)
    assert fetches(alice, link).status_code == 404
    refused = alice.posts("/messages", {"receiver_id": bob.id, "attachment_ids": [link["id"]]})
    assert refused.status == 422


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"files": []}, 422),
        ({"files": [{"file_name": "a.png", "file_size": 5}] * 11}, 422),
        ({"files": [{"file_name": "a.png", "file_size": (10 << 20) + 1}]}, 413),
        ({"files": [{"file_name": "a.png", "file_size": 0}]}, 422),
        ({"files": [{"file_name": "a.png", "file_size": -1}]}, 422),
        ({"files": [{"file_name": "a.png", "file_size": "5"}]}, 422),
        ({"files": [{"file_name": "a.png", "file_size": True}]}, 422),
        ({"files": [{"file_name": "a\0.png", "file_size": 5}]}, 422),
        ({"files": [{"file_name": "a" * 1001, "file_size": 5}]}, 422),
        ({"files": [{"file_size": 5}]}, 422),
        ({"files": [{"file_name": "a.png", "file_size": 5, "key": "../../x"}]}, 422),
        ({"files": "a.png"}, 422),
    ],
)
def test_a_bad_announcement_is_refused(body: Any, status: int, alice: Person) -> None:
    assert alice.posts("/attachments/uploads", body).status == status
