"""Field types of the contract: strict about JSON types, bounded, and limited to what Postgres can store."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields

from chatapp import clock
from chatapp.edge.http.fast_loading import FastPathLoader
from chatapp.edge.http.validators import Length, Pattern, Range
from chatapp.errors import Invalid, Reason
from chatapp.ids import snowflake
from chatapp.text import sanitizing
from chatapp.text.languages import LANGUAGE_TAG

MAX_REPORTED = 50  # fields or elements that one error names

_MAX_DIGITS = 18  # of a number in a query string: more than any bound has, and cheap to parse
_DIGITS = re.compile(f"-?[0-9]{{1,{_MAX_DIGITS}}}")
_SPACED_OFFSET = re.compile(r" (\d\d:\d\d)$")
# In the metadata of a field: this setting is its maximum length or value. `ops.contract.components` documents it.
CONTENT_BOUND = {"bound": "max_content_length"}
FILE_BOUND = {"bound": "max_file_bytes"}
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}

# Keys of the catalogue instead of marshmallow's own English.
fields.Field.default_error_messages |= {"required": "missing", "null": "null", "validator_failed": "invalid"}
fields.Nested.default_error_messages |= {"type": "invalid_type"}


def _is_query(field: fields.Field[Any]) -> bool:
    """Whether the values come from a query string, where all of them are strings."""
    return bool(getattr(field.root, "is_query", False))


class Integer(fields.Integer):
    """An integer; 5.0 is one, since JSON has a single number type. In JSON never a string or a boolean."""

    def __init__(self, minimum: int | None = None, maximum: int | None = None, **options: Any) -> None:
        """
        Parameters:
            minimum, maximum: bounds, both included.
        """
        super().__init__(strict=True, validate=Range(minimum, maximum), **options)
        self._bounds = (-math.inf if minimum is None else minimum, math.inf if maximum is None else maximum)

    def accepts(self, value: Any) -> bool:
        """Whether the value is valid and loads unchanged."""
        return type(value) is int and self._bounds[0] <= value <= self._bounds[1]

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if _is_query(self) and isinstance(value, str) and _DIGITS.fullmatch(value):
            return int(value)
        if type(value) is float and value.is_integer():
            return int(value)
        if type(value) is not int:
            raise ValidationError(Reason("not_an_integer"))
        return value

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value


class Id(Integer):
    """An id of chatapp or of the host: 1 to 2**53 - 1, which every JSON parser represents exactly."""

    def __init__(self, **options: Any) -> None:
        super().__init__(1, snowflake.MAX_ID, **options)


class OptionalId(Integer):
    """An id for which 0 and null mean absent; both load as None, and None is dumped as 0."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("load_default", None)
        super().__init__(0, snowflake.MAX_ID, allow_none=True, **options)

    def accepts(self, value: Any) -> bool:
        """Whether the value is valid and not 0, which loads as None."""
        return value != 0 and super().accepts(value)

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return super().deserialize(value, *args, **kwargs) or None

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value or 0


class Limit(Integer):
    """A page size; a larger one is reduced to the maximum."""

    def __init__(self, maximum: int, default: int = 20, *, minimum: int = 1) -> None:
        """
        Parameters:
            maximum: larger values are reduced to it.
            default: without a value.
            minimum: smaller values are refused.
        """
        self.maximum = maximum
        description = f"At most {maximum}; larger values count as {maximum}."
        super().__init__(minimum, load_default=default, metadata={"description": description})

    def accepts(self, value: Any) -> bool:
        """Whether the value is valid and at most the maximum."""
        return super().accepts(value) and value <= self.maximum

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if _is_query(self) and isinstance(value, str) and len(value) > _MAX_DIGITS and re.fullmatch("[0-9]+", value):
            return self.maximum
        return min(self.maximum, super().deserialize(value, *args, **kwargs))


