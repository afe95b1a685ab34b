"""When a client renews its cursor."""

from __future__ import annotations

from chatapp_client import ChatState, Timings
from chatapp_client.catchup import CatchUp
from tests.chatapp_client.histories import ME

TIMINGS = Timings()
CLIENTS = 50


def renewed_after() -> int:
    """How many live frames a new client receives before it renews its cursor."""
    state = ChatState(ME)
    state.cursor = "cursor"
    catch_up = CatchUp(state, TIMINGS)
    catch_up.baseline_taken(now=0.0)
    frames = 0
    while catch_up.request(now=1.0) is None:
        catch_up.live_frame_applied()
        frames += 1
    return frames


def test_clients_that_receive_the_same_frames_renew_at_different_ones() -> None:
    renewed = [renewed_after() for _ in range(CLIENTS)]
    assert TIMINGS.refresh_frames / 2 <= min(renewed) < max(renewed) <= TIMINGS.refresh_frames
    assert len(set(renewed)) > CLIENTS / 2
