"""What happened, and how workers hear of it."""
