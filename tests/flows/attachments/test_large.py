"""Files above the default limit, and requests whose files cannot be inspected in time."""

from __future__ import annotations

from collections.abc import Callable

import psutil
import pytest
import requests

from tests.files.making_documents import pdf_of_size
from tests.flows.attachments.words import PNG, fetches, fetches_path, named, posts_form, social_file
from tests.people import CHAT, SOCIAL, Person, PersonMaker
from tests.servers import ChatServer, await_true

LARGE = 24 << 20  # bytes; well above the default of 10 MB
TIMEOUT = 600.0  # seconds: decoders are last in line for the processor, and get little of a busy one


@pytest.fixture(scope="module")
def large_files(start_server: Callable[..., ChatServer]) -> ChatServer:
    """A server that takes the largest files there are."""
    return start_server(MAX_FILE_MB="100", FILE_TIMEOUT=f"{TIMEOUT}s", BODY_TIMEOUT=f"{TIMEOUT}s")


@pytest.fixture
def anna(large_files: ChatServer) -> Person:
    return PersonMaker(large_files)("anna")


@pytest.fixture(scope="module")
def document() -> bytes:
    content = pdf_of_size(LARGE)
    assert len(content) > LARGE
    return content


def test_a_large_file_passes_in_either_dialect(anna: Person, document: bytes) -> None:
    sent = posts_form(anna, f"{CHAT}/attachments", named("plan.pdf", document))
    assert sent.status == 200, sent.text
    assert fetches(anna, sent.data[0]).content == document
    sent = posts_form(anna, f"{SOCIAL}/files", named("plan.pdf", document))
    assert sent.status == 201, sent.text
    assert fetches_path(anna, social_file(sent.data[0]["id"])).content == document


def test_a_large_file_passes_by_a_link(anna: Person, document: bytes) -> None:
    planned = {"files": [{"file_name": "plan.pdf", "file_size": len(document)}]}
    (link,) = anna.posts("/attachments/uploads", planned).data
    assert requests.put(link["upload_url"], data=document, timeout=TIMEOUT).status_code == 200
    done = anna.posts(f"/attachments/uploads/{link['id']}/complete", {})
    assert done.status == 200, done.text
    assert fetches(anna, done.data).content == document


def test_more_than_the_limit_is_refused(anna: Person) -> None:
    planned = {"files": [{"file_name": "plan.pdf", "file_size": (100 << 20) + 1}]}
    assert anna.posts("/attachments/uploads", planned).status == 413


def test_what_is_not_inspected_in_time_may_come_again(start_server: Callable[..., ChatServer]) -> None:
    """A child that gets no processor says nothing about the file: 503 and when to try again, not 422."""
    server = start_server(FILE_TIMEOUT="1s", FILE_PROCESSES="1")
    anna = PersonMaker(server)("anna")

    def is_taken() -> bool:
        return posts_form(anna, f"{CHAT}/attachments", named("cat.png", PNG)).status == 200

    await_true(is_taken, within=TIMEOUT)  # on a busy machine the child may not start within a second
    (worker,) = psutil.Process(server.process.pid).children()
    for child in worker.children():
        child.suspend()
    refused = posts_form(anna, f"{CHAT}/attachments", named("cat.png", PNG))
    assert (refused.status, refused.error) == (503, "marketplace.filesUnavailable")
    assert int(refused.headers["Retry-After"]) >= 1
    await_true(is_taken, within=TIMEOUT)
