"""Texts for people, and the language they come in."""
