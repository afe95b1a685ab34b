"""The `worker` process and the election of its leader."""
