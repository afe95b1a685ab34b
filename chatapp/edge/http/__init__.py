"""HTTP requests and responses, for every dialect."""
