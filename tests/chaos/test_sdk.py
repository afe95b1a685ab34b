"""The JavaScript SDK through faults, with a small load: every invariant holds, and what it shows is what is stored."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

import pytest

from chaos.catalogue import FAULTS
from chaos.cluster import Cluster
from chaos.node import find_node
from chaos.scenario import run_on

CHATS = 5
RATE = 40.0  # messages a second
_first_people = itertools.count(1, 1000)

pytestmark = pytest.mark.skipif(
    find_node() is None and os.environ.get("CI") != "true", reason="no Node: install requirements-browser.txt"
)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Two web workers and `worker`; Postgres and Redis are reached through relays."""
    with Cluster(
        through=("postgres", "redis"), WS_PING_PERIOD="1s", WS_PONG_WAIT="4s", WS_MAX_CONNECTIONS_PER_USER="100"
    ) as running:
        yield running


@pytest.mark.parametrize("name", ["F1", "F7"])
def test_invariants_hold(cluster: Cluster, name: str) -> None:
    plan = {"chats": CHATS, "first_person": next(_first_people), "client": "sdk"}
    report = run_on(cluster, FAULTS[name], rounds=1, seconds=2, rate=RATE, judges_time=False, **plan)
    assert report.is_clean, (
        report.failures,
        {j: found for j, found in report.violations.items() if found},
        report.measurements,
    )
