"""What operators see: health, metrics of all processes, logs."""
