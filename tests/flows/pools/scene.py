"""Two people with a chat that has one of everything, and the calls of every route that succeed there."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

from chatapp.ids.public import encode_chat
from tests.browser_client import Browser
from tests.flows.attachments.words import named, uploads
from tests.host import Host
from tests.people import PASSWORD, Person, PersonMaker
from tests.servers import SERVICE_TOKEN, ChatServer, Reply

Options = dict[str, Any]
Caller = Callable[..., Reply]  # takes a method, an absolute path, and what goes with the request

MOUNTS = ("browser_marketplace", "browser_social", "browser_assistant")
"""Dialects below `/api/v2`: the same views as elsewhere, with the credentials of the other routes there."""


class Scene:
    """Alice, and what she may name: her chat with bob, a message, a file that she has not sent yet."""

    def __init__(self, make_person: PersonMaker) -> None:
        self.alice: Person = make_person("alice")
        self.bob: Person = make_person("bob")
        self.message = self.alice.sends("see https://example.com", to=self.bob)
        self.chat_id: int = self.message["chat_id"]
        self.file: int = uploads(self.alice)[0]["id"]
        self.conversation: str = self.alice.social.opens(self.bob)["id"]
        self.social_message: str = self.alice.social.history(self.conversation)[0]["id"]
        self.social_file: str = self.uploads_socially()
        self.group_id: int = self.creates_group()

    def creates_group(self) -> int:
        """The id of a group of alice's, with bob."""
        reply = self.alice.posts("/groups", {"title": "Neighbours", "member_ids": [self.bob.id]})
        assert reply.status == 200, reply.text
        return int(reply.data["id"])

    def uploads_socially(self) -> str:
        """A file of the social dialect that is not sent yet."""
        reply = self.alice.social.requests("POST", "/files", files=[named("picture.png")])
        assert reply.status in (200, 201), reply.text
        return str(reply.data[0]["id"])

    @property
    def report_id(self) -> int:
        """An open report about a message of alice."""
        body = {"message_id": self.alice.sends("for a report", to=self.bob)["id"], "reason": "spam"}
        reply = self.bob.posts("/reports", body)
        assert reply.status == 200, reply.text
        return int(reply.data["id"])

    @property
    def warning(self) -> dict[str, Any]:
        """A warning to alice, with its id in each dialect."""
        assert Host(self.alice.server).decides(self.report_id, "warn").status == 200
        social: str = self.alice.social.gets("/warnings").data["warnings"][0]["id"]
        return {"id": self.alice.gets("/warnings").data[0]["id"], "uuid": social}

    @property
    def export_id(self) -> str:
        """An export that alice requested."""
        return str(self.alice.posts("/exports").data["id"])

    def session_id(self) -> str:
        """A session of alice with a message."""
        opened = self.alice.server.post("/api/sessions", token=self.alice.token, json={}).json
        body = {"session_id": opened["signed_session_id"], "content": "hello"}
        self._said = self.alice.server.post("/api/chat/messages", token=self.alice.token, json=body).json["message"][
            "id"
        ]
        return str(opened["signed_session_id"])

    def said(self) -> str:
        """The message of the session that was made last."""
        return self._said

    def browser(self) -> Browser:
        """A browser in which alice, a moderator, is logged in."""
        path = f"/api/v1/internal/users/{self.alice.id}/moderator"
        assert self.alice.server.put(path, token=SERVICE_TOKEN).status == 200
        browser = Browser(self.alice.server)
        assert browser.logs_in(self.alice.username, self.alice.password).status == 200
        return browser

    def caller(self, endpoint: str) -> Caller:
        """Makes requests with what opens a route."""
        if endpoint.startswith("browser"):
            return self.browser().requests
        return _with_token(self.alice.server, SERVICE_TOKEN if endpoint.startswith("service") else self.alice.token)

    def strangers(self, endpoint: str) -> list[Caller]:
        """Make requests without credentials, and with invalid ones."""
        if not endpoint.startswith("browser"):
            return [_with_token(self.alice.server, None), _with_token(self.alice.server, "nonsense")]
        invalid = Browser(self.alice.server)
        invalid.csrf_token = "nonsense"
        return [Browser(self.alice.server).requests, invalid.requests]

    def static_file(self) -> str:
        """The version and path of a file that the log-in page loads."""
        found = re.search(r'"/static/([^"]+)"', self.alice.server.get("/login").text)
        assert found is not None
        return found[1]

    def path(self, rule: str) -> str:
        """The path of a route, about what is there."""
        in_group = "/groups/" in rule
        values: dict[str, object] = {
            "<int:chat_id>": self.group_id if in_group else self.chat_id,
            "<int:message_id>": self.message["id"],
            "<int:attachment_id>": self.file,
            "<int:report_id>": self.report_id if "<int:report_id>" in rule else 0,
            "<int:warning_id>": self.warning["id"] if "<int:warning_id>" in rule else 0,
            "<uuid:warning_id>": self.warning["uuid"] if "<uuid:warning_id>" in rule else 0,
            "<chat:conversation_id>": encode_chat(self.group_id) if in_group else self.conversation,
            "<int:user_id>": self.bob.id,
            "<user>": self.bob.uuid,
            "<message:message_id>": self.social_message,
            "<file:file_id>": self.social_file,
            "<export_id>": self.export_id if "<export_id>" in rule else 0,
            "<session:session_id>": self.session_id() if "<session:" in rule else "",
            "<username>": self.bob.username,
            "<reference>": self.bob.id,
            "<any(listing, storefront_product):kind>": "listing",
            "<int:id>": 1001,
            "<name>": "swagger-ui.css",
            "<path:place>": "people",
            "<version>/<path:path>": self.static_file() if "<version>" in rule else "",
        }
        return filled(rule, values)

    def calls(self, endpoint: str) -> list[Options]:
        """How a route is called so that it succeeds: what goes with the request beside the token."""
        return CALLS.get(endpoint, lambda scene: [{}])(self)


