"""Built-in accounts over HTTP, `/api/v1/auth`. Not served with AUTH_MODE=external."""
