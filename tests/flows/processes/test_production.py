"""What differs in production: the default address and proxies, and that there is no demo."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from peewee import PostgresqlDatabase

from config import ConfigError, load
from tests.commands import Command
from tests.servers import SECRET_KEY, ChatServer

SERVICES = {"DATABASE_URL": "postgresql://h/d", "REDIS_URL": "redis://h", "S3_ENDPOINT": "http://h"}
PRODUCTION = {**SERVICES, "APP_ENV": "production", "SECRET_KEY": SECRET_KEY}


def test_development_listens_to_this_machine_and_trusts_no_proxy() -> None:
    settings = load(SERVICES)
    assert (settings.bind_address, settings.proxy_hops) == ("127.0.0.1", 0)


def test_production_listens_everywhere_behind_one_proxy() -> None:
    settings = load(PRODUCTION)
    assert (settings.bind_address, settings.proxy_hops) == ("0.0.0.0", 1)
    settings = load({**PRODUCTION, "BIND_ADDRESS": "::1", "PROXY_HOPS": "0"})
    assert (settings.bind_address, settings.proxy_hops) == ("::1", 0)


@pytest.mark.parametrize("address", ["localhost", "0.0.0.0:80", "*", "300.1.1.1"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="BIND_ADDRESS must be an IP address"):
        load({**SERVICES, "BIND_ADDRESS": address})


def test_the_web_process_listens_where_it_is_told(start_server: Callable[..., ChatServer]) -> None:
    closed, opened = start_server(), start_server(BIND_ADDRESS="0.0.0.0")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", closed.port))
    socket.create_connection(("127.0.0.2", opened.port)).close()


def test_a_made_up_address_moves_no_limit_without_a_proxy(start_server: Callable[..., ChatServer]) -> None:
    server = start_server(LIMIT_AUTH="10/5 minutes")

    def tries(number: int) -> int:
        body = {"login": f"unknown-{number}", "password": "wrong password"}
        headers = {"X-Forwarded-For": f"203.0.113.{number}"}
        return server.post("/api/v1/auth/login", json=body, headers=headers).status

    statuses = [tries(number) for number in range(12)]
    assert statuses == [401] * 10 + [429] * 2


def test_there_is_no_demo_in_production(ops_process: Command, db: PostgresqlDatabase) -> None:
    outcome = ops_process("demo", APP_ENV="production")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == (
        "chatapp: Demo data is refused with APP_ENV=production: the password of the demo users is public.\n"
    )
    assert db.execute_sql("SELECT count(*) FROM users").fetchone() == (0,)
