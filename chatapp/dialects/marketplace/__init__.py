"""The marketplace dialect: snake_case, integer ids, numbered pages."""
