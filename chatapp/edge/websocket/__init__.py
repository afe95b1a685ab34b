"""The life of a socket, the same in every dialect."""
