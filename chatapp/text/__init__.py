"""Texts of users: sanitising, links, spellings."""
