"""marshmallow classes as JSON Schema components, the same for OpenAPI and AsyncAPI."""

from __future__ import annotations

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema, fields, validate

from chatapp import __version__
from chatapp.edge.http.fields import RequestSchema, Text
from chatapp.ops.contract.examples import with_examples
from chatapp.text.sanitizing import STORABLE
from config import Settings


class _Converter(OpenAPIConverter):
    """Adds what our own classes declare beyond marshmallow.

    Attributes:
        bounds: maximum length or value, by the bound that a field names in its metadata.
    """

    bounds: dict[str, int] = {}

    def init_attribute_functions(self) -> None:
        super().init_attribute_functions()
        self.attribute_functions += [self._pattern, self._bound]

    def schema2jsonschema(self, schema: Any) -> dict[str, Any]:
        shape: dict[str, Any] = super().schema2jsonschema(schema)
        return {**shape, **getattr(schema, "together", {})}

    def _pattern(self, field: fields.Field[Any], **kwargs: Any) -> dict[str, Any]:
        """Texts of requests exclude U+0000; patterns are anchored as Python's `match` and `\\Z` anchor them."""
        if not isinstance(field, Text) or not isinstance(field.root, RequestSchema):
            return {}
        if field.metadata.keys() & {"enum", "format", "pattern"}:
            return {}
        rule = next((rule for rule in field.validators if isinstance(rule, validate.Regexp)), None)
        return {"pattern": STORABLE if rule is None else "^" + str(rule.regex.pattern).removesuffix(r"\Z") + "$"}

    def _bound(self, field: fields.Field[Any], **kwargs: Any) -> dict[str, Any]:
        bound = self.bounds.get(field.metadata.get("bound", ""))
        return {} if bound is None else {"maxLength" if isinstance(field, Text) else "maximum": bound}


class _Plugin(MarshmallowPlugin):
    Converter = _Converter


class Components:
    """Collects the schemas that a document refers to.

    Parameters:
        title: of the document.
        settings: of the described server; None to leave out bounds that depend on settings.
    """

    def __init__(self, title: str, settings: Settings | None = None, **info: Any) -> None:
        plugin = _Plugin(schema_name_resolver=_name)
        self.spec = APISpec(title, __version__, "3.1.0", plugins=[plugin], **info)
        converter = plugin.converter
        assert isinstance(converter, _Converter)
        if settings is not None:
            converter.bounds = {"max_file_bytes": settings.max_file_mb << 20}
            if not settings.sanitize_html:  # with sanitising, an HTML entity counts as one character
                converter.bounds["max_content_length"] = settings.max_content_length
        self._converter = converter
        # Many routes have one schema, and mounts have all of their dialect.
        self._references: dict[type[Schema], dict[str, Any]] = {}
        self._inline: dict[type[Schema], dict[str, Any]] = {}
        self._parameters: dict[type[Schema], list[dict[str, Any]]] = {}

    def reference(self, schema: type[Schema]) -> dict[str, Any]:
        """A reference to the component of a marshmallow class, which is added on first use."""
        if schema not in self._references:
            self._references[schema] = self._converter.resolve_nested_schema(schema)
        return self._references[schema]

    def inline(self, schema: type[Schema]) -> dict[str, Any]:
        """The JSON Schema of a marshmallow class, with references to nested ones."""
        if schema not in self._inline:
            self._inline[schema] = with_examples(self._converter.schema2jsonschema(schema()))
        return self._inline[schema]

    def query_parameters(self, schema: type[Schema]) -> list[dict[str, Any]]:
        """The fields of a schema as parameters of a query string."""
        if schema not in self._parameters:
            properties = self._converter.schema2jsonschema(schema())
            required = properties.get("required", ())
            self._parameters[schema] = [
                {"in": "query", "name": name, "required": name in required, "schema": _without_null(shape)}
                for name, shape in properties.get("properties", {}).items()
            ]
        return self._parameters[schema]

    def schemas(self) -> dict[str, Any]:
        """All components, with examples."""
        schemas: dict[str, Any] = self.spec.to_dict().get("components", {}).get("schemas", {})
        return {name: with_examples(schema) for name, schema in sorted(schemas.items())}


def _without_null(shape: dict[str, Any]) -> dict[str, Any]:
    """Remove null, which a query string cannot express."""
    kinds = shape.get("type")
    if not isinstance(kinds, list):
        return shape
    left = [kind for kind in kinds if kind != "null"]
    return {**shape, "type": left[0] if len(left) == 1 else left}


def _name(schema: type[Schema] | Schema) -> str:
    """Prefix class names with their dialect, as dialects use the same names."""
    cls = schema if isinstance(schema, type) else type(schema)
    package = cls.__module__.split(".")
    dialect = package[2] if package[:2] == ["chatapp", "dialects"] and len(package) > 3 else ""
    return dialect.capitalize() + cls.__name__.removesuffix("Schema")
