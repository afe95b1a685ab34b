"""Routes for the host's own services, `/api/v1/internal`, protected by SERVICE_TOKEN."""
