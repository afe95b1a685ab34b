"""The local run and its embedded servers."""
