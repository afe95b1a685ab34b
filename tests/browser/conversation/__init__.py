"""The conversation in Chromium: what two people see of each other."""
