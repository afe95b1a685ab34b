"""Who is asking: tokens of this and other services, tickets, passwords."""
