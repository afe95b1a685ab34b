"""Adapters to Postgres, Redis, S3 and the event loop."""
