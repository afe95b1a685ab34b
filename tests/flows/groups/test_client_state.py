"""Groups on a device: joining, leaving, joining again, and what system messages change: `chatapp_client.state`."""

from __future__ import annotations

from typing import Any

from chatapp_client import ChatState

ME, OTHER, CHAT = 1, 2, 77
Frame = dict[str, Any]


def entry(version: int, *, unread: int = 0, **changed: Any) -> Frame:
    """The group in the list."""
    shown = {"id": CHAT, "kind": "group", "title": "Neighbours", "picture_url": "", "member_count": 3, "role": "member",
             "seq": version, "version": version, "unread_count": unread}  # fmt: skip
    return {**shown, **changed}


def message(version: int, system: Frame | None = None, **changed: Any) -> Frame:
    """A message of the group."""
    shown = {"id": 1000 + version, "chat_id": CHAT, "seq": version, "version": version, "sender_id": OTHER,
             "receiver_id": None, "client_message_id": None, "content": f"text {version}", "is_read": False,
             "is_edited": False, "is_deleted": False, "attachments": [], "system": system}  # fmt: skip
    return {**shown, **changed}


def new(version: int, system: Frame | None = None, **changed: Any) -> Frame:
    """Its live frame."""
    return {"type": "new_message", "chat_id": CHAT, "message": message(version, system, **changed), "version": version}


def joined(version: int, **changed: Any) -> Frame:
    """The frame of a join; changes with the versions after this one follow."""
    return {"type": "chat_joined", "chat_id": CHAT, "chat": entry(version + 1, unread=1, **changed), "version": version}


def left(version: int) -> Frame:
    """The frame of a leave."""
    return {"type": "chat_left", "chat_id": CHAT, "removed_by": None, "version": version}


def page(*changes: Frame, messages: tuple[Frame, ...] = (), chats: tuple[Frame, ...] = ()) -> Frame:
    """A page of a catch-up."""
    return {"messages": list(messages), "changes": list(changes), "chats": list(chats), "cursor": "b",
            "has_more": False, "full_sync": False}  # fmt: skip


def versions(state: ChatState) -> list[int]:
    """The versions of the known messages of the group."""
    return [shown["version"] for shown in state.messages(CHAT)]


def test_a_group_begins_with_the_join() -> None:
    state = ChatState(ME)
    assert state.apply(joined(9))
    assert (state.chats[CHAT].summary or {})["title"] == "Neighbours"
    assert state.unread(CHAT) == 1
    assert not state.needs_resume
    assert state.apply(new(10))
    assert state.apply(new(11))
    assert (versions(state), state.unread(CHAT), state.needs_resume) == ([10, 11], 2, False)
    assert not state.apply(joined(9)), "repeated"
    state.apply(new(13))
    assert state.needs_resume


def test_who_leaves_forgets_the_group() -> None:
    state = ChatState(ME)
    for frame in (joined(0), new(1), new(2)):
        state.apply(frame)
    assert state.apply(left(3))
    assert not state.apply(left(3)), "repeated"
    assert CHAT not in state.chats
    for late in (new(2), new(3), {"type": "typing", "chat_id": CHAT, "user_id": OTHER, "version": 3}):
        assert not state.apply(late)
    assert not state.apply_message(message(1))
    state.apply_chats([entry(2)])
    assert CHAT not in state.chats


def test_who_joins_again_sees_what_follows() -> None:
    state = ChatState(ME)
    for frame in (joined(0), new(1), left(2), joined(4), new(5), new(6)):
        state.apply(frame)
    assert (versions(state), state.needs_resume) == ([5, 6], False)
    assert not state.apply(left(2)), "from before"
    assert versions(state) == [5, 6]


def test_a_catch_up_over_a_leave_and_a_join_equals_the_live_frames() -> None:
    live, away = ChatState(ME), ChatState(ME)
    for state in (live, away):
        state.cursor = "a"
        for frame in (joined(0), new(1)):
            state.apply(frame)
    for frame in (left(2), joined(4), new(5)):
        live.apply(frame)
    missed = page(left(2), messages=(message(5),), chats=(entry(5, unread=1),))
    news = away.apply_page(missed, "a")
    assert [frame["type"] for frame in news] == ["chat_left", "new_message"]
    assert away.apply_page(missed, "b") == [], "repeated"
    assert versions(away) == versions(live) == [5]
    assert away.unread(CHAT) == live.unread(CHAT) == 1
    assert not away.needs_resume


def test_a_leave_that_is_caught_up_late_keeps_what_came_after() -> None:
    state = ChatState(ME)
    state.cursor = "a"
    for frame in (joined(0), new(1), joined(4), new(5)):  # the leave at 2 was lost
        state.apply(frame)
    state.apply_page(page(left(2)), "a")
    assert versions(state) == [5]


def test_system_messages_change_the_entry_of_the_list() -> None:
    state = ChatState(ME)
    state.apply(joined(0))
    picture = [{"thumbnail_url": "https://example.com/p.webp"}]
    for frame in (
        new(1, {"event": "created", "title": "Neighbours", "member_count": 3}),
        new(2, {"event": "title_changed", "title": "New"}),
        new(3, {"event": "member_added", "users": [{"id": 9}], "count": 1, "member_count": 4}),
        new(4, {"event": "role_changed", "users": [{"id": ME}], "count": 1, "role": "admin"}),
        new(5, {"event": "role_changed", "users": [{"id": 9}], "count": 1, "role": "owner"}),
        new(6, {"event": "picture_changed"}, attachments=picture),
    ):
        state.apply(frame)
    shown = state.chats[CHAT].summary or {}
    assert {name: shown[name] for name in ("title", "member_count", "role", "picture_url", "version")} == {
        "title": "New", "member_count": 4, "role": "admin", "picture_url": picture[0]["thumbnail_url"], "version": 6
    }  # fmt: skip
    state.apply(new(7, {"event": "picture_changed"}))
    assert (state.chats[CHAT].summary or {})["picture_url"] == ""
    state.apply_chats([entry(9, title="Newest")])
    state.apply(new(8, {"event": "title_changed", "title": "Old"}))
    assert (state.chats[CHAT].summary or {})["title"] == "Newest"


def test_a_list_of_groups_does_not_say_who_i_am() -> None:
    state = ChatState()
    state.apply_chats([entry(3, unread=1)])
    assert state.me is None
    assert state.unread(CHAT) == 0
