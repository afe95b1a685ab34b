"""Credentials in URLs never reach a log."""

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
def test_values_are_blanked(line: str, written: str) -> None:
    assert redact(line) == written


def test_arguments_of_a_record_are_blanked_too() -> None:
    record = logging.LogRecord("gunicorn.error", logging.ERROR, "", 0, "Error handling %s", ("/?token=abc",), None)
    assert RedactingFilter().filter(record)
    assert record.getMessage() == "Error handling /?token=[redacted]"