def invalid_path(rule: str) -> str:
    """The path of a route, with ids that do not exist."""
    nothing: dict[str, object] = {
        "<int:chat_id>": 987654321,
        "<int:message_id>": 987654321,
        "<int:attachment_id>": 987654321,
        "<int:report_id>": 987654321,
        "<int:warning_id>": 987654321,
        "<uuid:warning_id>": uuid.uuid4(),
        "<chat:conversation_id>": uuid.uuid4(),
        "<int:user_id>": 987654321,
        "<user>": uuid.uuid4(),
        "<message:message_id>": uuid.uuid4(),
        "<file:file_id>": uuid.uuid4(),
        "<export_id>": uuid.uuid4(),
        "<session:session_id>": uuid.uuid4(),
        "<username>": "no-such-user",
        "<reference>": 987654321,
        "<any(listing, storefront_product):kind>": "listing",
        "<int:id>": 987654321,
        "<name>": "nothing.css",
        "<path:place>": "nowhere",
        "<version>/<path:path>": "0/nothing.css",
    }
    return filled(rule, nothing)


def filled(rule: str, values: dict[str, object]) -> str:
    """A rule with values in place of its arguments; fails for an argument that has none."""
    for argument, value in values.items():
        rule = rule.replace(argument, str(value))
    assert "<" not in rule, f"no value for an argument of {rule}"
    return rule


def _sends(scene: Scene) -> list[Options]:
    bob = scene.bob.id
    return [
        {"json": {"chat_id": scene.chat_id, "content": "by chat"}},
        {"json": {"receiver_id": bob, "content": "by receiver", "client_message_id": uuid.uuid4().hex}},
        {"json": {"receiver_id": bob, "attachment_ids": [scene.file]}},
    ]


def _signs_up(scene: Scene) -> list[Options]:
    name = f"new-{uuid.uuid4().hex[:10]}"
    return [{"json": {"username": name, "email": f"{name}@example.com", "password": PASSWORD, "name": "New"}}]


def _unblocks(scene: Scene) -> list[Options]:
    assert scene.alice.social.blocks(scene.bob).status == 201
    return [{}]


def _unblocks_by_id(scene: Scene) -> list[Options]:
    scene.alice.blocks(scene.bob)
    return [{}]


def _cursors(scene: Scene) -> list[Options]:
    return [{"params": {"cursor": scene.alice.social.gets("/messages/since").data["cursor"]}}]


def _reports(scene: Scene) -> list[Options]:
    theirs = scene.bob.sends("of bob", chat_id=scene.chat_id)
    return [{"json": {"message_id": theirs["id"], "reason": "spam"}}]


def _reports_socially(scene: Scene) -> list[Options]:
    theirs = scene.bob.social.sends("of bob", to=scene.conversation)
    return [{"json": {"messageId": theirs["id"], "reason": "spam"}}]


