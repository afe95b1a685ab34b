"""Uploaded files: detecting their type, re-encoding them without metadata, naming them, scanning them for viruses.

Web workers use only `names`, `scanning`, `inspector_pool` with what it imports, `inspected` and `refusals`. Everything
else decodes untrusted files and is imported only by sandboxed inspector processes (docs/files.md).
"""
