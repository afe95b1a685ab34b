"""Requests and responses, the same in every dialect."""
