"""The social dialect: camelCase, UUIDs, opaque cursors."""
