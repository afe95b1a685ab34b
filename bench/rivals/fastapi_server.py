"""A minimal chat on FastAPI and asyncpg: one process, its sockets in a dict, one statement per message.

It implements as much of chatapp's protocol as `bench.workload` needs and none of its guarantees: no limits, no
validation, no stored idempotency keys, no second process, and nothing keeps frames in the order of their `seq`. It runs
in the environment of `requirements.txt` and reads PORT, DATABASE_URL and JWT_SECRET.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg  # type: ignore[import-not-found]
import jwt
import orjson
import uvicorn  # type: ignore[import-not-found]
from fastapi import FastAPI, Request, WebSocket, WebSocketDisconnect  # type: ignore[import-not-found]

POOL_SIZE = 10
SCHEMA = """
CREATE TABLE chat (id bigserial PRIMARY KEY, buyer bigint, seller bigint, seq bigint NOT NULL);
CREATE TABLE message (
    id bigserial PRIMARY KEY, chat_id bigint, sender_id bigint, receiver_id bigint, seq bigint, content text,
    client_message_id text, created_at timestamptz NOT NULL DEFAULT now()
);
"""
# The first message creates the chat; the load counts from the second.
BEGIN = "INSERT INTO chat (buyer, seller, seq) VALUES ($1, $2, 1) RETURNING id"
STORE = """
WITH head AS (UPDATE chat SET seq = seq + 1 WHERE id = $1 RETURNING seq)
INSERT INTO message (chat_id, sender_id, receiver_id, seq, content, client_message_id)
SELECT $1, $2, $3, head.seq, $4, $5 FROM head RETURNING id, seq, created_at
"""

_sockets: dict[int, WebSocket] = {}
_members: dict[int, tuple[int, int]] = {}
_chat_ids: dict[frozenset[int], int] = {}  # by members


@asynccontextmanager
async def _with_pool(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=POOL_SIZE, max_size=POOL_SIZE) as pool:
        await pool.execute(SCHEMA)
        app.state.pool = pool
        yield


app = FastAPI(lifespan=_with_pool)


@app.get("/health")
async def health() -> dict[str, bool]:
    """Report health."""
    return {"ok": True}


@app.post("/api/v1/marketplace/chat/messages")
async def begin_chat(request: Request) -> dict[str, Any]:
    """Create a chat with `receiver_id`."""
    sender = _person(request.headers["authorization"].removeprefix("Bearer "))
    receiver = (await request.json())["receiver_id"]
    chat_id = await app.state.pool.fetchval(BEGIN, sender, receiver)
    _members[chat_id] = (sender, receiver)
    _chat_ids[frozenset((sender, receiver))] = chat_id
    return {"data": {"chat_id": chat_id}}


@app.websocket("/ws/chat")
async def converse(socket: WebSocket, token: str) -> None:
    """Receive messages from one socket until it closes."""
    sender = _person(token)
    await socket.accept()
    _sockets[sender] = socket
    await socket.send_text('{"type":"connected"}')
    try:
        while True:
            await _handle(socket, sender, orjson.loads(await socket.receive_text()))
    except WebSocketDisconnect:
        del _sockets[sender]


async def _handle(socket: WebSocket, sender: int, frame: dict[str, Any]) -> None:
    """Store a message, push it to both, acknowledge."""
    chat_id, receiver = _resolve(sender, frame)
    key, content = frame["client_message_id"], frame["content"]
    row = await app.state.pool.fetchrow(STORE, chat_id, sender, receiver, content, key)
    message = {
        "id": row["id"],
        "seq": row["seq"],
        "created_at": row["created_at"],
        "chat_id": chat_id,
        "sender_id": sender,
        "receiver_id": receiver,
        "content": content,
        "client_message_id": key,
    }
    frame_text = orjson.dumps({"type": "new_message", "message": message}).decode()
    for person in (receiver, sender):
        if person in _sockets:
            await _sockets[person].send_text(frame_text)
    ack = {"type": "message_ack", "client_message_id": key, "message": message}
    await socket.send_text(orjson.dumps(ack).decode())


def _resolve(sender: int, frame: dict[str, Any]) -> tuple[int, int]:
    """The chat's id and the recipient of a message, which names one of the two."""
    if "chat_id" not in frame:
        receiver = frame["receiver_id"]
        return _chat_ids[frozenset((sender, receiver))], receiver
    chat_id = frame["chat_id"]
    return chat_id, next(member for member in _members[chat_id] if member != sender)


def _person(token: str) -> int:
    return int(jwt.decode(token, os.environ["JWT_SECRET"], algorithms=["HS256"])["sub"])


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        access_log=False,
        log_level="warning",
    )
