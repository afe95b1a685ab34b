"""What the `release` process does: migrations, message partitions, settings of a pooled role, restored backups."""
