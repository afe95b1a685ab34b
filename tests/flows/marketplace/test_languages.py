"""Errors in the language of the user, over REST and socket."""

from __future__ import annotations

import pytest

from tests.people import CHAT, Person, Socket
from tests.servers import ChatServer

CHAT_NOT_FOUND = {
    "en": "This chat does not exist.",
    "ru": "Такого чата нет.",
    "sr-Latn": "Ovaj razgovor ne postoji.",
    "sr-Cyrl": "Овај разговор не постоји.",
    "th": "ไม่พบแชทนี้",
}


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("en", "en"),
        ("ru", "ru"),
        ("sr", "sr-Latn"),
        ("sr-RS", "sr-Latn"),
        ("sr-Cyrl-RS", "sr-Cyrl"),
        ("th", "th"),
        ("sr-Latn-RS", "sr-Latn"),
        ("th-TH,th;q=0.9,en;q=0.8", "th"),
        ("xx, ru;q=0.7, en;q=0.3", "ru"),
        ("xx", "en"),
        ("*", "en"),
        ("", "en"),
        ("ru;q=x,,;=", None),
    ],
)
def test_errors_are_in_the_requested_language(alice: Person, accepted: str, language: str | None) -> None:
    reply = alice.server.get(
        CHAT + "/messages", token=alice.token, params={"chat_id": 1}, headers={"Accept-Language": accepted}
    )
    assert (reply.status, reply.error) == (404, "marketplace.chatNotFound")
    expected = set(CHAT_NOT_FOUND.values()) if language is None else {CHAT_NOT_FOUND[language]}
    assert reply.json["message"] in expected


@pytest.mark.parametrize("language", CHAT_NOT_FOUND)
def test_socket_uses_the_language_of_its_handshake(alice: Person, language: str) -> None:
    socket = alice.connects(headers={"Accept-Language": language})
    error = socket.requests({"type": "typing", "chat_id": 1, "is_typing": True}, "error")
    assert (error["error"], error["message"]) == ("marketplace.chatNotFound", CHAT_NOT_FOUND[language])


def test_sockets_of_different_languages_do_not_mix(alice: Person) -> None:
    """Whichever greenlet serves them: one after the other gets the same."""
    sockets = {language: alice.connects(headers={"Accept-Language": language}) for language in ("ru", "th", "en")}
    for _ in range(2):
        for language, socket in sockets.items():
            error = socket.requests({"type": "typing", "chat_id": 1, "is_typing": True}, "error")
            assert error["message"] == CHAT_NOT_FOUND[language]


def test_error_without_a_translation_uses_the_general_text(server: ChatServer, alice: Person) -> None:
    reply = server.request("POST", CHAT + "/messages", token=alice.token, data="{", headers={
        "Content-Type": "application/json", "Accept-Language": "ru"})  # fmt: skip
    assert (reply.status, reply.json["message"]) == (400, "Запрос не удалось прочитать.")
    socket = alice.connects()
    assert socket.requests([1], "error")["message"] == "The request cannot be read."


def test_missing_token_has_a_translated_error(server: ChatServer) -> None:
    reply = server.get(CHAT, headers={"Accept-Language": "th"})
    assert (reply.status, reply.json["message"]) == (401, "กรุณาเข้าสู่ระบบ")
    assert Socket(server, query="?token=x").close_code() == 4401


def test_reasons_of_invalid_fields_are_translated(alice: Person) -> None:
    body = {"content": 5, "receiver_id": "x", "client_message_id": "k" * 200, "colour": "red"}
    reply = alice.posts("/messages", body, **{"Accept-Language": "sr-Cyrl"})
    assert (reply.status, reply.json["message"]) == (422, "Нека поља нису исправна.")
    assert reply.json["details"] == {
        "content": ["Неисправан текст."],
        "receiver_id": ["Неисправан цео број."],
        "client_message_id": ["Дужина мора бити од 1 до 128."],
        "colour": ["Непознато поље."],
    }
    empty = alice.connects(headers={"Accept-Language": "ru"}).requests({"receiver_id": 1, "content": ""}, "error")
    assert empty["details"] == {"content": ["Не должно быть пустым."]}


def test_success_texts_are_in_the_language_of_the_user(alice: Person) -> None:
    reply = alice.social.requests("GET", "/conversations", headers={"Accept-Language": "th"})
    assert reply.json["message"] == "ดึงข้อมูลการสนทนาสำเร็จ"
