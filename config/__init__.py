"""Configuration: read from the environment once, typed, and validated at start."""

from config.settings import ConfigError, Settings, load

__all__ = ["ConfigError", "Settings", "load"]
