"""The marketplace dialect: snake_case, integer ids, page and limit (API.md, "Marketplace dialect")."""
