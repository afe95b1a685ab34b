"""Files of messages: taken in, attached, removed."""
