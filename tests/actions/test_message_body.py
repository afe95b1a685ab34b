"""What may be sent, and when two messages are the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatapp.actions.message_body import MAX_MENTIONS, Forwarded, MessageBody
from chatapp.errors import Invalid
from chatapp.events.snapshots import Origin, Person
from chatapp.ops import runtime
from config import load

BODY = MessageBody("hello", attachment_ids=(1,), reply_to_id=2, mention_ids=(3, 4), original_language="en")
PERSON = Person(1, "u", "alice", "", None)


@pytest.fixture(autouse=True)
def rules(environment: dict[str, str]) -> None:
    """The rules for texts."""
    runtime.build(load(environment))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (replace(BODY, content="", attachment_ids=()), "content"),
        (replace(BODY, attachment_ids=tuple(range(1, 12))), "attachment_ids"),
        (replace(BODY, mention_ids=tuple(range(MAX_MENTIONS + 1))), "mentions"),
        (replace(BODY, original_language="english!"), "original_language"),
        (replace(BODY, original_language="en\n"), "original_language"),
    ],
)
def test_an_invalid_part_is_named(body: MessageBody, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        body.check()
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize("language", [None, "en", "sr-Latn", "zh-Hant-TW"])
def test_a_valid_body_is_accepted(language: str | None) -> None:
    replace(BODY, original_language=language).check()


def test_a_forward_may_consist_of_files() -> None:
    forwarded = Forwarded(Origin(1, PERSON, "now"), 1, (5, 6))
    MessageBody("", "image", forwarded=forwarded).check()
    with pytest.raises(Invalid):
        MessageBody("", forwarded=replace(forwarded, attachment_ids=())).check()


def test_every_part_belongs_to_the_fingerprint() -> None:
    others = [
        replace(BODY, content="hi"),
        replace(BODY, attachment_ids=()),
        replace(BODY, reply_to_id=3),
        replace(BODY, mention_ids=(4, 3)),
        replace(BODY, original_language=None),
        replace(BODY, message_type="file"),
    ]
    prints = [body.fingerprint(7) for body in (BODY, *others)]
    assert len({*prints, BODY.fingerprint(8)}) == len(prints) + 1
    assert replace(BODY).fingerprint(7) == prints[0]


def test_a_forward_is_known_by_its_source_whatever_its_text_is_by_now() -> None:
    origin = Origin(1, PERSON, "now")
    body = MessageBody("first", forwarded=Forwarded(origin, 2))
    assert replace(body, content="edited").fingerprint(7) == body.fingerprint(7)
    assert replace(body, forwarded=Forwarded(origin, 3)).fingerprint(7) != body.fingerprint(7)


def test_the_sender_knows_the_language_better() -> None:
    assert MessageBody("Is it still available?").language() == "en"
    assert MessageBody("Is it still available?", original_language="sr").language() == "sr"
    assert MessageBody("ok").language() is None
