"""Authentication: tokens of chatapp and of the host, tickets, passwords."""