def _with_token(server: ChatServer, token: str | None) -> Caller:
    return lambda method, path, **options: server.request(method, path, token=token, **options)


THUMB: Options = {"json": {"emoji": "👍"}}

CALLS: dict[str, Callable[[Scene], list[Options]]] = {
    "marketplace_marks.react": lambda scene: [THUMB],
    "marketplace_marks.unreact": lambda scene: [THUMB, {"params": {"emoji": "👍"}}],
    "marketplace_blocks.block": lambda scene: [{"json": {"user_id": scene.bob.id}}],
    "marketplace_blocks.unblock": _unblocks_by_id,
    "social_marks.react": lambda scene: [THUMB],
    "social_marks.unreact": lambda scene: [THUMB, {"params": {"emoji": "👍"}}],
    "marketplace.list_chats": lambda scene: [{}, {"params": {"q": "bob", "archived": "true"}}],
    "marketplace.list_messages": lambda scene: [
        {"params": {"chat_id": scene.chat_id}},
        {"params": {"receiver_id": scene.bob.id, "limit": 1}},
    ],
    "marketplace.list_since": _cursors,
    "marketplace.send": _sends,
    "marketplace.edit": lambda scene: [{"json": {"content": "edited"}}],
    "marketplace.forward": lambda scene: [{"json": {"chat_ids": [scene.chat_id]}}],
    "marketplace.mark_read": lambda scene: [
        {"json": {"chat_id": scene.chat_id, "message_ids": [scene.message["id"]]}},
    ],
    "marketplace_settings.mute": lambda scene: [{"json": {"until": "2090-01-01T00:00:00Z"}}],
    "marketplace_settings.snooze": lambda scene: [{"json": {"until": "2090-01-01T00:00:00Z"}}],
    "marketplace_settings.save_draft": lambda scene: [{"json": {"content": "draft"}}],
    "social_settings.snooze": lambda scene: [{"json": {"until": "2090-01-01T00:00:00Z"}}],
    "social_settings.save_draft": lambda scene: [{"json": {"content": "draft"}}],
    "marketplace_files.add_files": lambda scene: [{"files": [named("more.png")]}],
    "marketplace_files.upload": lambda scene: [{"files": [named("more.png")]}],
    "marketplace_files.prepare_uploads": lambda scene: [{"json": {"files": [{"file_name": "a.png", "file_size": 99}]}}],
    "marketplace_files.complete_upload": lambda scene: [{"json": {}}],
    "marketplace_search.search": lambda scene: [
        {"params": {"q": "see from:me"}},
        {"params": {"q": "see", "chat_id": scene.chat_id, "sort": "newest"}},
    ],
    "marketplace_search.suggest_searches": lambda scene: [{}, {"params": {"q": "s"}}],
    "social_search.search": lambda scene: [{"params": {"q": "see", "conversationId": scene.conversation}}],
    "social_search.suggest_searches": lambda scene: [{"params": {"q": "s"}}],
    "marketplace_groups.create_group": lambda scene: [{"json": {"title": "New", "member_ids": [scene.bob.id]}}],
    "marketplace_groups.change_group": lambda scene: [{"json": {"title": "New", "picture_attachment_id": scene.file}}],
    "marketplace_groups.add_members": lambda scene: [{"json": {"user_ids": [scene.bob.id]}}],
    "marketplace_groups.change_role": lambda scene: [{"json": {"role": "admin"}}],
    "social_groups.create_group": lambda scene: [{"json": {"title": "New", "usernames": [scene.bob.username]}}],
    "social_groups.change_group": lambda scene: [
        {"json": {"title": "New", "pictureAttachmentId": scene.social_file}},
    ],
    "social_groups.add_members": lambda scene: [{"json": {"usernames": [scene.bob.username]}}],
    "social_groups.change_role": lambda scene: [{"json": {"role": "admin"}}],
    "social.list_since": lambda scene: [{}, *_cursors(scene)],
    "social.send": lambda scene: [
        {"json": {"content": "hello", "tempId": uuid.uuid4().hex}},
        {"json": {"content": "", "attachmentIds": [scene.social_file]}},
    ],
    "social.forward": lambda scene: [{"json": {"conversationIds": [scene.conversation]}}],
    "social.mark_read": lambda scene: [{"json": {}}, {"json": {"messageId": scene.social_message}}],
    "social.edit": lambda scene: [{"json": {"content": "edited"}}],
    "social.block": lambda scene: [{"json": {"username": scene.bob.username}}],
    "social.unblock": _unblocks,
    "social_files.add_files": lambda scene: [{"files": [named("more.png")]}],
    "social_files.upload": lambda scene: [{"files": [named("more.png")]}],
    "social_files.prepare_uploads": lambda scene: [{"json": {"files": [{"fileName": "a.png", "fileSize": 99}]}}],
    "social_files.complete_upload": lambda scene: [{"json": {}}],
    "service.put_item": lambda scene: [{"json": {"title": "Bicycle", "seller_id": scene.bob.id}}],
    "service.put_user": lambda scene: [{"json": {"verified": True}}],
    "marketplace_privacy.change_privacy": lambda scene: [{"json": {"hide_last_seen": True}}],
    "social_privacy.change_privacy": lambda scene: [{"json": {"hideLastSeen": True}}],
    "marketplace_moderation.report": _reports,
    "social_moderation.report": _reports_socially,
    "service_moderation.decide": lambda scene: [{"json": {"action": "dismiss"}}],
    "service_moderation.put_filters": lambda scene: [{"json": {"rules": []}}],
    "account.sign_up": _signs_up,
    "account.log_in": lambda scene: [{"json": {"login": scene.alice.username, "password": PASSWORD}}],
    "assistant.send_message": lambda scene: [{"json": {"session_id": scene.session_id(), "content": "hello"}}],
    "assistant.list_messages": lambda scene: [{"params": {"session_id": scene.session_id()}}],
    "assistant.list_since": lambda scene: [
        {"params": {"session_id": scene.session_id(), "since": "2026-01-01T00:00:00Z"}}
    ],
    "assistant.list_after": lambda scene: [{"params": {"session_id": scene.session_id(), "after_id": scene.said()}}],
    "assistant.rate": lambda scene: [{"json": {"session_id": scene.session_id(), "rating": "up"}}],
    "assistant.regenerate": lambda scene: [{"json": {"session_id": scene.session_id()}}],
    "assistant_sessions.sign_session": lambda scene: [{"json": {"session_id": scene.session_id()}}],
    "service_assistant.take_answer": lambda scene: [{"json": {"turn_id": 42, "text": "late"}}],
    "browser_account.sign_up": _signs_up,
    "browser_account.log_in": lambda scene: [{"json": {"login": scene.alice.username, "password": PASSWORD}}],
    "browser_admin.decide": lambda scene: [{"json": {"action": "dismiss"}}],
    "browser_admin.ban_user": lambda scene: [{"json": {}}],
    "web.take_reports": lambda scene: [
        {
            "json": {"csp-report": {"violated-directive": "img-src"}},
            "headers": {"Content-Type": "application/csp-report"},
        }
    ],
    "account.refresh": lambda scene: [{"json": {"refresh_token": scene.alice.refresh_token}}],
}

