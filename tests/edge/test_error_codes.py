"""The table of error codes names every code that is raised, with its class, and no other."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

import pytest
from flask import Flask

from chatapp import errors
from chatapp.dialects import DIALECTS
from chatapp.edge.dialect import Dialect
from chatapp.edge.error_codes import ERROR_CODES
from chatapp.edge.http import error_handlers
from chatapp.files import refusals
from chatapp.text import texts as catalogue
from tests.servers import ROOT

# Raised by the command line only.
NOT_FOR_CLIENTS = {("demo_email_taken", errors.Conflict)}
CLASSES = {  # clients do not see why something is unavailable
    name: errors.Unavailable if issubclass(value, errors.Unavailable) else value
    for module in (errors, error_handlers)
    for name, value in vars(module).items()
    if isinstance(value, type) and issubclass(value, errors.ChatError)
}


def raised() -> Iterator[tuple[str, type[errors.ChatError]]]:
    """The literal codes of errors that the code makes, and the codes of the classes themselves."""
    for path in (ROOT / "chatapp").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and (kind := CLASSES.get(ast.unparse(node.func).rpartition(".")[2])):
                for code in _codes(node, kind):
                    yield code, kind
    for kind in CLASSES.values():
        if kind is not errors.Unavailable:  # always names the part
            yield kind.code, kind
    for kind_of_item in ("listing", "storefront_product"):  # computed in `actions.chats`
        yield f"{kind_of_item}_not_found", errors.NotFound
    for code in refusals.CODES:
        yield code, type(refusals.refusal(code))


def _codes(call: ast.Call, kind: type[errors.ChatError]) -> Iterator[str]:
    position = 1 if kind in (errors.Invalid, errors.RateLimited) else 0
    given = [keyword.value for keyword in call.keywords if keyword.arg == "code"] or call.args[position : position + 1]
    for node in given:
        for part in (node.body, node.orelse) if isinstance(node, ast.IfExp) else (node,):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield f"{part.value}_unavailable" if kind is errors.Unavailable else part.value


def test_the_table_names_exactly_the_codes_that_are_raised() -> None:
    listed = {(entry.code, entry.kind) for entry in ERROR_CODES}
    assert listed == set(raised()) - NOT_FOR_CLIENTS


def test_no_code_is_listed_twice() -> None:
    assert max(Counter((entry.code, entry.kind) for entry in ERROR_CODES).values()) == 1


def test_every_text_belongs_to_a_code_of_the_table() -> None:
    codes = {entry.code for entry in ERROR_CODES} | {entry.kind.code for entry in ERROR_CODES}
    texts = catalogue.load(catalogue.FOLDER / "en.po")
    assert {key for context, key in texts if context == "error"} <= codes


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_the_documented_form_of_a_code_is_sent(dialect: Dialect) -> None:
    with Flask(__name__).test_request_context():
        for entry in ERROR_CODES:
            error = errors.Invalid({}, entry.code) if entry.kind is errors.Invalid else errors.ChatError(entry.code)
            sent = dialect.envelope.failure(error, 400)["error"]
            assert (sent["code"] if isinstance(sent, dict) else sent) == dialect.error_code(entry.code)
