"""When a client renews its cursor, and what it says then."""

from __future__ import annotations

from chatapp_client import ChatState, Timings
from chatapp_client.catchup import CatchUp
from chatapp_client.state import MOST_NAMED
from tests.chatapp_client.histories import CHAT, ME

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


def test_it_says_what_it_knows_once_the_server_has_shown_that_it_takes_it() -> None:
    state = ChatState(ME)
    state.cursor = "begin"
    catch_up = CatchUp(state, TIMINGS)
    page = {"messages": [], "changes": [], "chats": [], "cursor": "next", "full_sync": False}
    for server_says in ({}, {"complete": [{"chat_id": CHAT, "version": 8}]}):
        catch_up.connected(now=0.0)
        request = catch_up.request(now=1.0)
        assert request is not None and "known" not in request
        catch_up.answered({**page, **server_says, "has_more": True}, now=1.0)
        for version in (8, 9):
            state.apply({"type": "chat_advanced", "chat_id": CHAT, "from_version": version, "version": version})
        request = catch_up.request(now=2.0)
        assert request is not None
        assert request.get("known") == ([{"chat_id": CHAT, "version": 9}] if server_says else None)
        catch_up.answered({**page, **server_says, "has_more": False}, now=2.0)


def test_it_names_the_chats_that_changed_last() -> None:
    state = ChatState(ME)
    for chat_id in [*range(1, MOST_NAMED + 2), 2]:
        state.apply({"type": "chat_advanced", "chat_id": chat_id, "from_version": 1, "version": 1})
    assert [entry["chat_id"] for entry in state.known] == [*range(3, MOST_NAMED + 2), 2]
