"""Empty chats are listed only for the member who opened them: the buyer of a direct chat."""

UP = """
UPDATE chat_members m SET active_bucket = 0, changed_in = transaction_stamp()
FROM chats c WHERE c.id = m.chat_id AND m.user_id = c.seller_id AND c.kind = 'direct' AND c.last_seq = 0;
"""

DOWN = """
UPDATE chat_members m SET active_bucket = floor(extract(epoch FROM c.created_at) / 300),
    changed_in = transaction_stamp()
FROM chats c WHERE c.id = m.chat_id AND m.active_bucket = 0;
"""


def up(migrator, db):
    db.execute_sql(UP)


def down(migrator, db):
    db.execute_sql(DOWN)
