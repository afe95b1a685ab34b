"""The budget of a request: wall-clock time until its answer, CPU time over all of its files."""

from __future__ import annotations

import pytest

from chatapp.errors import ChatError, Unavailable
from chatapp.files.budget import PROCESSOR_TIME, Budget


def test_files_share_the_cpu_time() -> None:
    budget = Budget()
    budget.spend(PROCESSOR_TIME / 4)
    assert budget.processor() == PROCESSOR_TIME * 3 / 4
    budget.spend(PROCESSOR_TIME)
    with pytest.raises(ChatError, match="file_too_complex"):
        budget.processor()


def test_a_reported_gain_is_ignored() -> None:
    budget = Budget(processor=5.0)
    budget.spend(-100.0)
    assert budget.processor() == 5.0


def test_when_time_is_up_the_server_is_unavailable_rather_than_the_file_refused() -> None:
    budget = Budget(seconds=0.0)
    with pytest.raises(Unavailable):
        budget.seconds()
    assert budget.processor() == PROCESSOR_TIME


def test_the_time_left_decreases() -> None:
    budget = Budget(seconds=60.0)
    first, second = budget.seconds(), budget.seconds()
    assert 0 < second <= first <= 60.0
