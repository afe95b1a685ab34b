"""The social dialect: camelCase, UUIDs, opaque cursors (API.md, "Social dialect")."""
