"""A ticket lets one socket in, once, soon, whatever Redis does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chatapp.auth import tickets
from chatapp.auth.actor import Actor
from chatapp.errors import Unauthorised
from chatapp.infra.redis_client import redis
from config import Settings
from deploy.embedded import RedisServer

ACTOR = Actor(7, "c7a995d9-7357-4ec1-9cd3-5f94a682394c", "dora", True, "6bd6f86e-3335-449b-8fbe-18f2e44a3ab2")


def uses(ticket: str, parallel: int = 100, at_half: Callable[[], object] = lambda: None) -> int:
    """How many of so many parallel uses are accepted."""
    gate, half = threading.Barrier(parallel), parallel // 2

    def use(number: int) -> bool:
        gate.wait()
        if number == half:
            at_half()
        try:
            return tickets.redeem(ticket) == ACTOR
        except Unauthorised as error:
            assert error.code == "ticket_used"
            return False

    with ThreadPoolExecutor(parallel) as pool:
        return sum(pool.map(use, range(parallel)))


def test_one_of_a_hundred_uses_is_accepted(configure: Callable[..., Settings]) -> None:
    configure(DATABASE_WAIT="20s")
    assert [uses(tickets.issue(ACTOR)) for _ in range(5)] == [1] * 5


def test_single_use_holds_without_redis(configure: Callable[..., Settings]) -> None:
    configure(REDIS_URL="redis://127.0.0.1:1", DATABASE_WAIT="20s")
    assert uses(tickets.issue(ACTOR)) == 1


def test_single_use_holds_at_the_moment_redis_goes(configure: Callable[..., Settings], tmp_path: Path) -> None:
    for number in range(3):
        with RedisServer(tmp_path / str(number)) as redis:
            configure(REDIS_URL=redis.url, DATABASE_WAIT="20s")
            assert uses(tickets.issue(ACTOR), at_half=redis.stop) == 1


def test_single_use_holds_when_redis_forgot(configure: Callable[..., Settings]) -> None:
    configure()
    ticket = tickets.issue(ACTOR)
    tickets.redeem(ticket)
    redis().flushall()
    with pytest.raises(Unauthorised, match="ticket_used"):
        tickets.redeem(ticket)


def test_an_old_ticket_is_refused(configure: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    configure()
    monkeypatch.setattr(tickets, "TICKET_SECONDS", -3)
    with pytest.raises(Unauthorised, match="ticket_expired"):
        tickets.redeem(tickets.issue(ACTOR))


@pytest.mark.parametrize(
    "forge",
    [
        lambda t: "",
        lambda t: t[:-1],
        lambda t: "x" + t,
        lambda t: t + "." + t,
        lambda t: "é",
        lambda t: "x" * 5000,
        lambda t: t.replace(".", "", 1),
    ],
)
def test_a_forged_ticket_is_refused(configure: Callable[..., Settings], forge: Callable[[str], str]) -> None:
    configure()
    with pytest.raises(Unauthorised, match="ticket_invalid"):
        tickets.redeem(forge(tickets.issue(ACTOR)))


def test_a_ticket_of_another_secret_is_refused(configure: Callable[..., Settings]) -> None:
    configure(SECRET_KEY="another-secret-key-0123456789-0123456789")
    ticket = tickets.issue(ACTOR)
    configure()
    with pytest.raises(Unauthorised, match="ticket_invalid"):
        tickets.redeem(ticket)
