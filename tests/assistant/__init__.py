"""Tests of `chatapp.assistant`."""
