"""Browsers other than Chromium, driven over the W3C protocols that they bring."""