REFUSED_HERE = {
    "marketplace_files.complete_upload",
    "marketplace_files.show_waveform",
    "social_files.complete_upload",
    "social_files.show_waveform",
    "service.get_erasure",
    "assistant.rate",
    "assistant.regenerate",
    "assistant_sessions.claim_session",
    "assistant_sessions.release",
    "service_assistant.take_answer",
}
"""Routes that need stored bytes, a recording, an erased user, an answer of the assistant, or another session; what they
refuse here they have looked up all the same.
"""

USES_UP = {
    "marketplace.send",  # the file
    "marketplace.delete",
    "marketplace_blocks.block",
    "marketplace.delete_chat",
    "marketplace_files.delete_attachment",
    "marketplace_groups.change_group",  # the file, as a picture
    "marketplace_groups.remove_member",
    "marketplace_groups.leave_group",
    "marketplace_marks.hide",
    "social.delete_conversation",
    "social.send",
    "social.delete",
    "social.block",
    "social_files.delete_file",
    "social_groups.change_group",
    "social_groups.remove_member",
    "social_groups.leave_group",
    "social_marks.hide",
    "service.delete_user",
    "service_moderation.ban_user",
    "service_moderation.add_moderator",  # moderators do not ban each other
    "browser_admin.ban_user",
    "account.refresh",
    "account.log_out",
}
"""Routes after which others would not succeed any more in the same scene."""
