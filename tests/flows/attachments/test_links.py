"""Links to files: valid for an hour without authentication, for one file only, and tamper-proof."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.database import Database
from tests.flows.attachments.conftest import Bucket, Message, objects_of
from tests.flows.attachments.words import PDF, PNG, adds, named
from tests.people import Person, PersonMaker
from tests.servers import ChatServer

pytestmark = pytest.mark.usefixtures("clean_log")


def test_a_link_opens_its_file(alice: Person, message: Message, bucket: Bucket, database: Database) -> None:
    picture, document = adds(alice, message, named("кот.png", PNG), named("contract.pdf", PDF))
    shown = requests.get(picture["public_url"], timeout=30)
    assert shown.status_code == 200
    assert shown.content == bucket.bytes_of(objects_of(database, picture["id"])[0])
    assert shown.headers["Content-Type"] == "image/png"
    assert shown.headers["Content-Disposition"].startswith("inline; ")
    assert requests.get(picture["thumbnail_url"], timeout=30).headers["Content-Type"] == "image/webp"
    saved = requests.get(document["public_url"], timeout=30)
    assert saved.content == PDF
    assert saved.headers["Content-Disposition"] == 'attachment; filename="contract.pdf"'
    assert parse_qs(urlsplit(picture["public_url"]).query)["X-Amz-Expires"] == ["3600"]


def test_a_link_comes_twice_the_same_so_that_browsers_keep_the_picture(
    alice: Person, bob: Person, message: Message
) -> None:
    (picture,) = adds(alice, message)
    assert bob.history(message["chat_id"])[0]["attachments"][0]["public_url"] == picture["public_url"]


def test_a_link_that_was_changed_opens_nothing(
    alice: Person, message: Message, bucket: Bucket, database: Database
) -> None:
    first, second = adds(alice, message, named("a.png"), named("b.png"))
    link, other = first["public_url"], second["public_url"]
    name, other_name = (objects_of(database, file["id"])[0] for file in (first, second))
    changed = {
        "another file": link.replace(name, other_name),
        "a longer life": link.replace("X-Amz-Expires=3600", "X-Amz-Expires=86400"),
        "another type": link.replace("response-content-type=image", "response-content-type=text"),
        "another signature": link.replace(link[-8:], "00000000"),
        "of the other": link[: link.index("X-Amz-Signature=")] + other[other.index("X-Amz-Signature=") :],
        "no signature": link.partition("?")[0],
        "all of the bucket": link.partition(bucket.name)[0] + bucket.name,
    }
    for what, url in changed.items():
        assert url != link, what
        assert requests.get(url, timeout=30).status_code in (400, 403), what
    assert requests.put(link, data=b"mine now", timeout=30).status_code == 403
    assert requests.delete(link, timeout=30).status_code == 403
    assert requests.get(link, timeout=30).status_code == 200


def test_a_link_ends(start_server: Callable[..., ChatServer], make_person: PersonMaker) -> None:
    brief = start_server(FILE_URL_TTL="3s")
    alice, bob = make_person("alice", server=brief), make_person("bob", server=brief)
    (picture,) = adds(alice, alice.sends("look", to=bob))
    signed_until = time.time() + 3
    assert requests.get(picture["public_url"], timeout=30).status_code == 200
    while requests.get(picture["public_url"], timeout=30).status_code == 200:
        assert time.time() < signed_until + 3, "it does not end"
    assert requests.get(picture["public_url"], timeout=30).status_code in (400, 403)
    (again,) = bob.history(alice.chats()[0]["id"])
    assert requests.get(again["attachments"][0]["public_url"], timeout=30).status_code == 200


def test_links_name_the_public_endpoint(start_server: Callable[..., ChatServer], make_person: PersonMaker) -> None:
    behind = start_server(S3_PUBLIC_ENDPOINT="https://files.shop.example")
    alice, bob = make_person("alice", server=behind), make_person("bob", server=behind)
    (picture,) = adds(alice, alice.sends("look", to=bob))
    assert picture["public_url"].startswith("https://files.shop.example/")
    assert picture["thumbnail_url"].startswith("https://files.shop.example/")


def test_names_in_the_bucket_tell_nothing(alice: Person, message: Message, database: Database) -> None:
    (picture,) = adds(alice, message, named("my secret plan.png"))
    for name in objects_of(database, picture["id"]):
        assert "secret" not in name and "png" not in name
        assert len(name.rpartition("/")[2]) >= 32
