"""The contract documents: OpenAPI and AsyncAPI, written from the schemas and decorators that do the work."""

from __future__ import annotations

from chatapp.ops.contract.pages import contract_blueprint

__all__ = ["contract_blueprint"]
