"""Group chats: who is in them, what each member may do, and how they look."""
