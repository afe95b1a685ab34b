"""The faults of the assistant, one round each, on one cluster.

`python -m chaos assistant --full` is the long form.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from chaos.catalogue import FAULTS, GROUPS
from chaos.cluster import Cluster
from chaos.faults.assistant import CLUSTER
from chaos.scenario import run_on

ROUNDS = 1
_first_people = itertools.count(1, 1000)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Two web servers, `worker` and a language model."""
    with Cluster(**CLUSTER) as running:
        yield running


@pytest.mark.parametrize("name", GROUPS["assistant"])
def test_every_question_has_one_answer(cluster: Cluster, name: str) -> None:
    fault = FAULTS[name]
    first_person = next(_first_people)
    report = run_on(cluster, fault, rounds=ROUNDS, seconds=0, judges_time=False, first_person=first_person)
    violations = {invariant: found for invariant, found in report.violations.items() if found}
    assert report.is_clean, (report.failures, violations, report.measurements)
