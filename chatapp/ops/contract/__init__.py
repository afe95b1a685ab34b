"""OpenAPI and AsyncAPI, generated from the schemas and decorators that validate requests and frames."""

from __future__ import annotations

from chatapp.ops.contract.pages import contract_blueprint

__all__ = ["contract_blueprint"]
