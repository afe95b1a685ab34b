"""Translations between wire formats and the one core: a dialect parses, validates and renders, and holds no rule.

Every dialect has the same file names: routes, socket, schemas, frames, replies. None imports another; what they share
is in `edge`.
"""