class Text(fields.String):
    """A string, measured in code points. U+0000 and lone surrogates are refused: Postgres or UTF-8 cannot hold them."""

    def __init__(self, max_length: int | None = None, min_length: int = 0, **options: Any) -> None:
        """
        Parameters:
            max_length, min_length: bounds in code points, both included.
        """
        length = Length(min_length or None, max_length) if max_length or min_length else None
        self._longest = max_length or math.inf
        self._shortest = min_length
        self._has_rule = "validate" in options
        super().__init__(validate=[rule for rule in (length, options.pop("validate", None)) if rule], **options)

    def accepts(self, value: Any) -> bool:
        """Whether the value is valid and loads unchanged."""
        return (
            type(value) is str
            and self._shortest <= len(value) <= self._longest
            and not self._has_rule
            and not sanitizing.has_forbidden_characters(value)
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise ValidationError(Reason("not_a_string"))
        if sanitizing.has_forbidden_characters(value):
            raise ValidationError(Reason("unstorable_characters"))
        return value

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value


class LanguageTag(Text):
    """The language of a text, as its sender says; null to let the server detect it."""

    def __init__(self) -> None:
        super().__init__(
            35,
            2,
            allow_none=True,
            load_default=None,
            validate=Pattern(LANGUAGE_TAG, "not_a_language"),
            metadata={"description": "Language of the text, such as `en` or `sr-Latn`; detected if not given."},
        )


class Uuid(Text):
    """The UUID of a user, conversation, message or file. A malformed one is looked up like any other, and not found."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"format": "uuid", **options.pop("metadata", {})}, **options)


class Boolean(fields.Boolean):
    """true or false. In a query string also 1 or 0."""

    def accepts(self, value: Any) -> bool:
        """Whether the value is valid and loads unchanged."""
        return type(value) is bool

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if _is_query(self) and value in _BOOLEANS:
            return _BOOLEANS[value]
        if not isinstance(value, bool):
            raise ValidationError(Reason("not_a_boolean"))
        return value

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value


class Number(fields.Float):
    """A finite number; never a string or a boolean."""

    def __init__(self, minimum: float | None = None, maximum: float | None = None, **options: Any) -> None:
        """
        Parameters:
            minimum, maximum: bounds, both included.
        """
        super().__init__(validate=Range(minimum, maximum), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValidationError(Reason("not_a_number"))
        return value

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value


class Timestamp(fields.DateTime):
    """An RFC 3339 timestamp with an offset; loaded as an aware UTC datetime, dumped with `Z`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise ValidationError(Reason("not_a_timestamp"))
        if _is_query(self):
            value = _SPACED_OFFSET.sub(r"+\1", value)  # `+02:00` that was not escaped in a query string
        try:
            return clock.parse_rfc3339(value)
        except ValueError as error:
            raise ValidationError(Reason("not_a_timestamp")) from error

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return clock.rfc3339(value) if isinstance(value, dt.datetime) else value


class Items(fields.List[Any]):
    """A list. Its length is checked before its elements, of which at most MAX_REPORTED are reported."""

    def __init__(
        self,
        element: fields.Field[Any],
        maximum: int,
        minimum: int = 0,
        *,
        code: str | None = None,
        **options: Any,
    ) -> None:
        """
        Parameters:
            maximum, minimum: bounds of the number of elements, both included.
            code: of the error for too many, if not that of every invalid field.
        """
        self._bounds = Length(minimum or None, maximum)
        self._code = code
        super().__init__(element, validate=self._bounds, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValidationError(Reason("not_a_list"))
        reason = self._bounds.problem_with(value)
        if reason and self._code and value:
            raise Invalid({str(attr or self.name): [reason]}, self._code)
        if reason:
            raise ValidationError(reason)
        loaded: list[Any] = []
        wrong: dict[int, Any] = {}
        for index, each in enumerate(value):
            try:
                loaded.append(self.inner.deserialize(each, **kwargs))
            except ValidationError as error:
                wrong[index] = error.messages
                if len(wrong) == MAX_REPORTED:
                    break
        if wrong:
            raise ValidationError(wrong)
        return loaded


class RequestSchema(Schema):
    """Base of request schemas: unknown fields are refused.

    Attributes:
        is_query: whether the values come from a query string, where numbers and booleans are strings.
        together: JSON Schema keywords for rules over several fields, which other code enforces. For documentation only.
        example: a body for the documents, if one generated from the fields would be refused or incomplete.
    """

    is_query = False
    together: ClassVar[Mapping[str, Any]] = {}
    example: ClassVar[Mapping[str, Any]] = {}

    error_messages = {"unknown": "unknown_field", "type": "invalid_type"}

    class Meta:
        unknown = "raise"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._fast_path = FastPathLoader(self)

    def load_fast(self, raw: Mapping[str, Any]) -> dict[str, Any] | None:
        """The result of `load` if no value must be converted or refused; else None."""
        return self._fast_path.load(raw)


class ReplySchema(Schema):
    """Base of response schemas: only declared fields are sent, so that the documentation is right."""
