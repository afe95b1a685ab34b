"""Players get the waveform of a recording in as many bars as they draw."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.ids.public import encode_file
from tests.files.corpus import made
from tests.files.making_media import sound
from tests.flows.attachments.words import field, named, uploads
from tests.flows.social.refusals import assert_refused
from tests.people import Person
from tests.servers import Reply

pytestmark = pytest.mark.usefixtures("clean_log")


@pytest.fixture
def voice(alice: Person, bob: Person, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A voice message of alice to bob: its file."""
    recorded = made(sound, "ipod", "aac", folder=tmp_path_factory.mktemp("sound"), seconds=2.0)
    (file,) = uploads(alice, named("voice.m4a", recorded), field("voice", "1"))
    sent = alice.sends("", to=bob, attachment_ids=[file["id"]], message_type="voice")
    return dict(sent["attachments"][0])


def of_marketplace(who: Person, file_id: int, **params: Any) -> Reply:
    """Request it."""
    return who.gets(f"/attachments/{file_id}/waveform", **params)


def of_social(who: Person, file_id: int, **params: Any) -> Reply:
    """Request it."""
    return who.social.gets(f"/files/{encode_file(file_id)}/waveform", **params)


def test_any_number_of_bars_in_both_dialects(bob: Person, voice: dict[str, Any]) -> None:
    for bars in (16, 17, 64, 100, 256):
        shown, social = of_marketplace(bob, voice["id"], bars=bars).data, of_social(bob, voice["id"], bars=bars).data
        assert (len(shown["waveform"]), max(shown["waveform"])) == (bars, 100)
        assert shown["duration"] == voice["metadata"]["duration"]
        assert shown["attachment_id"] == voice["id"]
        assert social == {
            "fileId": encode_file(voice["id"]),
            "duration": shown["duration"],
            "waveform": shown["waveform"],
        }
    assert of_marketplace(bob, voice["id"]).data["waveform"] == voice["metadata"]["waveform"]
    assert len(of_social(bob, voice["id"]).data["waveform"]) == 64


def test_a_bad_number_is_refused(bob: Person, voice: dict[str, Any]) -> None:
    for bars in (15, 257, 0, -1, "x", "16.5", "", "9" * 400):
        reply = of_marketplace(bob, voice["id"], bars=bars)
        assert (reply.status, reply.error) == (422, "marketplace.validationFailed"), bars
        assert set(reply.json["details"]) == {"bars"}
        assert_refused(of_social(bob, voice["id"], bars=bars), 422, "VALIDATION_FAILED")


def test_other_files_and_those_of_others_are_not_found(alice: Person, carol: Person, voice: dict[str, Any]) -> None:
    (picture,) = uploads(alice)
    reply = of_marketplace(alice, picture["id"])
    assert (reply.status, reply.error) == (404, "marketplace.waveformNotFound")
    assert_refused(of_social(alice, picture["id"]), 404, "WAVEFORM_NOT_FOUND")
    reply = of_marketplace(carol, voice["id"])
    assert (reply.status, reply.error) == (404, "marketplace.attachmentNotFound")
    assert_refused(of_social(carol, voice["id"]), 404, "ATTACHMENT_NOT_FOUND")
