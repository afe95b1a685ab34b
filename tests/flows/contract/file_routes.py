"""File routes of each dialect, as named in the documents."""

from __future__ import annotations

MARKETPLACE_ROUTES = [
    ("post", "/messages/{message_id}/attachments"), ("post", "/attachments"), ("post", "/attachments/uploads"),
    ("post", "/attachments/uploads/{attachment_id}/complete"), ("get", "/attachments/{attachment_id}/download"),
    ("delete", "/attachments/{attachment_id}"), ("get", "/attachments/{attachment_id}/waveform"),
]  # fmt: skip
SOCIAL_ROUTES = [
    ("post", "/messages/{message_id}/attachments"), ("get", "/messages/{message_id}/attachments"), ("post", "/files"),
    ("post", "/files/uploads"), ("post", "/files/uploads/{file_id}/complete"), ("get", "/files/{file_id}"),
    ("delete", "/files/{file_id}"), ("get", "/conversations/{conversation_id}/media"),
    ("get", "/conversations/{conversation_id}/files"), ("get", "/files/{file_id}/waveform"),
]  # fmt: skip
