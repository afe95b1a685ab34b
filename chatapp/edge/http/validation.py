"""Decorators that declare the request and response of a view. OpenAPI is printed from what they attach to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal

from flask import Response, request
from marshmallow import Schema, ValidationError

from chatapp.edge.http.envelopes import envelope_for, json_response
from chatapp.edge.http.fields import MAX_REPORTED, RequestSchema
from chatapp.edge.http.request_body import MAX_KEYS, read_json_object
from chatapp.errors import ChatError, Invalid, Reason, Unreadable

View = Callable[..., Any]
Location = Literal["json", "query"]

MAX_REPORTED_NAME = 64  # characters of a field's name


@dataclass(frozen=True, slots=True)
class Takes:
    """The request of a view. `is_optional`: a missing body counts as an empty one."""

    schema: type[RequestSchema]
    location: Location
    is_optional: bool


@dataclass(frozen=True, slots=True)
class Gives:
    """The response of a view. `schema` None: data of no fixed shape."""

    schema: type[Schema] | None
    status: int
    many: bool


def takes(
    schema: type[RequestSchema], location: Location = "json", *, optional: bool = False
) -> Callable[[View], View]:
    """Validate the request and pass the result to the view as a positional argument, after those of outer decorators.

    Parameters:
        schema: marshmallow class that validates.
        location: the JSON body or the query string.
        optional: whether the body may be missing.
    """
    loader = schema()
    loader.is_query = location == "query"

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapper(*args: Any, **path: Any) -> Any:
            raw = _query() if location == "query" else read_json_object(optional=optional)
            return view(*args, load(loader, raw), **path)

        wrapper.takes = (Takes(schema, location, optional), *getattr(view, "takes", ()))  # type: ignore[attr-defined]
        return wrapper

    return decorate


def gives(
    schema: type[Schema] | None, status: int = 200, *, many: bool = False, rendered: bool = False
) -> Callable[[View], View]:
    """Render the result of the view through the schema, in the dialect's envelope. A `Response` passes unchanged.

    Parameters:
        schema: marshmallow class that dumps; None for data that is JSON-ready.
        status: of the response.
        many: whether the data is a list.
        rendered: whether the view returns exactly the schema's fields, JSON-ready, so that long lists are not rendered
            twice. Tests compare its responses with the schema.
    """
    dumper = schema() if schema and not rendered else None

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapper(*args: Any, **path: Any) -> Response:
            data = view(*args, **path)
            if isinstance(data, Response):
                return data
            dumped = dumper.dump(data, many=many) if dumper else data
            return json_response(envelope_for(request.path).success(dumped), status)

        wrapper.gives = Gives(schema, status, many)  # type: ignore[attr-defined]
        return wrapper

    return decorate


def refuses(*refusals: type[ChatError]) -> Callable[[View], View]:
    """Document refusals that do not follow from the request of the view."""

    def decorate(view: View) -> View:
        view.refuses = refusals  # type: ignore[attr-defined]
        return view

    return decorate


def load(schema: RequestSchema, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The validated fields.

    Raises:
        Invalid: names every invalid field; those of nested objects with dots between.
    """
    loaded = schema.load_fast(raw)
    if loaded is not None:
        return loaded
    try:
        return dict(schema.load(raw))
    except ValidationError as error:
        fields = dict(list(_flat(error.normalized_messages()).items())[:MAX_REPORTED])
        raise Invalid(fields) from error


def _query() -> dict[str, str]:
    """The parameters of the URL.

    Raises:
        Unreadable: more than MAX_KEYS parameters.
        Invalid: a parameter is given more than once.
    """
    if request.query_string.count(b"&") >= MAX_KEYS:
        raise Unreadable("too_many_parameters")
    repeated = [name for name, values in request.args.lists() if len(values) > 1]
    if repeated:
        raise Invalid({name[:MAX_REPORTED_NAME]: [Reason("given_twice")] for name in repeated[:MAX_REPORTED]})
    return request.args.to_dict()


def _flat(messages: Mapping[Any, Any], prefix: str = "") -> dict[str, list[Reason]]:
    flat: dict[str, list[Reason]] = {}
    for name, reasons in messages.items():
        path = f"{prefix}{str(name)[:MAX_REPORTED_NAME]}"
        if isinstance(reasons, Mapping):
            flat.update(_flat(reasons, f"{path}."))
        else:
            flat[path] = [reason if isinstance(reason, Reason) else Reason(reason) for reason in reasons]
    return flat
