"""Back-off delays grow to a ceiling, with full jitter."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from chatapp_client import BackOff, Timings
from chatapp_client.closing import CloseAction, action_for


def test_ceilings_double_from_one_second_to_thirty() -> None:
    timings = Timings()
    backoff = BackOff(timings.reconnect_first, timings.reconnect_most, lambda low, high: high)
    assert [backoff.next_delay() for _ in range(8)] == [1, 2, 4, 8, 16, 30, 30, 30]


def test_success_resets_the_delay() -> None:
    backoff = BackOff(1, 30, lambda low, high: high)
    for _ in range(5):
        backoff.next_delay()
    backoff.succeeded()
    assert backoff.next_delay() == 1


def test_requested_delay_is_a_minimum() -> None:
    backoff = BackOff(1, 30, lambda low, high: low)
    assert backoff.next_delay(at_least=7) == 7


@given(st.integers(0, 10_000), st.integers())
def test_jitter_covers_the_range_up_to_the_ceiling(failures: int, seed: int) -> None:
    backoff = BackOff(1, 30, random.Random(seed).uniform)
    backoff.failures = failures
    assert 0 <= backoff.next_delay() <= 30


def test_a_thousand_reconnects_are_spread_out() -> None:
    draw = random.Random(7)
    delays = [BackOff(1, 30, draw.uniform).next_delay() for _ in range(1000)]
    tenths = [sum(tenth <= delay * 10 < tenth + 1 for delay in delays) for tenth in range(10)]
    assert min(tenths) > 60


def test_actions_for_close_codes() -> None:
    back = {1001, 1006, 1011, 1013, 4408, 4413, 4429, 4999}
    assert {code for code in back if action_for(code) is CloseAction.RECONNECT} == back
    assert action_for(4401) is CloseAction.RENEW_TOKEN
    away = {1008, 1009, 4400, 4403, 4409}
    assert {code for code in away if action_for(code) is CloseAction.STOP} == away
