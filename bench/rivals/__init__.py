"""Other implementations of the same chat, measured with the same load in the same run."""
