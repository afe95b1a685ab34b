"""Texts that hurt elsewhere: kept letter by letter in every dialect, or refused with nothing changed."""

from __future__ import annotations

import json

import pytest

from chatapp.ids.public import encode_chat
from tests.database import Database
from tests.flows.marketplace.conftest import Pair
from tests.flows.marketplace.conftest import clean_log as clean_log
from tests.flows.marketplace.conftest import pair as pair
from tests.social_api import frame

pytestmark = pytest.mark.usefixtures("clean_log")

LIMIT = 10_000  # characters of a message

# Content is plain text: clients escape it when they show it, so nothing is removed here.
KEPT = {
    "script": "<script>alert(1)</script>",
    "image with a handler": "<img src=x onerror=alert(1)>",
    "svg with a handler": "<svg/onload=alert(1)>",
    "out of an attribute": '"><iframe srcdoc="<script>alert(1)</script>">',
    "link with a script": '<a href="javascript:alert(1)">open</a>',
    "script in mathml": '<math><mi xlink:href="data:x,<script>alert(1)</script>"></math>',
    "out of a string": "';alert(1)//",
    "template": "{{constructor.constructor('alert(1)')()}} ${7*7} <%= 7*7 %>",
    "javascript address": "javascript:alert(1)",
    "markdown with a script": "[open](javascript:alert(1))",
    "right to left override": "\u202egnp.exe",
    "marks without end": "e" + "\u0301" * (LIMIT - 1),
    "joined emoji": "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "composed": "caf\u00e9",
    "decomposed": "cafe\u0301",
    "line breaks": "one\r\ntwo\rthree\nfour",
    "as many characters as may be": "x" * LIMIT,
    "as many of four bytes": "\U0001f6b2" * LIMIT,
    "mentions": "@bob " * (LIMIT // 5),
    "statement": "'; DROP TABLE messages; --",
    "format": "%s %(id)s {0} {sender}",
    "not a character": "\ufffe\uffff\U0010ffff",
}
REFUSED = {
    "one character more": ("x" * (LIMIT + 1), 422),
    "nothing to see": (" \u200b\u2060\t", 422),
    "nul": ("a\x00b", 422),
    "half a character": ("\ud83d", 400),
}


@pytest.mark.parametrize("name", KEPT)
def test_it_reads_back_letter_by_letter(pair: Pair, name: str) -> None:
    text, conversation = KEPT[name], encode_chat(pair.chat_id)
    his, other = pair.bob.connects(), pair.bob.social.connects()
    sent = pair.alice.sends(text, chat_id=pair.chat_id)
    again = pair.alice.social.sends(text, to=conversation)
    pair.alice.connects().sends(json.dumps({"chat_id": pair.chat_id, "content": text}, ensure_ascii=False))
    received = [frame["message"]["content"] for frame in his.receives_all("new_message", 3)]
    elsewhere = [frame["payload"]["content"] for frame in other.receives_all("message.new", 3)]
    assert received == elsewhere == [sent["content"], again["content"], text] == [text] * 3
    assert [message["content"] for message in pair.bob.history(pair.chat_id, limit=3)] == [text] * 3
    assert [message["content"] for message in pair.bob.social.history(conversation, limit=3)] == [text] * 3
    his.closes()
    other.closes()


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_and_changes_nothing(pair: Pair, database: Database, name: str) -> None:
    (text, status), conversation = REFUSED[name], encode_chat(pair.chat_id)
    ours, theirs = pair.alice.connects(), pair.alice.social.connects()
    before = database.counts()
    assert pair.alice.posts("/messages", {"chat_id": pair.chat_id, "content": text}).status == status
    assert pair.alice.social.posts(f"/conversations/{conversation}/messages", {"content": text}).status == status
    ours.requests({"chat_id": pair.chat_id, "content": text}, "error")
    theirs.sends(frame("message.send", conversationId=conversation, content=text, tempId="t"))
    theirs.receives_any("message.error", "error")
    assert database.counts() == before
    ours.closes()
    theirs.closes()


def test_a_script_is_no_link(pair: Pair) -> None:
    conversation = encode_chat(pair.chat_id)
    for name in ("link with a script", "javascript address", "markdown with a script", "script in mathml"):
        pair.alice.sends(KEPT[name], chat_id=pair.chat_id)
    shared = pair.bob.social.gets(f"/conversations/{conversation}/links").data["links"]
    assert [link["url"] for link in shared if not link["url"].startswith(("http://", "https://"))] == []
