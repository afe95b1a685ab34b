"""OpenAPI 3.1 of every route, generated from the decorators that validate, limit and authorise."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g
from werkzeug.routing import Rule

from chatapp import errors
from chatapp.edge.http.credentials import READS, Credentials, of_blueprint
from chatapp.edge.http.envelopes import PLAIN, Envelope, envelope_for
from chatapp.edge.http.error_handlers import STATUS, RangeNotSatisfiable, status_of
from chatapp.edge.http.validation import Gives, Takes
from chatapp.ids.snowflake import MAX_ID
from chatapp.ops.contract import bytes_shape
from chatapp.ops.contract.components import Components
from chatapp.ops.contract.examples import example_body
from chatapp.ops.contract.sample_schema import ANY_KEY, schema_of_sample

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PARAMETER = re.compile(r"<(?:(?P<type>[a-z]+)(?:\((?P<options>[^)]*)\))?:)?(?P<name>\w+)>")
_PATH_TYPES = {
    "int": {"type": "integer", "minimum": 1, "maximum": MAX_ID},
    "uuid": {"type": "string", "format": "uuid"},
    "chat": {"type": "string", "format": "uuid"},
    "message": {"type": "string", "format": "uuid"},
    "file": {"type": "string", "format": "uuid"},
}
_DATA = "\0data"  # placeholder for the data of a route while its envelope is inspected
_RETRY = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
_MEANINGS = {refusal: (inspect.getdoc(refusal) or "").partition("\n\n")[0] for refusal in STATUS}


def openapi_document(app: Flask) -> dict[str, Any]:
    """The document of an application."""
    components = Components(
        "chatapp",
        info={"description": "Chat for a marketplace or social platform. Sockets are described in `/asyncapi.json`."},
        settings=app.config["SETTINGS"],
        servers=[{"url": "/", "description": "This server."}],
    )
    paths: dict[str, Any] = {}
    responses: dict[str, Any] = {}
    schemes: dict[str, Any] = {"serviceToken": {"type": "http", "scheme": "bearer", "description": "SERVICE_TOKEN"}}
    with app.test_request_context():
        g.request_id = "4f1c2a9b8e7d4c6f9a0b1c2d3e4f5a6b"  # appears in the examples of refusals
        for route in _routes(app):
            operations = paths.setdefault(route.path, {})
            operations[route.method.lower()] = _operation(route, components, responses)
            schemes |= {scheme[0]: scheme[1] for scheme in _schemes(route)}
    document = components.spec.to_dict()
    document["paths"] = dict(sorted(paths.items()))
    document["components"] = {
        "schemas": components.schemas(),
        "responses": dict(sorted(responses.items())),
        "securitySchemes": schemes,
    }
    return document


@dataclass(frozen=True)
class _Route:
    """One method of one URL rule, with what its view and blueprint declare.

    Attributes:
        blueprint: its name where it was defined; dialects may mount it under others.
        credentials: of the dialect that mounts it.
    """

    rule: Rule
    method: str
    view: Any
    blueprint: str
    security: str | None
    credentials: Credentials

    @property
    def path(self) -> str:
        return _PARAMETER.sub(r"{\g<name>}", self.rule.rule)

    @property
    def takes(self) -> tuple[Takes, ...]:
        return getattr(self.view, "takes", ())

    @property
    def takes_files(self) -> bool:
        return getattr(self.view, "takes_files", False)

    @property
    def gives_bytes(self) -> bool:
        return getattr(self.view, "gives_bytes", False)

    @property
    def takes_body(self) -> bool:
        return self.takes_files or any(taken.location == "json" for taken in self.takes)

    @property
    def gives(self) -> Gives | None:
        return getattr(self.view, "gives", None)

    @property
    def envelope(self) -> Envelope:
        return envelope_for(_PARAMETER.sub("1", self.rule.rule))


def _routes(app: Flask) -> Iterator[_Route]:
    for rule in app.url_map.iter_rules():
        if rule.websocket:  # described in AsyncAPI: OpenAPI cannot describe frames
            continue
        view = app.view_functions[rule.endpoint]
        blueprint = rule.endpoint.rpartition(".")[0]
        owner = app.blueprints.get(blueprint)
        security = getattr(view, "security", None) or getattr(owner, "security", None)
        for method in _METHODS:
            if method in (rule.methods or ()):
                name = blueprint if owner is None else owner.name
                yield _Route(rule, method, view, name, security, of_blueprint(blueprint))


def _operation(route: _Route, components: Components, responses: dict[str, Any]) -> dict[str, Any]:
    doc = inspect.getdoc(route.view) or route.rule.endpoint
    summary, _, description = doc.partition("\n")
    operation: dict[str, Any] = {
        "operationId": _operation_id(route),
        "tags": [route.blueprint or "app"],
        "summary": summary,
        "parameters": list(_parameters(route, components)),
        "responses": {**_success(route, components), **_failures(route, responses)},
    }
    if description.strip():
        operation["description"] = description.strip()
    for taken in route.takes:
        if taken.location == "json":
            schema = components.reference(taken.schema)
            example = example_body(taken.schema, components.inline(taken.schema))
            content = {"application/json": {"schema": schema, "example": example}}
            operation["requestBody"] = {"required": not taken.is_optional, "content": content}
    if route.takes_files:
        operation["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": bytes_shape.FORM}}}
    security = _security(route)
    if security:
        operation["security"] = security
    return operation


def _security(route: _Route) -> list[dict[str, list[str]]]:
    """The alternatives of a route, each a set of schemes that are needed together."""
    if route.security == "service":
        return [{"serviceToken": []}]
    user, *others = (name for name, _ in _schemes(route))
    always: dict[str, list[str]] = {name: [] for name in others}
    if route.security == "actor":
        return [{user: [], **always}]
    if route.security == "visitor":  # the id of a session is enough
        return [always, {user: [], **always}]
    return [always] if always else []


def _schemes(route: _Route) -> list[tuple[str, Mapping[str, Any]]]:
    scheme, write_scheme = route.credentials.scheme, route.credentials.write_scheme
    return [scheme] if write_scheme is None or route.method in READS else [scheme, write_scheme]


def _operation_id(route: _Route) -> str:
    """The name of the endpoint, numbered if it has several paths, such as with and without a trailing slash."""
    siblings = [rule.rule for rule in current_app.url_map.iter_rules(route.rule.endpoint)]
    number = siblings.index(route.rule.rule)
    return f"{route.rule.endpoint}.{route.method.lower()}{number + 1 if number else ''}"


def _parameters(route: _Route, components: Components) -> Iterator[dict[str, Any]]:
    for match in _PARAMETER.finditer(route.rule.rule):
        shape = _PATH_TYPES.get(match["type"] or "", {"type": "string"})
        if match["type"] == "any":
            shape = {"type": "string", "enum": [word.strip() for word in match["options"].split(",")]}
        yield {"in": "path", "name": match["name"], "required": True, "schema": shape}
    if route.gives_bytes:
        yield from bytes_shape.PARAMETERS
    for taken in route.takes:
        if taken.location == "query":
            yield from components.query_parameters(taken.schema)


def _success(route: _Route, components: Components) -> dict[str, Any]:
    if route.gives_bytes:
        return bytes_shape.DOWNLOAD
    gives = route.gives
    if gives is None:
        responses: dict[str, Any] = getattr(route.view, "responses", {"200": {"description": "Success."}})
        return responses
    data: dict[str, Any] = components.reference(gives.schema) if gives.schema else {}
    if gives.many:
        data = {"type": "array", "items": data}
    schema = _enveloped(route.envelope.success(_DATA), data)
    return {str(gives.status): {"description": "Success.", "content": {"application/json": {"schema": schema}}}}


def _enveloped(body: Any, data: dict[str, Any]) -> dict[str, Any]:
    """The schema of a rendered envelope, with the schema of the data in place of `_DATA`."""
    if body == _DATA:
        return data
    if not isinstance(body, dict):
        return schema_of_sample(body)
    properties = {
        key: {"const": value} if isinstance(value, bool) else _enveloped(value, data) for key, value in body.items()
    }
    return {"type": "object", "properties": properties, "required": sorted(properties)}


def _failures(route: _Route, responses: dict[str, Any]) -> dict[str, Any]:
    """References to the error responses of a route, in the shape of its dialect."""
    dialect = "plain" if route.envelope is PLAIN else route.blueprint
    found = {}
    for error in _possible_errors(route):
        status = status_of(type(error))
        name = f"{dialect}.{status}"
        if name not in responses:
            body = route.envelope.failure(error, status)
            content = {"application/json": {"schema": schema_of_sample(body), "example": body}}
            responses[name] = {"description": _MEANINGS[type(error)], "content": content}
            if hasattr(error, "retry_after"):
                responses[name]["headers"] = _RETRY
        found[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return found


def _possible_errors(route: _Route) -> Iterator[errors.ChatError]:
    if route.takes_body:
        yield from (errors.Unreadable(), errors.TooLarge(), errors.Unsupported())
    elif route.takes:
        yield errors.Unreadable()  # too many parameters
    if route.takes or route.takes_files:
        yield errors.Invalid({ANY_KEY: [errors.Reason("invalid")]})
    if route.security or route.takes_body:  # without a token, the body holds credentials
        yield errors.Unauthorised()
    if route.security in ("actor", "visitor") or "<" in route.rule.rule:
        yield errors.NotFound()
    if route.takes_body and route.security != "service":
        yield from (errors.Forbidden(), errors.Conflict())
    if route.gives_bytes:
        yield from (errors.Forbidden(), RangeNotSatisfiable(0))
    if getattr(route.view, "limit", None) or route.security:
        yield errors.RateLimited(1)
    if len(_schemes(route)) > 1:
        yield errors.Forbidden()
    for refusal in getattr(route.view, "refuses", ()):
        yield errors.Invalid({ANY_KEY: [errors.Reason("invalid")]}) if refusal is errors.Invalid else refusal()
    if not _is_open(route):
        yield errors.Unavailable("database")


def _is_open(route: _Route) -> bool:
    """Whether the route needs no database: health, metrics, pages, and these documents."""
    return route.blueprint in ("ops", "contract", "web")
