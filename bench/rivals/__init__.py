"""Other ways to build the same chat, measured by the same load in the same run, since machines differ."""
