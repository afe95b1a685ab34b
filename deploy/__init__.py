"""What surrounds the application when it runs: the local run and its embedded servers."""
