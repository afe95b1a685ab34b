"""Texts that people read, and the choice of their language."""
