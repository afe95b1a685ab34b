"""schemathesis finds nothing: requests that are made from /openapi.json, and their answers, are as it says.

All of its checks are on; `schemathesis.toml` says where no schema can tell what is refused. The long form, with other
values each time, is in docs/testing.md.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.embedded import RedisServer
from tests.flows.attachments.words import PNG, named
from tests.host import Host
from tests.people import CHAT, Person, PersonMaker
from tests.servers import ROOT, SERVICE_TOKEN, ChatServer, database_copy

EXAMPLES = "10"  # of each route in each way of making them; some 40 requests a route in all
SERVICES = "^/api/v1/internal/"


@pytest.fixture(scope="module")
def described(
    postgres_url: str, start_server: Callable[..., ChatServer], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ChatServer]:
    """A server of its own: whoever tries all service routes erases people."""
    with database_copy(postgres_url) as database_url, RedisServer(tmp_path_factory.mktemp("redis")) as redis:
        server = start_server(DATABASE_URL=database_url, REDIS_URL=redis.url, ACCESS_TOKEN_TTL="1h")
        yield server
        server.stop()


@pytest.fixture(scope="module")
def alice(described: ChatServer) -> Person:
    """Somebody who has one of everything, so that ids in answers lead on to what is there."""
    sign_up, host = PersonMaker(described), Host(described)
    alice = sign_up("alice")
    for number in range(4):
        other = sign_up("other")
        item = host.lists(f"Item {number}", seller=alice if number % 2 else other)
        chat_id = other.sends("Hello", to=alice)["chat_id"]
        alice.sends("See https://example.com", chat_id=chat_id)
        alice.sends("About it", to=other, listing_id=item)
        form = {"token": alice.token, "files": [named(f"{number}.png", PNG)]}
        file = described.post(f"{CHAT}/attachments", **form).data[0]["id"]
        alice.sends("", chat_id=chat_id, attachment_ids=[file])
        assert described.post(f"{CHAT}/attachments", **form).status == 200
    alice.blocks(other)
    return alice


def test_a_person_finds_every_route_as_documented(described: ChatServer, alice: Person) -> None:
    _run(described, alice.token, "--exclude-path-regex", SERVICES)


def test_a_service_finds_every_route_as_documented(described: ChatServer, alice: Person) -> None:
    _run(described, SERVICE_TOKEN, "--include-path-regex", SERVICES)


def _run(server: ChatServer, token: str, *options: str) -> None:
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{server.url}/openapi.json",
        "--header", f"Authorization: Bearer {token}", "--max-examples", EXAMPLES, "--generation-deterministic",
        "--continue-on-failure", "--no-color", *options,
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
