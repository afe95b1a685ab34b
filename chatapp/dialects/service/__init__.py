"""Routes for the host's own services, opened by SERVICE_TOKEN: `/api/v1/internal`."""
