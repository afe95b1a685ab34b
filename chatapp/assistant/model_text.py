"""Texts on their way to a model. Those of visitors and items are data, whatever they say."""

from __future__ import annotations

import re

from chatapp.text.sanitizing import single_line, without_controls

# Marks that separate roles for some models, such as <|im_start|>, [INST] or <start_of_turn>.
_MARKS = re.compile(
    r"<\|.{0,60}?\|>|<[|｜].{0,60}?[|｜]>|\[/?(?:INST|SYS|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]|<</?SYS>>"
    r"|</?(?:start_of_turn|end_of_turn|bos|eos|s|system|tool_call|tool_response|think)>",
    re.IGNORECASE | re.DOTALL,
)
_BEGINNING_OF_MARK = re.compile(r"<\||\|>|<｜|｜>")


def for_model(text: str, length: int) -> str:
    """A text without control characters and the marks that separate roles; at most so many characters of it."""
    text = without_controls(text.replace("\x00", ""))
    # By a space, so that what was around a mark forms no other.
    return _BEGINNING_OF_MARK.sub(" ", _MARKS.sub(" ", text)).strip()[:length]


def line_for_model(text: str, length: int) -> str:
    """The same on one line, as for titles."""
    return for_model(single_line(text), length)
