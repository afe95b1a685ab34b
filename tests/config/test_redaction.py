"""Credentials never reach a log."""

import logging

import pytest

from config.redaction import RedactingFilter, redact


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("GET /ws/chat?token=aaa.bbb.ccc&x=1 HTTP/1.1", "GET /ws/chat?token=[redacted]&x=1 HTTP/1.1"),
        ("'/ws/chat?x=1&ticket=abc'", "'/ws/chat?x=1&ticket=[redacted]'"),
        ("?access_token=abc", "?access_token=[redacted]"),
        ("?TOKEN=abc", "?TOKEN=[redacted]"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_the_values_of_parameters_are_removed(line: str, written: str) -> None:
    assert redact(line) == written


@pytest.mark.parametrize(
    "text",
    [
        "GET /ws/chat?ticket=SECRET&x=1",
        "GET /ws/chat?x=1&token=SECRET",
        "Authorization: Bearer SECRET",
        "access_token, Bearer_SECRET",
        '{"refresh_token": "SECRET"}',
        "password=SECRET",
        "redis://:hidden@host token: SECRET",
        "sent eyJhbGciOiJIUzI1NiJ9.SECRET.c2ln",
    ],
)
def test_credentials_are_removed_everywhere(text: str) -> None:
    assert "SECRET" not in redact(text)


def test_the_arguments_of_a_record_are_redacted() -> None:
    record = logging.LogRecord("gunicorn.error", logging.ERROR, "", 0, "Error handling %s", ("/?token=abc",), None)
    assert RedactingFilter().filter(record)
    assert record.getMessage() == "Error handling /?token=[redacted]"
