"""Every language has every text, with the same placeholders, in its own script."""

from __future__ import annotations

import ast
import re
from string import Formatter

import pytest
from marshmallow import fields

from chatapp.edge.http.fields import RequestSchema
from chatapp.edge.http.validators import Length, Range
from chatapp.errors import Invalid
from chatapp.files import refusals
from chatapp.text import texts as catalogue
from chatapp.text.texts import FOLDER, LANGUAGES
from tests.servers import ROOT

Texts = dict[tuple[str, str], str]

CYRILLIC, THAI = re.compile("[\u0400-\u04ff]"), re.compile("[\u0e00-\u0e7f]")
SCRIPTS = {"ru": CYRILLIC, "sr-Cyrl": CYRILLIC, "th": THAI}
LATIN = dict(zip("абвгдђежзијклмнопрстћуфхцчш", "abvgdđežzijklmnoprstćufhcčš", strict=True))
LATIN |= {"љ": "lj", "њ": "nj", "џ": "dž"}
# Sentences that read the same in English, by language.
SAME_AS_ENGLISH: dict[str, set[str]] = {}


def texts_of(language: str) -> Texts:
    return catalogue.load(FOLDER / f"{language}.po")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def problems(language: str, texts: Texts, english: Texts) -> list[str]:
    """What is wrong with the texts of a language, compared with the English ones."""
    found = [f"{language} lacks {key}" for key in english.keys() - texts.keys()]
    found += [f"{language} has {key}, which English lacks" for key in texts.keys() - english.keys()]
    for key in english.keys() & texts.keys():
        text = texts[key]
        if not text.strip():
            found.append(f"{language} has an empty text for {key}")
        if placeholders(text) != placeholders(english[key]):
            found.append(f"{language} has other placeholders for {key}")
        if language != "en" and text == english[key] and text not in SAME_AS_ENGLISH.get(language, ()):
            found.append(f"{language} has the English text for {key}")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_is_complete(language: str) -> None:
    assert problems(language, texts_of(language), texts_of("en")) == []


def test_an_incomplete_language_is_found() -> None:
    english = {
        ("error", "a"): "Not found.",
        ("error", "b"): "At most {max}.",
        ("error", "c"): "Done",
        ("error", "d"): "x",
    }
    broken = {("error", "b"): "Höchstens {min}.", ("error", "c"): "Done", ("error", "d"): " ", ("error", "e"): "?"}
    assert sorted(problems("de", broken, english)) == [
        "de has ('error', 'e'), which English lacks",
        "de has an empty text for ('error', 'd')",
        "de has other placeholders for ('error', 'b')",
        "de has the English text for ('error', 'c')",
        "de lacks ('error', 'a')",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_is_defined_twice(language: str) -> None:
    lines = (FOLDER / f"{language}.po").read_text("utf-8").splitlines()
    assert sum(line.startswith("msgctxt ") for line in lines) == len(texts_of(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_is_written_in_the_script_of_its_language(language: str) -> None:
    expected = SCRIPTS.get(language)
    for key, text in texts_of(language).items():
        for script in (CYRILLIC, THAI):
            assert bool(script.search(text)) == (script is expected), (key, text)


def test_serbian_reads_the_same_in_both_scripts() -> None:
    def latin(text: str) -> str:
        return re.sub(CYRILLIC, lambda match: transliterated(match[0]), text)

    def transliterated(letter: str) -> str:
        return LATIN[letter] if letter in LATIN else LATIN[letter.lower()].capitalize()

    assert {key: latin(text) for key, text in texts_of("sr-Cyrl").items()} == texts_of("sr-Latn")


def test_a_file_names_its_own_language() -> None:
    for language in LANGUAGES:
        assert f'"Language: {language}\\n"' in (FOLDER / f"{language}.po").read_text("utf-8")


def reasons_in_the_code() -> set[str]:
    """The keys of all reasons that are raised."""
    named = {
        node.args[0].value
        for path in (ROOT / "chatapp").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Reason")
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    of_marshmallow = {*fields.Field().error_messages.values(), *RequestSchema().error_messages.values()}
    invalid_files = {code for code in refusals.CODES if isinstance(refusals.refusal(code), Invalid)}
    nested = set(fields.Nested.default_error_messages.values())
    return named | of_marshmallow | nested | invalid_files | set(Length.keys) | set(Range.keys)


def test_every_reason_has_a_text_and_every_text_a_reason() -> None:
    assert {key for context, key in texts_of("en") if context == "reason"} == reasons_in_the_code()
