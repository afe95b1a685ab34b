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
