"""Default limits of log-in and sign-up, for callers at different addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from config import Settings
from tests.people import Person, PersonMaker
from tests.servers import ChatServer, Reply

AUTH = "/api/v1/auth"
TRIES = 10  # the default of LIMIT_AUTH, which the settings below are checked against
ADDRESSES = 10  # number of addresses that exhausts the failed attempts of an account
_networks = count(1)


@pytest.fixture(scope="module")
def strict(start_server: Callable[..., ChatServer]) -> ChatServer:
    """A server with the default limits, behind one proxy."""
    defaults = {field: Settings.__dataclass_fields__[field].default for field in ("limit_auth", "limit_taken")}
    assert (defaults["limit_auth"].amount, defaults["limit_auth"].multiples) == (TRIES, 5)
    return start_server(LIMIT_AUTH="10/5 minutes", LIMIT_TAKEN="5/hour", PROXY_HOPS="1")


@pytest.fixture
def addresses() -> Iterator[str]:
    """Unique addresses."""
    network = next(_networks)
    return (f"198.18.{network}.{host}" for host in count(1))


@pytest.fixture
def victim(make_person: PersonMaker) -> Person:
    """A user who signed up from 127.0.0.1, which is not used again."""
    return make_person("victim")


def log_in(server: ChatServer, login: str, password: str, address: str) -> Reply:
    body = {"login": login, "password": password}
    return server.post(f"{AUTH}/login", json=body, headers={"X-Forwarded-For": address})


def sign_up(server: ChatServer, username: str, email: str, address: str) -> Reply:
    body = {"username": username, "email": email, "password": "long enough"}
    return server.post(f"{AUTH}/signup", json=body, headers={"X-Forwarded-For": address})


def refresh(server: ChatServer, token: str, address: str) -> Reply:
    return server.post(f"{AUTH}/refresh", json={"refresh_token": token}, headers={"X-Forwarded-For": address})


def test_one_address_cannot_lock_out_others(strict: ChatServer, victim: Person, addresses: Iterator[str]) -> None:
    attacker, home = next(addresses), next(addresses)
    statuses = [log_in(strict, victim.username, "wrong password", attacker).status for _ in range(TRIES + 2)]
    assert statuses == [401] * TRIES + [429] * 2
    assert log_in(strict, victim.username, victim.password, home).status == 200


def exhaust_account(server: ChatServer, victim: Person, addresses: Iterator[str]) -> list[int]:
    """Exhaust the failed attempts of an account, from several addresses, with username and email."""
    names = (victim.username, f"{victim.username}@example.com")
    return [
        log_in(server, names[number % 2], "wrong password", address).status
        for address in (next(addresses) for _ in range(ADDRESSES))
        for number in range(TRIES)
    ]


def test_many_addresses_neither_guess_faster_nor_lock_out_the_owner(
    strict: ChatServer, victim: Person, addresses: Iterator[str]
) -> None:
    home, office, elsewhere = next(addresses), next(addresses), next(addresses)
    assert log_in(strict, victim.username, victim.password, home).status == 200
    assert refresh(strict, victim.refresh_token, office).status == 200
    assert exhaust_account(strict, victim, addresses) == [401] * (ADDRESSES * TRIES)
    refused = log_in(strict, victim.username, "wrong password", elsewhere)
    assert (refused.status, refused.error) == (429, "auth.rateLimitExceeded")
    assert 1 <= int(refused.headers["Retry-After"]) <= 300
    assert log_in(strict, victim.username, victim.password, next(addresses)).status == 429, "no right guess, either"
    assert log_in(strict, victim.username, victim.password, home).status == 200
    assert log_in(strict, victim.username, victim.password, office).status == 200
    statuses = [log_in(strict, victim.username, "wrong password", home).status for _ in range(TRIES)]
    assert statuses == [401] * (TRIES - 2) + [429] * 2, "failed attempts from home are limited, too"


def test_unknown_accounts_have_the_same_limit(strict: ChatServer, addresses: Iterator[str]) -> None:
    for _ in range(ADDRESSES):
        address = next(addresses)
        assert {log_in(strict, "unknown-user", "wrong", address).status for _ in range(TRIES)} == {401}
    assert log_in(strict, "unknown-user", "wrong", next(addresses)).status == 429


def test_successful_log_ins_do_not_count(strict: ChatServer, victim: Person, addresses: Iterator[str]) -> None:
    for _ in range(ADDRESSES):
        address = next(addresses)
        assert {log_in(strict, victim.username, victim.password, address).status for _ in range(TRIES)} == {200}
    assert log_in(strict, victim.username, victim.password, next(addresses)).status == 200
    assert log_in(strict, victim.username, "wrong password", next(addresses)).status == 401


def test_sign_up_with_a_taken_name_locks_out_nobody(
    strict: ChatServer, victim: Person, addresses: Iterator[str]
) -> None:
    for _ in range(ADDRESSES + 1):
        address = next(addresses)
        replies = [sign_up(strict, victim.username, f"x{n}@example.com", address) for n in range(TRIES)]
        assert {reply.error for reply in replies} == {"auth.usernameTaken"}
    assert log_in(strict, victim.username, victim.password, next(addresses)).status == 200


def test_strangers_cannot_exhaust_the_refreshes_of_a_session(
    strict: ChatServer, victim: Person, addresses: Iterator[str]
) -> None:
    log_in_id = victim.refresh_token.partition(".")[0]
    for _ in range(2):
        address = next(addresses)
        assert {refresh(strict, f"{log_in_id}.made-up", address).status for _ in range(TRIES)} == {401}
    token = victim.refresh_token
    for _ in range(TRIES):
        token = refresh(strict, token, next(addresses)).data["refresh_token"]
    assert refresh(strict, token, next(addresses)).status == 429, "who holds the token is limited by log-in"


def test_account_enumeration_is_limited(strict: ChatServer, make_person: PersonMaker, addresses: Iterator[str]) -> None:
    emails = [f"{make_person('listed').username}@example.com" for _ in range(6)]
    curious, honest = next(addresses), next(addresses)
    names = (f"probe-{emails[0][7:15]}-{number}" for number in count())
    replies = [sign_up(strict, next(names), email, curious) for email in emails]
    assert [reply.status for reply in replies] == [409] * 5 + [429]
    assert {reply.error for reply in replies[:5]} == {"auth.emailTaken"}
    for _ in range(6):  # successes and other errors do not count
        name = next(names)
        assert sign_up(strict, name, f"{name}@example.com", honest).status == 201
    assert sign_up(strict, next(names), emails[0], honest).error == "auth.emailTaken"
