"""Responses about privacy match their document."""

from __future__ import annotations

import uuid

import pytest

from tests.flows.contract.privacy_routes import PRIVACY_ROUTES
from tests.flows.contract.test_frames import problems
from tests.people import CHAT, SOCIAL, Person

FIELDS = {CHAT: "hide_last_seen", SOCIAL: "hideLastSeen"}


@pytest.mark.parametrize("base", [CHAT, SOCIAL])
def test_every_response_matches_the_document(alice: Person, base: str) -> None:
    export = alice.server.post(f"{base}/exports", token=alice.token).data["id"]
    for method, path in PRIVACY_ROUTES:
        body = {"json": {FIELDS[base]: True}} if method == "patch" else {}
        for id in (export, uuid.uuid4()):
            actual = base + path.replace("{export_id}", str(id))
            reply = alice.server.request(method.upper(), actual, token=alice.token, **body)
            assert problems(alice.server, method, base + path, reply) == []
