"""Tests of `chatapp.metrics`."""
