"""The rate at which a client must read."""

from __future__ import annotations

from chatapp.infra.write_pacing import PIECE, MinimumRate


def test_only_a_whole_piece_renews_the_deadline() -> None:
    """Otherwise a byte now and then would keep a connection and its queue for hours."""
    rate = MinimumRate(1000.0)
    first = rate.seconds_left
    rate.took(PIECE - 1)
    second = rate.seconds_left
    assert second < first
    rate.took(1)
    assert rate.seconds_left > second
