"""What a client must take, and by when."""

from __future__ import annotations

from chatapp.infra.write_pacing import PIECE, MinimumRate


def test_only_a_whole_piece_renews_the_deadline() -> None:
    """A byte now and then would otherwise keep a connection, and all that waits for it, for hours."""
    rate = MinimumRate(1000.0)
    first = rate.seconds_left
    rate.took(PIECE - 1)
    second = rate.seconds_left
    assert second < first
    rate.took(1)
    assert rate.seconds_left > second
