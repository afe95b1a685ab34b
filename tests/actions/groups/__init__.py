"""Groups, by the actions in this process."""
