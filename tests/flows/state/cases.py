"""Every action of a user, as it is done over REST; beside each, why it needs no case where it has none.

`test_events.py` does each one, and compares what devices made of its events with what a fresh read shows.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.flows.attachments.words import adds, uploads
from tests.flows.state.world import World, done


@dataclass(frozen=True)
class Case:
    """One action.

    Attributes:
        action: `module.function` below `chatapp.actions`.
        act: does it.
        prepare: what happens before the devices read the chat.
        in_pair, in_larger: whether it is done in a chat of two, and in one of three.
        name: distinguishes the cases of one action.
    """

    action: str
    act: Callable[[World], Any]
    prepare: Callable[[World], Any] = lambda world: None
    in_larger: bool = True
    in_pair: bool = True
    name: str = ""

    def __str__(self) -> str:
        return f"{self.action}{f' {self.name}' if self.name else ''}"


def _sends_socially(world: World) -> None:
    body = {"content": "from the other dialect", "tempId": uuid.uuid4().hex}
    done(world.alice.social.posts(f"/conversations/{world.conversation}/messages", body))


def _answers(world: World) -> None:
    world.alice.sends("an answer", chat_id=world.chat_id, reply_to_id=world.newest["id"])


def _forwards(world: World) -> None:
    path = f"{world.social_path(world.newest)}/forward"
    done(world.alice.social.posts(path, {"conversationIds": [world.conversation]}))


def _sends_a_copy(world: World) -> None:
    world.alice.sends("", chat_id=world.chat_id, forward_message_id=world.newest["id"])


def _sends_files(world: World) -> None:
    file_id = uploads(world.alice)[0]["id"]
    world.alice.sends("", chat_id=world.chat_id, attachment_ids=[file_id])


def _removes_a_file(world: World) -> None:
    files = done(world.alice.gets("/messages", chat_id=world.chat_id))["messages"][1]["attachments"]
    done(world.alice.deletes(f"/attachments/{files[0]['id']}"))


def _deletes_own(world: World) -> None:
    world.alice.deletes_message(world.message)


def _deletes_newest(world: World) -> None:
    world.bob.deletes_message(world.newest)


def _unblocks(world: World) -> None:
    world.alice.unblocks(world.bob)


def _renames(world: World) -> None:
    done(world.alice.patches(f"/groups/{world.chat_id}", {"title": "Neighbours"}))


def _promotes(world: World) -> None:
    done(world.alice.patches(f"/groups/{world.chat_id}/members/{world.bob.id}", {"role": "admin"}))


def _snoozes(world: World) -> None:
    done(world.alice.posts(f"/{world.chat_id}/snooze", {"until": "2199-01-01T00:00:00Z"}))


THUMB = "👍"


def _reacts(world: World) -> None:
    done(world.alice.posts(f"{world.path(world.newest)}/reactions", {"emoji": THUMB}))
    done(world.bob.social.posts(f"{world.social_path(world.newest)}/reactions", {"emoji": THUMB}))


def _takes_reaction_back(world: World) -> None:
    done(world.bob.deletes(f"{world.path(world.newest)}/reactions?emoji={THUMB}"))


def _pins(world: World) -> None:
    for message in (world.message, world.older):
        done(world.alice.posts(f"{world.path(message)}/pin"))


def _stars(world: World) -> None:
    done(world.alice.posts(f"{world.path(world.message)}/star"))
    done(world.alice.social.posts(f"{world.social_path(world.older)}/star"))


def _hides_newest(world: World) -> None:
    done(world.alice.posts(f"{world.path(world.newest)}/hide"))


def _changes_what_bob_has_hidden(world: World) -> None:
    world.alice.edits(world.message, "changed")
    done(world.alice.posts(f"{world.path(world.message)}/reactions", {"emoji": THUMB}))
    done(world.alice.posts(f"{world.path(world.message)}/pin"))


CASES = [
    Case("sending.send_to", lambda world: world.alice.sends("more", chat_id=world.chat_id)),
    Case("sending.send_to", _sends_files, name="with a file"),
    Case("sending.send_message", _sends_socially),
    Case("sending.send_to", _answers, name="as an answer"),
    Case("forwarding.forward_message", _forwards),
    Case("forwarding.forward_to", _sends_a_copy),
    Case("editing.edit_message", lambda world: world.alice.edits(world.message, "better")),
    Case("editing.edit_message", lambda world: world.bob.edits(world.newest, "x"), _answers, name="that is quoted"),
    Case("editing.delete_message", _deletes_newest, _answers, name="that is quoted"),
    Case("marks.hide", _hides_newest, _answers, name="of a quoted message"),
    Case("editing.edit_message", lambda world: world.bob.edits(world.newest, "newer"), name="of the newest"),
    Case("editing.delete_message", _deletes_own),
    Case("editing.delete_message", _deletes_newest, name="of the newest"),
    Case("reading.mark_read", lambda world: world.alice.reads(world.newest)),
    Case("attachments.uploading.add_files", lambda world: adds(world.alice, world.message)),
    Case(
        "attachments.uploading.delete_attachment",
        _removes_a_file,
        prepare=lambda world: adds(world.alice, world.message),
    ),
    Case("reactions.add_reaction", _reacts),
    Case("reactions.remove_reaction", _takes_reaction_back, prepare=_reacts),
    Case("editing.delete_message", _deletes_newest, _reacts, name="with reactions"),
    Case("editing.edit_message", lambda world: world.bob.edits(world.newest, "x"), _reacts, name="with reactions"),
    Case("pins.pin_message", _pins),
    Case("pins.unpin_message", lambda world: done(world.alice.deletes(f"{world.path(world.older)}/pin")), _pins),
    Case("editing.delete_message", _deletes_own, _pins, name="when pinned"),
    Case("marks.star", _stars),
    Case("marks.unstar", lambda world: done(world.alice.deletes(f"{world.path(world.older)}/star")), _stars),
    Case("editing.delete_message", _deletes_own, _stars, name="when starred"),
    Case("marks.hide", _hides_newest, name="of the newest"),
    Case("marks.hide", lambda world: done(world.alice.posts(f"{world.path(world.older)}/hide")), _stars),
    Case(
        "marks.hide",
        _changes_what_bob_has_hidden,
        prepare=lambda world: done(world.bob.posts(f"{world.path(world.message)}/hide")),
        name="and what changes later",
    ),
    Case("chat_settings.set_archived", lambda world: done(world.alice.posts(f"/{world.chat_id}/archive"))),
    Case("chat_settings.set_muted", lambda world: done(world.alice.posts(f"/{world.chat_id}/mute"))),
    Case("chat_settings.set_pinned", lambda world: done(world.alice.posts(f"/{world.chat_id}/pin"))),
    Case("chat_settings.snooze", _snoozes),
    Case("chat_settings.unsnooze", lambda world: done(world.alice.posts(f"/{world.chat_id}/unsnooze")), _snoozes),
    Case("chat_settings.mark_unread", lambda world: done(world.alice.posts(f"/{world.chat_id}/mark-unread"))),
    Case("drafts.save_draft", lambda world: done(world.alice.puts(f"/{world.chat_id}/draft", {"content": "I was"}))),
    Case("groups.profile.change_profile", _renames, in_pair=False),
    Case("groups.membership.change_role", _promotes, in_pair=False),
    Case("removal.delete_chat", lambda world: done(world.alice.deletes(f"/{world.chat_id}"))),
    Case("blocking.block", lambda world: world.alice.blocks(world.bob), in_larger=False),
    Case("blocking.unblock", _unblocks, prepare=lambda world: world.alice.blocks(world.bob), in_larger=False),
]

# Actions after which no chat looks different.
WITHOUT_CASE = {
    "accounts.log_out": "ends sockets",
    "accounts.check_account_active": "checks",
    "assistant.claiming.claim": "changes whose a session is: tests/flows/assistant/test_claiming.py",
    "assistant.handover.leave_all": "changes who sees a session",
    "assistant.sessions.list_sessions": "reads",
    "assistant.sessions.open_session": "begins a session, whose first message is the event",
    "assistant.visits.visit_own": "reads",
    "chats.find_or_create_chat": "runs before a first message, which is the event",
    "chats.find_chat": "reads",
    "chats.open_direct_chat": "shows an empty chat to who asked for it, in the answer",
    "chat_hints.recall": "a cache",
    "chat_hints.remember": "a cache",
    "chat_hints.forget": "a cache",
    "exports.find_export": "reads",
    "exports.request_export": "shows nothing of a chat",
    "privacy.hides_last_seen": "reads",
    "privacy.set_hides_last_seen": "presence, which is a signal",
    "groups.creation.create_group": "begins a chat, whose first messages are the events",
    "groups.membership.add_members": "changes who sees a chat: tests/flows/groups/test_joining.py",
    "groups.membership.leave_all_groups": "changes who sees a chat",
    "groups.membership.leave_group": "changes who sees a chat",
    "groups.membership.remove_member": "changes who sees a chat",
    "groups.rules.access_group": "reads",
    "idempotency_keys.chat_of": "reads",
    "idempotency_keys.claim": "a part of other actions",
    "idempotency_keys.was_claimed": "reads",
    "idempotency_keys.is_used": "reads",
    "idempotency_keys.sent_with": "reads",
    "presence_changes.connected": "presence, which is a signal",
    "presence_changes.disconnected": "presence, which is a signal",
    "presence_changes.online_partners": "reads",
    "presence_changes.online_in": "reads",
    "reading.mark_message_read": "calls reading.mark_read",
    "attachments.waveform.load_waveform": "reads",
    "drafts.load_draft": "reads",
    "moderation.as_moderator.ban": "as moderation.bans.ban",
    "moderation.as_moderator.decide": "as moderation.decisions.decide",
    "moderation.as_moderator.unban": "as moderation.bans.unban",
    "moderation.reporting.report_by_filter": "shows only moderators something",
    "moderation.reporting.report_message": "shows only moderators something",
    "moderation.roles.check_moderator": "checks",
    "moderation.screening.report_if_found": "shows only moderators something",
    "moderation.screening.screen": "a part of sending and editing",
    "moderation.shadow_changes.delete": "a part of deleting, of what no other member sees",
    "moderation.shadow_changes.edit": "a part of editing, of what no other member sees",
    "moderation.shadow_changes.put_edit": "a part of editing, of what no other member sees",
    "moderation.warnings.acknowledge": "of warnings, which belong to no chat",
    "search.remember_query": "shows nothing of a chat",
    "sending.screened": "a part of sending",
    "sending.send_body": "a part of sending",
    "sending.draft_of": "a part of sending",
    "typing.set_typing": "a signal that is never stored",
    "attachments.direct_uploads.prepare_uploads": "files that are not sent yet",
    "attachments.direct_uploads.complete_upload": "as attachments.uploading.add_files, by another way",
    "attachments.ingest.inspect": "a part of uploads",
    "attachments.uploading.attachment_for_download": "reads",
    "attachments.uploading.check_unsent_quota": "checks",
    "attachments.uploading.store_files": "a part of uploads",
    "attachments.uploading.upload_unattached": "files that are not sent yet",
}
