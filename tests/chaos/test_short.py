"""One fault of each kind, on one cluster, with a small load. `make chaos` runs all of them, and for longer.

Only the invariants are checked here: durations mean nothing while other tests run.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from chaos.catalogue import FAULTS
from chaos.cluster import Cluster
from chaos.scenario import run_on

CHATS = 10
RATE = 100.0  # messages a second; less where the fault has a lower rate
_first_people = itertools.count(1, 1000)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Two web workers and `worker`; Postgres and Redis are reached through relays."""
    with Cluster(
        through=("postgres", "redis"), WS_PING_PERIOD="1s", WS_PONG_WAIT="4s", WS_MAX_CONNECTIONS_PER_USER="100"
    ) as running:
        yield running


@pytest.mark.parametrize(
    ("name", "rounds", "seconds"),
    [
        ("F1", 1, 0),
        ("F2-commit", 1, 0),
        ("F3", 1, 0),
        ("F7", 1, 2),
        ("F10", 1, 4),
        ("F14-ticket", 1, 0),
        ("mixed", 1, 0),
    ],
)
def test_invariants_hold(cluster: Cluster, name: str, rounds: int, seconds: float) -> None:
    plan = {"chats": CHATS, "first_person": next(_first_people)} | ({"seller_devices": 14} if name == "F10" else {})
    rate = min(RATE, FAULTS[name].rate)
    report = run_on(cluster, FAULTS[name], rounds=rounds, seconds=seconds, rate=rate, judges_time=False, **plan)
    assert report.is_clean, (
        report.failures,
        {j: found for j, found in report.violations.items() if found},
        report.measurements,
    )
