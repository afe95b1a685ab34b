"""What the assistant says by itself, when no adapter has an answer."""

from __future__ import annotations

from collections.abc import Mapping

# A table: a text in each language. Neither the visitor nor the assistant has a gender.
_TEXTS: Mapping[str, Mapping[str, str]] = {
    "failed": {
        "en": "Sorry, something went wrong. Please ask again.",
        "de": "Leider ist etwas schiefgegangen. Bitte noch einmal fragen.",
        "ru": "К сожалению, произошла ошибка. Пожалуйста, повторите вопрос.",
        "sr-Latn": "Nažalost, došlo je do greške. Molimo ponovite pitanje.",
        "sr-Cyrl": "Нажалост, дошло је до грешке. Молимо поновите питање.",
        "th": "ขออภัย เกิดข้อผิดพลาด กรุณาถามอีกครั้ง",
    },
    "busy": {
        "en": "Many people are asking right now. Please try again in a moment.",
        "de": "Gerade fragen sehr viele. Bitte gleich noch einmal versuchen.",
        "ru": "Сейчас очень много вопросов. Пожалуйста, повторите чуть позже.",
        "sr-Latn": "Trenutno ima mnogo pitanja. Molimo pokušajte ponovo za koji trenutak.",
        "sr-Cyrl": "Тренутно има много питања. Молимо покушајте поново за који тренутак.",
        "th": "ขณะนี้มีคำถามจำนวนมาก กรุณาลองใหม่อีกสักครู่",
    },
    "handover": {
        "en": "A person will take over and answer here.",
        "de": "Ein Mensch übernimmt und antwortet hier.",
        "ru": "Дальше ответит человек, здесь же.",
        "sr-Latn": "Dalje odgovara čovek, ovde u razgovoru.",
        "sr-Cyrl": "Даље одговара човек, овде у разговору.",
        "th": "เจ้าหน้าที่จะรับช่วงต่อและตอบคุณที่นี่",
    },
}
DEFAULT = "en"


def text(key: str, language: str) -> str:
    """A text in a language, or in the nearest one there is."""
    texts = _TEXTS[key]
    if language.startswith(("sr", "hr", "bs")):
        language = "sr-Cyrl" if language.endswith("Cyrl") else "sr-Latn"
    return texts.get(language) or texts.get(language.partition("-")[0]) or texts[DEFAULT]
