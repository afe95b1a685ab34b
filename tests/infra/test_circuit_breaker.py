"""After a failure only one caller probes the server until it responds."""

from __future__ import annotations

import pytest

from chatapp.infra import circuit_breaker
from chatapp.infra.circuit_breaker import CircuitBreaker


def test_one_caller_probes_a_server_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    breaker = CircuitBreaker()
    assert breaker.allows() and breaker.allows()
    monkeypatch.setattr(circuit_breaker, "PROBE_SECONDS", 60.0)
    breaker.failed()
    assert not breaker.allows()
    monkeypatch.setattr(circuit_breaker, "PROBE_SECONDS", 0.0)
    breaker.failed()
    monkeypatch.setattr(circuit_breaker, "PROBE_SECONDS", 60.0)
    assert [breaker.allows() for _ in range(3)] == [True, False, False]
    breaker.succeeded()
    assert breaker.allows() and breaker.allows()


def test_a_server_may_fail_several_times_in_a_row() -> None:
    breaker = CircuitBreaker(failures=3, pause=60.0)
    breaker.failed()
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    breaker.failed()
    assert breaker.allows() and breaker.allows()
    breaker.failed()
    assert not breaker.allows()
    breaker.succeeded()
    assert breaker.allows() and breaker.allows()


def test_a_probe_that_fails_leaves_the_server_alone_again() -> None:
    breaker = CircuitBreaker(failures=2, pause=0.0)
    breaker.failed()
    breaker.failed()
    assert breaker.allows()
    breaker._pause = 60.0
    breaker.failed()
    assert not breaker.allows()
