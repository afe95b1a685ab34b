"""Groups in both dialects, over REST and sockets."""
