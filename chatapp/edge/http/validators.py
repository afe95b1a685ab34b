"""Validators whose errors are keys of the catalogue of texts. `apispec` documents them by their attributes."""

from __future__ import annotations

import re
from collections.abc import Sequence, Sized
from typing import Any, ClassVar

from marshmallow import ValidationError

from chatapp.errors import Reason


class _Bounds:
    """Bounds a measure of a value, both included; None for no bound."""

    # Of the texts: outside both bounds, below the only one, above the only one.
    keys: ClassVar[tuple[str, str, str]]

    def __init__(self, minimum: float | None, maximum: float | None) -> None:
        self.min, self.max = minimum, maximum

    def __call__(self, value: Any) -> None:
        """Raises ValidationError if the value is out of bounds."""
        reason = self.problem_with(value)
        if reason:
            raise ValidationError(reason)

    def problem_with(self, value: Any) -> Reason | None:
        """Why the value is out of bounds; None if it is not."""
        measure = self._measure(value)
        below = self.min is not None and measure < self.min
        above = self.max is not None and measure > self.max
        if not (below or above):
            return None
        either, too_low, too_high = self.keys
        if self.min is not None and self.max is not None:
            return Reason(either, min=self.min, max=self.max)
        return Reason(too_low, min=self.min) if below else Reason(too_high, max=self.max)

    def _measure(self, value: Any) -> float:
        raise NotImplementedError


class Length(_Bounds):
    """Bounds the length of a text or list."""

    keys = ("length_out_of_range", "too_short", "too_long")
    equal = None  # apispec distinguishes lengths from ranges by this attribute

    def _measure(self, value: Sized) -> float:
        return len(value)


class Range(_Bounds):
    """Bounds a number."""

    keys = ("out_of_range", "below_minimum", "above_maximum")

    def _measure(self, value: float) -> float:
        return value


class OneOf:
    """Allows only certain texts."""

    def __init__(self, choices: Sequence[str]) -> None:
        self.choices = choices

    def __call__(self, value: str) -> None:
        """Raises ValidationError if the text is none of them."""
        if value not in self.choices:
            raise ValidationError(Reason("not_a_choice", choices=", ".join(self.choices)))


class Pattern:
    """Allows only texts of a pattern.

    Parameters:
        pattern: also valid in JSON Schema, without anchors.
        reason: key of the text that says what is allowed.
    """

    def __init__(self, pattern: str, reason: str) -> None:
        self.regex = re.compile(f"^{pattern}$")
        self._reason = reason

    def __call__(self, value: str) -> None:
        """Raises ValidationError if the text does not match."""
        if not self.regex.fullmatch(value):
            raise ValidationError(Reason(self._reason))
