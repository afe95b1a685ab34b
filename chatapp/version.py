"""The version that health and the contract documents tell."""

VERSION = "0.1.0"
