"""The service routes of the assistant."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint

from chatapp.actions.assistant import mailbox
from chatapp.assistant.bot_answers import MAX_WISH, BotPart
from chatapp.assistant.port import ItemRef
from chatapp.dialects.service import assistant_schemas
from chatapp.edge import statistics
from chatapp.edge.http.authentication import protect_for_services
from chatapp.edge.http.validation import gives, refuses, takes
from chatapp.errors import Conflict, Invalid, NotFound, Reason

bp = Blueprint("service_assistant", __name__)
protect_for_services(bp)


@bp.get("/assistant/stats")
@takes(statistics.StatsQuery, "query")
@gives(statistics.Stats, rendered=True)
def stats(args: dict[str, Any]) -> dict[str, Any]:
    """Get what happened in sessions, by day and language: questions, answers, hand-overs, ratings."""
    return statistics.assistant_stats(args)


@bp.post("/assistant/answers")
@refuses(NotFound, Conflict)
@takes(assistant_schemas.BotAnswer)
@gives(assistant_schemas.Accepted, 202)
def take_answer(args: dict[str, Any]) -> dict[str, Any]:
    """Answer a question that the webhook was asked, in one part or more. 409 once its turn is over."""
    if args["wish"] is not None and len(orjson.dumps(args["wish"])) > MAX_WISH:
        raise Invalid({"wish": [Reason("too_long", max=MAX_WISH)]})
    part = BotPart(
        text=args["text"],
        items=tuple(ItemRef(item["kind"], item["id"]) for item in args["item_ids"]),
        choices=tuple(args["choices"]),
        index=args["index"],
        wish=args["wish"],
        hand_over=args["hand_over"],
        is_done=args["done"],
    )
    mailbox.deliver(args["turn_id"], part)
    return {"turn_id": args["turn_id"]}
