"""What moderators see and send: shared by the service routes and the page of moderators."""
