"""Reactions in a chat of more than two: few frames, every version, and nothing of what a member does not see."""

from __future__ import annotations

from typing import Any

from chatapp_client import ChatState
from tests.people import Person, Socket

EMOJI = ["👍", "🎉", "❤️", "😀", "😢", "🙏", "🔥", "👀", "🚀", "✅"]
KINDS = ("reaction_added", "reaction_removed", "reactions_updated")


def reacts(person: Person, message: dict[str, Any], emoji: str) -> None:
    reply = person.posts(f"/messages/{message['id']}/reactions", {"emoji": emoji})
    assert reply.status == 200, reply.text


def frames_of(socket: Socket, chat_id: int) -> list[dict[str, Any]]:
    """All frames about a chat, up to a message that is sent now."""
    return [frame for frame in socket.received if frame.get("chat_id") == chat_id]


def test_many_reactions_are_few_frames_without_a_gap(
    alice: Person, bob: Person, carol: Person, larger_chat: int
) -> None:
    socket = carol.connects()
    social = carol.social.connects()
    message = alice.sends("react to this", chat_id=larger_chat)
    for person in (alice, bob, carol):
        for emoji in EMOJI:
            reacts(person, message, emoji)
    last = alice.sends("the end", chat_id=larger_chat)
    socket.receives("new_message", message=last)
    frames = frames_of(socket, larger_chat)
    reactions = [frame for frame in frames if frame["type"] in KINDS]
    assert len(reactions) < len(EMOJI) * 3
    assert any(frame["type"] == "reactions_updated" for frame in reactions)
    state = ChatState(carol.id)
    known = 0
    for frame in frames:
        state.apply(frame)
        assert not state.needs_resume
        assert frame.get("from_version", frame["version"]) == known + 1
        known = frame["version"]
    (fresh,) = [each for each in carol.history(larger_chat) if each["id"] == message["id"]]
    (held,) = [each for each in state.messages(larger_chat) if each["id"] == message["id"]]
    assert held["reactions"] == fresh["reactions"]
    assert [kind["mine"] for kind in held["reactions"]] == [True] * len(EMOJI)
    social.receives("message.new", content="the end")
    seen = [frame["payload"] for frame in social.received if frame["type"].startswith("reaction")]
    covered = [
        version
        for payload in seen
        for version in range(payload.get("fromVersion", payload["version"]), payload["version"] + 1)
    ]
    assert covered == list(range(2, 2 + 3 * len(EMOJI)))


def test_signals_do_not_overtake_what_is_gathered(alice: Person, bob: Person, larger_chat: int) -> None:
    socket = bob.connects()
    message = alice.sends("react to this", chat_id=larger_chat)
    for emoji in EMOJI:
        reacts(alice, message, emoji)
        bob.reads(message)
        socket.pings()
    bob.reads(alice.sends("the end", chat_id=larger_chat))
    socket.receives("message_read", version=len(EMOJI) + 2)
    versions = [frame["version"] for frame in frames_of(socket, larger_chat)]
    assert versions == sorted(versions)


def test_a_member_who_blocks_the_author_gets_versions_alone(
    alice: Person, bob: Person, carol: Person, larger_chat: int
) -> None:
    carol.blocks(bob)
    socket = carol.connects()
    hidden, shown = (person.sends("react to this", chat_id=larger_chat) for person in (bob, alice))
    for emoji in EMOJI[:4]:
        for message in (hidden, shown):
            reacts(alice, message, emoji)
    alice.sends("the end", chat_id=larger_chat)
    while not any(frame.get("message", {}).get("content") == "the end" for frame in socket.received):
        socket.receives("new_message")
    known = 0
    for frame in frames_of(socket, larger_chat):
        assert frame.get("from_version", frame["version"]) == known + 1, frame
        known = frame["version"]
        about = {frame.get("message_id"), *(entry["message_id"] for entry in frame.get("messages", ()))}
        assert hidden["id"] not in about


def test_chats_of_two_get_each_reaction_at_once(alice: Person, bob: Person) -> None:
    socket = bob.connects()
    message = alice.sends("react to this", to=bob)
    for emoji in EMOJI[:3]:
        reacts(alice, message, emoji)
    received = [socket.receives("reaction_added")["emoji"] for _ in range(3)]
    assert received == EMOJI[:3]
