"""The release before and this one: a filled database is migrated under load, and both serve the same chats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from chaos.catalogue import FAULTS
from chaos.cluster import Cluster
from chaos.faults import releases
from chaos.load_process import Report
from chaos.revisions import check_out, release_before
from chaos.scenario import run_on
from deploy.embedded import StartError
from tests.system_packages import skip_unless_ci

FILLED = 3_000  # chats
CHATS = 10  # of the load
RATE = 40.0  # messages a second


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Two web servers and `worker` of the release before."""
    try:
        revision = release_before()
    except StartError as error:
        skip_unless_ci(str(error))
    with Cluster(servers=2, workers=1, revision=revision) as running:
        yield running


def _require_clean(report: Report) -> None:
    found = {invariant: violations for invariant, violations in report.violations.items() if violations}
    assert report.is_clean, (report.failures, found, report.measurements)


@pytest.mark.long
def test_filled_database_is_migrated_under_load(cluster: Cluster) -> None:
    fault = replace(FAULTS["migration"], prepare=partial(releases.fill, chats=FILLED))
    _require_clean(run_on(cluster, fault, rounds=1, seconds=1, rate=RATE, judges_time=False, chats=CHATS))
    assert cluster.sql("SELECT count(*) FROM chats")[0][0] > FILLED


@pytest.mark.long
def test_releases_serve_the_same_chats_side_by_side(cluster: Cluster) -> None:
    _require_clean(run_on(cluster, FAULTS["releases"], rounds=1, seconds=12, rate=RATE, judges_time=False, chats=CHATS))


def test_revision_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="no-such-revision"):
        check_out("no-such-revision", tmp_path / "code")
    assert not (tmp_path / "code").exists()
