"""The assistant dialect: visitors, with or without an account, and the shop assistant."""
