"""schemathesis finds no failure: generated requests and their responses match /openapi.json.

All checks are on; `schemathesis.toml` lists where no schema can express what is refused. docs/testing.md has the long
form, with different values each time.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.embedded import RedisServer
from tests.browser_client import Browser
from tests.flows.attachments.words import PNG, named
from tests.host import Host
from tests.people import CHAT, Person, PersonMaker
from tests.servers import ROOT, SERVICE_TOKEN, ChatServer, database_copy

EXAMPLES = "10"  # per route and phase; about 40 requests per route in total
SERVICES = "^/api/v1/internal/"
BROWSERS = "^/api/v2/(csrf|ws-|admin/|auth/(me|refresh))"  # other routes there are mounts, or end the log-in


@pytest.fixture(scope="module")
def described(
    postgres_url: str,
    without_coverage: None,
    start_server: Callable[..., ChatServer],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ChatServer]:
    """A separate server, since calling all service routes erases users."""
    with database_copy(postgres_url) as database_url, RedisServer(tmp_path_factory.mktemp("redis")) as redis:
        server = start_server(DATABASE_URL=database_url, REDIS_URL=redis.url, ACCESS_TOKEN_TTL="1h")
        yield server
        server.stop()


@pytest.fixture(scope="module")
def alice(described: ChatServer) -> Person:
    """A user who has one of everything, so that ids in responses lead to existing resources."""
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


def test_routes_for_users(described: ChatServer, alice: Person) -> None:
    _run(described, alice.token, "--exclude-path-regex", f"{SERVICES}|^/api/v2/")


def test_routes_for_services(described: ChatServer, alice: Person) -> None:
    _run(described, SERVICE_TOKEN, "--include-path-regex", SERVICES)


def test_routes_for_browsers(described: ChatServer, alice: Person) -> None:
    assert described.put(f"/api/v1/internal/users/{alice.id}/moderator", token=SERVICE_TOKEN).status == 200
    browser = Browser(described)
    browser.logs_in(alice.username, alice.password)
    headers = [f"Cookie: {browser.cookie_header('/api/v2/auth')}", f"X-CSRF-Token: {browser.csrf_token}"]
    options = [part for one in headers for part in ("--header", one)]
    # It removes the cookie from what it generates, and the header adds it again; test_log_in.py has what lacks it.
    _run(described, "", "--include-path-regex", BROWSERS, "--exclude-checks", "negative_data_rejection", *options)


def _run(server: ChatServer, token: str, *options: str) -> None:
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{server.url}/openapi.json",
        "--header", f"Authorization: Bearer {token}", "--max-examples", EXAMPLES, "--generation-deterministic",
        "--continue-on-failure", "--no-color", *options,
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
