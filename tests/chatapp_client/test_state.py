"""The state is the same after frames in any order, duplicates, and losses with a catch-up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatapp_client import ChatState
from tests.chatapp_client.histories import CHAT, ME, OTHER, History, histories, view


def fresh(history: History) -> ChatState:
    """The state after a fresh read."""
    state = ChatState(ME)
    for message in history.as_read():
        state.apply_message(message)
    return state


def fed_live(history: History) -> ChatState:
    """The state after all live frames in order."""
    state = ChatState(ME)
    for frame in history.frames:
        state.apply(frame)
    return state


@given(histories())
def test_live_frames_equal_a_fresh_read_except_invisible_pointers(history: History) -> None:
    live = fed_live(history)
    assert live.messages(CHAT) == [
        {**message, "is_edited": message["is_edited"] and not message["is_deleted"]} for message in history.as_read()
    ]
    assert live.messages(CHAT) == fresh(history).messages(CHAT)
    assert live.unread(CHAT) == history.unread()
    assert (live.pinned(CHAT), live.starred(CHAT)) == history.marks()
    assert not live.needs_resume


@given(histories())
def test_message_repeated_for_its_files_is_no_news(history: History) -> None:
    state = ChatState(ME)
    for before, frame in zip([{"type": ""}, *history.frames], history.frames, strict=False):
        is_repeated = (before["type"], frame["type"]) == ("attachments_updated", "new_message")
        is_hidden = frame.get("message_id", frame.get("message", {}).get("id")) in history.hidden
        assert state.apply(frame) is not is_repeated or frame["type"] == "message_read" or is_hidden
        assert not state.needs_resume


@given(histories(), st.randoms(use_true_random=False))
def test_order_and_duplicates_do_not_matter(history: History, random: st.DataObject) -> None:
    frames = history.frames + random.choices(history.frames, k=len(history.frames))  # type: ignore[attr-defined]
    random.shuffle(frames)  # type: ignore[attr-defined]
    state = ChatState(ME)
    for frame in frames:
        state.apply(frame)
    assert view(state) == view(fed_live(history))
    assert not state.needs_resume


@given(histories(), st.data())
def test_catch_up_after_any_loss_gives_the_same_state(history: History, data: st.DataObject) -> None:
    received_before = data.draw(st.integers(0, len(history.frames)), label="received before the cursor")
    state = ChatState(ME)
    state.cursor = "begin"
    for frame in history.frames[:received_before]:
        state.apply(frame)
    after = max((frame.get("version", 0) for frame in history.frames[:received_before]), default=0)
    arrives = data.draw(st.lists(st.booleans(), min_size=len(history.frames), max_size=len(history.frames)))
    late = [frame for frame, comes in zip(history.frames[received_before:], arrives, strict=False) if comes]
    cut = data.draw(st.integers(0, len(late)), label="received before the page")
    for frame in late[:cut]:
        state.apply(frame)
    state.begin_catch_up()
    named = state.known if data.draw(st.booleans(), label="says what it knows") else []
    page = history.page(max(after, *(entry["version"] for entry in named)) if named else after)
    if named:
        page["complete"] = [{"chat_id": CHAT, "version": history.version}]
    state.apply_page(page, "begin")
    for frame in late[cut:]:
        state.apply(frame)
    assert view(state) == view(fed_live(history))
    assert state.cursor == "end"
    assert not state.needs_resume


@given(histories(), st.data())
def test_next_change_reveals_a_lost_one(history: History, data: st.DataObject) -> None:
    moves = [frame for frame in history.frames if frame["type"] != "message_read" and "version" in frame]
    lost = data.draw(st.integers(1, history.version))
    state = ChatState(ME)
    for frame in moves:
        if frame["version"] != lost:
            state.apply(frame)
        assert state.needs_resume == (frame["version"] > lost)


def test_only_changes_are_news() -> None:
    history = History()
    history.send(OTHER)
    history.edit(0)
    history.mark_read(ME, 0)
    state = ChatState(ME)
    assert [state.apply(frame) for frame in history.frames] == [True, True, True]
    assert [state.apply(frame) for frame in history.frames] == [False, False, False]
    state.cursor = "begin"
    assert state.apply_page(history.page(0), "begin") == []


def test_sender_has_read_everything_before() -> None:
    history = History()
    history.send(ME)
    history.send(ME)
    history.send(OTHER)
    assert [message["is_read"] for message in fed_live(history).messages(CHAT)] == [True, True, False]
    assert fed_live(history).unread(CHAT) == 1


def test_deletion_before_its_message_is_kept() -> None:
    history = History()
    history.send(OTHER)
    history.delete(0)
    state = ChatState(ME)
    state.apply(history.frames[1])
    assert state.messages(CHAT) == []
    state.apply(history.frames[0])
    (message,) = state.messages(CHAT)
    assert message["content"] == "[deleted]"


def test_frames_of_a_deleted_chat_are_dropped() -> None:
    history = History()
    history.send(OTHER)
    state = fed_live(history)
    assert state.apply({"type": "chat_deleted", "chat_id": CHAT, "deleted_by": OTHER, "version": 2})
    assert not state.apply(history.frames[0])
    assert view(state) == ([], 0, ([], []), True)


def test_page_of_an_older_cursor_does_not_move_the_cursor() -> None:
    history = History()
    history.send(OTHER)
    state = ChatState(ME)
    state.cursor = "here"
    state.apply_page(history.page(0), "there")
    assert state.cursor == "here"
    assert len(state.messages(CHAT)) == 1


def test_interrupted_catch_up_does_not_hide_a_later_gap() -> None:
    history = History()
    for _ in range(3):
        history.send(OTHER)
    state = ChatState(ME)
    state.cursor = "begin"
    state.begin_catch_up()
    state.apply_page({**history.page(2, cursor="midway"), "messages": [], "changes": [], "has_more": True}, "begin")
    state.apply(history.frames[2])  # of a chat that the first page had passed already
    state.begin_catch_up()
    state.apply_page({**history.page(3), "messages": [], "changes": []}, "midway")
    assert state.needs_resume


def test_new_message_in_an_old_chat_causes_one_request() -> None:
    state = ChatState(ME)
    state.cursor = "begin"
    state.apply({"type": "typing", "chat_id": CHAT, "user_id": OTHER, "is_typing": True, "version": 50})
    assert state.needs_resume
    state.begin_catch_up()
    state.apply_page({**History().page(0), "messages": [], "changes": []}, "begin")
    assert not state.needs_resume


def test_pending_send_ends_when_its_message_arrives_by_any_means() -> None:
    history = History()
    history.send(ME)
    state = ChatState(ME)
    state.pending["key"] = {"content": "text 1"}
    state.apply_message({**history.as_read()[0], "client_message_id": "key"})
    assert state.pending == {}


def advanced(from_version: int, version: int) -> dict[str, object]:
    """The frame for changes that I do not see."""
    return {"type": "chat_advanced", "chat_id": CHAT, "from_version": from_version, "version": version}


def test_changes_that_i_do_not_see_are_no_gap_and_no_news() -> None:
    state = ChatState(ME)
    assert not state.apply(advanced(1, 3))
    assert not state.needs_resume
    state.apply(advanced(5, 6))
    assert state.needs_resume, "4 is missing"
    state.apply(advanced(4, 4))
    assert not state.needs_resume
    assert state.messages(CHAT) == []


def test_a_catch_up_with_changes_that_i_do_not_see_closes_a_gap() -> None:
    state = ChatState(ME)
    state.cursor = "begin"
    state.apply(advanced(4, 4))
    state.begin_catch_up()
    page = {"messages": [], "changes": [advanced(1, 5)], "chats": [], "cursor": "end", "has_more": False}
    assert state.apply_page(page, "begin") == []
    assert not state.needs_resume
    state.apply(advanced(6, 6))
    assert not state.needs_resume


def test_pages_name_versions_that_i_do_not_see() -> None:
    state = ChatState(ME)
    state.apply_hidden(CHAT, [{"from_version": 1, "version": 2}, {"from_version": 4, "version": 4}])
    state.apply(advanced(3, 3))
    assert not state.needs_resume
    state.apply(advanced(5, 5))
    assert not state.needs_resume


def gathered(from_version: int, version: int, *messages: dict[str, object]) -> dict[str, object]:
    """A frame of gathered reactions."""
    versions = {"from_version": from_version, "version": version}
    return {"type": "reactions_updated", "chat_id": CHAT, "messages": list(messages), **versions}


def test_gathered_reactions_are_no_gap() -> None:
    history = History()
    history.send(OTHER)
    state = fed_live(history)
    kinds = [{"emoji": "👍", "count": 12, "user_ids": list(range(10, 20)), "mine": None}]
    mine = {"user_id": ME, "emoji": "👍", "is_added": True}
    entry = {"message_id": 1001, "reactions": kinds, "changes": [mine], "version": 9}
    assert state.apply(gathered(2, 10, entry))
    assert not state.needs_resume
    (message,) = state.messages(CHAT)
    assert (message["version"], message["reactions"]) == (9, [{**kinds[0], "mine": True}])
    others = {"message_id": 1001, "reactions": kinds, "changes": [{**mine, "user_id": OTHER}], "version": 12}
    state.apply(gathered(12, 12, others))
    assert state.needs_resume, "11 is missing"
    assert state.messages(CHAT)[0]["reactions"][0]["mine"] is True
    taken_back = {"message_id": 1001, "reactions": kinds, "changes": [{**mine, "is_added": False}], "version": 13}
    state.apply(gathered(13, 13, taken_back))
    assert state.messages(CHAT)[0]["reactions"][0]["mine"] is False


def test_reactions_do_not_hide_an_edit_that_was_missed() -> None:
    history = History()
    history.send(OTHER)
    history.edit(0)
    history.react(0, OTHER, "👍")
    state = ChatState(ME)
    state.apply(history.frames[0])
    state.apply(history.frames[2])
    assert state.needs_resume
    state.apply({**history.frames[1], "message": history.as_read()[0]})  # a catch-up shows the message as it is now
    assert state.messages(CHAT) == history.as_read()


def test_answers_to_reactions_and_lists_of_pins() -> None:
    history = History()
    history.send(OTHER)
    state = fed_live(history)
    kinds = [{"emoji": "👍", "count": 1, "user_ids": [ME], "mine": True}]
    answer = {"chat_id": CHAT, "message_id": 1001, "reactions": kinds, "version": 2}
    assert state.apply_reactions(answer)
    assert not state.apply_reactions(answer)
    assert state.messages(CHAT)[0]["reactions"] == kinds
    state.apply_pins(CHAT, [{"message": {"id": 1001}, "version": 1}])
    assert state.pinned(CHAT) == [1001]
    state.apply({"type": "chat_deleted", "chat_id": CHAT, "deleted_by": OTHER, "version": 3})
    assert not state.apply_reactions(answer)
    assert (state.pinned(CHAT), state.starred(CHAT)) == ([], [])


def test_a_list_entry_counts_no_hidden_messages() -> None:
    history = History()
    for _ in range(4):
        history.send(OTHER)
    state = fed_live(history)
    state.apply({"type": "message_hidden", "chat_id": CHAT, "message_id": 1003, "seq": 3})
    state.apply_chats([{"id": CHAT, "version": 4, "seq": 4, "unread_count": 2}])
    assert state.unread(CHAT) == 2
    assert state.chats[CHAT].read_up_to[ME] == 1
