"""Erasing a user: at once what names the user, then everything else in steps that any process can resume."""
