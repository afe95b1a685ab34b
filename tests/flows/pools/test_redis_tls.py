"""A Redis behind TLS is trusted only where its certificate is, and a process that cannot trust it says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis as redis_py
from redis.exceptions import ConnectionError as RedisConnectionError

from chatapp.infra.redis_client import redis_pool
from config import load
from deploy.embedded import RedisServer
from tests.commands import Command
from tests.flows.pools.tls import HOST, Authority, Certificate, TlsInFront
from tests.ops.conftest import ops_environment as ops_environment
from tests.ops.conftest import ops_process as ops_process
from tests.servers import ChatServer

Guarded = Callable[[Certificate], str]


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Trusted where REDIS_TLS_CA says so."""
    return Authority()


@pytest.fixture
def guarded(redis_server: RedisServer, tmp_path: Path) -> Iterator[Guarded]:
    """Puts TLS with a certificate before Redis; gives the URL."""
    with ExitStack() as stack:

        def guard(certificate: Certificate) -> str:
            proxy = stack.enter_context(TlsInFront(redis_server.port, certificate, tmp_path / "tls"))
            return redis_server.url.replace("redis://", "rediss://").replace(
                f":{redis_server.port}/", f":{proxy.port}/"
            )

        yield guard


def answers(environment: dict[str, str], url: str, **variables: str) -> bool:
    """Whether the application's own pool gets an answer; raises why not."""
    settings = load({**environment, "REDIS_URL": url, **variables})
    pool = redis_pool(settings, connections=1, seconds=10.0, retries=0)
    try:
        return bool(redis_py.Redis(connection_pool=pool).ping())
    finally:
        pool.disconnect()


def test_a_certificate_of_the_authority_is_trusted(
    environment: dict[str, str], guarded: Guarded, authority: Authority
) -> None:
    assert answers(environment, guarded(authority.certificate_for(HOST)), REDIS_TLS_CA=authority.pem)


@pytest.mark.parametrize("case", ["an untrusted authority", "another authority", "another host"])
def test_any_other_is_refused_unless_all_are_taken(
    case: str, environment: dict[str, str], guarded: Guarded, authority: Authority
) -> None:
    host = "redis.example.com" if case == "another host" else HOST
    trusted = {
        "an untrusted authority": "",
        "another authority": Authority().pem,
        "another host": authority.pem,
    }[case]
    url = guarded(authority.certificate_for(host))
    with pytest.raises(RedisConnectionError, match="certificate verify failed"):
        answers(environment, url, REDIS_TLS_CA=trusted)
    assert answers(environment, url, REDIS_TLS_CA=trusted, REDIS_TLS_VERIFY="0")


def test_chatapp_works_through_it(
    guarded: Guarded, authority: Authority, start_server: Callable[..., ChatServer]
) -> None:
    url = guarded(authority.certificate_for(HOST))
    server = start_server(REDIS_URL=url, REDIS_TLS_CA=authority.pem.replace("\n", "\\n"), METRICS_FLEET="0")
    assert server.get("/api/v1/health").json["checks"]["redis"]["status"] == "ok"
    login = {"login": "unknown", "password": "nothing at all"}
    assert server.post("/api/v1/auth/login", json=login).status == 401
    counted = server.get("/metrics").text
    assert re.findall(r"^chat_rate_limit_fallbacks_total(?:{.*})? (\S+)$", counted, re.MULTILINE) == ["0.0"]
    server.stop()


@pytest.mark.parametrize("arguments", [("migrate",), ("worker",)])
def test_nothing_starts_with_one_that_it_does_not_trust(
    arguments: tuple[str, ...], guarded: Guarded, authority: Authority, ops_process: Command
) -> None:
    refused = ops_process(*arguments, REDIS_URL=guarded(authority.certificate_for(HOST)))
    assert refused.code == 1
    assert refused.err.startswith("chatapp: The certificate of REDIS_URL is not trusted (")
    assert refused.err.endswith("or REDIS_TLS_VERIFY=0 to trust any.\n")
    assert refused.err.count("\n") == 1
