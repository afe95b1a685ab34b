"""Files of messages: receiving, attaching and deleting them."""
